"""Features of a row from its position among its siblings and from the siblings before it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from artesian.encoding.coded_table import CodedTable
from artesian.encoding.segments import Codes, Floats
from artesian.synthesizers.relational.items import Item

STEPS = 64
"""Number of codes of a mean of scores; the code after them means none."""

MAX_LAGS = 40
"""Maximum number of columns of the previous sibling."""

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Siblings:
    """What a row sees of its siblings.

    Attributes:
        levels, ordered: Of the columns of the previous sibling, its first `MAX_LAGS` ones.
        items: Scores whose mean so far, and the mean that the remaining rows need to reach that of
            the owner, are features.
    """

    levels: NDArray[np.int64]
    ordered: NDArray[np.bool_]
    items: tuple[Item, ...]

    @property
    def columns(self) -> int:
        """Number of features."""
        return 2 + len(self.levels) + 2 * len(self.items)

    def coded(self, features: Codes) -> CodedTable:
        """The features as a coded table."""
        count = len(self.items)
        means = np.full(2 * count, STEPS + 1, np.int64)
        names = ["position", "remaining"]
        names += [f"previous {column}" for column in range(len(self.levels))]
        names += [f"{kind} {number}" for kind in ("mean", "rest") for number in range(count)]
        ordered = [True, True, *self.ordered, *[True] * (2 * count)]
        missing = [False, False, *[True] * (len(self.levels) + 2 * count)]
        levels = np.concatenate([[256, 256], self.levels + 1, means]).astype(np.int64)
        return CodedTable(tuple(names), features, levels, np.array(ordered), np.array(missing))

    def features(
        self, position: Ints, sizes: Ints, previous: Codes, sums: Floats, means: Floats
    ) -> Codes:
        """Features of rows, shape (columns, n).

        Args:
            position: Number of siblings before each row, shape (n,).
            sizes: Number of siblings with the row itself, shape (n,).
            previous: Columns of the sibling before, shape (p, n); not read at position 0.
            sums: Sum of each score over the siblings before, shape (items, n).
            means: Mean of each score that the owner has, NaN for unknown, shape (items, n).
        """
        first = position == 0
        lags = previous[: len(self.levels)].astype(np.int64)
        lags = np.where(first, self.levels[:, None], lags)
        so_far = np.where(first, STEPS, _steps(sums / np.maximum(position, 1)))
        rest = (means * sizes - sums) / np.maximum(sizes - position, 1)
        needed = np.where(np.isnan(rest), STEPS, _steps(np.nan_to_num(rest)))
        parts = [counted(position)[None], counted(sizes - 1 - position)[None], lags]
        return np.concatenate([*parts, so_far, needed]).astype(np.uint8)

    def of_rows(self, codes: Codes, owners: Ints, means: Floats) -> Codes:
        """Features of rows that are sorted by owner, shape (columns, n).

        Args:
            codes: All rows, shape (p, n).
            owners: Owner of each, shape (n,); rows without one have numbers of their own.
            means: Mean of each score for the owner of each row, shape (items, n).
        """
        n = len(owners)
        starts = np.flatnonzero(np.concatenate([[True], owners[1:] != owners[:-1]]))
        sizes = np.diff(np.concatenate([starts, [n]]))
        group = np.repeat(np.arange(len(starts)), sizes)
        position = np.arange(n) - starts[group]
        previous = np.roll(codes, 1, axis=1)
        sums = np.zeros((len(self.items), n))
        for number, item in enumerate(self.items):
            total = np.cumsum(item.of(codes))
            before = total - item.of(codes)
            sums[number] = before - before[starts][group]
        return self.features(position, sizes[group], previous, sums, means)


def counted(values: Ints) -> Ints:
    """Codes of counts: exact below 64, then by logarithm, at most 255."""
    values = np.maximum(values, 0)
    large = 64 + 16 * np.log2(np.maximum(values, 64) / 64)
    return np.minimum(np.where(values < 64, values, large), 255).astype(np.int64)


def _steps(means: Floats) -> Ints:
    return np.clip(np.round(means * (STEPS - 1)), 0, STEPS - 1).astype(np.int64)
