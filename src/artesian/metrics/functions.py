"""The formulas under the metrics, as plain functions on numpy arrays.

    from artesian.metrics.functions import ks_distance

They know nothing of tables, schemas or holdouts. Each is imported when it is first asked for.
"""

from __future__ import annotations

from typing import Any

from artesian.metrics import FUNCTIONS

__all__ = list(FUNCTIONS)


def __getattr__(name: str) -> Any:
    if name not in FUNCTIONS:
        raise AttributeError(f"module 'artesian.metrics.functions' has no attribute {name!r}")
    globals()[name] = function = FUNCTIONS[name]
    return function


def __dir__() -> list[str]:
    return sorted({*globals(), *FUNCTIONS})
