"""Rows as networks see them: one group of indicators per column, and positions of numbers in modes.

Mode-specific normalisation (Xu et al. 2019, "Modeling tabular data using conditional GAN"): a number is
the indicator of its mode and its position in it, so that a network gives a distribution of several
peaks as it gives a category. The paper's modes are the components of a mixture fitted to each column.
Here they are ranges of the codec's codes: a value that is as frequent as a mode has one of its own, and
the values between two such are cut into ranges of about equal frequency. They need no fit, and a
network that learns their frequencies has learned the shape of the column.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from artesian.encoding.matrix_codec import EDGE, MatrixCodec, Slot
from artesian.encoding.numeric import NumberCodec
from artesian.encoding.segments import Floats

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Group:
    """The indicators of one table column.

    Attributes:
        slot: Where the column is in the matrix of the codec.
        width: Number of indicators: codes of a category, or modes of a number and a missing value.
        ends: Quantiles of a number at which its modes begin and end, shape (modes + 1,).
        points: Whether a mode is a single value, within which there are no positions, shape (modes,).
    """

    slot: Slot
    width: int
    ends: Floats | None = None
    points: NDArray[np.bool_] | None = None


@dataclass(frozen=True)
class ModeEncoding:
    """Between the matrix of a codec, shape (n, codec.width), and that of a network, shape (n, width).

    A row of the latter holds all indicators, then all positions, which are in [-1, 1] and 0 where the
    mode has none. Groups of the same width are next to each other.

    Attributes:
        codec: Encodes the table as a matrix.
        groups: The groups in the order of their indicators.
    """

    codec: MatrixCodec
    groups: tuple[Group, ...]

    @classmethod
    def from_codec(cls, codec: MatrixCodec, modes: int) -> Self:
        """The encoding with about `modes` modes per number."""
        groups = [
            _group(slot, column, modes)
            for slot, column in zip(codec.slots, codec.codec.coded.values(), strict=True)
        ]
        used = [group for group in groups if group.width]
        return cls(codec, tuple(sorted(used, key=lambda group: group.width)))

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """Column of the first indicator of each group, and the number of indicators."""
        return tuple(accumulate((group.width for group in self.groups), initial=0))

    @cached_property
    def blocks(self) -> tuple[tuple[int, int], ...]:
        """(number of groups, width) of each run of groups of the same width."""
        widths = [group.width for group in self.groups]
        return tuple((widths.count(width), width) for width in dict.fromkeys(widths))

    @cached_property
    def numbers(self) -> tuple[int, ...]:
        """Groups of numbers that have a position in some mode, in the order of the positions."""
        return tuple(
            number
            for number, group in enumerate(self.groups)
            if group.points is not None and not group.points.all()
        )

    @cached_property
    def categories(self) -> tuple[int, ...]:
        """Groups of categories with two or more codes."""
        return tuple(
            number
            for number, group in enumerate(self.groups)
            if group.slot.indicators is not None and group.width > 1
        )

    @property
    def indicators(self) -> int:
        """Number of indicators."""
        return self.starts[-1]

    @property
    def width(self) -> int:
        """Number of columns of a network's rows."""
        return self.indicators + len(self.numbers)

    @cached_property
    def positioned(self) -> NDArray[np.float32]:
        """1 where the mode of an indicator has positions, shape (indicators, len(numbers))."""
        matrix = np.zeros((self.indicators, len(self.numbers)), np.float32)
        for at, number in enumerate(self.numbers):
            points, start = self.groups[number].points, self.starts[number]
            assert points is not None
            matrix[start : start + len(points), at] = ~points
        return matrix

    @cached_property
    def scores(self) -> NDArray[np.float32]:
        """What makes standardised quantiles of numbers of a network's rows, shape (width, numbers).

        A critic that sees them beside the rows learns that neighbouring modes are alike.
        """
        columns = [np.zeros((self.width, 0))]
        for number, (start, group) in enumerate(zip(self.starts, self.groups, strict=False)):
            if group.ends is not None and group.points is not None:
                column = np.zeros((self.width, 1))
                modes = len(group.points)
                column[start : start + modes, 0] = group.ends[:-1] + group.ends[1:] - 1
                if number in self.numbers:
                    column[self.indicators + self.numbers.index(number)] = 1 / modes
                columns.append(column * 3**0.5)
        return np.concatenate(columns, axis=1).astype(np.float32)

    def encode(self, matrix: Floats) -> NDArray[np.float32]:
        """Rows of a network, shape (n, width), of rows of the codec, shape (n, codec.width)."""
        from scipy.special import ndtr

        rows = np.zeros((len(matrix), self.width), np.float32)
        every = np.arange(len(matrix))
        for number, (start, group) in enumerate(zip(self.starts, self.groups, strict=False)):
            slot = group.slot
            if slot.indicators is not None:
                rows[:, start : start + group.width] = matrix[:, slot.indicators]
                continue
            mode = np.zeros(len(matrix), np.int64)
            missing = np.zeros(len(matrix), bool)
            if slot.mask is not None:
                missing = matrix[:, slot.mask] > 0.5
            if slot.score is not None:
                assert group.ends is not None
                assert group.points is not None
                at = np.clip(ndtr(matrix[:, slot.score]), EDGE, 1 - EDGE)
                last = len(group.points) - 1
                mode = np.clip(np.searchsorted(group.ends, at, side="right") - 1, 0, last)
                low, high = group.ends[mode], group.ends[mode + 1]
                position = 2 * (at - low) / (high - low) - 1
                if number in self.numbers:
                    column = self.indicators + self.numbers.index(number)
                    within = ~(missing | group.points[mode])
                    rows[:, column] = np.where(within, np.clip(position, -1, 1), 0)
            rows[every, start + np.where(missing, group.width - 1, mode)] = 1
        return rows

    def decode(self, probabilities: Floats, positions: Floats, rng: np.random.Generator) -> Floats:
        """Rows of the codec, shape (n, codec.width), with modes drawn from their probabilities.

        Args:
            probabilities: Probabilities of the indicators, shape (n, indicators).
            positions: Positions of the numbers from 0 to 1, shape (n, len(numbers)).
        """
        from scipy.special import ndtri

        matrix = np.zeros((len(probabilities), self.codec.width))
        for number, (start, group) in enumerate(zip(self.starts, self.groups, strict=False)):
            slot, own = group.slot, probabilities[:, start : start + group.width]
            if slot.indicators is not None:
                matrix[:, slot.indicators] = own
                continue
            cumulative = np.cumsum(own, axis=1)
            uniforms = rng.random(len(own)) * cumulative[:, -1]
            mode = np.minimum((cumulative <= uniforms[:, None]).sum(axis=1), group.width - 1)
            if slot.mask is not None:
                matrix[:, slot.mask] = missing = mode == group.width - 1
                mode = np.where(missing, 0, mode)
            if slot.score is not None:
                assert group.ends is not None
                at = rng.random(len(own))
                if number in self.numbers:
                    assert group.points is not None
                    column = positions[:, self.numbers.index(number)]
                    at = np.where(group.points[mode], at, column)
                low, high = group.ends[mode], group.ends[mode + 1]
                matrix[:, slot.score] = ndtri(np.clip(low + at * (high - low), EDGE, 1 - EDGE))
        return matrix

    def slices(self) -> Iterator[slice]:
        """The indicators of each group."""
        for start, group in zip(self.starts, self.groups, strict=False):
            yield slice(start, start + group.width)


