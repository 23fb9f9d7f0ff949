"""dataset.toml: what was inferred of each table, with the evidence, to be edited and used again."""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from artesian.core.atomic import staged_file
from artesian.core.errors import SchemaError, did_you_mean
from artesian.data.schema import Column, Kind, Schema, Spelling
from artesian.data.sdv_file import read_sdv

HEAD = (
    "What is known of each column. Edit it, then give it back with --schema (or schema=).",
    f"kind is one of: {', '.join(kind.value for kind in Kind)}.",
)
SPELLING: Mapping[str, type | tuple[type, ...]] = {
    "missing": str,
    "true": str,
    "false": str,
    "pattern": str,
    "decimals": int,
    "width": int,
}
COLUMN: Mapping[str, type | tuple[type, ...]] = {
    "kind": str,
    "nullable": bool,
    "sensitive": bool,
    "quasi_identifier": bool,
    "domain": list,
    "ordered": bool,
    "role": str,
    **SPELLING,
}
TABLE: Mapping[str, type | tuple[type, ...]] = {
    "key": list,
    "target": str,
    "event": str,
    "entity": str,
    "time": str,
    "constraints": list,
    "columns": dict,
}


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

    table = tomlkit.table()
    for field in ("key", "target", "event", "entity", "time", "constraints"):
        value = getattr(schema, field)
        if value:
            table.add(field, list(value) if isinstance(value, tuple) else value)
    columns = tomlkit.table(is_super_table=True)
    for column in schema:
        entry = tomlkit.table()
        if column.name in evidence:
            entry.add(tomlkit.comment(" ".join(evidence[column.name].split())))
        for field, value in _said(column).items():
            entry.add(field, value)
        columns.add(column.name, entry)
    table.add("columns", columns)
    return table


def _said(column: Column) -> dict[str, Any]:
    """The fields of a column that differ from the default, in the order of the file."""
    plain = Column(name=column.name, kind=column.kind)
    out: dict[str, Any] = {"kind": column.kind.value}
    for field in ("nullable", "sensitive", "quasi_identifier", "domain", "ordered", "role"):
        value = getattr(column, field)
        if value != getattr(plain, field):
            out[field] = list(value) if isinstance(value, tuple) else value
    for field in SPELLING:
        value = getattr(column.spelling, field)
        if value != getattr(plain.spelling, field):
            out[field] = value
    return out


def _read_toml(text: str, shown: str) -> dict[str, Schema]:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise SchemaError(
            f"{shown} is no valid TOML: {problem}", hint="repair the line that is named"
        ) from problem
    _known(document, {"tables": dict}, shown, "entry")
    tables = document.get("tables", {})
    if not tables:
        raise SchemaError(
            f"{shown} describes no table", hint="it needs a section [tables.NAME.columns.COLUMN]"
        )
    return {name: _schema(entry, f"{shown}, [tables.{name}]") for name, entry in tables.items()}


def _schema(entry: Any, place: str) -> Schema:
    _known(entry, TABLE, place, "entry")
    columns = entry.get("columns", {})
    try:
        return Schema(
            columns=tuple(_column(n, e, f"{place[:-1]}.columns.{n}]") for n, e in columns.items()),
            key=tuple(entry.get("key", ())),
            target=entry.get("target"),
            event=entry.get("event"),
            entity=entry.get("entity"),
            time=entry.get("time"),
            constraints=tuple(entry.get("constraints", ())),
        )
    except SchemaError as problem:
        if problem.problem.startswith(place.partition(", [")[0]):
            raise
        raise SchemaError(f"{place}: {problem.problem}", hint=problem.hint) from problem


def _column(name: str, entry: Any, place: str) -> Column:
    _known(entry, COLUMN, place, "entry")
    if "kind" not in entry:
        raise SchemaError(
            f"{place} has no kind", hint=f'add kind = "{Kind.NUMBER.value}" or another kind'
        )
    kinds = [kind.value for kind in Kind]
    if entry["kind"] not in kinds:
        raise SchemaError(
            f"{place}: there is no kind {entry['kind']!r}", hint=did_you_mean(entry["kind"], kinds)
        )
    return Column(
        name=name,
        kind=Kind(entry["kind"]),
        nullable=entry.get("nullable", False),
        sensitive=entry.get("sensitive", False),
        quasi_identifier=entry.get("quasi_identifier", False),
        domain=tuple(entry["domain"]) if "domain" in entry else None,
        ordered=entry.get("ordered", False),
        role=entry.get("role", ""),
        spelling=Spelling(**{f: entry[f] for f in SPELLING if f in entry}),
    )


def _known(
    entry: Any, fields: Mapping[str, type | tuple[type, ...]], place: str, noun: str
) -> None:
    if not isinstance(entry, dict):
        raise SchemaError(
            f"{place} is a {type(entry).__name__}, not a section", hint=f"use [{noun}]"
        )
    for name, value in entry.items():
        if name not in fields:
            raise SchemaError(
                f"{place}: there is no {noun} {name!r}", hint=did_you_mean(name, list(fields))
            )
        wanted = fields[name]
        right = isinstance(value, wanted) and not (wanted is int and isinstance(value, bool))
        if not right or isinstance(value, datetime.datetime):
            raise SchemaError(
                f"{place}: {name} = {value!r} is a {type(value).__name__}",
                hint=f"write a {getattr(wanted, '__name__', wanted)}",
            )
