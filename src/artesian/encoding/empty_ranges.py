"""Empty ranges in a column of numbers, such as those between the latitudes of several cities.

A bin across one would give values that lie between two groups of rows, where there is nothing. A range
counts as empty if it is several times as long as the stretch of the rows on either side of it, and if
many rows are on both sides; each side is then protected like a column of its own. So it is a statement
about many rows.
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
"""Minimum number of rows between two empty ranges, or between one and the end of the column."""

NEAR = 10
"""Number of rows on either side of an empty range with whose stretch it is compared."""

TIMES = 3.0
"""Minimum length of an empty range relative to the longer one of these stretches."""


def empty_ranges(ordered: Floats, grid: float) -> NDArray[np.int64]:
    """Positions in sorted values, shape (n,), of the first value above each empty range, ascending.

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


def sign_changes(values: Floats, counts: Floats) -> NDArray[np.int64]:
    """Positions of the first value from 0 on, and of the first above it, if both sides have many rows.

    What is taken and what is added seldom have the same reasons.

    Args:
        values: Distinct values, ascending, shape (u,).
        counts: Number of rows of each.
    """
    at = np.searchsorted(values, [0.0, np.nextafter(0.0, 1.0)])
    before = np.concatenate([[0.0], np.cumsum(counts)])[at]
    enough = (before >= MIN_SIDE) & (counts.sum() - before >= MIN_SIDE)
    return np.unique(at[enough]).astype(np.int64)


def fit_parts(
    ordered: Floats, starts: NDArray[np.int64], grid: float, scale: Scale
) -> tuple[Floats, int]:
    """Sorted values with fitted tails at both sides of each, and the number of those replaced.

    Args:
        starts: Positions of the first values above empty ranges.
    """
    parts, replaced = np.split(ordered, starts), 0
    middles = (ordered[starts - 1] + ordered[starts]) / 2
    ends = pairwise([-np.inf, *middles.tolist(), np.inf])
    for at, (part, (below, above)) in enumerate(zip(parts, ends, strict=True)):
        fitted, number = fit_tails(part, grid, scale.zero, scale.full, scale.unit)
        # A tail ends before the next part begins.
        inside = (below < fitted) & (fitted < above)
        parts[at] = np.sort(np.where(inside, fitted, part[np.abs(part - np.median(part)).argmin()]))
        replaced += number
    return np.concatenate(parts), replaced
