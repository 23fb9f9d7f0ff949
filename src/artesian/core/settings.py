"""Validate numeric settings when an object is created."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from artesian.core.errors import UsageError


def at_least(settings: Any, **bounds: float) -> None:
    """Refuse settings that are below their bound or not finite.

    Args:
        settings: The object that has them as attributes.
        bounds: Minimum of each attribute by name; an integer minimum requires an integer.

    Raises:
        UsageError: a setting is not a number, not finite, or below its bound.
    """
    for name, minimum in bounds.items():
        value = getattr(settings, name)
        kinds = int if isinstance(minimum, int) else int | float
        if isinstance(value, bool) or not isinstance(value, kinds):
            kind = "a whole number" if isinstance(minimum, int) else "a number"
            raise UsageError(f"{name} is {value!r}, not {kind}", hint=f"at least {minimum:g}")
        if not minimum <= value < math.inf:
            raise UsageError(
                f"{name} is {value!r}", hint=f"give a finite number from {minimum:g} up"
            )


def one_of(settings: Any, **choices: Sequence[str]) -> None:
    """Refuse settings that are none of their choices.

    Args:
        settings: The object that has them as attributes.
        choices: Admitted values of each attribute by name.

    Raises:
        UsageError: a setting is another value.
    """
    for name, admitted in choices.items():
        value = getattr(settings, name)
        if value not in admitted:
            raise UsageError(f"{name} is {value!r}", hint=f"give one of {', '.join(admitted)}")
