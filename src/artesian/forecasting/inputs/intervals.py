"""Refuse intervals that contradict themselves, and write sound ones so that they can be read back."""

from __future__ import annotations

import math

import numpy as np

from artesian.core.errors import UsageError


def check_finite(name: str, value: float) -> None:
    """Refuse what is not a finite number; `name` names it in the error."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UsageError(f"{name} is {value!r}, not a number", hint="give a finite number")
    if not math.isfinite(value):
        raise UsageError(f"{name} is {value!r}", hint="give a finite number")


def check_interval(low: float, high: float) -> None:
    """Refuse an interval whose ends are not finite, the wrong way round, or the same."""
    check_finite("the low end", low)
    check_finite("the high end", high)
    if low > high:
        raise UsageError(
            f"the low end {low:g} is above the high end {high:g}", hint=f"write {high:g}..{low:g}"
        )
    if low == high:
        raise UsageError(
            f"the interval {low:g}..{high:g} has no width", hint=f"write the value alone: {low:g}"
        )


def check_level(level: float) -> None:
    """Refuse a level that is not a share of the probability."""
    check_finite("the level", level)
    if not 0 < level < 1:
        raise UsageError(
            f"the level is {level:g}, and it must lie between 0 and 1",
            hint="0.95, or @95 in text, means that 95 % of the probability lies in the interval",
        )


def check_bounds(min_value: float | None, max_value: float | None) -> None:
    """Refuse bounds that are not finite or hold nothing."""
    for name, bound in (("min_value", min_value), ("max_value", max_value)):
        if bound is not None:
            check_finite(f"the bound {name}", bound)
    if min_value is not None and max_value is not None and min_value >= max_value:
        raise UsageError(
            f"the bounds {min_value:g}..{max_value:g} hold nothing",
            hint="give min_value < max_value",
        )


def format_number(value: float) -> str:
    """The shortest text that reads back as the same number."""
    if abs(value) >= 1e6:
        return np.format_float_scientific(value, trim="-", exp_digits=1).replace("+", "")
    return repr(float(value)).removesuffix(".0")


def format_interval(
    low: float, high: float, level: float, min_value: float | None, max_value: float | None
) -> str:
    """As in `0.1..0.4@95 within 0..1`."""
    # 17 digits of a percentage would be noise.
    text = f"{format_number(low)}..{format_number(high)}@{format_number(round(level * 100, 10))}"
    if min_value is None and max_value is None:
        return text
    ends = ("" if end is None else format_number(end) for end in (min_value, max_value))
    return f"{text} within {'..'.join(ends)}"
