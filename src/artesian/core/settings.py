"""Settings that are numbers: refused where the object is made, not where they first do harm."""

from __future__ import annotations

import math
from typing import Any

from artesian.core.errors import UsageError


def at_least(settings: Any, **bounds: float) -> None:
    """Refuse settings that are below their bound or not finite.

    Args:
        settings: The object that has them as attributes.
        bounds: Name of an attribute to the least it may be; a bound that is an integer wants one.

    Raises:
        UsageError: a setting is not a number, not finite, or below its bound.
    """
    for name, least in bounds.items():
        value = getattr(settings, name)
        kinds = int if isinstance(least, int) else int | float
        if isinstance(value, bool) or not isinstance(value, kinds):
            kind = "a whole number" if isinstance(least, int) else "a number"
            raise UsageError(f"{name} is {value!r}, not {kind}", hint=f"at least {least:g}")
        if not least <= value < math.inf:
            raise UsageError(f"{name} is {value!r}", hint=f"give a finite number from {least:g} up")
