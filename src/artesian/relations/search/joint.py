"""Running totals of two columns together, such as the stock of an article in a warehouse."""

from __future__ import annotations

from collections.abc import Iterable

from artesian.data.plain_names import pattern_names
from artesian.data.schema import Kind
from artesian.data.table import Table
from artesian.relations.parse import relations_of
from artesian.relations.protocol import Relation
from artesian.relations.running import RunningTotal
from artesian.relations.search.running import running

MAX_ROWS = 100_000
"""Number of rows, the first ones, in which totals are searched."""


def joint_totals(table: Table) -> tuple[RunningTotal, ...]:
    """The totals within the rows with the same values of two columns: those that the schema lists, or
    else those in the data; none if rows belong to another entity."""
    if table.schema.entity is not None or not table.schema.of_kind(Kind.DATETIME):
        return ()
    if table.schema.relations is None:
        patterns = pattern_names(table.schema.names)  # which no relation can name
        plain = table.select(tuple(n for n in table.schema.names if n not in patterns))
        first = plain.with_frame(plain.frame.head(MAX_ROWS))
        relations: Iterable[Relation] = running(first, labels=True)
    else:
        relations = relations_of(table.schema.relations, table.schema.names)
    return tuple(one for one in relations if isinstance(one, RunningTotal) and one.groups)
