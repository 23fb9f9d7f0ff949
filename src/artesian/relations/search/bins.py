"""Search for labels that the range of a number, or of the sum of two numbers, decides on."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import combinations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.relations.bins import Bins, Label
from artesian.relations.expressions import Binary, Expression, Floats, Ref
from artesian.relations.protocol import MIN_HOLDS
from artesian.relations.search.rows import NumericColumns

MIN_LABELS = 3
MAX_LABELS = 20

MIN_ROWS = 5
"""Minimum number of rows with each label."""

MIN_REPEATS = 10
"""Number of rows per value of a number from which a label is a dependency on its values."""

MAX_SUMMED = 40
"""Maximum number of columns of which the sums of two are tried."""

FIRST_ROWS = 300
"""Rows that refute most candidates."""

MAX_DECIMALS = 12


def bins(
    frame: pl.DataFrame, columns: NumericColumns, skip: Collection[str], listable: Collection[str]
) -> Iterator[Bins]:
    """Labels, each with the first number or sum that separates them.

    A limit is determined up to the distance of two values, between which about one fresh row in as
    many as there are rows falls. So there have to be many rows per label.

    Args:
        skip: Columns that are computed already.
        listable: Columns whose values may be written down: no identifiers, no texts.
    """
    free = [j for j, name in enumerate(columns.names) if not columns.temporal[j]]
    free = [j for j in free if columns.names[j] not in skip]
    sums = list(combinations(free, 2)) if len(free) <= MAX_SUMMED else []
    candidates = [(j,) for j in free] + sums
    if not candidates:
        return
    head = columns.values[:FIRST_ROWS]
    tried = np.stack([head[:, at].sum(axis=1) for at in map(list, candidates)], axis=1)
    for series in frame:
        if series.name in skip or series.name not in listable:
            continue
        codes, labels = _codes(series)
        if not MIN_LABELS <= len(labels) <= MAX_LABELS:
            continue
        if np.bincount(codes[codes >= 0]).min() < MIN_ROWS:
            continue
        if len(labels) - 1 > (1 - MIN_HOLDS) / 2 * len(codes):
            continue
        separated = _separated(codes[:FIRST_ROWS], tried)
        for at in np.flatnonzero(separated):
            names = [columns.names[j] for j in candidates[at]]
            if series.name in names:
                continue
            values = columns.values[:, list(candidates[at])].sum(axis=1)
            limits_and_order = _cuts(codes, values)
            if limits_and_order is not None:
                single = len(names) == 1
                if single and len(np.unique(values)) * MIN_REPEATS <= len(values):
                    break  # what repeats often is looked up by value: see `dependencies`
                cuts, order = limits_and_order
                expression: Expression = Ref(names[0])
                if len(names) == 2:
                    expression = Binary("+", expression, Ref(names[1]))
                yield Bins(series.name, expression, cuts, tuple(labels[code] for code in order))
                break


def _codes(series: pl.Series) -> tuple[NDArray[np.int64], list[Label]]:
    """Codes of the values, shape (rows,), -1 where missing, and the values; none if there are many."""
    is_text = series.dtype in (pl.String, pl.Categorical, pl.Enum)
    if not (is_text or series.dtype.is_integer()):
        return np.zeros(len(series), np.int64), []
    values = series.cast(pl.String if is_text else pl.Float64)
    unique = values.drop_nulls().unique().sort()
    codes = values.rank("dense").cast(pl.Int64).fill_null(0).to_numpy() - 1
    return codes, unique.to_list()


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
) -> tuple[tuple[float, ...], NDArray[np.int64]] | None:
    """Limits between the labels and the labels in ascending order; None if labels overlap."""
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
    limits = zip(high[order[:-1]], low[order[1:]], strict=True)
    return tuple(_shortest(float(below), float(above)) for below, above in limits), order


def _shortest(below: float, above: float) -> float:
    """The shortest decimal number above `below` and not above `above`."""
    for decimals in range(MAX_DECIMALS):
        number = round(float(np.floor(above * 10.0**decimals)) / 10.0**decimals, decimals)
        if below < number <= above:
            return number
    return above
