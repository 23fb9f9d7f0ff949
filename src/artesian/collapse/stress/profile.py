"""What the stress test follows in the source: its categories and tails, by rarity stratum.

Survival depends on the number of rows of a category, not on its proportion (see `collapse.theory`), so
strata are ranges of rows. Categories of fewer than five rows are suppressed by the methods on purpose
and are followed nowhere; no name of one leaves this module.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from artesian.core.disclosure import MIN_COUNT
from artesian.core.formatting import count as counted
from artesian.data.schema import Kind
from artesian.data.table import Table
from artesian.metrics.common.arrays import NUMERIC, encode_categories, floats

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Truth = npt.NDArray[np.bool_]

DISCRETE = (Kind.CATEGORY, Kind.BOOLEAN)
MISSING, OTHER = -1, -2
"""Codes of missing values, and of values that the source does not have."""

STRATA = (
    (MIN_COUNT, 10, "5 to 9 rows"),
    (10, 20, "10 to 19 rows"),
    (20, 50, "20 to 49 rows"),
    (50, 200, "50 to 199 rows"),
    (200, 2**62, "200 rows and more"),
)
"""Rows of a category in the source: first, first beyond, and name of the stratum."""

RARE_BELOW = 50
"""Categories with fewer rows are rare; where there are none, those of the rarest stratum are."""

TAILS = ((0.01, "outer 1 % of numbers"), (0.05, "outer 5 % of numbers"))
"""Quantile, and name of the stratum of the values below it and above its complement."""

TAIL = TAILS[0][1]
"""The stratum that decides whether tails hold."""


@dataclass(frozen=True, slots=True)
class Coded:
    """Rows as numbers.

    Attributes:
        codes: (rows, discrete columns) positions among the source's values, MISSING or OTHER.
        numbers: (rows, numeric columns), NaN where missing.
    """

    codes: Ints
    numbers: Floats

    def __len__(self) -> int:
        return len(self.codes)

    def take(self, rows: Ints) -> Coded:
        """The rows at these positions."""
        return Coded(self.codes[rows], self.numbers[rows])


@dataclass(frozen=True, slots=True)
class Profile:
    """The categories and tails of a source.

    Attributes:
        table: The source.
        discrete, numeric: Names of its columns of categories and booleans, and of numbers and dates.
        levels: The sorted values of each discrete column.
        column, code, rows: (categories,) column, code and number of rows of each category with at
            least five rows.
        tail_column, tail_sign, tail_bound, tail_stratum, tail_rows: (tails,) numeric column,
            direction, threshold, index in `TAILS` and number of rows strictly beyond of each tail
            with at least five rows.
        suppressed, suppressed_rows: Number of categories with fewer than five rows, and proportion
            of the rows that have one.
        families: (rows,) family of each row, which is resampled as a whole; None if rows are
            independent.
        family_count: Number of families, some of which may have no row.
    """

    table: Table
    discrete: tuple[str, ...]
    numeric: tuple[str, ...]
    levels: tuple[tuple[Any, ...], ...]
    column: Ints
    code: Ints
    rows: Ints
    tail_column: Ints
    tail_sign: Ints
    tail_bound: Floats
    tail_stratum: Ints
    tail_rows: Ints
    suppressed: int
    suppressed_rows: float
    coded: Coded
    families: Ints | None = None
    family_count: int = 0

    @classmethod
    def from_table(cls, table: Table) -> Profile:
        """Profile a source."""
        schema, frame = table.schema, table.frame
        discrete = tuple(c.name for c in schema if c.kind in DISCRETE)
        numeric = tuple(c.name for c in schema if c.kind in NUMERIC)
        levels, codes = [], []
        for name in discrete:
            values, (positions,) = encode_categories([frame[name]])
            levels.append(values)
            codes.append(positions)
        numbers = [floats(frame[name]) for name in numeric]
        coded = Coded(_stacked(codes, len(table), np.int64), _stacked(numbers, len(table)))
        counts = [
            np.bincount(c + 1, minlength=len(v) + 1)[1:] for c, v in zip(codes, levels, strict=True)
        ]
        column = np.repeat(np.arange(len(discrete)), [len(c) for c in counts])
        code = np.concatenate([np.empty(0, np.int64), *(np.arange(len(c)) for c in counts)])
        rows = np.concatenate([np.empty(0, np.int64), *counts]).astype(np.int64)
        followed = rows >= MIN_COUNT
        is_rare = [c < MIN_COUNT for c in counts]
        hit = np.zeros(len(table), bool)
        for positions, rare in zip(codes, is_rare, strict=True):
            hit |= (positions >= 0) & np.append(rare, False)[positions]
        tails = _tails(numbers)
        return cls(
            table,
            discrete,
            numeric,
            tuple(levels),
            column[followed],
            code[followed].astype(np.int64),
            rows[followed],
            *tails,
            suppressed=int((~followed).sum()),
            suppressed_rows=float(hit.mean()) if len(table) else 0.0,
            coded=coded,
        )

    @property
    def strata(self) -> tuple[str, ...]:
        """Names of the strata of categories that the source has, the rarest first."""
        return tuple(label for low, high, label in STRATA if self._between(low, high).any())

    @property
    def tail_strata(self) -> tuple[str, ...]:
        """Names of the strata of tails that the source has."""
        return tuple(label for k, (_, label) in enumerate(TAILS) if (self.tail_stratum == k).any())

    def in_stratum(self, label: str) -> Truth:
        """(categories,) or (tails,) whether each is in the stratum."""
        for low, high, name in STRATA:
            if name == label:
                return self._between(low, high)
        inside: Truth = self.tail_stratum == [name for _, name in TAILS].index(label)
        return inside

    @property
    def rare(self) -> Truth:
        """(categories,) whether the category is rare."""
        rare: Truth = self.rows < RARE_BELOW
        return rare if rare.any() or not len(rare) else self.in_stratum(self.strata[0])

    @property
    def has_level(self) -> bool:
        """Whether there is something to hold: a category, or a tail of the outer 1 % of numbers."""
        return len(self.rows) > 0 or TAIL in self.tail_strata

    @property
    def rare_name(self) -> str:
        """The rare categories in words."""
        limit = (
            RARE_BELOW if (self.rows < RARE_BELOW).any() else int(self.rows[self.rare].max()) + 1
        )
        return f"categories with fewer than {counted(limit, 'row')}"

    def name(self, category: int) -> str:
        """The column and value of a followed category."""
        column, code = int(self.column[category]), int(self.code[category])
        return f"{self.discrete[column]} = {self.levels[column][code]}"

    def encode(self, table: Table) -> Coded:
        """Encode rows of the same columns."""
        codes = []
        for name in self.discrete:
            union, (own, other) = encode_categories([self.table.frame[name], table.frame[name]])
            place = np.full(len(union) + 1, OTHER, np.int64)
            present = np.unique(own[own >= 0])
            place[present] = np.arange(len(present))
            codes.append(np.where(other < 0, MISSING, place[other]))
        numbers = [floats(table.frame[name]) for name in self.numeric]
        return Coded(_stacked(codes, len(table), np.int64), _stacked(numbers, len(table)))

    def category_counts(self, codes: Ints) -> Ints:
        """(categories,) rows of each followed category among (rows, discrete columns) codes."""
        counts = np.zeros(len(self.rows), np.int64)
        for k, values in enumerate(self.levels):
            here = self.column == k
            tallies = np.bincount(np.maximum(codes[:, k], -1) + 1, minlength=len(values) + 1)[1:]
            counts[here] = tallies[self.code[here]]
        return counts

    def tail_counts(self, numbers: Floats) -> Ints:
        """(tails,) rows beyond each tail's threshold."""
        counts: Ints = self.beyond(numbers).sum(axis=0)
        return counts

    def beyond(self, numbers: Floats) -> Truth:
        """(rows, tails) whether a value is strictly beyond the threshold."""
        with np.errstate(invalid="ignore"):
            values = numbers[:, self.tail_column] * self.tail_sign
            outside: Truth = values > self.tail_bound * self.tail_sign
        return outside

    def by_family(self, values: Any) -> Any:
        """Sums of (rows, d) values over the rows of each family, (families, d); the values themselves
        if rows are independent.
        """
        if self.families is None:
            return values
        sums = np.zeros((self.family_count, values.shape[1]))
        np.add.at(sums, self.families, values)
        return sums

    def members(self) -> Floats:
        """(rows, strata + tail strata) number of categories and tails of each stratum in a row."""
        out = np.zeros((len(self.coded), len(self.strata) + len(self.tail_strata)))
        for s, label in enumerate(self.strata):
            inside = self.in_stratum(label)
            for k in range(len(self.discrete)):
                flags = np.zeros(len(self.levels[k]) + 1, bool)
                flags[self.code[inside & (self.column == k)]] = True
                out[:, s] += flags[self.coded.codes[:, k]] & (self.coded.codes[:, k] >= 0)
        beyond = self.beyond(self.coded.numbers)
        for s, label in enumerate(self.tail_strata, len(self.strata)):
            out[:, s] = beyond[:, self.in_stratum(label)].sum(axis=1)
        return out

    def _between(self, low: int, high: int) -> Truth:
        inside: Truth = (self.rows >= low) & (self.rows < high)
        return inside


