"""Artesian: keep models supplied with training data.

>>> import artesian as ar
>>> made = ar.synth("people.csv", seed=7)  # doctest: +SKIP
>>> made.data, made.scorecard, made.model  # doctest: +SKIP

Names are imported when they are first used, so that `import artesian` is fast.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from artesian.core.version import VERSION as __version__

if TYPE_CHECKING:
    from artesian.api import Synthesis as Synthesis
    from artesian.api import benchmark as benchmark
    from artesian.api import canaries as canaries
    from artesian.api import compare as compare
    from artesian.api import load as load
    from artesian.api import read as read
    from artesian.api import save as save
    from artesian.api import synth as synth
    from artesian.core.errors import ArtesianError as ArtesianError
    from artesian.core.run import Run as Run
    from artesian.data.schema import Column as Column
    from artesian.data.schema import Kind as Kind
    from artesian.data.schema import Schema as Schema
    from artesian.data.table import Table as Table
    from artesian.frames import Boosted as Boosted
    from artesian.frames import Marginals as Marginals
    from artesian.frames import Trees as Trees
    from artesian.metrics import CATALOG as METRICS
    from artesian.metrics.protocol import Comparison as Comparison
    from artesian.metrics.protocol import Result as Result
    from artesian.synthesizers import CATALOG as SYNTHESIZERS
    from artesian.synthesizers.protocol import Range as Range


_PLACES = {
    "ArtesianError": "artesian.core.errors",
    "Boosted": "artesian.frames",
    "Column": "artesian.data.schema",
    "Comparison": "artesian.metrics.protocol",
    "Kind": "artesian.data.schema",
    "METRICS": "artesian.metrics:CATALOG",
    "Marginals": "artesian.frames",
    "Range": "artesian.synthesizers.protocol",
    "Result": "artesian.metrics.protocol",
    "Run": "artesian.core.run",
    "SYNTHESIZERS": "artesian.synthesizers:CATALOG",
    "Schema": "artesian.data.schema",
    "Synthesis": "artesian.api",
    "Table": "artesian.data.table",
    "Trees": "artesian.frames",
    "benchmark": "artesian.api",
    "canaries": "artesian.api",
    "compare": "artesian.api",
    "load": "artesian.api",
    "read": "artesian.api",
    "save": "artesian.api",
    "synth": "artesian.api",
}

__all__ = [
    "METRICS",
    "SYNTHESIZERS",
    "ArtesianError",
    "Boosted",
    "Column",
    "Comparison",
    "Kind",
    "Marginals",
    "Range",
    "Result",
    "Run",
    "Schema",
    "Synthesis",
    "Table",
    "Trees",
    "__version__",
    "benchmark",
    "compare",
    "load",
    "read",
    "save",
    "synth",
]


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module 'artesian' has no attribute {name!r}")
    module, _, attribute = _PLACES[name].partition(":")
    found = getattr(importlib.import_module(module), attribute or name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
