"""Shared by the writers of databases: CREATE TABLE statements, declared types, errors."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from artesian.core.errors import OutputError
from artesian.data.readers.databases import quoted
from artesian.data.schema import Kind, Schema
from artesian.data.writers.sink import DatabaseSink, Destination, TableKeys

TYPE = re.compile(r"[A-Za-z][A-Za-z0-9_ ]*(\( *\d{1,9} *(, *\d{1,9} *)?\)[A-Za-z ]*)?")
ENUM = re.compile(r"ENUM\('(?:[^']|'')*'(?:, '(?:[^']|'')*')*\)")

TYPE_TOKENS = frozenset((
    "BIGINT", "BIT", "BOOL", "BOOLEAN", "CHAR", "CHARACTER", "CLOB", "DATE", "DATETIME",
    "DEC", "DECIMAL", "DOUBLE", "FLOAT", "FLOAT4", "FLOAT8", "HUGEINT", "INT", "INT1",
    "INT2", "INT4", "INT8", "INT16", "INT32", "INT64", "INT128", "INTEGER", "LARGE",
    "LOGICAL", "LONG", "LONGTEXT", "MEDIUM", "MEDIUMINT", "MEDIUMTEXT", "MONEY", "NATIVE",
    "NATIONAL", "NCHAR", "NUMBER", "NUMERIC", "NVARCHAR", "OBJECT", "PRECISION", "REAL",
    "SHORT", "SIGNED", "SMALLINT", "SMALLMONEY", "STRING", "TEXT", "TIME", "TIMESTAMP",
    "TIMESTAMPTZ", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMP_S", "TIMETZ", "TINYINT",
    "TINYTEXT", "UBIGINT", "UHUGEINT", "UINT", "UINTEGER", "UNSIGNED", "USMALLINT",
    "UTINYINT", "UUID", "VARCHAR", "VARCHAR2", "VARYING", "WITH", "WITHOUT", "YEAR", "ZONE",
))  # fmt: skip
"""Words of the types of databases; none of them begins a constraint of a column."""


class OneTable:
    """A database file of a single table, as a sink for its rows."""

    def __init__(self, base: DatabaseSink, destination: Destination) -> None:
        name = str(destination.options.get("table") or destination.name)
        self._base = base
        self._table = base.table(name, destination.options)

    def write(self, frame: pl.DataFrame, schema: Schema) -> None:
        """Append one batch of rows."""
        self._table.write(frame, schema)

    def close(self) -> None:
        """Commit, and close the database."""
        self._base.close()


def declared_type(
    options: Mapping[str, Any], column: str, tokens: frozenset[str] = TYPE_TOKENS
) -> str:
    """The type that the source declares for a column; '' for none, or for anything but a type.

    The text comes from a source or a model file, so nothing else may reach an SQL statement.

    Args:
        tokens: Words that a type may consist of.
    """
    declared = options.get("declared", {})
    text = declared.get(column, "") if isinstance(declared, Mapping) else ""
    if not isinstance(text, str):
        return ""
    used = re.findall(r"[A-Za-z]\w*", text.upper())
    plain = TYPE.fullmatch(text) is not None and tokens.issuperset(used)
    return text if plain or ENUM.fullmatch(text) else ""


def single_key(options: Mapping[str, Any], schema: Schema) -> TableKeys:
    """The primary key of the source if it is one column of keys."""
    key = tuple(options.get("key", ()))
    return TableKeys(primary=key if len(key) == 1 and key[0] in schema.of_kind(Kind.KEY) else ())


def create_table(
    table: str,
    columns: Mapping[str, str],
    schema: Schema,
    options: Mapping[str, Any],
    keys: TableKeys | None,
) -> str:
    """The CREATE TABLE statement for columns and their types, with the keys.

    Columns that the source declares as NOT NULL remain so if the schema agrees.
    """
    keys = keys or single_key(options, schema)
    listed = options.get("required")
    required = listed if isinstance(listed, list) else []
    parts = [
        f"{quoted(name)} {sql_type}"
        + (" NOT NULL" if name in required and not schema[name].nullable else "")
        for name, sql_type in columns.items()
    ]
    if keys.primary:
        parts.append(f"PRIMARY KEY ({_listed(keys.primary)})")
    parts += [f"UNIQUE ({_listed(unique)})" for unique in keys.unique]
    parts += [
        f"FOREIGN KEY ({_listed(key.columns)}) "
        f"REFERENCES {quoted(key.parent)} ({_listed(key.parent_columns)})"
        for key in keys.foreign
    ]
    return f"CREATE TABLE {quoted(table)} ({', '.join(parts)})"


def create_indexes(table: str, keys: TableKeys | None) -> list[str]:
    """The CREATE INDEX statements of a table."""
    return [
        f"CREATE {'UNIQUE ' if index.unique else ''}INDEX {quoted(index.name)} "
        f"ON {quoted(table)} ({_listed(index.columns)})"
        for index in (() if keys is None else keys.indexes)
    ]


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(quoted(name) for name in names)


def busy(path: Path, problem: BaseException) -> OutputError:
    """The error for a database that refuses a table."""
    line = str(problem).strip().splitlines()[0] if str(problem).strip() else "no reason given"
    hint = "check that no other program uses it, and that it is a database of this kind"
    if "already exists" in line:
        hint = "remove the table, or write to another database"
    elif "full" in line.lower() or "no space" in line.lower():
        hint = "free disk space, or choose another disk"
    return OutputError(f"cannot write to {path}: {line}", hint=hint)


def is_database_error(problem: BaseException) -> bool:
    """Whether an exception is of the library of a database file."""
    return type(problem).__module__.partition(".")[0] in ("sqlite3", "duckdb", "_duckdb", "pyarrow")
