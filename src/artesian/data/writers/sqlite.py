"""Tables of SQLite files."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from artesian.data.readers.databases import quoted
from artesian.data.schema import Schema
from artesian.data.writers.databases import create_table
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
            self._base.execute(create_table(self._table, columns, schema, self._options))
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
