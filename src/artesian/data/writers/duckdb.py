"""Tables of DuckDB files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from artesian.data.readers.databases import quoted
from artesian.data.schema import Schema
from artesian.data.writers.databases import create_table
from artesian.data.writers.value_format import times_as_text


class DuckdbSink:
    """Inserts rows into a new table; nothing of it stays unless `close` is reached."""

    def __init__(self, path: Path, name: str, options: Mapping[str, Any]) -> None:
        import duckdb

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
            self._base.execute(create_table(self._table, columns, schema, self._options))
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


def _outside(series: pl.Series, enum: str) -> bool:
    """Whether some value is not in an ENUM('a', 'b') type."""
    known = {part.replace("''", "'") for part in enum[6:-2].split("', '")}
    return not set(series.drop_nulls().unique().to_list()) <= known
