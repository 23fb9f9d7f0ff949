"""Tables of SQLite and DuckDB files."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import polars as pl

from artesian.core.errors import DataError, did_you_mean
from artesian.core.extras import require
from artesian.data.readers.location import Location
from artesian.data.readers.raw import Raw
from artesian.data.schema import Kind
from artesian.data.table import Origin

FETCH = 100_000
WORDS = {str: "words", int: "numbers", float: "numbers", bytes: "bytes"}


def quoted(name: str) -> str:
    """A name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def read_sqlite(place: Location) -> Raw:
    """Read one table or view of a SQLite file.

    Raises:
        DataError: damaged, no such table, several and none named, or mixed types in a column.
    """
    try:
        address = f"{place.path.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, uri=True)) as base:
            found = base.execute(
                "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') "
                "AND name NOT LIKE 'sqlite_%' ORDER BY name"
            ).fetchall()
            table = _chosen(place, [name for (name,) in found])
            info = base.execute(f"PRAGMA table_info({quoted(table)})").fetchall()
            declared = {name: kind.upper() for _, name, kind, *_ in info}
            key = [name for _, name, *_, rank in sorted(info, key=lambda r: r[5]) if rank]
            frame = _fetch(place, base, table, declared)
    except (sqlite3.Error, UnicodeDecodeError, OverflowError) as reason:
        raise place.broken(reason) from reason
    options = {
        "suffix": place.suffix,
        "file": place.name,
        "table": table,
        "declared": declared,
        "key": key,
    }
    return Raw(
        frame=frame,
        origin=Origin(name=table, format="sqlite", options=options),
        key=tuple(key),
        declared={n: Kind.BOOLEAN for n, kind in declared.items() if kind.startswith("BOOL")},
    )


def read_duckdb(place: Location) -> Raw:
    """Read one table or view of a DuckDB file.

    Raises:
        DataError: damaged, locked, no such table, several and none named, or nested columns.
    """
    duckdb = require("duckdb", extra="duckdb", purpose=f"reading {place.shown}")
    try:
        with duckdb.connect(str(place.path), read_only=True) as base:
            found = base.execute(
                "SELECT table_name FROM information_schema.tables ORDER BY table_name"
            ).fetchall()
            table = _chosen(place, [name for (name,) in found])
            whole = f"SELECT * FROM {quoted(table)}"
            described = base.execute(f"DESCRIBE {whole}").fetchall()
            declared = {row[0]: row[1] for row in described}
            frame = from_relation(base.sql(whole), place.shown)
            keys = base.execute(
                "SELECT constraint_column_names FROM duckdb_constraints() "
                "WHERE table_name = ? AND constraint_type = 'PRIMARY KEY'",
                [table],
            ).fetchone()
    except duckdb.Error as reason:
        raise place.broken(reason) from reason
    key = list(keys[0]) if keys else []
    options = {
        "suffix": place.suffix,
        "file": place.name,
        "table": table,
        "declared": declared,
        "key": key,
    }
    origin = Origin(name=table, format="duckdb", options=options)
    return Raw(frame=frame, origin=origin, key=tuple(key))


def from_relation(relation: Any, shown: str) -> pl.DataFrame:
    """The rows of a DuckDB relation.

    Raises:
        DataError: a column nests, or holds bytes or intervals.
    """
    for name, kind in zip(relation.columns, relation.types, strict=True):
        if kind.id in ("list", "struct", "map", "union", "array", "blob", "bit", "interval"):
            raise DataError(
                f"{shown}: column {name!r} is of type {kind}, which has no place in a table here",
                hint="leave it out, or turn it into numbers or words in SQL first",
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


def _chosen(place: Location, tables: list[str]) -> str:
    if place.part is not None:
        if place.part not in tables:
            raise DataError(
                f"{place.shown} has no table {place.part!r}", hint=did_you_mean(place.part, tables)
            )
        return place.part
    if not tables:
        raise DataError(f"{place.shown} holds no table", hint="is it the right file?")
    if len(tables) > 1:
        listed = ", ".join(tables[:12]) + (", ..." if len(tables) > 12 else "")
        raise DataError(
            f"{place.shown} holds {len(tables)} tables and none was named",
            hint=f"give {place.shown}::TABLE with one of {listed}",
        )
    return tables[0]


def _fetch(
    place: Location, base: sqlite3.Connection, table: str, declared: dict[str, str]
) -> pl.DataFrame:
    cursor = base.execute(f"SELECT * FROM {quoted(table)}")
    names = [column[0] for column in cursor.description]
    kinds: list[set[type]] = [set() for _ in names]
    parts: list[list[pl.Series]] = [[] for _ in names]
    while rows := cursor.fetchmany(FETCH):
        for i, values in enumerate(zip(*rows, strict=True)):
            kinds[i] |= set(map(type, values)) - {type(None)}
            _one_kind(place, names[i], kinds[i])
            dtype = pl.Float64 if float in kinds[i] else pl.Int64 if int in kinds[i] else pl.String
            parts[i].append(pl.Series(names[i], values, dtype=dtype if kinds[i] else pl.Null))
    columns = [
        pl.concat(p, how="vertical_relaxed") if p else pl.Series(n, [], dtype=pl.Null)
        for n, p in zip(names, parts, strict=True)
    ]
    return pl.DataFrame(columns)


def _one_kind(place: Location, name: str, kinds: set[type]) -> None:
    words = sorted({WORDS[kind] for kind in kinds})
    if words == ["bytes"]:
        raise DataError(
            f"{place.shown}: column {name!r} holds bytes", hint="leave it out with a view"
        )
    if len(words) > 1:
        raise DataError(
            f"{place.shown}: column {name!r} mixes {' and '.join(words)}",
            hint=f"write its values in one type, for instance with CAST({name} AS TEXT) in a view",
        )
