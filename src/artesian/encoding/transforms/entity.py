"""One kind of entity: what is learned of its sizes, its identifiers and its columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from artesian.core.disclosure import MIN_COUNT
from artesian.data.schema import Column, Kind
from artesian.data.table import Table
from artesian.encoding.transforms.entity_assembly import persistent_columns
from artesian.encoding.transforms.entity_columns import EntityColumns
from artesian.encoding.transforms.event_order import EventOrder
from artesian.encoding.transforms.group_sizes import GroupSizes
from artesian.encoding.transforms.month_numbers import is_monthly
from artesian.encoding.transforms.protocol import hidden_name
from artesian.surrogates.columns import SurrogateGroup
from artesian.surrogates.makers import item_check_of
from artesian.surrogates.public_ids import PublicIds

MONTHS = -1
"""The spacing of first days of months, which differ by a varying number of days."""

MIN_ENTITIES = 10 * MIN_COUNT
"""Minimum number of entities for every value to be judged by how many of them have it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """One kind of entity.

    Attributes:
        columns: The columns of the table that belong to it.
        sizes: Classes of the number of rows of an entity.
        size: The modelled column with the size of a row's entity; missing where the identifier is.
        ids: Form of the identifiers that are integers, alone or within text, by column.
        generated: Generators of all other identifying columns.
        present: The modelled column that says whether a nullable identifying column has a value.
        recorded: The modelled column that says in which rows a sparse column has its entity's value.
        step: Spacing of the values of each column that is distinct within an entity; 0 for categories,
            `MONTHS` for first days of months.
        persistent: Columns that differ more between entities than within one: the standard deviation
            within an entity, 0 for categories.
        events: The order of the events of an entity; None if there is none.
    """

    columns: EntityColumns
    sizes: GroupSizes
    size: str
    ids: Mapping[str, PublicIds]
    generated: SurrogateGroup
    present: Mapping[str, str]
    recorded: Mapping[str, str]
    step: Mapping[str, int]
    persistent: Mapping[str, float]
    events: EventOrder | None


def rows_per_entity(columns: EntityColumns, frame: pl.DataFrame) -> pl.Series:
    """For each row the number of rows of its entity; missing without an identifier."""
    key = columns.identifying[0]
    present = pl.col(key).is_not_null()
    return frame.select(pl.when(present).then(pl.len().over(key)).cast(pl.Int64)).to_series()


def learn_entity(table: Table, columns: EntityColumns, *, protect: bool) -> Entity:
    """The sizes, identifiers and generated columns of one kind of entity."""
    key, schema = columns.identifying[0], table.schema
    names = [name for name in columns.identifying if name not in columns.equal]
    forms = {
        name: PublicIds.from_values(table.frame[name])
        for name in names
        if schema[name].role in ("", "username")  # others have check digits, or are names
        and not item_check_of(table.frame[name].drop_nulls())
    }
    ids = {name: form for name, form in forms.items() if form is not None}
    first = pl.col(key).is_not_null() & pl.col(key).is_first_distinct()
    each = table.frame.filter(first)
    sizes = rows_per_entity(columns, table.frame).filter(table.frame.select(first).to_series())
    others = [schema[name] for name in names if name not in ids]
    generated = SurrogateGroup.learn(each, [_unique(one, each) for one in others])
    return Entity(
        columns=columns,
        sizes=GroupSizes.learn(sizes.to_numpy(), minimum=MIN_COUNT if protect else 1),
        size=hidden_name(f"rows per {key}", schema),
        ids=ids,
        generated=generated,
        present={
            name: hidden_name(f"{name} (present)", schema)
            for name in names[1:]
            if table.frame[name].has_nulls()
        },
        recorded={name: hidden_name(f"{name} (recorded)", schema) for name in columns.sparse},
        step={name: _step(table, name) for name in columns.distinct},
        events=None
        if columns.order is None or columns.counters
        else EventOrder.learn(table, key, columns.order),
        persistent=persistent_columns(
            table,
            key,
            (*columns.identifying, *columns.constant, *columns.counters, *_settled(table, columns)),
        ),
    )


def _settled(table: Table, columns: EntityColumns) -> tuple[str, ...]:
    """Columns without a repeated value within an entity, but times, which are near to each other."""
    return tuple(n for n in columns.distinct if table.schema[n].kind is not Kind.DATETIME)


def _unique(column: Column, entities: pl.DataFrame) -> Column:
    """The column as a key if every entity has a value of its own, and that is no coincidence."""
    if column.role in ("first_name", "last_name"):
        return column
    values = entities[column.name].drop_nulls()
    return replace(column, kind=Kind.KEY) if values.n_unique() == len(values) else column


def _step(table: Table, name: str) -> int:
    """Spacing of the values, as integers; 0 for categories."""
    series = table.frame[name]
    whole = series.dtype.is_temporal() or series.dtype.is_integer()
    if table.schema[name].kind not in (Kind.NUMBER, Kind.DATETIME) or not whole:
        return 0
    if is_monthly(series):
        return MONTHS
    values = series.drop_nulls().to_physical().unique().sort().cast(pl.Int64).to_numpy()
    return max(int(np.gcd.reduce(np.diff(values))), 1) if len(values) > 1 else 1
