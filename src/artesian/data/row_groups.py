"""Group rows that belong together: the rows of an entity, and child rows with their parents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.core.disclosure import MIN_COUNT
from artesian.data.dataset import Dataset
from artesian.data.inference.id_names import is_member_name, is_person_name
from artesian.data.inference.roles import DIRECT, PERSONS
from artesian.data.schema import Kind
from artesian.data.table import Table

LABELS = 0.9
"""Identifiers of things are labels if this fraction of the rows has one with `MIN_COUNT` rows."""

MIN_REPEATS = 0.2
"""Minimum fraction of rows that repeat a personal text for it to represent an entity."""

NAMES = ("name", "first_name", "last_name")
"""Roles of texts that several persons may share."""

Labels = NDArray[np.intp]
"""The group of every row, numbered from 0."""


def repeating_ids(table: Table) -> tuple[str, ...]:
    """The columns that identify something with several rows, in the order of the table.

    These are the entity of the schema, keys and texts that identify somebody. Labels are left out:
    identifiers of few things with many rows each, such as products.
    """
    schema = table.schema
    labels = label_ids(table)
    out = []
    for column in schema:
        if column.kind not in (Kind.KEY, Kind.TEXT) and column.name != schema.entity:
            continue
        present = table.frame[column.name].drop_nulls()
        distinct = present.n_unique()
        if not 1 < distinct < len(present):
            continue
        if column.kind is Kind.KEY:
            takes = column.name not in labels
        elif column.kind is Kind.TEXT:
            often = distinct <= (1 - MIN_REPEATS) * len(present)
            direct = column.role in DIRECT and often
            if direct and column.role in NAMES:
                direct = not _one_row_per_person(table)
            takes = column.name in schema.key or direct
        else:
            takes = True
        out += [column.name] if takes else []
    return tuple(out)


def _one_row_per_person(table: Table) -> bool:
    """Whether every row has a person of its own: equal names are those of namesakes then.

    Evidence is an identifier of people, such as a personnel number or a mail address, that no two rows
    share. Addresses of devices and connections say nothing: one person has another one in every row.
    So are a first name and a last name that hardly any two rows share.
    """
    parts = [c.name for c in table.schema if c.role in ("first_name", "last_name")]
    if len(parts) > 1:
        both = table.frame.select(parts).drop_nulls()
        if both.n_unique() > (1 - MIN_REPEATS / 4) * both.height > MIN_COUNT:
            return True
    for column in table.schema:
        direct = column.role in PERSONS or column.role == "phone"
        numbered = column.kind is Kind.KEY and is_member_name(column.name)
        if direct or numbered:
            present = table.frame[column.name].drop_nulls()
            if len(present) == len(table) and present.n_unique() == len(present):
                return True
    return False


def label_ids(table: Table) -> tuple[str, ...]:
    """The identifiers of few things with many rows each, in the order of the table.

    Of a key of labels only, the one with more values is none: it must give room for further rows. Nor
    is one whose rows another column numbers, such as the stops of a train: they belong together.
    """
    schema, frame = table.schema, table.frame
    personal = [c.name for c in schema if c.kind is Kind.TEXT and c.role in DIRECT]
    labels = []
    for name in schema.of_kind(Kind.KEY):
        present = frame[name].drop_nulls()
        repeats = 1 < present.n_unique() < len(present)
        if name == schema.entity or not repeats or not _is_label(present):
            continue
        counted = schema.key if name in schema.key else ()
        if not _is_person(frame, name, personal) and not numbering(table, name, counted):
            labels.append(name)
    if schema.key and set(schema.key) <= set(labels):
        labels.remove(max(schema.key, key=lambda name: frame[name].n_unique()))
    return tuple(labels)


def _is_person(frame: pl.DataFrame, name: str, personal: list[str]) -> bool:
    """Whether all rows of an identifier have the same personal texts, and most identifiers others."""
    both = frame.select(name, *personal).drop_nulls()
    number = both[name].n_unique()
    same = [other for other in personal if both.select(name, other).n_unique() == number]
    return bool(same) and both.select(same).n_unique() > number / 2


def numbering(table: Table, name: str, among: Sequence[str] | None = None) -> tuple[str, ...]:
    """The columns that number the rows of each value of an identifier from 0 or 1.

    Args:
        among: Columns that may; by default all whole numbers.
    """
    counts = table.frame[name].drop_nulls().alias("value").value_counts(name="rows")["rows"]
    largest = int(counts.to_numpy().max(initial=0))
    out = []
    for other in table.schema.of_kind(Kind.NUMBER) if among is None else among:
        series = table.frame[other]
        whole = table.schema[other].kind is Kind.NUMBER and series.dtype.is_integer()
        if other == name or not whole or series.has_nulls() or series.min() not in (0, 1):
            continue
        if series.n_unique() != largest or largest < 2:
            continue
        groups = table.frame.group_by(name).agg(
            first=pl.col(other).min(),
            last=pl.col(other).max(),
            values=pl.col(other).n_unique(),
            rows=pl.len(),
        )
        length = groups["last"].cast(pl.Int64) - groups["first"].cast(pl.Int64) + 1
        if (groups["values"] == length).all() and (groups["values"] == groups["rows"]).all():
            out.append(other)
    return tuple(out)


def _is_label(series: pl.Series) -> bool:
    """Whether an identifier labels things that have many rows each ('product_id'), not persons."""
    if is_person_name(series.name):
        return False
    counts = series.alias("value").value_counts(name="rows")["rows"].to_numpy()
    return bool(counts[counts >= MIN_COUNT].sum() >= LABELS * counts.sum())


def entity_of(table: Table) -> str | None:
    """The column that identifies the subject of a row: that of the schema, or one that repeats.

    Of an order and its customer that is the customer, whose rows contain those of the order. A name
    that an identifier has is none: several persons have it.
    """
    if table.schema.entity is not None:
        return table.schema.entity
    ids: Sequence[str] = repeating_ids(table)
    frame = table.frame.select(ids)
    shared = {
        name
        for name in ids
        if table.schema[name].role in NAMES
        and any(_determines(frame, other, name) for other in ids if other != name)
    }
    ids = [name for name in ids if name not in shared] or ids
    for name in ids:
        if not any(_determines(frame, name, other) for other in ids if other != name):
            return name
    return ids[0] if ids else None


def _determines(frame: pl.DataFrame, name: str, other: str) -> bool:
    """Whether rows with the same `name` have the same `other`, which has fewer distinct values."""
    fewer = frame[other].n_unique() < frame[name].n_unique()
    return fewer and frame.select(name, other).n_unique() == frame[name].n_unique()


def entity_groups(table: Table, entity: str | None = None) -> Labels:
    """The groups of the rows that have the same entity.

    A row with a missing entity is a group by itself.

    Args:
        entity: The column of the entity; by default that of the schema.

    Raises:
        SchemaError: the schema has no such column.
    """
    (row, first) = _same_entity(table, entity or table.schema.entity)
    labels = np.arange(len(table))
    labels[row] = first
    _, numbered = np.unique(labels, return_inverse=True)
    return numbered


def related_groups(dataset: Dataset, names: Sequence[str]) -> dict[str, Labels]:
    """The groups of the rows of some tables that foreign keys or a common entity connect.

    These are the connected components of a graph whose nodes are the rows of the tables `names`
    and whose edges join a child row with its parent row, and rows of the same entity. Groups are
    numbered across tables. Foreign keys to other tables do not count.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    sizes = [len(dataset[name]) for name in names]
    starts = dict(zip(names, np.cumsum([0, *sizes[:-1]]), strict=True))
    edges = list(_edges(dataset, starts))
    ends = np.concatenate(edges, axis=1) if edges else np.zeros((2, 0), np.intp)
    graph = coo_array((np.ones(ends.shape[1], bool), tuple(ends)), shape=(sum(sizes),) * 2)
    _, labels = connected_components(graph, directed=False)
    return {
        name: labels[starts[name] : starts[name] + size].astype(np.intp)
        for name, size in zip(names, sizes, strict=True)
    }


