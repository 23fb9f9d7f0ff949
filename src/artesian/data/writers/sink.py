"""Protocols of writers: the destination of a file, and the sinks that take rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import polars as pl

from artesian.data.schema import ForeignKey, Schema


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """A new file for the rows of one table.

    Attributes:
        name: The table's name, for formats that store it.
        compression: 'gzip', 'zstd', 'bz2', 'xz', or ''.
        options: How the source was written; see `Origin.options`.
    """

    path: Path
    name: str = "table"
    compression: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Index:
    """An index on columns of a table; if `unique`, no two rows have the same values in them."""

    name: str
    columns: tuple[str, ...]
    unique: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TableKeys:
    """The keys that a database declares for a table; all rows written must satisfy them."""

    primary: tuple[str, ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()
    foreign: tuple[ForeignKey, ...] = ()
    indexes: tuple[Index, ...] = ()


class Sink(Protocol):
    """An open file that takes the rows of one table, a batch at a time."""

    def write(self, frame: pl.DataFrame, schema: Schema) -> None:
        """Append one batch of rows."""
        ...

    def close(self) -> None:
        """Commit or finish, and close the file."""
        ...


class TableSink(Protocol):
    """A new table of an open database that takes rows, a batch at a time."""

    def write(self, frame: pl.DataFrame, schema: Schema) -> None:
        """Append one batch of rows."""
        ...


class DatabaseSink(Protocol):
    """An open database in a transaction: `close` commits all of it, `abandon` nothing.

    `table` starts a new table. Without `keys`, the primary key in `options` is declared if it is a
    single key column, because batches do not show whether several columns are unique together.
    """

    def table(
        self, name: str, options: Mapping[str, Any], keys: TableKeys | None = None
    ) -> TableSink:
        """Start a new table."""
        ...

    def declare(self) -> None:
        """Declare what is declared when all rows are there, such as indexes."""
        ...

    def close(self) -> None:
        """Commit or finish, and close the file."""
        ...

    def abandon(self) -> None:
        """Roll back, and close the database."""
        ...
