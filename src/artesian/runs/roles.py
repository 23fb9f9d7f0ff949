"""Set the roles of columns: target, event indicator, sensitive columns, quasi-identifiers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import polars as pl

from artesian.core.errors import UsageError, did_you_mean
from artesian.data.dataset import Dataset
from artesian.data.row_groups import label_ids, numbering, repeating_ids
from artesian.data.schema import Kind
from artesian.data.table import Table
from artesian.relations.discover import MAX_RUNNING
from artesian.relations.rules import parse_rules
from artesian.relations.running import RunningTotal
from artesian.relations.search.follows import periods
from artesian.relations.search.running import running

MIN_CODES = 10
"""Minimum number of codes of a category that may be the identifier of a running total."""


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


def with_constraints(table: Table, constraints: str | Iterable[str]) -> Table:
    """The table with further constraints in its schema.

    Raises:
        SchemaError: a constraint cannot be parsed, or names an unknown column.
    """
    texts = [constraints] if isinstance(constraints, str) else list(constraints)
    parse_rules(texts, table.schema.names)
    every = tuple(dict.fromkeys((*table.schema.constraints, *texts)))
    return replace(table, schema=replace(table.schema, constraints=every))


def with_constraints_of_tables(dataset: Dataset, constraints: str | Iterable[str]) -> Dataset:
    """The dataset with further constraints, each written behind its table: 'customer: age >= 18'.

    Raises:
        UsageError: a text names no table.
        SchemaError: a constraint cannot be parsed, or names an unknown column.
    """
    for text in [constraints] if isinstance(constraints, str) else constraints:
        tables = [name for name in dataset if text.startswith(f"{name}:")]
        if not tables:
            first = text.partition(":")[0].strip()
            raise UsageError(
                f"the constraint {text!r} names no table",
                hint=did_you_mean(first, dataset)
                if ":" in text
                else f"write the table in front of it: {next(iter(dataset))}: age >= 18",
            )
        name = max(tables, key=len)
        table = with_constraints(dataset[name], text[len(name) + 1 :].strip())
        dataset = replace(dataset, tables={**dataset.tables, name: table})
    return dataset


def with_ledger_entity(table: Table) -> Table:
    """The table with the identifier of its running totals as its entity, if it has none.

    An identifier of few things with many rows, such as an article, is a label or a category otherwise,
    whose rows may be divided: without all of them, a balance does not add up. So it is with a train
    whose stops are numbered.
    """
    schema = table.schema
    if schema.entity is not None:
        return table
    labels = set(label_ids(table))
    codes = {name for name in schema.of_kind(Kind.CATEGORY) if _are_codes(table, name)}
    for name in codes.intersection(schema.key):
        if numbering(table, name, schema.key):
            return _with_entity(table, name)
    first = table.with_frame(table.frame.head(MAX_RUNNING))
    for one in running(first, labels=True) if labels | codes else ():
        if isinstance(one, RunningTotal) and one.entity in labels | codes:
            return _with_entity(table, one.entity)
    for each in periods(first, labels=True):
        if each.entity not in repeating_ids(table):
            return _with_entity(table, each.entity)
    return table


def _with_entity(table: Table, name: str) -> Table:
    key = replace(table.schema[name], kind=Kind.KEY)
    return replace(table, schema=replace(table.schema.with_columns([key]), entity=name))


def _are_codes(table: Table, name: str) -> bool:
    """Whether a category has many values with digits ('A-70013')."""
    values = table.frame[name].drop_nulls().unique().cast(pl.String)
    return len(values) >= MIN_CODES and bool(values.str.contains(r"[0-9]").mean() == 1)


def with_target(table: Table, target: str | None) -> Table:
    """The table with another target column; None keeps that of the schema.

    Raises:
        SchemaError: The column does not exist.
    """
    if target is None:
        return table
    return replace(table, schema=replace(table.schema, target=table.schema[target].name))
