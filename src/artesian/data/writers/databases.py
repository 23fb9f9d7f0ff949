"""What writers of database files share: the statement that creates a table, and the error."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from artesian.core.errors import OutputError
from artesian.data.readers.databases import quoted
from artesian.data.schema import Kind, Schema


def create_table(table: str, columns: list[str], schema: Schema, options: Mapping[str, Any]) -> str:
    """The CREATE TABLE statement for column definitions, with the primary key if it is one column."""
    # Of several columns together nothing promises that made rows are unique.
    keys = [n for n in options.get("key", ()) if n in schema.of_kind(Kind.KEY)]
    alone = len(options.get("key", ())) == len(keys) == 1
    parts = [*columns, *([f"PRIMARY KEY ({quoted(keys[0])})"] if alone else [])]
    return f"CREATE TABLE {quoted(table)} ({', '.join(parts)})"


def busy(path: Path, problem: Exception) -> OutputError:
    """The error for a database that refuses a table."""
    line = str(problem).strip().splitlines()[0] if str(problem).strip() else "no reason given"
    return OutputError(
        f"cannot write to {path}: {line}",
        hint="check that the table is not there yet and that nothing else holds the database",
    )