def _edges(dataset: Dataset, starts: dict[str, int]) -> Iterator[NDArray[np.intp]]:
    """Arrays of shape (2, edges): row numbers across tables."""
    for name, start in starts.items():
        if dataset[name].schema.entity is not None:
            yield np.stack(_same_entity(dataset[name], dataset[name].schema.entity)) + start
        for key in dataset.parents_of(name):
            if key.parent in starts:
                child, parent = dataset.key_values(key)
                columns = parent.columns
                first = parent.with_row_index("parent_row").unique(columns, keep="first")
                rows = (
                    child.with_row_index("child_row")
                    .join(first, on=columns, how="inner")
                    .select("child_row", "parent_row")
                    .cast(pl.Int64)
                )
                yield np.stack(
                    [
                        rows["child_row"].to_numpy() + start,
                        rows["parent_row"].to_numpy() + starts[key.parent],
                    ]
                )


def _same_entity(table: Table, name: str | None) -> tuple[Labels, Labels]:
    """The rows that have an entity, and for each the first row of that entity."""
    assert name is not None, "the caller checks that the schema names an entity"
    rows = (
        table.frame.select(pl.col(table.schema[name].name).alias("entity"))
        .with_row_index("row")
        .drop_nulls("entity")
        .with_columns(pl.col("row").first().over("entity").alias("first"))
        .cast({"row": pl.Int64, "first": pl.Int64})
    )
    return rows["row"].to_numpy(), rows["first"].to_numpy()
