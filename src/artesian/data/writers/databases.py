"""Tables of SQLite and DuckDB files."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from artesian.core.errors import OutputError
from artesian.core.extras import require
from artesian.data.readers.databases import quoted
from artesian.data.schema import Kind, Schema
from artesian.data.writers.value_format import as_text, times_as_text


class SqliteSink:
    """Inserts rows into a new table; nothing of it stays unless `close` is reached."""

    def __init__(self, path: Path, name: str, options: Mapping[str, Any]) -> None:
        self._base = sqlite3.connect(path)
        self._table = name
        self._options = options
        self._made = False

    def write(self, frame: pl.DataFrame, schema: Schema) -> None:
        if not self._made:
            self._made = True
            declared = self._options.get("declared", {})
            columns = [
                f"{quoted(n)} {declared.get(n) or _affinity(d)}" for n, d in frame.schema.items()
            ]
            self._base.execute("BEGIN")
            self._base.execute(_create(self._table, columns, schema, self._options))
        ready = times_as_text(frame, schema) if self._options.get("patterns") else frame
        text = [column for column in schema if _no_sqlite(ready[column.name].dtype)]
        ready = ready.with_columns(
            *as_text(ready, text, {}).get_columns(),
            *(ready[n].cast(pl.Int8) for n, d in ready.schema.items() if d == pl.Boolean),
        )
        marks = ", ".join("?" * frame.width)
        self._base.executemany(
            f"INSERT INTO {quoted(self._table)} VALUES ({marks})", ready.iter_rows()
        )

    def close(self) -> None:
        self._base.commit()
        self._base.close()

    def abandon(self) -> None:
        self._base.rollback()
        self._base.close()


class DuckdbSink:
    """Inserts rows into a new table; nothing of it stays unless `close` is reached."""

    def __init__(self, path: Path, name: str, options: Mapping[str, Any]) -> None:
        duckdb = require("duckdb", extra="duckdb", purpose="writing a DuckDB file")
        self._base = duckdb.connect(str(path))
        self._base.execute("BEGIN")
        self._table = name
        self._options = options
        self._enums: dict[str, str] = {}
        self._made = False

    def write(self, frame: pl.DataFrame, schema: Schema) -> None:
        ready = times_as_text(frame, schema) if self._options.get("patterns") else frame
        ready = ready.cast({pl.Categorical: pl.String, pl.Enum: pl.String})
        self._base.register("batch", ready.to_arrow())
        if not self._made:
            self._made = True
            declared = dict(self._options.get("declared", {}))
            found = self._base.execute("DESCRIBE SELECT * FROM batch").fetchall()
            kinds = {row[0]: declared.get(row[0]) or row[1] for row in found}
            self._enums = {n: k for n, k in kinds.items() if k.startswith("ENUM")}
            columns = [f"{quoted(n)} {k}" for n, k in kinds.items()]
            self._base.execute(_create(self._table, columns, schema, self._options))
        for name in [n for n, k in self._enums.items() if _outside(ready[n], k)]:
            # The value for suppressed categories is none of the declared ones.
            del self._enums[name]
            self._base.execute(
                f"ALTER TABLE {quoted(self._table)} ALTER {quoted(name)} TYPE VARCHAR"
            )
        self._base.execute(f"INSERT INTO {quoted(self._table)} SELECT * FROM batch")
        self._base.unregister("batch")

    def close(self) -> None:
        self._base.execute("COMMIT")
        self._base.close()

    def abandon(self) -> None:
        self._base.execute("ROLLBACK")
        self._base.close()


def _no_sqlite(dtype: pl.DataType) -> bool:
    return dtype.is_temporal() or dtype.is_decimal() or dtype in (pl.Categorical, pl.Enum)


def _create(table: str, columns: list[str], schema: Schema, options: Mapping[str, Any]) -> str:
    # Of several columns together nothing promises that made rows are unique.
    keys = [n for n in options.get("key", ()) if n in schema.of_kind(Kind.KEY)]
    alone = len(options.get("key", ())) == len(keys) == 1
    parts = [*columns, *([f"PRIMARY KEY ({quoted(keys[0])})"] if alone else [])]
    return f"CREATE TABLE {quoted(table)} ({', '.join(parts)})"


def _affinity(dtype: pl.DataType) -> str:
    if dtype == pl.Boolean:
        return "BOOLEAN"
    if dtype.is_integer():
        return "INTEGER"
    if dtype.is_float():
        return "REAL"
    if dtype == pl.Date:
        return "DATE"
    return "TIMESTAMP" if isinstance(dtype, pl.Datetime) else "TEXT"


def _outside(series: pl.Series, enum: str) -> bool:
    """Whether some value is not in an ENUM('a', 'b') type."""
    known = {part.replace("''", "'") for part in enum[6:-2].split("', '")}
    return not set(series.drop_nulls().unique().to_list()) <= known


def busy(path: Path, problem: Exception) -> OutputError:
    """The error for a database that refuses a table."""
    line = str(problem).strip().splitlines()[0] if str(problem).strip() else "no reason given"
    return OutputError(
        f"cannot write to {path}: {line}",
        hint="check that the table is not there yet and that nothing else holds the database",
    )
