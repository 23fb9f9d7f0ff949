"""Validate intervals and bounds, and format them as text that `parse` can read."""

from __future__ import annotations

import math
from numbers import Real

import numpy as np

from artesian.core.errors import UsageError
from artesian.forecasting.inputs.quantities import format_amount


def check_finite(name: str, value: float) -> None:
    """Raise if `value` is not a finite number.

    Args:
        name: Name of the value in the error message.
        value: Value to check.

    Raises:
        UsageError: `value` is not a number, or is infinite or NaN.
    """
    # Numbers of numpy are numbers too.
    if isinstance(value, bool) or not isinstance(value, Real):
        raise UsageError(f"{name} is {value!r}, not a number", hint="give a finite number")
    try:
        value = float(value)
    except OverflowError:
        raise UsageError(f"{name} is too large", hint="give a number below 1e308") from None
    if not math.isfinite(value):
        raise UsageError(f"{name} is {value!r}", hint="give a finite number")


def check_interval(low: float, high: float) -> None:
    """Raise if `low` and `high` are not the ends of an interval.

    Raises:
        UsageError: An end is not finite, the ends are equal, or they are in the wrong order.
    """
    check_finite("the low end", low)
    check_finite("the high end", high)
    if low > high:
        raise UsageError(
            f"the low end {format_amount(low)} is above the high end {format_amount(high)}",
            hint=f"write {format_amount(high)}..{format_amount(low)}",
        )
    if low == high:
        raise UsageError(
            f"the interval {format_amount(low)}..{format_amount(high)} has no width",
            hint=f"write the value alone: {format_amount(low)}",
        )


def check_level(level: float) -> None:
    """Raise if `level` is not a probability strictly between 0 and 1.

    Raises:
        UsageError: `level` is outside (0, 1).
    """
    check_finite("the level", level)
    if not 0 < level < 1:
        raise UsageError(
            f"the level is {level:g}, but must be between 0 and 1",
            hint="give 0.95, or @95 in text, for an interval with a probability of 95 %",
        )


def check_bounds(min_value: float | None, max_value: float | None) -> None:
    """Raise if the truncation bounds are not finite or leave an empty range.

    Raises:
        UsageError: A bound is not finite, or `min_value` is not below `max_value`.
    """
    for name, bound in (("min_value", min_value), ("max_value", max_value)):
        if bound is not None:
            check_finite(f"the bound {name}", bound)
    if min_value is not None and max_value is not None and min_value >= max_value:
        raise UsageError(
            f"the bounds {min_value:g}..{max_value:g} leave an empty range",
            hint="give min_value < max_value",
        )


def format_number(value: float) -> str:
    """Format a number as the shortest text that parses to the same value."""
    if abs(value) >= 1e6:
        return np.format_float_scientific(value, trim="-", exp_digits=1).replace("+", "")
    return repr(float(value)).removesuffix(".0")


def format_interval(
    low: float, high: float, level: float, min_value: float | None, max_value: float | None
) -> str:
    """Format an interval with its level and bounds, as in `0.1..0.4@95 within 0..1`."""
    # Rounding hides the binary representation error of the percentage.
    percentage = round(level * 100, 10)
    sign = "%" if percentage <= 1 else ""  # without it, @0.9 may be 90 % too
    text = f"{format_number(low)}..{format_number(high)}@{format_number(percentage)}{sign}"
    if min_value is None and max_value is None:
        return text
    ends = ("" if end is None else format_number(end) for end in (min_value, max_value))
    return f"{text} within {'..'.join(ends)}"
