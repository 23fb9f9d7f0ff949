"""Related tables: named tables, and the foreign keys between them. One table is a Dataset of one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.core.errors import DataError, SchemaError, Unsupported, did_you_mean
from artesian.data.schema import ForeignKey, Schema
from artesian.data.table import Origin, Table


@dataclass(frozen=True, slots=True)
class Dataset(Mapping[str, Table]):
    """Tables by name, in order, and the foreign keys between them. Immutable.

    Attributes:
        origin: The folder or database that the tables came from; its `name` names the dataset.
        without_rows: Tables of the source that have no rows, which are only written.
        keys_without_rows: Foreign keys to or from these.

    Raises:
        DataError: there is no table.
        SchemaError: a foreign key names an unknown table or column, or columns of other types.
    """

    tables: Mapping[str, Table]
    foreign_keys: tuple[ForeignKey, ...] = ()
    origin: Origin = field(default_factory=lambda: Origin(name="dataset"))
    without_rows: Mapping[str, Table] = field(default_factory=dict)
    keys_without_rows: tuple[ForeignKey, ...] = ()

    def __post_init__(self) -> None:
        if not self.tables:
            raise DataError("a dataset needs at least one table", hint="give one or more tables")
        for key in self.foreign_keys:
            _check(key, self)

    @classmethod
    def from_table(cls, table: Table) -> Self:
        """The dataset of one table, which has the name and the origin of that table."""
        return cls({table.origin.name: table}, (), table.origin)

    def __getitem__(self, name: str) -> Table:
        if name not in self.tables:
            raise SchemaError(f"there is no table {name!r}", hint=did_you_mean(name, self.tables))
        return self.tables[name]

    def __contains__(self, name: object) -> bool:
        return name in self.tables

    def __iter__(self) -> Iterator[str]:
        return iter(self.tables)

    def __len__(self) -> int:
        return len(self.tables)

    @property
    def name(self) -> str:
        """The name of the folder, database or single table."""
        return self.origin.name

    @property
    def schemas(self) -> Mapping[str, Schema]:
        """The schema of every table."""
        return {name: table.schema for name, table in self.tables.items()}

    def parents_of(self, name: str) -> tuple[ForeignKey, ...]:
        """The foreign keys of the table `name`."""
        return tuple(key for key in self.foreign_keys if key.child == name)

    def children_of(self, name: str) -> tuple[ForeignKey, ...]:
        """The foreign keys that refer to the table `name`."""
        return tuple(key for key in self.foreign_keys if key.parent == name)

    def key_values(self, key: ForeignKey) -> tuple[pl.DataFrame, pl.DataFrame]:
        """The columns of a foreign key in child and parent, with the same names and types."""
        child, parent = self[key.child].frame, self[key.parent].frame
        pairs = [
            in_common_type(child[ours], parent[theirs])
            for ours, theirs in zip(key.columns, key.parent_columns, strict=True)
        ]
        names = [f"key_{position}" for position in range(len(pairs))]
        first, second = (
            {name: pair[side] for name, pair in zip(names, pairs, strict=True)} for side in (0, 1)
        )
        return pl.DataFrame(first), pl.DataFrame(second)

    def with_frames(self, frames: Mapping[str, pl.DataFrame]) -> Self:
        """Other rows of the same tables; tables that `frames` does not name keep theirs."""
        tables = {
            name: table.with_frame(frames[name]) if name in frames else table
            for name, table in self.tables.items()
        }
        return replace(self, tables=tables)

    def select_rows(self, rows: Mapping[str, pl.Series | list[bool] | NDArray[np.bool_]]) -> Self:
        """The rows that a boolean mask per table marks; tables without a mask keep all theirs."""
        return self.with_frames({name: self[name].frame.filter(rows[name]) for name in rows})

    def whole(self) -> Dataset:
        """The dataset with the tables that have no rows among the others."""
        if not self.without_rows:
            return self
        return Dataset(
            {**self.tables, **self.without_rows},
            (*self.foreign_keys, *self.keys_without_rows),
            self.origin,
        )

    def summary(self) -> dict[str, Any]:
        """Names, sizes and keys as JSON, without any values."""
        return {
            "name": self.name,
            "format": self.origin.format,
            "tables": {
                name: {
                    "rows": len(table),
                    "columns": len(table.schema),
                    "key": list(table.schema.key),
                }
                for name, table in self.tables.items()
            },
            "foreign_keys": [key.to_dict() for key in self.foreign_keys],
            "notes": list(self.origin.notes),
        }


@dataclass(frozen=True, slots=True)
class DatasetSchema:
    """The schemas of the tables, and the foreign keys; None if nothing is stated about them."""

    tables: Mapping[str, Schema]
    foreign_keys: tuple[ForeignKey, ...] | None = None

    def of_table(self, name: str) -> Schema:
        """The schema of the table `name`; if there is only one, it may have any name.

        Raises:
            SchemaError: there is no such table.
        """
        if len(self.tables) == 1:
            return next(iter(self.tables.values()))
        if name not in self.tables:
            raise SchemaError(
                f"the schema has no table {name!r}", hint=did_you_mean(name, self.tables)
            )
        return self.tables[name]

    def to_dict(self) -> dict[str, Any]:
        """Both parts, in the values of TOML and JSON."""
        tables = {name: schema.to_dict() for name, schema in self.tables.items()}
        if self.foreign_keys is None:
            return {"tables": tables}
        return {"foreign_keys": [key.to_dict() for key in self.foreign_keys], "tables": tables}

    @classmethod
    def from_dict(cls, entry: Any, place: str = "the schema") -> Self:
        """The schema that `to_dict` described.

        Args:
            place: Where the entry is written, for error messages.

        Raises:
            SchemaError: an unknown field, or an entry that is not understood, with its place.
        """
        unknown = [name for name in entry if name not in ("tables", "foreign_keys")]
        if unknown:
            raise SchemaError(
                f"{place}: there is no entry {unknown[0]!r}",
                hint=did_you_mean(unknown[0], ["tables", "foreign_keys"]),
            )
        tables = entry.get("tables", {})
        if not isinstance(tables, dict):
            raise SchemaError(
                f"{place}: tables = {tables!r} is a {type(tables).__name__}",
                hint="write sections [tables.NAME.columns.COLUMN]",
            )
        keys = entry.get("foreign_keys")
        if not tables and keys is None:
            raise SchemaError(
                f"{place} describes no table",
                hint="it needs a section [tables.NAME]",
            )
        if keys is not None and not isinstance(keys, list):
            raise SchemaError(
                f"{place}: foreign_keys = {keys!r} is a {type(keys).__name__}",
                hint="write sections [[foreign_keys]]",
            )
        return cls(
            {
                name: Schema.from_dict(table, f"{place}, [tables.{name}]")
                for name, table in tables.items()
            },
            None
            if keys is None
            else tuple(
                ForeignKey.from_dict(key, f"{place}, foreign key {number}")
                for number, key in enumerate(keys, 1)
            ),
        )


def require_single_table(dataset: Dataset) -> Table:
    """The only table of a dataset.

    Raises:
        Unsupported: the dataset has several tables.
    """
    if len(dataset) == 1:
        return next(iter(dataset.tables.values()))
    listed = ", ".join(list(dataset)[:12]) + (", ..." if len(dataset) > 12 else "")
    raise Unsupported(
        f"{dataset.name!r} has {len(dataset)} tables ({listed}), and this needs one table",
        hint=f"give one table: {_address_of_a_table(dataset)}",
    )


def _address_of_a_table(dataset: Dataset) -> str:
    """How to name one of several tables in place of all, such as 'shop.db::orders'."""
    name = next(iter(dataset))
    place = str(dataset.origin.options.get("path", ""))
    if not place:
        return f"dataset[{name!r}]"
    if dataset.origin.format != "folder":
        return f"{place}::{name}"
    options = dataset[name].origin.options
    file = f"{options.get('file') or name}{options.get('suffix', '')}"
    return f"{place.rstrip('/')}/{file}"


def _check(key: ForeignKey, dataset: Dataset) -> None:
    for name in (key.child, key.parent):
        if name not in dataset:
            raise SchemaError(
                f"the foreign key {key} names a table {name!r} that does not exist",
                hint=did_you_mean(name, dataset),
            )
    child, parent = dataset[key.child], dataset[key.parent]
    for table, columns in ((child, key.columns), (parent, key.parent_columns)):
        for column in columns:
            if column not in table.schema.names:
                raise SchemaError(
                    f"the foreign key {key} names a column {column!r} that does not exist",
                    hint=did_you_mean(column, table.schema.names),
                )
    for column, parent_column in zip(key.columns, key.parent_columns, strict=True):
        types = child.frame[column].dtype, parent.frame[parent_column].dtype
        if not comparable(*types):
            raise SchemaError(
                f"the foreign key {key} compares {column!r}, a {types[0]}, "
                f"with {parent_column!r}, a {types[1]}",
                hint="store both columns in the same type",
            )


def comparable(first: pl.DataType, second: pl.DataType) -> bool:
    """Whether values of the two types can be equal."""
    return _family(first) == _family(second)


def in_common_type(first: pl.Series, second: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Two columns of comparable types in one type."""
    dtype = _common(first.dtype, second.dtype)
    return first.cast(dtype), second.cast(dtype)


def _common(first: pl.DataType, second: pl.DataType) -> pl.DataType | type[pl.DataType]:
    """A type for the values of two comparable types."""
    if first == second and _family(first) != "text":
        return first
    if _family(first) == "text":
        return pl.String
    if first.is_integer() and second.is_integer():
        return pl.Int64
    return pl.Float64 if first.is_numeric() else first


def _family(dtype: pl.DataType) -> str:
    if dtype.is_numeric():
        return "number"
    if dtype in (pl.String, pl.Categorical, pl.Enum):
        return "text"
    return "time" if isinstance(dtype, pl.Datetime) else str(dtype)
