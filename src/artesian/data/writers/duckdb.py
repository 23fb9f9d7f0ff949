"""Write DuckDB files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from artesian.data.readers.databases import quoted
from artesian.data.readers.duckdb import connect
from artesian.data.schema import Schema
from artesian.data.writers.databases import OneTable, create_indexes, create_table, declared_type
from artesian.data.writers.sink import Destination, TableKeys
from artesian.data.writers.value_format import as_stored


def open_table(destination: Destination) -> OneTable:
    """Open a new DuckDB file for one table."""
    return OneTable(DuckdbDatabase(destination.path), destination)


class DuckdbDatabase:
    """A DuckDB file, new or not, in a transaction."""

    def __init__(self, path: Path) -> None:
        self._base = connect(path, read_only=False)
        self._base.execute("BEGIN")
        self._indexes: list[str] = []

    def table(
        self, name: str, options: Mapping[str, Any], keys: TableKeys | None = None
    ) -> DuckdbTable:
        """Start a new table."""
        self._indexes += create_indexes(name, keys)
        return DuckdbTable(self._base, name, options, keys)

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
        # Closing without COMMIT rolls back; a failed statement may have ended the transaction.
        self._base.close()


class DuckdbTable:
    """Inserts rows into a table that the first batch creates."""

    def __init__(
        self, base: Any, name: str, options: Mapping[str, Any], keys: TableKeys | None
    ) -> None:
        self._base, self._name, self._options, self._keys = base, name, options, keys
        self._enums: dict[str, str] = {}
        self._created = False

    def write(self, frame: pl.DataFrame, schema: Schema) -> None:
        """Append one batch of rows."""
        ready = as_stored(frame, schema, self._options)
        ready = ready.cast({pl.Categorical: pl.String, pl.Enum: pl.String})
        self._base.register("batch", ready.to_arrow())
        if not self._created:
            self._created = True
            described = self._base.execute("DESCRIBE SELECT * FROM batch").fetchall()
            types = {row[0]: declared_type(self._options, row[0]) or row[1] for row in described}
            self._enums = {name: kind for name, kind in types.items() if kind.startswith("ENUM")}
            statement = create_table(self._name, types, schema, self._options, self._keys)
            self._base.execute(statement)
        for name in [n for n, kind in self._enums.items() if _outside(ready[n], kind)]:
            # The value for suppressed categories is none of the declared ones.
            del self._enums[name]
            self._base.execute(
                f"ALTER TABLE {quoted(self._name)} ALTER {quoted(name)} TYPE VARCHAR"
            )
        self._base.unregister("batch")
        for part in self._parts(ready):
            self._base.register("batch", part.to_arrow())
            self._base.execute(f"INSERT INTO {quoted(self._name)} SELECT * FROM batch")
            self._base.unregister("batch")

    def _parts(self, frame: pl.DataFrame) -> Iterator[pl.DataFrame]:
        """The rows, with those that others refer to before them.

        DuckDB checks a foreign key against the rows of earlier statements only.
        """
        keys = () if self._keys is None else self._keys.foreign
        own = next((key for key in keys if key.parent == key.child == self._name), None)
        if own is None:
            yield frame
            return
        ready = pl.any_horizontal(pl.col(own.columns).is_null())
        level, rest = frame.filter(ready), frame.filter(~ready)
        while level.height:
            yield level
            on, to = own.columns, own.parent_columns
            level, rest = (
                rest.join(level, left_on=on, right_on=to, how="semi"),
                rest.join(level, left_on=on, right_on=to, how="anti"),
            )
        if rest.height:
            yield rest


def _outside(series: pl.Series, enum: str) -> bool:
    """Whether some value is not in an ENUM('a', 'b') type."""
    categories = {part.replace("''", "'") for part in enum[6:-2].split("', '")}
    return not set(series.drop_nulls().unique().to_list()) <= categories
