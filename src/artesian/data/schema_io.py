"""dataset.toml: what was inferred of each table, with the evidence, to be edited and used again."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from artesian.core.atomic import staged_file
from artesian.core.errors import SchemaError, did_you_mean
from artesian.data.schema import Kind, Schema
from artesian.data.sdv_metadata import read_sdv

HEAD = (
    "What is known of each column. Edit it, then give it back with --schema (or schema=).",
    f"kind is one of: {', '.join(kind.value for kind in Kind)}.",
)


def write_schema(
    path: Path,
    tables: Mapping[str, tuple[Schema, Mapping[str, str]]],
    *,
    force: bool = False,
) -> None:
    """Write the schemas of `tables` (name -> schema and evidence) to `path`.

    Raises:
        OutputError: `path` exists and `force` is false, or cannot be written.
    """
    import tomlkit

    document = tomlkit.document()
    for line in HEAD:
        document.add(tomlkit.comment(line))
    parts = tomlkit.table(is_super_table=True)
    for name, (schema, evidence) in tables.items():
        parts.add(name, _table(schema, evidence))
    document.add("tables", parts)
    with staged_file(Path(path), force=force) as stage:
        stage.write_text(tomlkit.dumps(document), encoding="utf-8")


def read_schema(path: Path, name: str | None = None) -> Schema:
    """Read the schema of table `name` from a dataset.toml, or an SDV metadata file (.json).

    A file with a single table is taken whatever that table is called.

    Raises:
        SchemaError: no such file or table, or an entry that is not understood, with its place.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise SchemaError(
            f"the schema file {path} cannot be read: {_reason(problem)}",
            hint="give a dataset.toml or an SDV metadata.json",
        ) from problem
    if path.suffix.lower() == ".json" or text.lstrip().startswith("{"):
        tables = read_sdv(text, str(path))
    else:
        tables = _read_toml(text, str(path))
    if len(tables) == 1:
        return next(iter(tables.values()))
    if name not in tables:
        raise SchemaError(
            f"{path} has no table {name!r}", hint=did_you_mean(str(name), list(tables))
        )
    return tables[name]


def _reason(problem: Exception) -> str:
    return str(problem.strerror if isinstance(problem, OSError) else "it is not UTF-8")


def _table(schema: Schema, evidence: Mapping[str, str]) -> Any:
    import tomlkit

    entries = schema.to_dict()
    columns = tomlkit.table(is_super_table=True)
    for name, fields in entries.pop("columns").items():
        entry = tomlkit.table()
        if name in evidence:
            entry.add(tomlkit.comment(" ".join(evidence[name].split())))
        for field, value in fields.items():
            entry.add(field, value)
        columns.add(name, entry)
    table = tomlkit.table()
    for field, value in entries.items():
        table.add(field, value)
    table.add("columns", columns)
    return table


def _read_toml(text: str, shown: str) -> dict[str, Schema]:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise SchemaError(
            f"{shown} is no valid TOML: {problem}", hint="repair the line that is named"
        ) from problem
    unknown = [name for name in document if name != "tables"]
    if unknown:
        raise SchemaError(
            f"{shown}: there is no entry {unknown[0]!r}", hint=did_you_mean(unknown[0], ["tables"])
        )
    tables = document.get("tables", {})
    if not isinstance(tables, dict):
        raise SchemaError(
            f"{shown}: tables = {tables!r} is a {type(tables).__name__}",
            hint="write sections [tables.NAME.columns.COLUMN]",
        )
    if not tables:
        raise SchemaError(
            f"{shown} describes no table", hint="it needs a section [tables.NAME.columns.COLUMN]"
        )
    return {
        name: Schema.from_dict(entry, f"{shown}, [tables.{name}]") for name, entry in tables.items()
    }
