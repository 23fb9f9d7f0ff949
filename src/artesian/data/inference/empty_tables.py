"""Tables of a database without rows: nothing is learned of them, and they are written as they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

from artesian.data.inference.infer import Inferred, infer
from artesian.data.readers.raw import RawDataset
from artesian.data.schema import ForeignKey, Schema
from artesian.data.table import Table

TYPES = (
    ("INT", pl.Int64()),
    ("BOOL", pl.Boolean()),
    ("DATETIME", pl.Datetime("us")),
    ("TIMESTAMP", pl.Datetime("us")),
    ("DATE", pl.Date()),
    ("DEC", pl.Float64()),
    ("NUM", pl.Float64()),
    ("REAL", pl.Float64()),
    ("FLOA", pl.Float64()),
    ("DOUB", pl.Float64()),
)
"""Words of declared types, and the types of their values."""


def tables_without_rows(
    raw: RawDataset, filled: Mapping[str, Inferred], given: Mapping[str, Schema]
) -> tuple[dict[str, Table], tuple[ForeignKey, ...]]:
    """The tables without rows, and the foreign keys that the source declares to or from them."""
    tables = {
        name: _typed(infer(table, given.get(name)).table, table.frame)
        for name, table in raw.tables.items()
        if not table.frame.height and table.frame.width
    }
    every = {**{name: one.table for name, one in filled.items()}, **tables}
    keys = [key for key in raw.foreign_keys if {key.child, key.parent} & set(tables)]
    keys = [key for key in keys if {key.child, key.parent} <= set(every)]
    for key in keys:
        if key.child in tables:
            tables[key.child] = _as_in(
                every[key.parent], key.parent_columns, tables[key.child], key.columns
            )
    for key in keys:
        if key.parent in tables and key.child not in tables:
            tables[key.parent] = _as_in(
                every[key.child], key.columns, tables[key.parent], key.parent_columns
            )
    return tables, tuple(keys)


def _typed(table: Table, raw: pl.DataFrame) -> Table:
    """The table with the types that are declared for columns whose values would show them."""
    declared = table.origin.options.get("declared", {})
    untyped = [name for name, dtype in raw.schema.items() if dtype == pl.Null]
    types = {name: _type_of(str(declared.get(name, "")).upper()) for name in untyped}
    return _cast(table, types)


def _type_of(declared: str) -> pl.DataType:
    return next((dtype for word, dtype in TYPES if word in declared), pl.String())


def _as_in(other: Table, theirs: Iterable[str], table: Table, columns: Iterable[str]) -> Table:
    """The table with the types of columns that are compared with those of another one."""
    pairs = zip(columns, theirs, strict=True)
    return _cast(table, {name: other.frame.schema[column] for name, column in pairs})


def _cast(table: Table, types: Mapping[str, pl.DataType]) -> Table:
    return table.with_frame(pl.DataFrame(schema={**table.frame.schema, **types}))