def _stacked(columns: Sequence[npt.NDArray[Any]], rows: int, dtype: Any = np.float64) -> Any:
    return np.stack(columns, axis=1).astype(dtype) if columns else np.zeros((rows, 0), dtype)


def _tails(numbers: Sequence[Floats]) -> tuple[Ints, Ints, Floats, Ints, Ints]:
    tails: list[tuple[int, int, float, int, int]] = []
    for k, values in enumerate(numbers):
        present = values[~np.isnan(values)]
        if not len(present):
            continue
        for stratum, (quantile, _) in enumerate(TAILS):
            for sign, at in ((-1, quantile), (1, 1 - quantile)):
                bound = float(np.quantile(present, at, method="inverted_cdf"))
                beyond = int((present * sign > bound * sign).sum())
                if beyond >= MIN_COUNT:
                    tails.append((k, sign, bound, stratum, beyond))
    columns = [[tail[k] for tail in tails] for k in range(5)]
    return (
        np.array(columns[0], np.int64),
        np.array(columns[1], np.int64),
        np.array(columns[2], np.float64),
        np.array(columns[3], np.int64),
        np.array(columns[4], np.int64),
    )


def concatenated(source: Table, frames: Sequence[pl.DataFrame]) -> Table:
    """Frames of the source's columns below each other, in its types."""
    types: dict[Any, Any] = dict(source.frame.schema)
    return source.with_frame(pl.concat([frame.cast(types) for frame in frames]))
