"""The rows in which relations are searched and, separately, confirmed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.core.run import Seed
from artesian.data.schema import Kind, Schema
from artesian.data.table import Table
from artesian.relations.expressions import DAY, Floats, numbers

MAX_ROWS = 10_000
"""Rows that are looked at, half of them to search and half to confirm."""

MAX_DECIMALS = 9


Codes = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Rows:
    """Two disjoint random halves of a table's rows.

    Attributes:
        search: Rows in which relations are searched.
        confirm: Rows in which those discovered have to hold too.
    """

    search: pl.DataFrame
    confirm: pl.DataFrame
    schema: Schema

    @classmethod
    def from_table(cls, table: Table) -> Self:
        """A random split, the same for the same number of rows."""
        rng = Seed(0).child("relations").rng()
        order = rng.permutation(len(table))[:MAX_ROWS]
        half = (len(order) + 1) // 2
        return cls(table.frame[order[:half]], table.frame[order[half:]], table.schema)

    @cached_property
    def both(self) -> pl.DataFrame:
        """All rows that are looked at."""
        return pl.concat([self.search, self.confirm])

    @cached_property
    def codes(self) -> dict[str, Codes]:
        """Dense codes of the values of each column, in their order."""
        return {series.name: dense_codes(series) for series in self.both}

    @cached_property
    def numeric(self) -> NumericColumns:
        """The columns with arithmetic; identifiers have none, though they are numbers."""
        rest = self.schema.of_kind(Kind.KEY, Kind.CATEGORY, Kind.TEXT)
        return NumericColumns.from_frame(self.both.drop(rest), self.search.height)


MIN_MISSING = 0.05
"""Minimum fraction of missing values of a column whose rows are searched by themselves."""

MAX_PATTERNS, MIN_PRESENT = 4, 60
"""Maximum number of such sets of rows, and minimum number of rows of each."""

MAX_NEIGHBOURS = 64
"""Number of columns among which relations of three and more columns are searched."""

MAX_MAGNITUDE = 1e90
"""Largest absolute value of a column that is searched: a product of three does not overflow."""


@dataclass(frozen=True, eq=False)
class NumericColumns:
    """Columns as floats.

    Attributes:
        names: p columns that vary.
        values: Their values, shape (n, p), NaN where missing; the rows to search come first.
        grid: Spacing of each column's values, shape (p,); 0 if they are continuous.
        temporal: Whether a column holds times, shape (p,).
        distinct: Number of different values of each column, shape (p,).
        searched: Number of rows to search.
    """

    names: tuple[str, ...]
    values: Floats
    grid: Floats
    temporal: NDArray[np.bool_]
    distinct: NDArray[np.int64]
    searched: int

    @classmethod
    def from_frame(cls, frame: pl.DataFrame, searched: int) -> Self:
        """The numeric and temporal columns of `frame` with at least two values."""
        names, values, grids, temporal, distinct = [], [], [], [], []
        for series in frame:
            dtype = series.dtype
            if not (dtype.is_numeric() or dtype.is_temporal()):
                continue
            count = series.drop_nulls().n_unique()
            if count < 2 or _too_wide(series):
                continue
            column = numbers(series)
            if np.nanmax(np.abs(column)) > MAX_MAGNITUDE:
                continue
            names.append(series.name)
            values.append(column)
            grids.append(_grid(column, dtype))
            temporal.append(dtype.is_temporal() and dtype != pl.Duration)
            distinct.append(count)
        matrix = np.stack(values, axis=1) if values else np.zeros((frame.height, 0))
        return cls(
            tuple(names),
            matrix,
            np.array(grids, float),
            np.array(temporal, bool),
            np.array(distinct, np.int64),
            searched,
        )

    @cached_property
    def spread(self) -> Floats:
        """`spread_of` each column, shape (p,)."""
        return np.array([spread_of(column) for column in self.values[:20_000].T], float)

    def where_present(self) -> Iterator[NumericColumns]:
        """The rows in which some incomplete columns have values, with the columns that are complete
        there: measurements of the first visit, and amounts of paid invoices. Most rows first."""
        if not self.values.size:
            return
        missing = np.isnan(self.values)
        absent = missing.mean(axis=0)
        patterns: dict[bytes, NDArray[np.bool_]] = {}
        for column in np.flatnonzero((absent >= MIN_MISSING) & (absent < 1)):
            rows = ~missing[:, column]
            patterns.setdefault(rows.tobytes(), rows)
        largest = sorted(patterns.values(), key=lambda rows: -int(rows.sum()))[:MAX_PATTERNS]
        for rows in (one for one in largest if one.sum() >= MIN_PRESENT):
            some = self.values[rows]
            complete = ~np.isnan(some).any(axis=0) & (some.min(axis=0) < some.max(axis=0))
            if complete.sum() < 3:
                continue
            chosen = np.flatnonzero(complete)
            yield NumericColumns(
                tuple(self.names[j] for j in chosen),
                np.ascontiguousarray(some[:, chosen]),
                self.grid[chosen],
                self.temporal[chosen],
                np.array([len(np.unique(some[:, j])) for j in chosen], np.int64),
                int(rows[: self.searched].sum()),
            )

    def index(self, name: str) -> int:
        """Position of a column."""
        return self.names.index(name)


def spread_of(values: Floats) -> float:
    """Range between the quantiles 0.05 and 0.95 of values, shape (n,); 0 if there are none.

    Of a column that is mostly constant, the range of the other values.
    """
    present = values[~np.isnan(values)]
    if not len(present):
        return 0.0
    low, high = np.quantile(present, [0.05, 0.95])
    if low == high:
        others = present[present != low]
        low, high = (others.min(), others.max()) if len(others) else (low, high)
    return float(high - low)


def dense_codes(series: pl.Series) -> Codes:
    """Dense codes of the values in their order, -1 where missing, shape (rows,)."""
    text = series.cast(pl.String) if series.dtype in (pl.Categorical, pl.Enum) else series
    if text.dtype == pl.String:
        # Five times as fast as their ranks, which are the same.
        ranks = text.cast(pl.Enum(text.drop_nulls().unique().sort())).to_physical()
    else:
        ranks = text.rank("dense") - 1
    return np.asarray(ranks.cast(pl.Int64).fill_null(-1).to_numpy())


def _too_wide(series: pl.Series) -> bool:
    """Whether floats cannot represent the values."""
    if not series.dtype.is_integer():
        return False
    low, high = series.min(), series.max()
    return isinstance(low, int) and isinstance(high, int) and max(-low, high) >= 2**53


def _grid(values: Floats, dtype: pl.DataType) -> float:
    """The largest of the usual spacings of which all values are multiples."""
    present = values[~np.isnan(values)][:5000]
    if dtype.is_integer() or dtype == pl.Date or dtype == pl.Boolean:
        return 1.0
    if dtype.is_temporal():
        for unit in (1.0, 1 / 24, 1 / 1440, 1 / 86_400):
            steps = present / unit
            if np.all(np.abs(steps - np.round(steps)) < 1e-4):
                return unit
        return 1 / DAY
    for decimals in range(MAX_DECIMALS + 1):
        steps = present * 10.0**decimals
        if np.all(np.abs(steps - np.round(steps)) <= 1e-9 * np.maximum(np.abs(steps), 1.0)):
            return float(10.0**-decimals)
    return 0.0


def neighbours(target: int, others: list[int], limit: int = MAX_NEIGHBOURS) -> list[int]:
    """The columns that are nearest to the target in the table, in their order; all if there are few.

    In tables of hundreds of columns, a column that follows from several others stands near them, and
    a search among all of them would take hours.

    >>> neighbours(5, [0, 1, 4, 7, 9], 3)
    [1, 4, 7]
    """
    if len(others) <= limit:
        return others
    return sorted(sorted(others, key=lambda j: (abs(j - target), j))[:limit])
