"""Which columns of a table of hundreds of columns are searched together for relations.

The cost of a search grows with the square of the number of columns, and so does the number of relations
that hold by chance. A column that follows from others stands near them, or belongs to an identifier.
"""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from artesian.data.row_groups import repeating_ids
from artesian.data.table import Table

MAX_TOGETHER = 128
"""Number of columns that are searched together; all of a table that has no more."""

SHARED = 32
"""Number of columns that a group has in common with the next one."""

MAX_SEARCHED = 512
"""Maximum number of columns that are searched at all: the first ones with different values."""

PER_ROW = 4
"""The same for each row: few rows do not tell relations from chance among many columns."""

MAX_IDS = 8
"""Number of identifiers that are searched with every group."""


def windows(table: Table, copied: Collection[str] = ()) -> list[tuple[str, ...]]:
    """Overlapping groups of neighbouring columns, each with the first identifiers that repeat.

    Args:
        copied: Columns that equal an earlier one.
    """
    names = searched(table, copied)
    if len(names) <= MAX_TOGETHER:
        return [tuple(names)]
    ids = repeating_ids(table.select(tuple(names)))[:MAX_IDS]
    rest = [name for name in names if name not in ids]
    size = MAX_TOGETHER - len(ids)
    starts = range(0, max(len(rest) - SHARED, 1), size - SHARED)
    chosen = [{*ids, *rest[start : start + size]} for start in starts]
    return [tuple(name for name in names if name in group) for group in chosen]


def not_searched(table: Table) -> str:
    """One sentence on what is not searched in a table of many columns; '' if everything is."""
    width = len(table.schema.names)
    if width <= MAX_TOGETHER:
        return ""
    number = min(width, _limit(len(table)))
    columns = (
        f"the first {number:,} of the {width:,} columns" if number < width else f"{width:,} columns"
    )
    return (
        f"relations are searched in {columns}, among {MAX_TOGETHER} neighbours at a time; "
        "only equal columns are found throughout"
    )


def searched(table: Table, copied: Collection[str] = ()) -> list[str]:
    """The columns that are searched: all of a table that has few, else the first that vary."""
    if table.frame.width <= MAX_TOGETHER:
        return table.frame.columns
    names: list[str] = []
    limit = _limit(len(table))
    for series in table.frame:
        if len(names) == limit:
            break
        if series.name not in copied and _varies(series):
            names.append(series.name)
    return names


def _limit(rows: int) -> int:
    """Number of columns that are searched in a table of so many rows."""
    return max(MAX_TOGETHER, min(MAX_SEARCHED, PER_ROW * rows))


def _varies(series: pl.Series) -> bool:
    """Whether there are at least two different values, or some are missing."""
    return bool(0 < series.null_count() < len(series)) or series.n_unique() > 1
