"""Binning of columns, and counts of the bins by jackknife group.

Missing values are a bin. Numbers and dates are binned at the deciles of the real column.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from artesian.metrics.common.arrays import Floats, Ints
from artesian.metrics.common.distance import Counts, Side, with_and_without
from artesian.metrics.common.encoding import Encoded, Rows
from artesian.metrics.common.intervals import GROUPS

LEVELS = 19
"""In a contingency table, the most frequent categories have a bin each, the others one together."""

QUANTILE_BINS = 10
"""Bins of a number, at its quantiles in the real table."""


@dataclass(frozen=True, slots=True)
class Binning:
    """The bins of one column; bin 0 is for missing values.

    Attributes:
        count: Number of bins.
        edges: Inner edges of the bins of a number.
        bin_of_code: Category code -> bin.
    """

    name: str
    numeric: bool
    count: int
    edges: Floats
    bin_of_code: Ints

    @classmethod
    def from_column(
        cls, encoded: Encoded, name: str, levels: int | None = None, quantiles: int = QUANTILE_BINS
    ) -> Binning:
        """Choose the bins of a column.

        Args:
            levels: Number of categories, the most frequent, that have a bin each; None for all.
            quantiles: Number of bins of a number.
        """
        if name in encoded.levels:
            categories = len(encoded.levels[name])
            own_bins = categories if levels is None else levels
            frequency = np.bincount(encoded.real.codes[name] + 1, minlength=categories + 1)[1:]
            rank = np.empty(categories, np.int64)
            rank[np.argsort(-frequency, kind="stable")] = np.arange(categories)
            return cls(
                name, False, own_bins + 2, np.empty(0), np.append(1 + np.minimum(rank, own_bins), 0)
            )
        values = encoded.real.numbers[name]
        values = values[~np.isnan(values)]
        cuts = np.linspace(0, 1, quantiles + 1)[1:-1]
        edges = np.unique(np.quantile(values, cuts, method="lower")) if len(values) else values
        return cls(name, True, len(edges) + 2, edges, np.empty(0, np.int64))

    def assign(self, rows: Rows) -> Ints:
        """(rows,) bins."""
        if not self.numeric:
            return self.bin_of_code[
                rows.codes[self.name]
            ]  # code -1 is the last entry of `bin_of_code`: bin 0
        values = rows.numbers[self.name]
        # 'left': a value equal to an edge is below it, so a frequent lowest value has its own bin
        return np.where(np.isnan(values), 0, 1 + np.searchsorted(self.edges, values, "left"))


def counts_of(side: Side, bin_of: Ints, bins: int) -> Counts:
    """(1 + GROUPS, bins) counts: of all rows, then without each group."""
    counts = np.bincount(side.groups * bins + bin_of, minlength=GROUPS * bins)
    return with_and_without(counts.reshape(GROUPS, bins))


def contingency_table(side: Side, a: Ints, b: Ints, rows: int, columns: int) -> Counts:
    """(1 + GROUPS, rows * columns) counts of the contingency table of two columns."""
    return counts_of(side, a * columns + b, rows * columns)
