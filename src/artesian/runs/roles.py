"""Set the roles of columns: target, event indicator, sensitive columns, quasi-identifiers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from artesian.core.errors import UsageError
from artesian.data.table import Table


def with_roles(
    table: Table,
    *,
    target: str | None = None,
    event: str | None = None,
    sensitive: Sequence[str] | None = None,
    quasi_identifiers: Sequence[str] | None = None,
) -> Table:
    """The table with other roles in its schema; roles that are None keep those of the schema.

    Raises:
        SchemaError: A column does not exist.
        UsageError: There is an event indicator, but no target.
    """
    schema = with_target(table, target).schema
    if event is not None:
        if schema.target is None:
            raise UsageError(
                f"the event indicator {event!r} has no target",
                hint="name the column with the time to the event as the target",
            )
        schema = replace(schema, event=schema[event].name)
    for name in (*(sensitive or ()), *(quasi_identifiers or ())):
        schema[name]  # raises if there is no such column
    if sensitive is not None:
        schema = schema.with_columns(replace(c, sensitive=c.name in sensitive) for c in schema)
    if quasi_identifiers is not None:
        schema = schema.with_columns(
            replace(c, quasi_identifier=c.name in quasi_identifiers) for c in schema
        )
    return replace(table, schema=schema)


def with_target(table: Table, target: str | None) -> Table:
    """The table with another target column; None keeps that of the schema.

    Raises:
        SchemaError: The column does not exist.
    """
    if target is None:
        return table
    return replace(table, schema=replace(table.schema, target=table.schema[target].name))
