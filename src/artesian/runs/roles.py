"""Roles of columns that a caller names: target, event, sensitive columns, quasi-identifiers."""

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
    """The table with the target and the marked columns that are given; None leaves what is known.

    Raises:
        SchemaError: there is no such column.
        UsageError: an event without a target.
    """
    schema = with_target(table, target).schema
    if event is not None:
        if schema.target is None:
            raise UsageError(
                f"the event {event!r} has no time beside it",
                hint="name the column that holds how long as the target",
            )
        schema = replace(schema, event=schema[event].name)
    for name in (*(sensitive or ()), *(quasi_identifiers or ())):
        schema[name]  # refuses an unknown one
    if sensitive is not None:
        schema = schema.with_columns(replace(c, sensitive=c.name in sensitive) for c in schema)
    if quasi_identifiers is not None:
        schema = schema.with_columns(
            replace(c, quasi_identifier=c.name in quasi_identifiers) for c in schema
        )
    return replace(table, schema=schema)


def with_target(table: Table, target: str | None) -> Table:
    """The table with the column that usefulness is judged by.

    Raises:
        SchemaError: there is no such column.
    """
    if target is None:
        return table
    return replace(table, schema=replace(table.schema, target=table.schema[target].name))
