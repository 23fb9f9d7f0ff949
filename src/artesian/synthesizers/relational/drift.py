"""Numbers that change little from one sibling to the next, as a first value and differences.

Codes of a whole column are too coarse for them: the price index of a town moves by tenths in a year,
and by hundreds between towns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.data.schema import Kind
from artesian.data.table import Table
from artesian.encoding.bins import find_grid
from artesian.encoding.scale import Scale

PERSISTENT = 0.02
"""Half the mean squared difference between siblings, relative to the variance of the column, up to
which a column is persistent."""

MIN_DISTINCT = 20

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Drift:
    """One persistent column.

    Attributes:
        name: Its name.
        decimals: Number of decimal places; None if continuous.
    """

    name: str
    decimals: int | None

    def differences(self, series: pl.Series, owners: Ints, order: Ints) -> tuple[pl.Series, Ints]:
        """The column with the difference to the sibling before, 0 for the first, and the first rows.

        Args:
            owners: Owner of each row.
            order: Positions of the rows, sorted by owner and within it.
        """
        values = series.to_numpy()[order]
        first = np.concatenate([[True], owners[order][1:] != owners[order][:-1]])
        steps = np.where(first, 0, np.diff(values, prepend=values[:1]))
        if self.decimals is not None:
            steps = np.round(steps, max(self.decimals, 0))
        out = np.empty(len(values), values.dtype)
        out[order] = steps
        return pl.Series(series.name, out, dtype=series.dtype), order[first]

    def restored(
        self, differences: pl.Series, starts: NDArray[np.float64], groups: Ints
    ) -> pl.Series:
        """The column of rows that are sorted by group.

        Args:
            starts: First value of the group of each row.
            groups: Group of each row.
        """
        first = np.concatenate([[True], groups[1:] != groups[:-1]])
        steps = np.where(first, 0.0, differences.cast(pl.Float64).fill_null(0).to_numpy())
        total = np.cumsum(steps)
        sizes = np.diff(np.append(np.flatnonzero(first), len(groups)))
        values = starts + total - np.repeat(total[first], sizes)
        if self.decimals is not None:
            values = np.round(values, max(self.decimals, 0))
        if differences.dtype.is_integer():
            values = np.round(values)
        return pl.Series(differences.name, values).cast(differences.dtype)


def drifts(table: Table, names: Sequence[str], owners: Ints, order: Ints) -> tuple[Drift, ...]:
    """The persistent columns among `names`; rows without an owner must not exist."""
    if (owners < 0).any() or not len(owners):
        return ()
    inside = owners[order][1:] == owners[order][:-1]
    persistent = []
    for name in names:
        series = table.frame[name]
        if table.schema[name].kind is not Kind.NUMBER or series.null_count():
            continue
        if not (series.dtype.is_float() or series.dtype.is_integer()):
            continue
        if series.n_unique() < MIN_DISTINCT or table.schema[name].domain is not None:
            continue
        values = series.cast(pl.Float64).to_numpy()[order]
        jumps = np.diff(values)[inside]
        if not len(jumps) or not jumps.any() or not np.isfinite(values).all():
            continue
        if (jumps**2).mean() / 2 <= PERSISTENT * values.var():
            _, _, decimals = find_grid(np.sort(values), Scale.from_series(series))
            persistent.append(Drift(name, decimals))
    return tuple(persistent)
