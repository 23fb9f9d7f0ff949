"""Search for labels that the range of a number decides on, or of the sum or difference of two."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.relations.bins import Bins, Label, roundest
from artesian.relations.expressions import Binary, Expression, Floats, Ref
from artesian.relations.protocol import MIN_HOLDS
from artesian.relations.search.rows import NumericColumns, dense_codes

MIN_LABELS = 2
MAX_LABELS = 20

MIN_ROWS = 5
"""Minimum number of rows with each label."""

MIN_REPEATS = 10
"""Number of rows per value of a number from which a label is a dependency on its values."""

MAX_SUMMED = 40
"""Maximum number of columns of which the sums and differences of two are tried."""

MIN_SUMMED = 5
"""Minimum number of different values of one of the two."""

MAX_DISTANCE = 1 / 3
"""Maximum distance of two labels, in units of the last digit of the limit between them, for the limit
to be no chance."""

MIN_RANGE = 3
"""Minimum number of different values of each of two labels: where one has a single value, such as 0,
the other column is an amount that is there or not."""

FIRST_ROWS = 300
"""Rows that refute most candidates."""

MAX_DECIMALS = 12


def bins(
    frame: pl.DataFrame, columns: NumericColumns, skip: Collection[str], listable: Collection[str]
) -> Iterator[Bins]:
    """Labels, each with the first number or sum that separates them.

    A limit is determined up to the distance of two values, between which about one fresh row in as
    many as there are rows falls. So there have to be many rows per label, unless the limits are round
    or the values of neighbouring labels follow each other.

    Args:
        skip: Columns that are computed already; they may decide on labels.
        listable: Columns whose values may be written down: no identifiers, no texts.
    """
    free = [j for j, name in enumerate(columns.names) if not columns.temporal[j]]
    candidates = [_Number(j) for j in sorted(free, key=lambda j: columns.names[j] in skip)]
    free = [j for j in free if columns.names[j] not in skip]
    if len(free) <= MAX_SUMMED:
        # What two flags decide on is a dependency.
        pairs = [
            (i, j)
            for i, j in combinations(free, 2)
            if max(columns.distinct[i], columns.distinct[j]) >= MIN_SUMMED
        ]
        candidates += [_Number(i, j, sign) for sign in (1, -1) for i, j in pairs]
    if not candidates:
        return
    head = columns.values[:FIRST_ROWS]
    tried = np.stack([one.values(head) for one in candidates], axis=1)
    for series in frame:
        if series.name in skip or series.name not in listable:
            continue
        codes, labels = _codes(series)
        if not MIN_LABELS <= len(labels) <= MAX_LABELS:
            continue
        if np.bincount(codes[codes >= 0]).min() < MIN_ROWS:
            continue
        separated = _separated(codes[:FIRST_ROWS], tried)
        for at in np.flatnonzero(separated):
            number = candidates[at]
            if series.name in number.names(columns):
                continue
            values = number.values(columns.values)
            limits_and_order = _cuts(codes, values)
            if limits_and_order is not None:
                cuts, order, distances = limits_and_order
                if number.second is None and len(np.unique(values)) * MIN_REPEATS <= len(values):
                    break  # what repeats often is looked up by value: see `dependencies`
                if len(labels) == 2 and _narrow(codes, columns.values[:, number.columns]):
                    continue
                step = number.grid(columns)
                loose = sum(
                    _loose(cut, distance, step)
                    for cut, distance in zip(cuts, distances, strict=True)
                )
                if loose > (1 - MIN_HOLDS) / 2 * len(codes):
                    continue
                expression = number.expression(columns)
                yield Bins(series.name, expression, cuts, tuple(labels[code] for code in order))
                break


@dataclass(frozen=True, slots=True)
class _Number:
    """A column, or the sum or difference of two."""

    first: int
    second: int | None = None
    sign: int = 1

    def values(self, v: Floats) -> Floats:
        """Its values in rows of shape (n, p)."""
        first = v[:, self.first]
        return first if self.second is None else first + self.sign * v[:, self.second]

    @property
    def columns(self) -> list[int]:
        """Positions of its columns."""
        return [j for j in (self.first, self.second) if j is not None]

    def names(self, columns: NumericColumns) -> list[str]:
        """Names of its columns."""
        return [columns.names[j] for j in self.columns]

    def grid(self, columns: NumericColumns) -> float:
        """Spacing of its values; 0 if they are continuous."""
        return min(float(columns.grid[j]) for j in self.columns)

    def expression(self, columns: NumericColumns) -> Expression:
        """It as an expression."""
        one, *two = map(Ref, self.names(columns))
        return Binary("+" if self.sign > 0 else "-", one, two[0]) if two else one


def _narrow(codes: NDArray[np.int64], values: Floats) -> bool:
    """Whether one of two labels has few different values of a column of `values`, shape (n, k)."""
    labels = [values[codes == code] for code in (0, 1)]
    return any(len(np.unique(column)) < MIN_RANGE for label in labels for column in label.T)


def _loose(cut: float, distance: float, step: float) -> bool:
    """Whether a limit may as well be another number between the values of its two labels."""
    if step and distance < 1.5 * step:
        return False
    digits = 0
    while digits > -MAX_DECIMALS and round(cut, digits - 1) == cut and cut:
        digits -= 1
    while digits < MAX_DECIMALS and round(cut, digits) != cut:
        digits += 1
    return bool(distance > MAX_DISTANCE * 10.0**-digits)


def _codes(series: pl.Series) -> tuple[NDArray[np.int64], list[Label]]:
    """Codes of the values, shape (rows,), -1 where missing, and the values; none if there are many."""
    is_text = series.dtype in (pl.String, pl.Categorical, pl.Enum)
    if not (is_text or series.dtype.is_numeric() or series.dtype == pl.Boolean):
        return np.zeros(len(series), np.int64), []
    if series.dtype.is_float() and series.head(FIRST_ROWS).n_unique() > MAX_LABELS:
        return np.zeros(len(series), np.int64), []
    values = series.cast(pl.String if is_text else pl.Float64)
    unique = values.drop_nulls().unique().sort()
    if len(unique) > MAX_LABELS:
        return np.zeros(len(series), np.int64), []
    return dense_codes(values), unique.to_list()


def _separated(codes: NDArray[np.int64], values: Floats) -> NDArray[np.bool_]:
    """Whether no two labels overlap, for each candidate of values of shape (rows, candidates)."""
    order = np.argsort(codes, kind="stable")
    order = order[codes[order] >= 0]
    if not len(order):
        return np.zeros(values.shape[1], bool)
    _, starts = np.unique(codes[order], return_index=True)
    low = np.fmin.reduceat(values[order], starts, axis=0)
    high = np.fmax.reduceat(values[order], starts, axis=0)
    ascending = np.argsort(low, axis=0)
    low, high = (np.take_along_axis(each, ascending, axis=0) for each in (low, high))
    return np.asarray((high[:-1] < low[1:]).all(axis=0))


def _cuts(
    codes: NDArray[np.int64], values: Floats
) -> tuple[tuple[float, ...], NDArray[np.int64], tuple[float, ...]] | None:
    """Limits between the labels, the labels in ascending order, and the distances of the values on both
    sides of each limit; None if labels overlap."""
    present = ~np.isnan(values)
    # Missing together: a label that has no value, or the reverse, is not decided by it.
    if (present != (codes >= 0)).mean() > 1e-3 or not _separated(codes, values[:, None])[0]:
        return None
    both = present & (codes >= 0)
    count = int(codes.max()) + 1
    low, high = np.full(count, np.inf), np.full(count, -np.inf)
    np.minimum.at(low, codes[both], values[both])
    np.maximum.at(high, codes[both], values[both])
    order = np.argsort(low)
    limits = list(zip(high[order[:-1]].tolist(), low[order[1:]].tolist(), strict=True))
    cuts = tuple(roundest(below, above) for below, above in limits)
    return cuts, order, tuple(above - below for below, above in limits)
