"""Columns cut into cells, and the counts of them: what shares, pairs and information are taken from.

A missing value has a cell of its own. Numbers and dates are cut at the deciles of the real column.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from artesian.metrics.common.arrays import Floats, Ints
from artesian.metrics.common.distance import Counts, Side, with_and_without
from artesian.metrics.common.encoding import Encoded, Rows
from artesian.metrics.common.intervals import GROUPS

LEVELS = 19
"""In a table of two columns, the most frequent categories keep a cell each, the rest share one."""

_CUTS = 10  # cells of a number


@dataclass(frozen=True, slots=True)
class Binning:
    """How one column is cut into cells; cell 0 is for what is missing."""

    name: str
    numeric: bool
    count: int
    edges: Floats  # of a number
    to: Ints  # of a category: code -> cell

    @classmethod
    def of(cls, encoded: Encoded, name: str, levels: int | None = None) -> Binning:
        """The cells of a column.

        Args:
            levels: Only so many categories have a cell of their own; None for all of them.
        """
        if name in encoded.levels:
            known = len(encoded.levels[name])
            own = known if levels is None else levels
            seen = np.bincount(encoded.real.codes[name] + 1, minlength=known + 1)[1:]
            rank = np.empty(known, np.int64)
            rank[np.argsort(-seen, kind="stable")] = np.arange(known)
            return cls(name, False, own + 2, np.empty(0), np.append(1 + np.minimum(rank, own), 0))
        values = encoded.real.numbers[name]
        values = values[~np.isnan(values)]
        cuts = np.linspace(0, 1, _CUTS + 1)[1:-1]
        edges = np.unique(np.quantile(values, cuts, method="lower")) if len(values) else values
        return cls(name, True, len(edges) + 2, edges, np.empty(0, np.int64))

    def place(self, rows: Rows) -> Ints:
        """(rows,) cells."""
        if not self.numeric:
            return self.to[rows.codes[self.name]]  # code -1 is the last entry of `to`: cell 0
        values = rows.numbers[self.name]
        # 'left': a value equal to an edge lies below it, so a heavy lowest value keeps its own cell
        return np.where(np.isnan(values), 0, 1 + np.searchsorted(self.edges, values, "left"))


def counts_of(side: Side, places: Ints, cells: int) -> Counts:
    """(1 + GROUPS, cells) counts: of all rows, then with each group left out."""
    counts = np.bincount(side.groups * cells + places, minlength=GROUPS * cells)
    return with_and_without(counts.reshape(GROUPS, cells))


def table_of(side: Side, a: Ints, b: Ints, rows: int, columns: int) -> Counts:
    """(1 + GROUPS, rows * columns) counts of two columns' cells together."""
    return counts_of(side, a * columns + b, rows * columns)
