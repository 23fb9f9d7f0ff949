"""Extremes of numbers: the values of fewer than `MIN_COUNT` rows, replaced by those of a fitted tail.

The tail of many rows is exponential, unless values end abruptly, as times of day between opening and
closing do: then it is the uniform distribution with the mean and variance of the most extreme values.
So is that of at most `SMALL` rows, for the `MIN_COUNT` most extreme values: a scale estimated from a
quarter of the table and extrapolated would run away from the data.

Tails end where a scale is known to end: at 0, for fractions at 1 and for percentages at 100, and at a
round number in which more rows end than pass through any value before it, such as the best grade.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from artesian.core.disclosure import MIN_COUNT
from artesian.encoding.segments import Floats

SMALL = 100
"""Number of rows up to which a column is small."""

MAX_UNIFORM = 0.7
"""Maximum ratio of the standard deviation to the mean of excesses for a uniform tail, of which it is
0.58; that of an exponential tail is 1."""


MIN_HEAP = 3
"""Minimum number of rows with the extreme value for it to be the end of a scale."""


def fit_tails(
    ordered: Floats, grid: float, zero: float, full: Sequence[float] = (), unit: float = 1.0
) -> tuple[Floats, int]:
    """Replace the values beyond the `MIN_COUNT`-th most extreme by quantiles of a tail.

    Args:
        ordered: Sorted values, at least `MIN_COUNT` of them.
        grid: Spacing of the values; 0 if continuous.
        zero: The value that tails do not cross unless the data does.
        full: Ends of scales from 0 (`Scale.full`), ascending: no tail crosses them unless the data
            does, or is negative.
        unit: The distance that represents 1.

    Returns:
        The sorted values, and the number of those replaced.
    """
    n = len(ordered)
    end = next((f for f in full if zero <= ordered[0] and ordered[-1] <= f), np.inf)
    if n < 2 * MIN_COUNT:
        return _uniform(ordered, grid, zero, end)
    fitted, replaced = ordered.copy(), 0
    for side in (-1, 1):
        outward = (ordered if side > 0 else ordered[::-1]) * side  # ascending towards the extreme
        edge = outward[-MIN_COUNT]
        beyond = int((outward > edge).sum())
        if not beyond:  # the extreme value has enough rows to be released
            continue
        tail = _tail(outward, edge, beyond, n > SMALL)
        if side > 0 and tail[-1] > end:
            tail = edge + (tail - edge) * (end - edge) / (tail[-1] - edge)
        if grid:
            tail = edge + np.maximum(np.round((tail - edge) / grid), 1) * grid
        if outward[-1] <= side * zero:  # do not cross zero if the data does not
            room = side * zero - edge
            tail = np.minimum(tail, edge + (np.floor(room / grid + 1e-6) * grid if grid else room))
        elif side > 0:
            tail = np.minimum(tail, end)
        if _is_end(outward, (outward[-1] - side * zero) / unit):
            tail = np.minimum(tail, outward[-1])
        at = slice(n - beyond, n) if side > 0 else slice(0, beyond)
        fitted[at] = tail if side > 0 else -tail[::-1]
        replaced += beyond
    return np.sort(fitted), replaced


def _tail(outward: Floats, edge: float, beyond: int, many: bool) -> Floats:
    """Quantiles of `beyond` values above `edge`, ascending."""
    ranks = (np.arange(beyond) + 0.5) / beyond
    if many:
        near = outward[-4 * MIN_COUNT :]
        scale = float((near - near[0]).mean())
        if _ends_abruptly(outward):
            last = outward[-max(4 * MIN_COUNT, min(len(outward) // 10, 20 * MIN_COUNT)) :]
            # The estimated end, less its standard error: rather before closing time than after it.
            error = 1.26 / np.sqrt(len(last))
            end = float(last.mean() + (np.sqrt(3.0) - error) * last.std())
            return np.asarray(edge + max(end - edge, 0.0) * ranks)
        # The median of the i-th of `beyond` exponential excesses.
        return np.asarray(edge - scale * np.log1p(-ranks))
    extreme = outward[-MIN_COUNT:]
    end = float(extreme.mean() + np.sqrt(3.0) * extreme.std())
    return np.asarray(edge + (end - edge) * ranks)


def _is_end(outward: Floats, number: float) -> bool:
    """Whether the extreme value is a round number at which a scale ends: rows heap up there."""
    counts = np.unique(outward[-len(outward) // 2 :], return_counts=True)[1]
    near = counts[-1 - MIN_COUNT : -1]
    heap = counts[-1] >= MIN_HEAP and len(near) == MIN_COUNT and counts[-1] > near.max()
    # A number with more digits is nobody's but the rows'.
    return bool(heap) and float(f"{number:.1e}") == float(f"{number:.9e}")


def _ends_abruptly(outward: Floats) -> bool:
    """Whether the distribution of a fifth of the values is uniform rather than a tail."""
    last = outward[-max(4 * MIN_COUNT, min(len(outward) // 5, 40 * MIN_COUNT)) :]
    excess = last - last[0]
    return bool(excess.std() <= MAX_UNIFORM * excess.mean())


def _uniform(ordered: Floats, grid: float, zero: float, end: float) -> tuple[Floats, int]:
    """Values of fewer than 2 x `MIN_COUNT` rows: those in fewer than `MIN_COUNT` are replaced by
    quantiles of the uniform distribution with the mean and variance of all."""
    values, counts = np.unique(ordered, return_counts=True)
    frequent = np.isin(ordered, values[counts >= MIN_COUNT])
    rare = int((~frequent).sum())
    if not rare:
        return ordered, 0
    mean, half = float(ordered.mean()), float(np.sqrt(3.0) * ordered.std())
    low, high = mean - half, mean + half
    if ordered[0] >= zero:
        low = max(low, zero)
    high = min(high, zero if ordered[-1] <= zero else end)
    fitted = np.linspace(low, high, rare)
    if grid:
        ends = (
            np.ceil((low - ordered[0]) / grid - 1e-6),
            np.floor((high - ordered[0]) / grid + 1e-6),
        )
        fitted = ordered[0] + np.clip(np.round((fitted - ordered[0]) / grid), *ends) * grid
    return np.sort(np.concatenate([ordered[frequent], fitted])), rare
