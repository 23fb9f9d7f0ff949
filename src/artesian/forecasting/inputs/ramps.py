"""Levers that take effect from a year on: '30% from 2028', '30% from 2028 to 2030'."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from artesian.core.errors import UsageError
from artesian.forecasting.inputs.truncated_normal import Array

_RAMP = re.compile(
    r"(?P<value>\S.*?)\s+from\s+(?P<start>(?:19|20|21)\d\d(?:\.\d+)?)"
    r"(?:\s+to\s+(?P<end>(?:19|20|21)\d\d(?:\.\d+)?))?\s*"
)
_OTHER = re.compile(
    r"(?P<value>\S.*?)\s+(?:by|in|since|after|starting|until)\s+(?P<year>(?:19|20|21)\d\d)\s*"
)


def split_ramp(text: str) -> tuple[str, tuple[float, float] | None]:
    """Split a value from the years in which it starts to take effect and is complete.

    Raises:
        UsageError: The second year is before the first, or the text can be read in two ways.

    >>> split_ramp("30% from 2028 to 2030"), split_ramp("30%")
    (('30%', (2028.0, 2030.0)), ('30%', None))
    """
    match = _RAMP.fullmatch(text)
    other = _OTHER.fullmatch(text)
    if match is None and other is not None:
        value, year = other["value"], int(other["year"])
        raise UsageError(
            f"{text!r} is ambiguous: at once from {year} on, or gradually until {year}",
            hint=f"write `{value} from {year}` or `{value} from {year - 3} to {year}`",
        )
    if match is None:
        return text, None
    start, end = float(match["start"]), float(match["end"] or match["start"])
    if end < start:
        raise UsageError(
            f"{text!r} ends in {end:g}, before it starts", hint=f"write from {end:g} to {start:g}"
        )
    return match["value"], (start, end)


def effect(ramp: tuple[float, float] | None, years: Array) -> Array:
    """Return the part of the effect that a lever has in each year, 0 to 1, (years,)."""
    if ramp is None:
        return np.ones(len(years))
    start, end = ramp
    if start == end:
        return np.asarray(years >= start, dtype=np.float64)
    return np.asarray(np.clip((years - start) / (end - start), 0.0, 1.0))


def years_in_effect(
    ramp: tuple[float, float] | None, years: Array, *, since: float | None = None
) -> Array:
    """Return the years in which a growth has had its effect, (years,).

    Args:
        ramp: Years in which the growth starts to take effect and is complete; None for always.
        years: Ascending decimal years, (years,).
        since: Year from which on it counts; `years[0]` if None.
    """
    first = np.maximum(years[:1], years[0] if since is None else since)
    later = np.maximum(years, first)
    if ramp is None:
        return np.asarray(later - first)
    start, end = ramp

    def until(year: Array) -> Array:
        """The integral of the effect up to a year."""
        if start == end:
            return np.asarray(np.maximum(year - start, 0.0))
        inside = np.clip(year, start, end) - start
        return np.asarray(inside**2 / (2 * (end - start)) + np.maximum(year - end, 0.0))

    return np.asarray(until(later) - until(first))


JUMP = 1e-3
"""Years before the start of a lever at which paths still have their values without it."""


def with_jumps(years: Array, starts: Sequence[float]) -> Array:
    """Return the years with the points between which paths jump or bend, ascending.

    Between two years a path grows at a constant rate. A lever that takes effect at once would act from
    the year before on, if the paths had no point just before it.

    >>> with_jumps(np.array([2026.0, 2027.0]), [2026.5]).tolist()
    [2026.0, 2026.499, 2026.5, 2027.0]
    """
    points = [
        point
        for year in starts
        if years[0] < year <= years[-1]
        for point in (round(year - JUMP, 9), year)
        if point > years[0]
    ]
    return np.union1d(years, points)
