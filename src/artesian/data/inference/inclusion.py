"""Which values of one column occur in another, and whether that says anything."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from artesian.data.dataset import comparable, in_common_type
from artesian.data.inference.parsing import whole_numbers

MAX_CHANCE = 1e-3
"""Maximum probability that values are included by chance, where their inclusion is evidence."""


MIN_CODES, MIN_LENGTH, PREFIX, PROBE = 3, 12, 10, 200
"""Minimum number of long codes, and of their characters; characters and codes that are compared."""


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


def is_of_long_codes(series: pl.Series) -> bool:
    """Whether values are codes so long and different that chance gives no two columns the same.

    They are long, without spaces, and begin with different characters, so that they are not numbered.
    """
    if series.dtype != pl.String or series.count() < MIN_CODES:
        return False
    first = series.drop_nulls().unique(maintain_order=True).head(PROBE)
    if len(first) < MIN_CODES or (first.str.len_chars() < MIN_LENGTH).any():
        return False
    if first.str.contains(r"[^0-9A-Za-z_-]").any() or not first.str.contains(r"\d").all():
        return False
    return first.str.head(PREFIX).n_unique() == len(first)


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
