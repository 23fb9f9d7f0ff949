"""Bins of numbers: the grid that values lie on, groups of values, and segments."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.core.disclosure import MIN_COUNT
from artesian.encoding.scale import Floats, Scale

MAX_ROUNDING = 0.1
"""Maximum rounding error of a 32-bit float, as a fraction of its grid's step."""

MIN_DISTINCT = 20
"""Minimum number of distinct large values from which a grid is inferred."""

MAX_SEGMENTS = 8
"""Maximum number of segments of a bin, which keep the shape of the distribution within it."""


FREQUENT = 3.0
"""Standard errors by which a frequent value has more rows than its bin has per value of the grid."""


@dataclass(frozen=True, slots=True)
class Bin:
    """The values of one code, as positions in the sorted distinct values.

    Attributes:
        frequent: Values that are represented exactly, shape (f,).
        stretches: Runs of other values, each of which becomes a segment.
    """

    frequent: NDArray[np.int64]
    stretches: tuple[NDArray[np.int64], ...]

    @property
    def first(self) -> int:
        """Position of the lowest value."""
        return int(min(at[0] for at in (self.frequent, *self.stretches) if len(at)))

    @property
    def last(self) -> int:
        """Position of the highest value."""
        return int(max(at[-1] for at in (self.frequent, *self.stretches) if len(at)))


def unique_counts(ordered: Floats) -> tuple[Floats, Floats]:
    """The distinct values of sorted ones, and the number of rows of each, shape (u,)."""
    first = np.concatenate([[True], ordered[1:] != ordered[:-1]])
    at = np.flatnonzero(first)
    return ordered[at], np.diff(np.concatenate([at, [len(ordered)]])).astype(float)


def find_grid(ordered: Floats, scale: Scale) -> tuple[float, float, int | None]:
    """Spacing, origin and decimals of the grid of sorted values; (0, 0, None) if there is none.

    Values of a grid that floats represent exactly (quarters, multiples of a million) but whose
    decimals exceed the precision of a float have no decimals.
    """
    if scale.step:
        return 1.0, 0.0, 0
    sample = ordered[:: max(1, len(ordered) // 50_000)]
    # Values count as decimal numbers up to the precision of their type, or up to the rounding errors of
    # sums; but values of 1e-7 are not zeros.
    relative, absolute = (2.0**-23, MAX_ROUNDING) if scale.dtype == pl.Float32 else (1e-9, 1e-5)
    for decimals in range(7):
        scaled = sample * 10.0**decimals
        largest = float(np.abs(scaled).max())
        if largest >= 2**52:
            return _binary_grid(ordered)
        if scale.dtype == pl.Float32 and largest * relative > absolute:
            return 0.0, 0.0, None
        if np.all(
            np.abs(scaled - np.round(scaled)) <= np.minimum(relative * np.abs(scaled), absolute)
        ):
            break
    else:
        return 0.0, 0.0, None
    # Whether the grid is coarser than the decimals depends on every value, not on the sample.
    whole = np.round(ordered * 10.0**decimals)
    steps = (whole - whole[0]).astype(np.int64)
    common = int(np.gcd.reduce(steps)) or 1
    return common / 10.0**decimals, float(whole[0] % common / 10.0**decimals), decimals


def _binary_grid(ordered: Floats) -> tuple[float, float, int | None]:
    """The grid of large sorted values, from the greatest common divisor of their exact differences.

    A divisor that is only the spacing of floats, or that few distinct values share by chance, is
    none; whole numbers stay whole.
    """
    values = np.unique(ordered)
    none = (1.0, 0.0, 0) if (values == np.floor(values)).all() else (0.0, 0.0, None)
    if len(values) < MIN_DISTINCT:
        return none
    spacing = 2 * float(np.spacing(np.abs(values).max()))
    some = values[:: max(1, len(values) // 64)]  # decides in nearly all cases without a grid
    for sample in (some, values):
        fractions = [Fraction(value) - Fraction(float(values[0])) for value in sample[1:].tolist()]
        shared = math.lcm(*(each.denominator for each in fractions))
        step = math.gcd(*(each.numerator * (shared // each.denominator) for each in fractions))
        grid = step / shared
        if grid < spacing or np.abs(values[[0, -1]]).max() / grid >= 2**52:
            return none
    return grid, float(values[0] % grid), None


def group_values(
    values: Floats, counts: Floats, bins: int, minimum: int, breaks: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Bin of each distinct value, shape (u,): frequent ones alone, the others in runs of equal mass.

    Args:
        breaks: Positions of values that begin another bin, as they lie above an empty range, or have
            another sign.
    """
    total = counts.sum()
    if len(values) <= bins and counts.min() >= minimum:
        return np.arange(len(values))
    target = max(total / bins, float(minimum))
    begins = np.bincount(breaks, minlength=len(values))[: len(values)]
    while True:
        frequent = counts >= max(target / 2, minimum)
        light = np.where(frequent, 0.0, counts)
        # A run of other values between frequent ones or empty ranges is cut into parts of equal mass.
        run = np.cumsum(frequent + begins)
        run_mass = np.bincount(run, light, minlength=run[-1] + 1)
        parts = np.maximum(1, np.round(run_mass / target))
        before = np.cumsum(light) - light - (np.cumsum(run_mass) - run_mass)[run]
        part = np.minimum(
            before / np.maximum(run_mass, 1e-9)[run] * parts[run], parts[run] - 1
        ).astype(np.int64)
        label = run * (int(parts.max()) + 2) + np.where(frequent, 0, part + 1)
        group = np.concatenate([[0], np.cumsum(label[1:] != label[:-1])])
        if group[-1] < bins:
            return np.asarray(group, np.int64)
        target *= 1.1


def bin_segments(
    values: Floats, counts: Floats, group: NDArray[np.int64], protect: bool, grid: float
) -> list[Bin]:
    """Frequent values and stretches of other values of each bin.

    On a grid some values have `MIN_COUNT` rows by chance. To represent them exactly would identify
    these rows and tell nothing of others, so a value must be `FREQUENT` as well.

    A stretch is a run of values of less than `MIN_COUNT` rows; its ends are in `segment_ends`.
    """
    first = np.flatnonzero(np.concatenate([[True], group[1:] != group[:-1]]))
    last = np.concatenate([first[1:], [len(values)]])
    min_rows = MIN_COUNT if protect else 1
    bins = []
    for a, b in zip(first, last, strict=True):
        at = np.arange(a, b)
        # A bin of one value has it exactly if it has enough rows; in others, frequent values are exact.
        frequent = counts[a:b] >= (min_rows if b - a == 1 else MIN_COUNT)
        if protect and grid and b - a > 1:
            expected = counts[a:b].sum() / (round((values[b - 1] - values[a]) / grid) + 1)
            frequent &= counts[a:b] >= expected + FREQUENT * expected**0.5
        rest = at[~frequent]
        stretches: list[NDArray[np.int64]] = []
        if len(rest):
            cum = np.cumsum(counts[rest])
            count = int(np.clip(cum[-1] // (2 * min_rows), 1, MAX_SEGMENTS))
            cut = np.searchsorted(cum, np.arange(1, count) * cum[-1] / count, side="left") + 1
            edges = np.unique(np.concatenate([[0], cut, [len(rest)]]))
            stretches = [rest[i:j] for i, j in pairwise(edges)]
        bins.append(Bin(at[frequent], tuple(stretches)))
    return bins
