"""dataset.toml: the inferred schema of each table with its evidence, to be edited and used again."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from artesian.core.atomic import staged_file
from artesian.core.errors import SchemaError, did_you_mean
from artesian.data.boolean_texts import with_source_texts, with_stored_texts
from artesian.data.dataset import DatasetSchema
from artesian.data.schema import ForeignKey, Kind, Schema
from artesian.data.sdv_metadata import entries_of_sdv

MAX_SCHEMA = 20 << 20
"""Maximum number of characters of a schema file."""

MAX_PARTS = 500
"""Maximum number of parts of a key, separated by dots."""

_QUOTED = re.compile(r"""\"[^"\n]*\"|'[^'\n]*'""")

HEAD = (
    "The schema of each column. Edit it, then use it with --schema (or schema=).",
    f"kind is one of: {', '.join(kind.value for kind in Kind)}.",
)

KEYS_HEAD = (
    "key of a table lists the columns that identify a row. Every [[foreign_keys]] section is obeyed:",
    "remove those that are wrong, add missing ones; several columns, missing values, and a parent that",
    "is the table itself are possible.",
)


def write_schema(
    path: Path,
    tables: Mapping[str, tuple[Schema, Mapping[str, str]]],
    *,
    foreign_keys: Sequence[ForeignKey] | None = None,
    reasons: Mapping[ForeignKey, str] | None = None,
    force: bool = False,
) -> None:
    """Write the schemas of `tables` (name -> schema and evidence) to `path`.

    Args:
        foreign_keys: The foreign keys; None for one table.
        reasons: Evidence of foreign keys.

    Raises:
        OutputError: `path` exists and `force` is false, or cannot be written.
    """
    import tomlkit

    entries = DatasetSchema(
        {name: schema for name, (schema, _) in tables.items()},
        None if foreign_keys is None else tuple(foreign_keys),
    ).to_dict()
    document = tomlkit.document()
    for line in HEAD:
        document.add(tomlkit.comment(line))
    keys = entries.get("foreign_keys")
    for line in () if keys is None else KEYS_HEAD:
        document.add(tomlkit.comment(line))
    if keys:
        listed = tomlkit.aot()
        for key, entry in zip(foreign_keys or (), keys, strict=True):
            section = tomlkit.table()
            why = (reasons or {}).get(key, "")
            if why:
                section.add(tomlkit.comment(" ".join(why.split())))
            for field, value in entry.items():
                section.add(field, value)
            listed.append(section)
        document.add("foreign_keys", listed)
    elif keys is not None:
        document.add("foreign_keys", tomlkit.array())
    parts = tomlkit.table(is_super_table=True)
    for name, entry in entries["tables"].items():
        schema, evidence = tables[name]
        worded = {with_source_texts(text, schema): why for text, why in evidence.items()}
        if "relations" in entry:
            entry["relations"] = [with_source_texts(text, schema) for text in entry["relations"]]
        parts.add(name, _table(entry, worded))
    document.add("tables", parts)
    with staged_file(Path(path), force=force) as stage:
        stage.write_text(tomlkit.dumps(document), encoding="utf-8")


def read_schema(path: Path, name: str | None = None) -> Schema:
    """Read the schema of table `name` from a dataset.toml, or an SDV metadata file (.json).

    The table of a file with a single table may have any name.

    Raises:
        SchemaError: no such file or table, or an entry that is not understood, with its place.
    """
    tables = read_dataset_schema(path).tables
    if len(tables) == 1:
        return next(iter(tables.values()))
    if name is None or name not in tables:
        raise SchemaError(
            f"{path} has no table {name!r}", hint=did_you_mean(str(name), list(tables))
        )
    return tables[name]


def read_dataset_schema(path: Path) -> DatasetSchema:
    """Read all schemas and the foreign keys from a dataset.toml or an SDV metadata file (.json).

    Raises:
        SchemaError: no such file, or an entry that is not understood, with its place.
    """
    path = Path(path)
    try:
        text = _text(path)
    except (OSError, UnicodeDecodeError) as problem:
        raise SchemaError(
            f"the schema file {path} cannot be read: {_reason(problem)}",
            hint="give a dataset.toml or an SDV metadata.json",
        ) from problem
    if path.suffix.lower() == ".json" or text.lstrip().startswith("{"):
        return DatasetSchema.from_dict(entries_of_sdv(text, str(path)), str(path))
    for number, line in enumerate(text.splitlines(), 1):
        # The parser takes quadratic time for them.
        if line.count(".") > MAX_PARTS and _QUOTED.sub("", line).count(".") > MAX_PARTS:
            raise SchemaError(
                f"{path}, line {number}: a key has more than {MAX_PARTS} parts",
                hint="write [tables.NAME.columns]",
            )
    try:
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as problem:
        raise SchemaError(
            f"{path} is not valid TOML: {problem}", hint="repair the line that is named"
        ) from problem
    read = DatasetSchema.from_dict(document, str(path))
    return replace(read, tables={name: _stored(schema) for name, schema in read.tables.items()})


def _stored(schema: Schema) -> Schema:
    """The schema with the stored values of booleans in its relations."""
    if schema.relations is None:
        return schema
    texts = tuple(with_stored_texts(text, schema) for text in schema.relations)
    return replace(schema, relations=texts)


def _text(path: Path) -> str:
    """The text of a schema file of sensible size; a pipe might never end."""
    if path.exists() and not path.is_file() and not path.is_dir():
        raise SchemaError(
            f"the schema {path} is a pipe or a device", hint="write it to a file first"
        )
    with path.open(encoding="utf-8") as file:
        text = file.read(MAX_SCHEMA + 1)
    if len(text) > MAX_SCHEMA:
        raise SchemaError(
            f"the schema file {path} has more than {MAX_SCHEMA >> 20} million characters",
            hint="give a dataset.toml or an SDV metadata.json",
        )
    return text


def _reason(problem: Exception) -> str:
    return str(problem.strerror if isinstance(problem, OSError) else "it is not UTF-8")


def _relations(texts: list[str], evidence: Mapping[str, str]) -> Any:
    """One relation a line, with its evidence."""
    import tomlkit

    array = tomlkit.array()
    for text in texts:
        array.add_line(text, comment=evidence.get(text) or None)
    if texts:
        array.add_line(indent="")
    return array


def _table(entries: dict[str, Any], evidence: Mapping[str, str]) -> Any:
    import tomlkit

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
        table.add(field, _relations(value, evidence) if field == "relations" else value)
    table.add("columns", columns)
    return table
