"""Contingency tables and correlations between the columns of two joined tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from artesian.core.run import Seed
from artesian.metrics.common.arrays import Floats, Ints
from artesian.metrics.common.intervals import GROUPS
from artesian.metrics.relational.encoding import EncodedTable

BINS = 10
MAX_LEVELS = 20
"""Categories beyond this number are one category."""


@dataclass(frozen=True, slots=True)
class CodedColumn:
    """How a column is put into bins, by the real rows."""

    name: str
    numeric: bool
    low: float
    high: float
    levels: Ints  # code -> bin

    @classmethod
    def from_table(cls, table: EncodedTable, name: str) -> CodedColumn:
        real = table.rows["real"]
        if name in real.numbers:
            values = real.numbers[name]
            values = values[~np.isnan(values)]
            low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 0.0)
            return cls(name, True, low, high, np.zeros(0, np.int64))
        codes = real.codes[name]
        counts = np.bincount(codes[codes >= 0], minlength=len(table.encoded.levels[name]))
        bins = np.full(len(counts), MAX_LEVELS, np.int64)
        frequent = np.argsort(-counts, kind="stable")[:MAX_LEVELS]
        bins[frequent] = np.arange(len(frequent))
        return cls(name, False, 0.0, 0.0, bins)

    @property
    def size(self) -> int:
        """Number of bins, that of missing values among them."""
        return (BINS if self.numeric else min(len(self.levels), MAX_LEVELS) + 1) + 1

    def bins(self, table: EncodedTable, side: str, at: Ints) -> Ints:
        rows = table.rows[side]
        if not self.numeric:
            codes = rows.codes[self.name][at]
            last = self.size - 1
            return np.where(codes < 0, last, np.minimum(self.levels[codes], last - 1))
        values = rows.numbers[self.name][at]
        width = (self.high - self.low) / BINS
        scaled = (values - self.low) / width if width > 0 else np.zeros(len(values))
        inside = np.clip(np.nan_to_num(scaled), 0, BINS - 1).astype(np.int64)
        return np.where(np.isnan(values), BINS, inside)

    def centred(self, table: EncodedTable, side: str, at: Ints) -> Floats:
        """Numbers scaled by the real ones, NaN where missing."""
        real, values = table.rows["real"].numbers[self.name], table.rows[side].numbers[self.name]
        spread = float(np.nanstd(real)) if (~np.isnan(real)).any() else 0.0
        middle = float(np.nanmean(real)) if (~np.isnan(real)).any() else 0.0
        scaled: Floats = (values[at] - middle) / (spread or 1.0)
        return np.clip(scaled, -1e6, 1e6)


@dataclass(frozen=True, slots=True)
class AssociationSums:
    """Sums over joined rows: in total, and without each group of rows.

    Attributes:
        counts: (1 + GROUPS, bins of the first table, bins of the second) contingency tables.
        moments: (1 + GROUPS, 6, numbers of the first table, numbers of the second) sums over rows
            with both numbers: 1, x, y, xx, yy, xy.
    """

    columns: ColumnPairs
    counts: Floats
    moments: Floats


@dataclass(frozen=True, slots=True)
class ColumnPairs:
    """The columns of two tables; of one table with itself, every pair counts only in one order."""

    first: tuple[CodedColumn, ...]
    second: tuple[CodedColumn, ...]
    same: bool

    @classmethod
    def from_tables(
        cls, first: EncodedTable, second: EncodedTable, columns: int, *, same: bool
    ) -> ColumnPairs | None:
        sides = [
            tuple(CodedColumn.from_table(table, name) for name in table.features.columns[:columns])
            for table in (first, second)
        ]
        if not sides[0] or not sides[1] or (same and len(sides[0]) < 2):
            return None
        return cls(sides[0], sides[1], same)

    def tables(
        self,
        first: EncodedTable,
        second: EncodedTable,
        side: str,
        rows: tuple[Ints, Ints],
        groups: Ints,
        seed: Seed,
    ) -> AssociationSums:
        number = int(groups.max(initial=0)) + 1
        part = (seed.child("groups").rng().permutation(number) % GROUPS)[groups]
        hot = [
            _one_hot([one.bins(table, side, at) for one in coded], [one.size for one in coded])
            for coded, table, at in zip(
                (self.first, self.second), (first, second), rows, strict=True
            )
        ]
        numbers = [
            np.column_stack([one.centred(table, side, at) for one in coded if one.numeric])
            if any(one.numeric for one in coded)
            else np.empty((len(at), 0))
            for coded, table, at in zip(
                (self.first, self.second), (first, second), rows, strict=True
            )
        ]
        counts, moments = [], []
        for group in range(GROUPS):
            inside = np.flatnonzero(part == group)
            counts.append((hot[0][inside].T @ hot[1][inside]).toarray())
            moments.append(_moments(numbers[0][inside], numbers[1][inside]))
        return AssociationSums(self, _without_each(counts), _without_each(moments))


def _one_hot(bins: Sequence[Ints], sizes: Sequence[int]) -> Any:
    """(rows, bins of all columns) sparse indicators."""
    from scipy.sparse import csr_array

    starts = np.cumsum([0, *sizes[:-1]])
    columns = np.column_stack([codes + start for codes, start in zip(bins, starts, strict=True)])
    rows = len(columns)
    ends = np.arange(rows + 1) * len(sizes)
    return csr_array((np.ones(columns.size), columns.ravel(), ends), shape=(rows, sum(sizes)))


def _moments(x: Floats, y: Floats) -> Floats:
    """(6, columns of x, columns of y) sums over the rows where both are present."""
    a, b = (~np.isnan(x)).astype(float), (~np.isnan(y)).astype(float)
    x, y = np.nan_to_num(x), np.nan_to_num(y)
    return np.stack([a.T @ b, x.T @ b, a.T @ y, (x * x).T @ b, a.T @ (y * y), x.T @ y])


def _without_each(parts: Sequence[Floats]) -> Floats:
    """The sum of the parts, and the sums without each of them."""
    stacked = np.stack(parts)
    whole = stacked.sum(axis=0)
    return np.concatenate([whole[None], whole[None] - stacked])


def _correlations(moments: Floats) -> Floats:
    """(..., first, second) correlations; NaN with fewer than three rows or a constant column."""
    n, x, y, xx, yy, xy = np.moveaxis(moments, -3, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        covariance = xy / n - x / n * y / n
        scale = np.sqrt((xx / n - (x / n) ** 2) * (yy / n - (y / n) ** 2))
        out: Floats = np.where((n >= 3) & (scale > 1e-9), covariance / scale, np.nan)
    return np.clip(out, -1, 1)


def association_losses(real: AssociationSums, other: AssociationSums) -> Floats:
    """(1 + GROUPS, pairs) distances of the associations, in [0, 1].

    Group for group the real rows are left out beside those of the other side, so that the spread
    covers both.
    """
    columns = real.columns
    sides = [
        each.counts / np.maximum(each.counts.sum(axis=(1, 2), keepdims=True), 1e-12)
        for each in (real, other)
    ]
    # Every pair of columns is a block that sums to the same, so proportions are scaled by blocks.
    scale = len(columns.first) * len(columns.second)
    starts = [
        np.cumsum([0, *(one.size for one in side)])[:-1] for side in (columns.first, columns.second)
    ]
    blocks = np.add.reduceat(np.abs(sides[0] - sides[1]) * scale, starts[0], axis=1)
    blocks = np.add.reduceat(blocks, starts[1], axis=2) / 2
    losses = np.minimum(blocks, 1.0)
    numeric = [
        np.array([one.numeric for one in side], bool) for side in (columns.first, columns.second)
    ]
    if numeric[0].any() and numeric[1].any():
        a, b = _correlations(real.moments), _correlations(other.moments)
        difference = np.abs(np.nan_to_num(a) - np.nan_to_num(b)) / 2
        difference = np.where(np.isnan(a) & np.isnan(b), 0.0, difference)
        at = np.ix_(np.arange(len(losses)), np.flatnonzero(numeric[0]), np.flatnonzero(numeric[1]))
        losses[at] = difference
    if columns.same:
        upper = np.triu_indices(len(columns.first), 1)
        return losses[:, upper[0], upper[1]]
    return losses.reshape(len(losses), -1)
