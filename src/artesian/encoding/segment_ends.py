"""Ends of the segments that a number's codes represent.

The end of a segment is a value of the data only if at least `MIN_COUNT` rows have that value. Under
protection neighbouring segments meet at the roundest number between them, so that a saved model
spells out no single row, and nothing tells which values nobody has.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from artesian.core.disclosure import MIN_COUNT
from artesian.encoding.bins import Bin
from artesian.encoding.segments import Floats, Segments

HALF = 0.499999
"""Fraction of the grid's spacing by which a segment extends beyond its outermost values: rounding
gives every value its part only with half a step; less, so that nothing rounds past the last one."""


@dataclass(slots=True)
class _Stretch:
    """A segment of other than frequent values.

    Attributes:
        values, counts: Its values, ascending, and the number of rows of each.
    """

    code: int
    values: Floats
    counts: NDArray[np.int64]

    @property
    def low(self) -> float:
        """The lowest value."""
        return float(self.values[0])

    @property
    def high(self) -> float:
        """The highest value."""
        return float(self.values[-1])


@dataclass(slots=True)
class _Run:
    """Consecutive stretches without a bin of a frequent value or an empty range between them.

    Attributes:
        before, after: The frequent values next to the run; None at an empty range and at the
            ends of the column.
    """

    before: float | None
    stretches: list[_Stretch] = field(default_factory=list)
    after: float | None = None


def exact_ends(
    values: Floats, counts: Floats, bins: list[Bin], grid: float
) -> tuple[Floats, Segments, Floats, Floats]:
    """Lowest value of each bin, and the segments of the bins with their ends, which are values of the
    data, or halfway between them within a bin of continuous values."""
    ends: dict[tuple[int, int], tuple[float, float]] = {}
    for code, each in enumerate(bins):
        for number, at in enumerate(each.stretches):
            left, right = float(values[at[0]]), float(values[at[-1]])
            if not grid and number > 0:
                left = (left + float(values[each.stretches[number - 1][-1]])) / 2
            if not grid and number + 1 < len(each.stretches):
                right = (right + float(values[each.stretches[number + 1][0]])) / 2
            ends[code, number] = left - HALF * grid, right + HALF * grid
    floor = np.array([values[each.first] for each in bins], float)
    return (floor, *_segments(values, counts, bins, ends))


def rounded_ends(
    values: Floats,
    counts: Floats,
    bins: list[Bin],
    grid: float,
    origin: float,
    breaks: NDArray[np.int64],
) -> tuple[Floats, Segments, Floats, Floats]:
    """The same with ends that tell no single row; the outermost ones are those of fitted tails.

    Args:
        breaks: Positions of values above an empty range; those on its sides are of fitted tails too.
    """
    floor = np.array([values[each.first] for each in bins], float)
    ends: dict[tuple[int, int], tuple[float, float]] = {}
    for run in _runs(values, counts, bins, set(breaks.tolist())):
        neighbours = _neighbours(run, values, bins)
        cuts = _grid_cuts(run, neighbours, grid, origin) if grid else _cuts(run, neighbours)
        numbers: dict[int, int] = {}
        for stretch, (low, high) in zip(run.stretches, cuts, strict=True):
            number = numbers[stretch.code] = numbers.get(stretch.code, -1) + 1
            ends[stretch.code, number] = low - HALF * grid, high + HALF * grid
        for (left, right), (low, _) in zip(pairwise(run.stretches), cuts[1:], strict=True):
            if left.code != right.code:
                floor[right.code] = low
        first = run.stretches[0].code
        if run.before is not None:
            floor[first] = run.before + grid if grid else np.nextafter(run.before, np.inf)
        elif first > 0:  # values beyond a fitted tail belong to the nearer side
            floor[first] = roundest(float(values[bins[first - 1].last]), cuts[0][0])
    return (floor, *_segments(values, counts, bins, ends))


def _segments(
    values: Floats,
    counts: Floats,
    bins: list[Bin],
    ends: dict[tuple[int, int], tuple[float, float]],
) -> tuple[Segments, Floats, Floats]:
    """The segments of all bins, frequent values first, and their ends."""
    mass: list[float] = []
    low: list[float] = []
    high: list[float] = []
    start = [0]
    for code, each in enumerate(bins):
        mass += counts[each.frequent].tolist()
        low += values[each.frequent].tolist()
        high += values[each.frequent].tolist()
        for number, at in enumerate(each.stretches):
            mass.append(float(counts[at].sum()))
            left, right = ends[code, number]
            low.append(left)
            high.append(right)
        start.append(len(mass))
    segments = Segments(np.array(mass, float), np.array(start, np.int64))
    return segments, np.array(low), np.array(high)


def _runs(values: Floats, counts: Floats, bins: list[Bin], breaks: set[int]) -> list[_Run]:
    """The runs of all bins, in the order of their values; none crosses a break."""
    runs: list[_Run] = []
    current = _Run(None)
    for code, each in enumerate(bins):
        if each.first in breaks:
            if current.stretches:
                runs.append(current)
            current = _Run(None)
        if not each.stretches:
            value = float(values[each.frequent[-1]])
            if current.stretches:
                current.after = float(values[each.frequent[0]])
                runs.append(current)
            current = _Run(value)
            continue
        for at in each.stretches:
            current.stretches.append(_Stretch(code, values[at], counts[at].astype(np.int64)))
    if current.stretches:
        runs.append(current)
    return runs


def _neighbours(run: _Run, values: Floats, bins: list[Bin]) -> list[tuple[float, float]]:
    """The values next to each inner boundary of the run: it lies above one and not above the other."""
    pairs = []
    for left, right in pairwise(run.stretches):
        lower, upper = left.high, right.low
        if left.code != right.code:  # frequent values of a bin may lie outside its stretches
            below, above = bins[left.code].frequent, bins[right.code].frequent
            lower = max(lower, float(values[below[-1]])) if len(below) else lower
            upper = min(upper, float(values[above[0]])) if len(above) else upper
        pairs.append((lower, upper))
    return pairs


def _outer_ends(run: _Run) -> tuple[float, float]:
    """Ends of a run: those of the fitted tails, or round numbers next to a frequent value.

    They are as round as the mean distance of the `MIN_COUNT` outermost rows from the frequent value.
    A run of fewer rows reaches from one frequent value to the other.
    """
    low, high = run.stretches[0].low, run.stretches[-1].high
    if run.before is not None:
        low = run.before + _round_down(_outermost(run, 1) - run.before)
    if run.after is not None:
        high = run.after - _round_down(run.after - _outermost(run, -1))
    return low, high


def _outermost(run: _Run, step: int) -> Floats:
    """The values of the first `MIN_COUNT` rows of a run, or of the last ones for -1."""
    rows: list[float] = []
    for stretch in run.stretches[::step]:
        outer = slice(None, None, step)
        values, counts = stretch.values[outer][:MIN_COUNT], stretch.counts[outer][:MIN_COUNT]
        rows += np.repeat(values, counts).tolist()
        if len(rows) >= MIN_COUNT:
            break
    return np.array(rows[:MIN_COUNT])


def _round_down(distances: Floats) -> float:
    """The lowest of positive distances, rounded down to one digit of their mean; 0 if they are few."""
    if len(distances) < MIN_COUNT:
        return 0.0
    step = 10.0 ** np.floor(np.log10(distances.mean()))
    return float(np.floor(distances.min() / step) * step)


def roundest(low: float, high: float) -> float:
    """The number in the open interval from `low` to `high` with the minimum number of decimal digits.

    Of several, the one nearest to the middle; `high` if no float lies between.

    >>> roundest(94.24, 98.56), roundest(-3.0, 12.0), roundest(0.1234, 0.1239)
    (96.0, 0.0, 0.1236)
    >>> 0 < roundest(0.0, 1e-320) < 1e-320
    True
    """
    middle = low + (high - low) / 2
    if not low < middle < high:
        return high
    exponent = math.floor(math.log10(high - low)) + 1
    if low < 0 < high:
        return 0.0
    for power in (exponent, exponent - 1, exponent - 2):
        if abs(power) > sys.float_info.max_10_exp:  # between numbers that are nearly zero
            break
        # Powers of ten below 1 are not exact, their inverses are.
        scale = 10.0 ** abs(power)
        near = round(middle / scale) * scale if power >= 0 else round(middle * scale) / scale
        if low < near < high:
            return near
    return middle


def _cuts(run: _Run, neighbours: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Ends of the stretches of a run of continuous values; each begins where the one before it ends."""
    low, high = _outer_ends(run)
    if run.before is not None:
        low = max(low, float(np.nextafter(run.before, np.inf)))
    if run.after is not None:
        high = min(high, float(np.nextafter(run.after, -np.inf)))
    starts = [low, *(roundest(*each) for each in neighbours)]
    ends = [float(np.nextafter(start, -np.inf)) for start in starts[1:]]
    return list(zip(starts, [*ends, high], strict=True))


def _grid_cuts(
    run: _Run, neighbours: list[tuple[float, float]], grid: float, origin: float
) -> list[tuple[float, float]]:
    """The same on a grid, where stretches share no value."""

    def steps(value: float) -> int:
        return round((value - origin) / grid)

    low, high = _outer_ends(run)
    first, last = steps(low), steps(high)
    if run.before is not None:
        first = max(first, steps(run.before) + 1)
    if run.after is not None:
        last = min(last, steps(run.after) - 1)
    starts = [first]
    for lower, upper in neighbours:
        below, above = steps(lower), steps(upper)
        starts.append(above if above - below < 2 else int(roundest(below, above)))
    ends = [*(start - 1 for start in starts[1:]), last]
    return [
        (start * grid + origin, end * grid + origin)
        for start, end in zip(starts, ends, strict=True)
    ]
