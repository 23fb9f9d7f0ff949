"""Read DuckDB files: one table, or all of them with their keys; and DuckDB relations."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from artesian.core.errors import DataError
from artesian.core.extras import require
from artesian.core.memory import max_memory, require_memory
from artesian.data.readers.arrow import bytes_of
from artesian.data.readers.databases import chosen_table, quoted
from artesian.data.readers.location import Location, one_line
from artesian.data.readers.raw import Raw, RawDataset
from artesian.data.readers.views import time_limit
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

MIN_MEMORY = 64 * 2**20
"""Bytes that DuckDB needs to open any file."""

BATCH = 100_000


def connect(path: Path, *, read_only: bool) -> Any:
    """Open a DuckDB file that can reach nothing but itself."""
    duckdb = require("duckdb", extra="duckdb", purpose=f"opening {path}")

    config = dict(SAFE)
    if read_only:
        # What does not fit into memory would be written beside the file.
        config["max_temp_directory_size"] = "0KiB"
        config["memory_limit"] = f"{max(max_memory(), MIN_MEMORY) // 2**20}MiB"
    return duckdb.connect(str(path), read_only=read_only, config=config)


def read_duckdb(place: Location) -> Raw:
    """Read one table or view of a DuckDB file; those outside the schema 'main' are 'schema.name'.

    Raises:
        DataError: damaged, locked, no such table, several and none named, or nested columns.
    """
    with _connected(place) as base:
        rows = base.execute(
            "SELECT table_schema, table_name FROM information_schema.tables "
            "ORDER BY table_schema <> 'main', table_schema, table_name"
        ).fetchall()
        names = {_shown(schema, name): (schema, name) for schema, name in rows}
        return _read_table(place, base, *names[chosen_table(place, list(names))])


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
        views = base.execute(
            "SELECT view_name FROM duckdb_views() WHERE NOT internal AND NOT temporary "
            "AND database_name = current_database() ORDER BY view_name"
        ).fetchall()
        notes += [f"the view {name!r} was left out" for (name,) in views]
        for schema, name in rows:
            if schema != "main":
                notes.append(
                    f"the table {name!r} of the schema {schema!r} was left out; "
                    f"{place.shown}::{_shown(schema, name)} reads it"
                )
                continue
            described = base.sql(f"SELECT * FROM {quoted(name)}")
            dropped = [
                column
                for column, kind in zip(described.columns, described.types, strict=True)
                if kind.id in NESTED
            ]
            if len(dropped) < len(described.columns):
                raw = _read_table(place, base, schema, name, dropped)
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
        if "disabled by configuration" in str(reason):
            raise DataError(
                f"{place.shown}: a view of it reads other files, which is not allowed",
                hint="write its rows to a table with DuckDB first, if you trust the database",
            ) from reason
        raise place.broken(reason) from reason
    except UnicodeDecodeError as reason:
        raise place.broken(reason) from reason


def _shown(schema: str, name: str) -> str:
    return name if schema == "main" else f"{schema}.{name}"


def _read_table(
    place: Location, base: Any, schema: str, table: str, dropped: Sequence[str] = ()
) -> Raw:
    """One table without the columns `dropped`."""
    whole = f"{quoted(schema)}.{quoted(table)}"
    described = base.execute(f"DESCRIBE SELECT * FROM {whole}").fetchall()
    keys = base.execute(
        "SELECT constraint_column_names FROM duckdb_constraints() "
        "WHERE table_name = ? AND schema_name = ? AND constraint_type = 'PRIMARY KEY'",
        [table, schema],
    ).fetchall()
    kept = [row[0] for row in described if row[0] not in dropped]
    rows = base.sql(f"SELECT {', '.join(map(quoted, kept))} FROM {whole}")
    key = list(keys[0][0]) if keys else []
    options = {
        "suffix": place.suffix,
        "file": place.name,
        "table": table,
        "declared": {row[0]: row[1] for row in described},
        "required": [row[0] for row in described if row[2] == "NO" and row[0] not in key],
        "key": key,
        "unique": [
            list(columns)
            for (columns,) in base.execute(
                "SELECT constraint_column_names FROM duckdb_constraints() WHERE table_name = ? "
                "AND schema_name = ? AND constraint_type = 'UNIQUE' ORDER BY constraint_index",
                [table, schema],
            ).fetchall()
            if set(columns) <= set(kept)
        ],
        "indexes": _indexes(base, schema, table, kept),
    }
    origin = Origin(name=table, format=place.format, options=options)
    frame = _checked(rows, place.shown, lambda: _fetch(place, base, table, rows))
    return Raw(frame=frame, origin=origin, key=tuple(key))


def _indexes(base: Any, schema: str, table: str, kept: Sequence[str]) -> list[dict[str, Any]]:
    """Indexes on columns alone; DuckDB gives their columns as a list of SQL expressions."""
    rows = base.execute(
        "SELECT index_name, is_unique, expressions FROM duckdb_indexes() "
        "WHERE table_name = ? AND schema_name = ? ORDER BY index_oid",
        [table, schema],
    ).fetchall()
    spelled = {text: name for name in kept for text in (name, quoted(name), f"'{quoted(name)}'")}
    indexes = []
    for name, unique, expressions in rows:
        parts = [part.strip() for part in str(expressions).strip("[]").split(",")]
        if all(part in spelled for part in parts):
            columns = [spelled[part] for part in parts]
            indexes.append({"name": name, "columns": columns, "unique": bool(unique)})
    return indexes


def _fetch(place: Location, base: Any, table: str, rows: Any) -> Any:
    """The rows as an Arrow table, in batches so that its size is known before it is too large."""
    import pyarrow as pa

    batches, size = [], 0
    query = "SELECT 1 FROM duckdb_views() WHERE view_name = ?"
    is_view = bool(base.execute(query, [table]).fetchall())
    with time_limit(place, table, base.interrupt) if is_view else nullcontext():
        # The name changed with DuckDB 1.4.
        source = (getattr(rows, "to_arrow_reader", None) or rows.fetch_arrow_reader)(BATCH)
        for batch in source:
            size += bytes_of(batch)
            require_memory(2 * size, f"{place.shown}::{table}, unpacked,", so_far=True)
            batches.append(batch)
    return pa.Table.from_batches(batches, schema=source.schema)


def from_relation(relation: Any, shown: str) -> pl.DataFrame:
    """The rows of a DuckDB relation.

    Raises:
        DataError: a column is nested, or has bytes, intervals or text that is not UTF-8.
    """
    # The name changed with DuckDB 1.4.
    whole = getattr(relation, "to_arrow_table", None) or relation.fetch_arrow_table
    return _checked(relation, shown, whole)


def _checked(relation: Any, shown: str, fetch: Callable[[], Any]) -> pl.DataFrame:
    """The rows that `fetch` gives, in the types of polars."""
    import pyarrow as pa

    for name, kind in zip(relation.columns, relation.types, strict=True):
        if kind.id in NESTED:
            raise DataError(
                f"{shown}: column {name!r} is of type {kind}, which is not supported",
                hint="leave it out, or convert it to numbers or text in SQL first",
            )
    rows = fetch()
    try:
        rows.validate(full=True)  # polars takes the bytes of a text as they are
    except pa.ArrowInvalid as reason:
        raise DataError(
            f"{shown} has text that is not UTF-8: {one_line(reason)}",
            hint="write that text again, as UTF-8",
        ) from reason
    frame = pl.from_arrow(rows)
    assert isinstance(frame, pl.DataFrame)
    # HUGEINT, the type of every SUM, arrives as a decimal without decimals.
    huge = [n for n, k in zip(frame.columns, relation.types, strict=True) if "hugeint" in str(k.id)]
    return frame.with_columns(
        series.cast(pl.Int64, strict=False)
        for series in (frame[name] for name in huge)
        if series.cast(pl.Int64, strict=False).null_count() == series.null_count()
    )
