"""Find the tables of a folder: its data files, and the file that describes them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from artesian.core.errors import DataError
from artesian.data.formats import by_suffix, titles
from artesian.data.readers.location import endings

SCHEMA_FILE = "dataset.toml"
METADATA_LIMIT = 1 << 24
"""Larger JSON files, in bytes, are data and not looked at for metadata."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """What a folder of tables contains.

    Attributes:
        tables: The data file of every table, by the table's name, in alphabetical order.
        ambiguous: Files whose suffix does not show whether they are tables, such as 'notes.txt'.
        databases: Database files, which are read only where there is one and no other table.
        schema: The dataset.toml, or else the SDV metadata file; None if there is none.
        notes: Files that could be taken for tables and were not.
    """

    tables: dict[str, Path]
    ambiguous: dict[str, Path]
    databases: tuple[Path, ...]
    schema: Path | None
    notes: tuple[str, ...] = ()


def scan_folder(folder: Path) -> Folder:
    """List the tables of a folder, without those of folders inside it.

    Raises:
        DataError: the folder cannot be read, two files have the same table name, or a link leads
            out of the folder.
    """
    try:
        paths = sorted(p for p in folder.iterdir() if not p.name.startswith("."))
    except OSError as problem:
        raise DataError(
            f"the folder {folder} cannot be read: {problem.strerror}",
            hint="check its permissions",
        ) from problem
    tables: dict[str, Path] = {}
    ambiguous: dict[str, Path] = {}
    metadata: list[Path] = []
    databases: list[Path] = []
    notes: list[str] = []
    for path in paths:
        suffix = endings(path)[0]
        form = by_suffix(suffix)
        if path.name == SCHEMA_FILE or form is None or not path.is_file():
            continue
        _confine(path, folder)
        if form.is_database:
            databases.append(path)
        elif path.suffix.lower() == ".json" and _is_document(path):
            metadata += [path] if _is_sdv(path) else []
        elif suffix in form.ambiguous_suffixes:
            ambiguous[table_name(path)] = path
        else:
            name = table_name(path)
            if name in tables:
                raise DataError(
                    f"{folder}: {tables[name].name} and {path.name} are both a table {name!r}",
                    hint="keep one of them in the folder",
                )
            tables[name] = path
    schema = folder / SCHEMA_FILE
    if schema.is_file():
        _confine(schema, folder)
        metadata = [schema]
    if len(metadata) > 1:
        notes.append(f"of several SDV metadata files {metadata[0].name} was used")
    if tables or len(databases) > 1:
        notes += [
            f"{p.name} is a database and was left out: read it by its name" for p in databases
        ]
    return Folder(
        tables=tables,
        ambiguous=ambiguous,
        databases=tuple(databases),
        schema=metadata[0] if metadata else None,
        notes=tuple(notes),
    )


def no_tables(folder: Path, folder_scan: Folder) -> DataError:
    """The error for a folder without tables."""
    left_out = f" ({'; '.join(folder_scan.notes)})" if folder_scan.notes else ""
    return DataError(
        f"the folder {folder} contains no table{left_out}",
        hint=f"give a folder of {titles()} files",
    )


def table_name(path: Path) -> str:
    """The name of the table in a data file: 'store' for 'store.csv.gz'."""
    suffixes = [s for s in endings(path) if s]
    return path.name[: -len("".join(f".{s}" for s in suffixes))] if suffixes else path.name


def _confine(path: Path, folder: Path) -> None:
    """Refuse a link to a file outside the folder."""
    if not path.resolve().is_relative_to(folder.resolve()):
        raise DataError(
            f"{path} is a link to a file outside of the folder",
            hint="copy the file into the folder, or remove the link",
        )


def _is_document(path: Path) -> bool:
    """Whether a JSON file is an object with other objects in it, so not a table."""
    if path.stat().st_size > METADATA_LIMIT:
        return False
    try:
        content = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return False
    # A single flat object may be a table of one row.
    return isinstance(content, dict) and any(isinstance(v, dict) for v in content.values())


def _is_sdv(path: Path) -> bool:
    content = json.loads(path.read_bytes())
    return "METADATA_SPEC_VERSION" in content
