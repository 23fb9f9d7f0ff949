"""Refuse intervals that contradict themselves, and write sound ones so that they can be read back."""

from __future__ import annotations

import math

import numpy as np

from artesian.core.errors import UsageError


def finite(what: str, value: float) -> None:
    """Refuse what is not a finite number; `what` names it in the error."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UsageError(f"{what} is {value!r}, not a number", hint="give a finite number")
    if not math.isfinite(value):
        raise UsageError(f"{what} is {value!r}", hint="give a finite number")


def ordered(low: float, high: float) -> None:
    """Refuse an interval whose ends are not finite, the wrong way round, or the same."""
    finite("the low end", low)
    finite("the high end", high)
    if low > high:
        raise UsageError(
            f"the low end {low:g} is above the high end {high:g}", hint=f"write {high:g}..{low:g}"
        )
    if low == high:
        raise UsageError(
            f"the interval {low:g}..{high:g} has no width", hint=f"write the value alone: {low:g}"
        )


def share(level: float) -> None:
    """Refuse a level that is not a share of the probability."""
    finite("the level", level)
    if not 0 < level < 1:
        raise UsageError(
            f"the level is {level:g}, and it must lie between 0 and 1",
            hint="0.95, or @95 in text, means that 95 % of the probability lies in the interval",
        )


def bounds(least: float | None, most: float | None) -> None:
    """Refuse bounds that are not finite or hold nothing."""
    for name, bound in (("least", least), ("most", most)):
        if bound is not None:
            finite(f"the bound {name}", bound)
    if least is not None and most is not None and least >= most:
        raise UsageError(f"the bounds {least:g}..{most:g} hold nothing", hint="give least < most")


def number_text(value: float) -> str:
    """The shortest text that reads back as the same number."""
    if abs(value) >= 1e6:
        return np.format_float_scientific(value, trim="-", exp_digits=1).replace("+", "")
    return repr(float(value)).removesuffix(".0")


def interval_text(
    low: float, high: float, level: float, least: float | None, most: float | None
) -> str:
    """As in `0.1..0.4@95 within 0..1`."""
    # 17 digits of a percentage would be noise.
    text = f"{number_text(low)}..{number_text(high)}@{number_text(round(level * 100, 10))}"
    if least is None and most is None:
        return text
    ends = ("" if end is None else number_text(end) for end in (least, most))
    return f"{text} within {'..'.join(ends)}"
