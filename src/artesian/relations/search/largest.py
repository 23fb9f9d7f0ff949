"""Search for categories that name the largest, or smallest, of several numbers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.core.disclosure import MIN_COUNT
from artesian.relations.expressions import Floats
from artesian.relations.largest import Largest
from artesian.relations.protocol import MIN_HOLDS
from artesian.relations.search.rows import NumericColumns

MAX_LABELS = 20

MIN_ROWS = 30

MIN_STRICT = 0.8
"""Minimum fraction of the rows of a label in which its number is larger than another one."""

FEW = 40

MAX_COLUMNS = 200

MAX_COMPARED = 2_000_000
"""Maximum number of differences that are computed for one label."""


def largest(
    frame: pl.DataFrame, columns: NumericColumns, explained: set[str], listable: frozenset[str]
) -> Iterator[Largest]:
    """One relation for each category whose labels each belong to a number of their own.

    Args:
        explained: Columns that are computed already.
        listable: Columns whose frequent values may be written down.
    """
    usable = [j for j in range(len(columns.names)) if not columns.temporal[j]]
    if not 2 <= len(usable) <= MAX_COLUMNS:
        return
    for series in frame:
        if series.name in explained or series.name not in listable or series.dtype != pl.String:
            continue
        counts = series.drop_nulls().alias("value").value_counts(sort=True, name="rows")
        if counts.height > MAX_LABELS + len(usable):
            continue
        # A label of few rows is not written down, unless it is the name of a column anyway.
        named = {columns.names[j].casefold(): j for j in usable}
        rare = counts.filter(pl.col("rows") < MIN_COUNT)
        rare = rare.filter(pl.col("value").str.to_lowercase().is_in(list(named)))
        counts = counts.filter(pl.col("rows") >= MIN_COUNT)
        labels = counts["value"].to_list()
        if not 2 <= len(labels) <= min(MAX_LABELS, len(usable)) or len(series) < MIN_ROWS:
            continue
        covered = sum(counts["rows"]) + sum(rare["rows"])
        if covered < MIN_HOLDS * series.count():
            continue
        groups = [np.flatnonzero((series == label).fill_null(False).to_numpy()) for label in labels]
        for sign in (1.0, -1.0):
            members = _members(sign * columns.values[:, usable], groups)
            if members is not None:
                pairs = [(usable[j], label) for j, label in zip(members, labels, strict=True)]
                pairs += [(named[label.casefold()], label) for label in rare["value"]]
                if len({j for j, _ in pairs}) < len(pairs):
                    continue
                pairs = sorted(pairs)
                names = tuple(columns.names[j] for j, _ in pairs)
                yield Largest(series.name, names, tuple(label for _, label in pairs), sign < 0)
                break


def _members(values: Floats, groups: list[NDArray[np.int64]]) -> list[int] | None:
    """For each group of rows the column that is the largest there; None if there are none.

    Each of them has to be larger than those of all other groups, and none decides for two.
    """
    limit = MAX_COMPARED // values.shape[1] ** 2
    # A few rows of each group refute most tables.
    for number in (min(FEW, limit), limit):
        above = [_above(values[rows[:number]]) for rows in groups]
        chosen = _matching(above)
        if chosen is None:
            return None
    return chosen


def _matching(above: list[NDArray[np.bool_]]) -> list[int] | None:
    """A column of its own for each group that is above those of all others."""
    chosen: list[int] = []

    def fits(column: int) -> bool:
        group = len(chosen)
        return column not in chosen and all(
            above[group][column, other] and above[earlier][other, column]
            for earlier, other in enumerate(chosen)
        )

    def search() -> bool:
        if len(chosen) == len(above):
            return True
        for column in range(len(above[0])):
            if fits(column):
                chosen.append(column)
                if search():
                    return True
                chosen.pop()
        return False

    return chosen if search() else None


def _above(values: Floats) -> NDArray[np.bool_]:
    """Whether a column is larger than another one in most rows, and smaller in few, shape (p, p)."""
    difference = values[:, :, None] - values[:, None, :]
    with np.errstate(invalid="ignore"):
        larger, smaller = (difference > 0).mean(axis=0), (difference < 0).mean(axis=0)
        absent = np.isnan(difference).mean(axis=0)
    # One exception among few rows is no refutation.
    allowed = 1 - MIN_HOLDS if len(values) > FEW else 1 / len(values)
    return np.asarray((larger >= MIN_STRICT) & (smaller + absent <= allowed))
