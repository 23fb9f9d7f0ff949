"""In which order related tables are generated, and which foreign key a row belongs to.

A row belongs to its owner: the row of one parent table from which its number of siblings, its order
among them and its values are drawn. Its other foreign keys are references, which are assigned
afterwards; so are all those of a table that a method of single tables draws. A foreign key to a table
that is generated later, or to its own table, is deferred.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.core.disclosure import MIN_COUNT
from artesian.core.errors import UsageError
from artesian.data.dataset import Dataset
from artesian.data.inference.roles import DIRECT
from artesian.data.schema import ForeignKey, Kind
from artesian.data.table import Table

Rows = NDArray[np.int64]
"""Row of the parent for each row of the child, -1 for none, shape (n,)."""

LABELS = "it is a list of labels"
"""Why tables of labels are kept."""

MAX_LABELS = 300
"""Maximum number of rows of a table of labels, which is kept as it is."""


@dataclass(frozen=True, slots=True)
class TablePlan:
    """How the rows of one table are generated.

    Attributes:
        name: Name of the table.
        owner: Foreign key to the rows that its rows belong to; None if they belong to none.
        references: Further foreign keys, whose rows exist when this table is generated.
        deferred: Foreign keys that are assigned when all tables exist.
        kept: Why the table is kept as it is; '' if it is generated.
        numbered: Columns that number the rows of each row of `unit`, and their first number, 0 or 1.
    """

    name: str
    owner: ForeignKey | None
    references: tuple[ForeignKey, ...]
    deferred: tuple[ForeignKey, ...]
    kept: str = ""
    numbered: tuple[tuple[str, int], ...] = ()

    @property
    def foreign_keys(self) -> tuple[ForeignKey, ...]:
        """All foreign keys of the table."""
        owner = () if self.owner is None else (self.owner,)
        return (*owner, *self.references, *self.deferred)

    @property
    def unit(self) -> ForeignKey | None:
        """The foreign key to those whose rows they are, of which a frequent value needs several."""
        if self.owner is not None or self.kept or not self.references:
            return self.owner
        return self.references[0]

    @property
    def linked(self) -> frozenset[str]:
        """Columns that are part of a foreign key."""
        return frozenset(name for key in self.foreign_keys for name in key.columns)


@dataclass(frozen=True, slots=True)
class Plan:
    """The tables in the order in which they are generated, parents first."""

    tables: tuple[TablePlan, ...]

    @classmethod
    def from_dataset(
        cls,
        dataset: Dataset,
        rows: Mapping[ForeignKey, Rows],
        keep: tuple[str, ...] = (),
        generate: tuple[str, ...] = (),
        served: Collection[str] = (),
    ) -> Self:
        """Plan the tables of `dataset`.

        Args:
            rows: Parent rows of every foreign key, see `parent_rows`.
            keep: Tables to keep as they are.
            generate: Tables not to keep.
            served: Tables drawn by methods of single tables, whose rows get their parents afterwards.

        Raises:
            UsageError: a table cannot be kept or generated.
        """
        _refuse(dataset, keep, generate)
        order = list(_parents_first(dataset))
        tables = []
        for place, name in enumerate(order):
            earlier = set(order[:place])
            ready = [key for key in dataset.parents_of(name) if key.parent in earlier]
            deferred = tuple(key for key in dataset.parents_of(name) if key.parent not in earlier)
            reason = "as requested" if name in keep else why_kept(dataset, name)
            reason = "" if name in generate else reason
            unit = None if reason else _owner(ready, rows, len(dataset[name]))
            owner = None if name in served else unit
            references = tuple(
                sorted((key for key in ready if key != owner), key=lambda key: key != unit)
            )
            numbered = () if unit is None else _numbered(dataset[name], rows[unit], ready)
            tables.append(TablePlan(name, owner, references, deferred, reason, numbered))
        _refuse_dangling(tables)
        return cls(tuple(tables))

    def __iter__(self) -> Iterator[TablePlan]:
        return iter(self.tables)

    def owned_by(self, name: str) -> tuple[ForeignKey, ...]:
        """The foreign keys by which rows of other tables belong to rows of this one."""
        return tuple(
            one.owner for one in self.tables if one.owner is not None and one.owner.parent == name
        )

    def referring_to(self, name: str) -> tuple[ForeignKey, ...]:
        """All foreign keys that refer to a table, those by which rows belong to it first."""
        every = [key for one in self.tables for key in one.foreign_keys if key.parent == name]
        owned = set(self.owned_by(name))
        return tuple(sorted(every, key=lambda key: key not in owned))

    def to_dict(self) -> list[dict[str, Any]]:
        """For the manifest: owner, references and reason of each table."""
        return [
            {
                "table": one.name,
                "owner": None if one.owner is None else str(one.owner),
                "references": [str(key) for key in one.references],
                "deferred": [str(key) for key in one.deferred],
                "kept": one.kept,
            }
            for one in self.tables
        ]


def parent_rows(dataset: Dataset, key: ForeignKey) -> Rows:
    """Row of the parent for each row of the child; -1 without one, or for an orphan."""
    child, parent = dataset.key_values(key)
    columns = parent.columns
    first = parent.with_row_index("parent_row").unique(columns, keep="first", maintain_order=True)
    joined = child.with_row_index("child_row").join(
        first, on=columns, how="left", maintain_order="left"
    )
    return joined["parent_row"].cast(pl.Int64).fill_null(-1).to_numpy()


def with_referred_keys(dataset: Dataset) -> Dataset:
    """The dataset with what foreign keys refer to as keys, whose generated values are unique.

    A schema that was edited may state a foreign key, and call the column that it refers to a text.
    """
    tables = dict(dataset.tables)
    for key in dataset.foreign_keys:
        table, columns = tables[key.parent], key.parent_columns
        values = table.frame[list(columns)]
        if any(values.null_count().row(0)) or values.n_unique() < values.height:
            continue
        schema = table.schema
        if len(columns) == 1 and (values.dtypes[0].is_integer() or values.dtypes[0] == pl.String):
            schema = schema.with_columns([replace(schema[columns[0]], kind=Kind.KEY, role="")])
        schema = replace(schema, key=schema.key or columns)
        tables[key.parent] = replace(table, schema=schema)
    return replace(dataset, tables=tables)


def _parents_first(dataset: Dataset) -> Iterator[str]:
    """Names of the tables, each after its parents; cycles are cut where there are least of them."""
    waiting = {name: {key.parent for key in dataset.parents_of(name)} - {name} for name in dataset}
    while waiting:
        ready = [name for name, parents in waiting.items() if not parents & set(waiting)]
        name = ready[0] if ready else min(waiting, key=lambda one: len(waiting[one] & set(waiting)))
        del waiting[name]
        yield name


def _owner(
    keys: list[ForeignKey], rows: Mapping[ForeignKey, Rows], count: int
) -> ForeignKey | None:
    """The foreign key with the smallest groups of rows, of those without missing values if any is."""
    if not keys:
        return None

    def rank(key: ForeignKey) -> tuple[bool, int]:
        present = rows[key][rows[key] >= 0]
        return len(present) == count, len(np.unique(present))

    return max(keys, key=rank)


def _numbered(table: Table, parents: Rows, keys: list[ForeignKey]) -> tuple[tuple[str, int], ...]:
    """The columns that number the rows of each parent, such as the lines of an order, and their first
    number."""
    linked = {name for key in keys for name in key.columns}
    groups, several = np.unique(parents[parents >= 0], return_counts=True)
    if (several > 1).sum() < MIN_COUNT or len(groups) == len(table):
        return ()
    out = []
    for series in table.frame:
        if series.name in linked or not series.dtype.is_integer() or series.has_nulls():
            continue
        first = series.min()
        if first not in (0, 1) or series.n_unique() != several.max():
            continue
        numbers = pl.DataFrame({"parent": parents, "number": series}).filter(pl.col("parent") >= 0)
        each = numbers.group_by("parent").agg(
            low=pl.col("number").min(),
            high=pl.col("number").max().cast(pl.Int64),
            distinct=pl.col("number").n_unique(),
            rows=pl.len(),
        )
        complete = (pl.col("distinct") == pl.col("rows")) & (pl.col("low") == first)
        complete &= pl.col("high") - pl.col("low").cast(pl.Int64) + 1 == pl.col("rows")
        if each.select(complete.all()).item():
            out.append((series.name, int(first)))  # type: ignore[arg-type]
    return tuple(out)


def _refuse(dataset: Dataset, keep: tuple[str, ...], generate: tuple[str, ...]) -> None:
    """Refuse tables that are to be kept and generated, or of which nothing can be learned."""
    for name in generate:
        if name in keep:
            raise UsageError(
                f"the table {name!r} is to be kept and to be generated", hint="choose one of both"
            )
        if len(dataset[name]) < MIN_COUNT:
            raise UsageError(
                f"the table {name!r} cannot be generated: it has only {len(dataset[name])} rows, "
                f"fewer than {MIN_COUNT}",
                hint="keep it, or leave it out of the source",
            )


def _refuse_dangling(tables: list[TablePlan]) -> None:
    """Refuse a kept table whose rows refer to generated ones."""
    kept = {one.name for one in tables if one.kept}
    for one in tables:
        lost = [key for key in one.foreign_keys if key.parent not in kept]
        if one.kept and lost:
            raise UsageError(
                f"the table {one.name!r} cannot be kept: {lost[0]} refers to rows that are generated",
                hint=f"keep {lost[0].parent!r} as well",
            )


def why_kept(dataset: Dataset, name: str) -> str:
    """Why a table cannot or need not be generated; '' if it is generated.

    Tables of labels, such as countries or categories, say nothing of anybody: generated labels would
    be meaningless. Too few rows to learn from are kept without what identifies somebody.
    """
    table = dataset[name]
    others = [key for key in dataset.parents_of(name) if key.parent != name]
    if others:
        return ""
    if len(table) < MIN_COUNT:
        return f"it has only {len(table)} rows, fewer than {MIN_COUNT}"
    if not dataset.children_of(name):
        return ""
    described = [column for column in table.schema if column.name not in table.schema.key]
    labels = [
        column
        for column in described
        if column.kind in (Kind.TEXT, Kind.CATEGORY, Kind.KEY)
        and column.role not in DIRECT
        and table.frame[column.name].n_unique() > len(table) / 2
    ]
    if described and len(labels) == len(described) and len(table) <= MAX_LABELS:
        return LABELS
    return ""
