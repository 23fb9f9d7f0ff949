"""Columns that identify together whose rows these are: an article in a warehouse, a shop in a year."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from artesian.data.plain_names import pattern_names
from artesian.data.schema import Kind
from artesian.data.table import Table
from artesian.relations.parse import relations_of
from artesian.relations.protocol import Relation
from artesian.relations.running import RunningTotal
from artesian.relations.search.running import MAX_COUNTERS, counters, groupings, running

MAX_ROWS = 100_000
"""Number of rows, the first ones, in which totals are searched."""


MIN_GROUPS = 12
"""Minimum number of such pairs whose rows a column numbers."""


def joint_groups(table: Table) -> tuple[str, ...]:
    """Two columns whose rows with the same values belong together: a total adds up within them, or a
    column numbers them; empty if there are none."""
    totals = joint_totals(table)
    patterns = pattern_names(table.schema.names)  # which Polars takes for several columns
    plain = table.select(tuple(n for n in table.schema.names if n not in patterns))
    return totals[0].groups if totals else _numbered(plain)


def _numbered(table: Table) -> tuple[str, ...]:
    """Two columns of which a third one numbers the rows of each pair of values, and of no single one:
    the months of a year in a shop."""
    frame = table.frame
    if table.schema.entity is not None or not len(table):
        return ()
    categories = list(table.schema.of_kind(Kind.CATEGORY))
    numbers = counters(table)[:MAX_COUNTERS]
    for both in groupings(table, categories) if numbers else ():
        for number in (n for n in numbers if n not in both):
            each = frame.group_by(both).agg(
                first=pl.col(number).min(),
                last=pl.col(number).max(),
                values=pl.col(number).n_unique(),
                rows=pl.len(),
            )
            length = each["last"].cast(pl.Int64) - each["first"].cast(pl.Int64) + 1
            dense = (each["values"] == length) & (each["values"] == each["rows"])
            begins = each["first"] == frame[number].min()
            if each.height >= MIN_GROUPS and dense.all() and begins.all():
                return both
    return ()


def joint_totals(table: Table) -> tuple[RunningTotal, ...]:
    """The totals within the rows with the same values of two columns: those that the schema lists, or
    else those in the data; none if rows belong to another entity."""
    if table.schema.entity is not None or not table.schema.of_kind(Kind.DATETIME, Kind.NUMBER):
        return ()
    if table.schema.relations is None:
        patterns = pattern_names(table.schema.names)  # which no relation can name
        plain = table.select(tuple(n for n in table.schema.names if n not in patterns))
        first = plain.with_frame(plain.frame.head(MAX_ROWS))
        relations: Iterable[Relation] = running(first, labels=True)
    else:
        relations = relations_of(table.schema.relations, table.schema.names)
    return tuple(one for one in relations if isinstance(one, RunningTotal) and one.groups)
