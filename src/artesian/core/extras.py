"""Optional dependencies: import them, or name the line that installs them."""

from __future__ import annotations

import importlib
from types import ModuleType

from artesian.core.errors import MissingExtra


def require(module: str, *, extra: str, purpose: str) -> ModuleType:
    """Import an optional `module`, or name the extra that installs it.

    Raises:
        MissingExtra: the module, or a library it needs, is not installed.
    """
    try:
        return importlib.import_module(module)
    except (ImportError, OSError) as problem:  # OSError: a shared library such as libgomp is absent
        raise MissingExtra(
            f"{purpose} needs {module.partition('.')[0]!r}: {problem}",
            hint=f"pip install 'artesian[{extra}]'",
        ) from problem