def _group(slot: Slot, column: Any, modes: int) -> Group:
    if not isinstance(column, NumberCodec):
        return Group(slot, column.levels)
    missing = int(slot.mask is not None)
    if slot.score is None:
        return Group(slot, 1 + missing if missing else 0)
    mass = column.mass() / column.mass().sum()
    first = _first_codes(mass, modes)
    ends = np.concatenate([[0.0], np.cumsum(mass)])[[*first, len(mass)]]
    single = np.diff([*first, len(mass)]) == 1
    points = single & _points(column)[first]
    return Group(slot, len(first) + missing, ends, points)


def _first_codes(mass: Floats, modes: int) -> Integers:
    """The first code of each mode, ascending.

    Args:
        mass: Frequency of each code, shape (codes,), of sum 1.
        modes: Number of modes that a column without frequent values has.
    """
    if len(mass) <= 2 * modes:
        return np.arange(len(mass))
    frequent = mass >= 1 / modes
    first = [np.flatnonzero(frequent)]
    runs = np.flatnonzero(np.diff(np.concatenate([[True], frequent, [True]]).astype(int)))
    for start, stop in zip(runs[::2], runs[1::2], strict=True):
        cumulative = np.cumsum(mass[start:stop])
        count = max(round(cumulative[-1] * modes), 1)
        at = (cumulative - mass[start:stop] / 2) / cumulative[-1] * count  # part of each code
        first.append(start + np.unique(at.astype(int).clip(0, count - 1), return_index=True)[1])
    return np.sort(np.concatenate(first))


def _points(column: NumberCodec) -> NDArray[np.bool_]:
    """Whether all values of a code are the same, shape (codes,)."""
    spread = column.low < column.high
    return np.asarray(np.add.reduceat(spread, column.segments.start[:-1]) == 0)
