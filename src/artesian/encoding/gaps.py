"""Wide gaps in a column of numbers, such as those between the latitudes of several cities.

A bin across a gap would give values that lie between two groups of rows, where there is nothing. A gap
is wide if it is several times as long as the stretch of the rows on either side of it, and enough rows
are on both sides; each side is then protected like a column of its own. So a gap is a statement about
many rows.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from artesian.core.disclosure import MIN_COUNT
from artesian.encoding.scale import Scale
from artesian.encoding.segments import Floats
from artesian.encoding.tails import fit_tails

MIN_SIDE = 20
"""Minimum number of rows between two gaps, or between a gap and the end of the column."""

NEAR = 10
"""Number of rows on either side of a gap with whose stretch it is compared."""

TIMES = 3.0
"""Minimum length of a gap relative to the longer one of these stretches."""


def wide_gaps(ordered: Floats, grid: float) -> NDArray[np.int64]:
    """Positions in sorted values, shape (n,), of the first value behind each wide gap, ascending.

    Args:
        ordered: Values of the rows, with repetitions.
        grid: Spacing of the values; 0 if continuous.
    """
    n = len(ordered)
    if n < 2 * MIN_SIDE:
        return np.zeros(0, np.int64)
    at = np.arange(MIN_SIDE, n - MIN_SIDE + 1)
    length = ordered[at] - ordered[at - 1]
    before = ordered[at - 1] - ordered[at - NEAR]
    behind = ordered[at + NEAR - 1] - ordered[at]
    wide = length > TIMES * np.maximum(np.maximum(before, behind), grid)
    # A value of many rows at its side is represented exactly, and no bin crosses it.
    wide &= ordered[at - 1] > ordered[at - MIN_COUNT]
    wide &= ordered[at + MIN_COUNT - 1] > ordered[at]
    kept: list[int] = []
    for position in at[wide].tolist():
        if position - (kept[-1] if kept else 0) >= MIN_SIDE:
            kept.append(position)
    return np.array(kept, np.int64)


def fit_parts(
    ordered: Floats, gaps: NDArray[np.int64], grid: float, scale: Scale
) -> tuple[Floats, int]:
    """Sorted values with fitted tails at both sides of each gap, and the number of those replaced.

    Args:
        gaps: Positions of the first values behind wide gaps.
    """
    parts, replaced = np.split(ordered, gaps), 0
    middles = (ordered[gaps - 1] + ordered[gaps]) / 2
    ends = pairwise([-np.inf, *middles.tolist(), np.inf])
    for at, (part, (below, above)) in enumerate(zip(parts, ends, strict=True)):
        fitted, number = fit_tails(part, grid, scale.zero, scale.full, scale.unit)
        # A tail ends before the next part begins.
        inside = (below < fitted) & (fitted < above)
        parts[at] = np.sort(np.where(inside, fitted, part[np.abs(part - np.median(part)).argmin()]))
        replaced += number
    return np.concatenate(parts), replaced
