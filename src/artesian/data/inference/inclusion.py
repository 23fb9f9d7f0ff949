"""Which values of one column occur in another, and whether that says anything."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from artesian.data.dataset import comparable, in_common_type
from artesian.data.inference.parsing import whole_numbers

MAX_CHANCE = 1e-3
"""Maximum probability that values are included by chance, where their inclusion is evidence."""


@dataclass(frozen=True, slots=True)
class Inclusion:
    """How many values of a column occur in another one.

    Attributes:
        values: Number of distinct values.
        matched: Proportion of the rows with a value that occurs, of those with a value.
        orphans: Number of rows with a value that does not occur.
    """

    values: int
    matched: float
    orphans: int


def is_unique(series: pl.Series) -> bool:
    """Whether a column has neither repeated nor missing values."""
    return not series.has_nulls() and series.n_unique() == len(series)


def included(child: pl.Series, parent: pl.Series) -> Inclusion | None:
    """The values of `child` that occur in `parent`; None if they cannot, or parents are not unique."""
    if not child.count() or not comparable(child.dtype, parent.dtype) or not is_unique(parent):
        return None
    if child.dtype.is_float() and whole_numbers(child) is None:
        return None
    counts = child.drop_nulls().alias("value").value_counts(name="rows")
    values, parent = _in_one_type(counts["value"], parent)
    there = values.is_in(parent.implode())
    rows, matched = (int(one.sum()) for one in (counts["rows"], counts["rows"].filter(there)))
    return Inclusion(len(values), matched / rows, rows - matched)


def by_chance(child: pl.Series, parent: pl.Series) -> bool:
    """Whether whole numbers may well be included by chance: 1 to 5 in 1 to 100.

    Texts are not. Of whole numbers, it is the probability that as many between the lowest and the
    highest of the child are all among those of the parent; the two ends are free.
    """
    values, parent = _in_one_type(child.drop_nulls().unique(), parent)
    if not parent.dtype.is_integer():
        return False
    low, high = int(values.min()), int(values.max())  # type: ignore[arg-type]
    density = int(parent.is_between(low, high).sum()) / (high - low + 1)
    return bool(density ** max(len(values) - 2, 0) > MAX_CHANCE)


def returns(child: pl.Series, parent: pl.Series) -> bool:
    """Whether rows that refer to rows of the same table lead back to a row, but for rows that refer to
    themselves."""
    values, keys = _in_one_type(child, parent)
    rows = pl.DataFrame({"key": keys}).with_row_index("row")
    joined = pl.DataFrame({"key": values}).join(
        rows, on="key", how="left", maintain_order="left", nulls_equal=False
    )
    there = joined["row"].cast(pl.Int64).fill_null(-1).to_numpy().copy()
    there[there == np.arange(len(there))] = -1
    for _ in range(len(there).bit_length()):  # each time over double the number of steps
        there = np.where(there < 0, -1, there[there])
    return bool((there >= 0).any())


def _in_one_type(child: pl.Series, parent: pl.Series) -> tuple[pl.Series, pl.Series]:
    if child.dtype.is_float() and parent.dtype.is_integer():
        return child.cast(pl.Int64), parent.cast(pl.Int64)
    return in_common_type(child, parent)
