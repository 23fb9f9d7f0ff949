"""Write SQLite files."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from artesian.data.readers.databases import quoted
from artesian.data.schema import Schema
from artesian.data.writers.databases import OneTable, create_indexes, create_table, declared_type
from artesian.data.writers.sink import Destination, TableKeys
from artesian.data.writers.value_format import as_stored, as_text


def open_table(destination: Destination) -> OneTable:
    """Open a new SQLite file for one table."""
    return OneTable(SqliteDatabase(destination.path), destination)


class SqliteDatabase:
    """A SQLite file, new or not, in a transaction."""

    def __init__(self, path: Path) -> None:
        self._base = sqlite3.connect(path, isolation_level=None)
        self._base.execute("BEGIN")
        self._indexes: list[str] = []

    def table(
        self, name: str, options: Mapping[str, Any], keys: TableKeys | None = None
    ) -> SqliteTable:
        """Start a new table."""
        self._indexes += create_indexes(name, keys)
        return SqliteTable(self._base, name, options, keys)

    def declare(self) -> None:
        """Create the indexes."""
        for statement in self._indexes:
            self._base.execute(statement)

    def close(self) -> None:
        """Commit, and close the database."""
        self._base.execute("COMMIT")
        self._base.close()

    def abandon(self) -> None:
        """Roll back, and close the database."""
        if self._base.in_transaction:
            self._base.execute("ROLLBACK")
        self._base.close()


class SqliteTable:
    """Inserts rows into a table that the first batch creates."""

    def __init__(
        self,
        base: sqlite3.Connection,
        name: str,
        options: Mapping[str, Any],
        keys: TableKeys | None,
    ) -> None:
        self._base, self._name, self._options, self._keys = base, name, options, keys
        self._created = False

    def write(self, frame: pl.DataFrame, schema: Schema) -> None:
        """Append one batch of rows."""
        if not self._created:
            self._created = True
            types = {
                name: declared_type(self._options, name) or _affinity(dtype)
                for name, dtype in frame.schema.items()
            }
            statement = create_table(self._name, types, schema, self._options, self._keys)
            self._base.execute(statement)
        ready = as_stored(frame, schema, self._options)
        text = [column for column in schema if _no_sqlite(ready[column.name].dtype)]
        ready = ready.with_columns(
            *as_text(ready, text, {}).get_columns(),
            *(ready[n].cast(pl.Int8) for n, d in ready.schema.items() if d == pl.Boolean),
        )
        marks = ", ".join("?" * frame.width)
        self._base.executemany(
            f"INSERT INTO {quoted(self._name)} VALUES ({marks})", ready.iter_rows()
        )


def _no_sqlite(dtype: pl.DataType) -> bool:
    return dtype.is_temporal() or dtype.is_decimal() or dtype in (pl.Categorical, pl.Enum)


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
