"""Read DuckDB files: one table, or all of them with their keys; and DuckDB relations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from artesian.core.errors import DataError
from artesian.core.extras import require
from artesian.data.readers.databases import chosen_table, quoted
from artesian.data.readers.location import Location
from artesian.data.readers.raw import Raw, RawDataset
from artesian.data.schema import ForeignKey
from artesian.data.table import Origin

NESTED = ("list", "struct", "map", "union", "array", "blob", "bit", "interval")
"""Types whose values are no numbers, words, booleans or times."""

SAFE = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "lock_configuration": "true",
}
"""A view of a foreign file may otherwise read any local file, or load an extension."""


def connect(path: Path, *, read_only: bool) -> Any:
    """Open a DuckDB file that can reach nothing but itself."""
    duckdb = require("duckdb", extra="duckdb", purpose=f"opening {path}")

    return duckdb.connect(str(path), read_only=read_only, config=SAFE)


def read_duckdb(place: Location) -> Raw:
    """Read one table or view of a DuckDB file.

    Raises:
        DataError: damaged, locked, no such table, several and none named, or nested columns.
    """
    with _connected(place) as base:
        rows = base.execute(
            "SELECT table_name FROM information_schema.tables ORDER BY table_name"
        ).fetchall()
        table = chosen_table(place, [name for (name,) in rows])
        whole = base.sql(f"SELECT * FROM {quoted(table)}")
        return _read_table(place, base, table, whole)


def read_duckdb_dataset(place: Location) -> RawDataset:
    """Read all tables of a DuckDB file, with the primary and foreign keys that it declares.

    Views, tables outside the schema 'main' and columns of nested types or bytes are left out.

    Raises:
        DataError: damaged, locked, or no table.
    """
    tables: dict[str, Raw] = {}
    notes: list[str] = []
    with _connected(place) as base:
        rows = base.execute(
            "SELECT schema_name, table_name FROM duckdb_tables() "
            "WHERE NOT internal AND NOT temporary AND database_name = current_database() "
            "ORDER BY table_oid"
        ).fetchall()
        for schema, name in rows:
            if schema != "main":
                notes.append(f"the table {name!r} of the schema {schema!r} was left out")
                continue
            whole = base.sql(f"SELECT * FROM {quoted(name)}")
            dropped = [
                column
                for column, kind in zip(whole.columns, whole.types, strict=True)
                if kind.id in NESTED
            ]
            kept = [quoted(column) for column in whole.columns if column not in dropped]
            if kept:
                raw = _read_table(place, base, name, whole.select(", ".join(kept)))
                left_out = tuple(
                    f"column {column!r} has nested values or bytes and was left out"
                    for column in dropped
                )
                tables[name] = replace(raw, origin=replace(raw.origin, notes=left_out))
        keys = [
            ForeignKey(child, tuple(columns), parent, tuple(parent_columns))
            for child, columns, parent, parent_columns in base.execute(
                "SELECT table_name, constraint_column_names, referenced_table, "
                "referenced_column_names FROM duckdb_constraints() "
                "WHERE constraint_type = 'FOREIGN KEY' AND schema_name = 'main' "
                "AND database_name = current_database() ORDER BY table_oid, constraint_index"
            ).fetchall()
            if _has(tables, child, columns) and _has(tables, parent, parent_columns)
        ]
    return RawDataset(tables=tables, foreign_keys=tuple(keys), notes=tuple(notes))


def _has(tables: Mapping[str, Raw], name: str, columns: Sequence[str]) -> bool:
    return name in tables and set(columns) <= set(tables[name].frame.columns)


@contextmanager
def _connected(place: Location) -> Iterator[Any]:
    duckdb = require("duckdb", extra="duckdb", purpose=f"reading {place.shown}")

    try:
        with connect(place.path, read_only=True) as base:
            yield base
    except duckdb.Error as reason:
        raise place.broken(reason) from reason


def _read_table(place: Location, base: Any, table: str, rows: Any) -> Raw:
    described = base.execute(f"DESCRIBE SELECT * FROM {quoted(table)}").fetchall()
    keys = base.execute(
        "SELECT constraint_column_names FROM duckdb_constraints() "
        "WHERE table_name = ? AND constraint_type = 'PRIMARY KEY'",
        [table],
    ).fetchall()
    key = list(keys[0][0]) if keys else []
    options = {
        "suffix": place.suffix,
        "file": place.name,
        "table": table,
        "declared": {row[0]: row[1] for row in described},
        "required": [row[0] for row in described if row[2] == "NO" and row[0] not in key],
        "key": key,
    }
    origin = Origin(name=table, format=place.format, options=options)
    return Raw(frame=from_relation(rows, place.shown), origin=origin, key=tuple(key))


def from_relation(relation: Any, shown: str) -> pl.DataFrame:
    """The rows of a DuckDB relation.

    Raises:
        DataError: a column is nested, or has bytes or intervals.
    """
    for name, kind in zip(relation.columns, relation.types, strict=True):
        if kind.id in NESTED:
            raise DataError(
                f"{shown}: column {name!r} is of type {kind}, which is not supported",
                hint="leave it out, or convert it to numbers or text in SQL first",
            )
    # The name changed with DuckDB 1.4.
    whole = getattr(relation, "to_arrow_table", None) or relation.fetch_arrow_table
    frame = pl.from_arrow(whole())
    assert isinstance(frame, pl.DataFrame)
    # HUGEINT, the type of every SUM, arrives as a decimal without decimals.
    huge = [n for n, k in zip(frame.columns, relation.types, strict=True) if "hugeint" in str(k.id)]
    return frame.with_columns(
        series.cast(pl.Int64, strict=False)
        for series in (frame[name] for name in huge)
        if series.cast(pl.Int64, strict=False).null_count() == series.null_count()
    )
