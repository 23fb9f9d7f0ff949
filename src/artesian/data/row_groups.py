"""Group rows that belong together: the rows of an entity, and child rows with their parents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.data.dataset import Dataset
from artesian.data.table import Table

Labels = NDArray[np.intp]
"""The group of every row, numbered from 0."""


def entity_groups(table: Table) -> Labels:
    """The groups of the rows that have the same entity.

    A row with a missing entity is a group by itself.

    Raises:
        SchemaError: the schema has no such column.
    """
    (row, first) = _same_entity(table)
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
            yield np.stack(_same_entity(dataset[name])) + start
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


def _same_entity(table: Table) -> tuple[Labels, Labels]:
    """The rows that have an entity, and for each the first row of that entity."""
    name = table.schema.entity
    assert name is not None, "the caller checks that the schema names an entity"
    rows = (
        table.frame.select(pl.col(table.schema[name].name).alias("entity"))
        .with_row_index("row")
        .drop_nulls("entity")
        .with_columns(pl.col("row").first().over("entity").alias("first"))
        .cast({"row": pl.Int64, "first": pl.Int64})
    )
    return rows["row"].to_numpy(), rows["first"].to_numpy()
