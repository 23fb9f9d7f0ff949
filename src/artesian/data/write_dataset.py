"""Write datasets to a folder of files in the formats of their sources, or to a database."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from artesian.core.atomic import staged_file, staged_folder
from artesian.core.errors import OutputError
from artesian.core.own_outputs import MANIFEST, is_own_folder, refuse_sources
from artesian.core.version import VERSION
from artesian.data.databases import Target, open_target, target_of_url
from artesian.data.dataset import Dataset
from artesian.data.formats import FORMATS, Format, by_suffix
from artesian.data.readers.folder import SCHEMA_FILE
from artesian.data.readers.location import endings
from artesian.data.schema import ForeignKey
from artesian.data.schema_io import write_schema
from artesian.data.table import Table
from artesian.data.write import data_file_name, options_for, writer
from artesian.data.writers.sink import Index, TableKeys


def write_dataset(
    target: str | Path, dataset: Dataset, *, force: bool = False, sources: Iterable[Any] = ()
) -> tuple[str, ...]:
    """Write all tables into a new folder with a dataset.toml, or into a database; all or none.

    Every table is written in the format of its source. A database declares the primary and
    foreign keys that the rows satisfy.

    Args:
        target: A folder, a new database file with the suffix of one, such as 'shop.db', or a database
            URL such as 'sqlite:///shop.db', 'duckdb:///shop.duckdb' or
            'postgresql://user@host/shop?schema=new'. On a server the schema must be new or empty.
        force: Replace a folder that this function wrote before, or a database file.
        sources: What was read; the target must not be, hold or lie in one of them.

    Returns:
        One sentence for each key that is not declared because rows violate it.

    Raises:
        UsageError: the URL is not that of a database.
        OutputError: the target exists, a table exists in the database, or it cannot be written.
    """
    if isinstance(target, str) and "://" in target:
        return _write_database(target_of_url(target), dataset)
    folder = Path(target)
    database = _database_form(folder)
    if database is not None:
        with staged_file(folder, force=force, sources=sources) as stage:
            return _write_database(Target(database, stage), dataset)
    # A folder of real tables may have a schema file too, so that proves nothing.
    if force and folder.exists() and not is_own_folder(folder):
        raise OutputError(
            f"{folder} exists and is not the folder of a dataset that Artesian wrote",
            hint="choose another place, or remove it yourself",
        )
    with staged_folder(folder, force=force, sources=sources) as stage:
        notes = write_tables(stage, dataset)
        no_evidence: dict[str, str] = {}
        schemas = {name: (table.schema, no_evidence) for name, table in dataset.items()}
        write_schema(stage / SCHEMA_FILE, schemas, foreign_keys=dataset.foreign_keys)
        header = {"format": 1, "versions": {"artesian": VERSION}}
        (stage / MANIFEST).write_text(json.dumps(header) + "\n", encoding="utf-8")
    return notes


def refuse_target(target: str, *, sources: Iterable[Any], force: bool) -> None:
    """Refuse a target of `write_dataset` that exists or is a source, before anything is computed.

    Raises:
        OutputError: it exists and `force` is false, or it is, holds or lies in a source.
    """
    if "://" in target:
        return
    refuse_sources(Path(target), sources)
    if not force and os.path.lexists(target):
        raise OutputError(
            f"{target} exists already", hint="choose another place, or replace it with --force"
        )


def _database_form(path: Path) -> Format | None:
    """The format of a database file by its suffix; None for a folder."""
    form = by_suffix(endings(path)[0])
    return form if form is not None and form.dataset_writer and not path.is_dir() else None


def write_tables(folder: Path, dataset: Dataset) -> tuple[str, ...]:
    """Write the data files of all tables into an existing folder; tables of one database share one.

    Tables of the source without rows are written without rows.

    Returns:
        One sentence for each key that a database does not declare because rows violate it.

    Raises:
        OutputError: two tables need the same file name, or a file cannot be written.
    """
    notes: list[str] = []
    dataset = dataset.whole()
    for file, names in _files(dataset).items():
        form = FORMATS.get(dataset[names[0]].origin.format)
        if form is not None and (form.is_database or (form.dataset_writer and len(names) > 1)):
            unmet = _write_database(Target(form, folder / file), _part(dataset, names))
            notes += unmet if form.is_database else ()
        elif len(names) > 1:
            raise OutputError(
                f"the tables {names[0]!r} and {names[1]!r} would both be written to {file}",
                hint="rename one of them",
            )
        else:
            table = dataset[names[0]]
            with writer(folder / file, table.origin, schema=table.schema) as out:
                out.write(table)
    return tuple(notes)


def parents_first(dataset: Dataset) -> tuple[str, ...]:
    """Names of the tables, each after its parents; cycles are cut where they start."""
    ordered: list[str] = []

    def visit(name: str, path: tuple[str, ...]) -> None:
        for key in dataset.parents_of(name):
            if key.parent not in path and key.parent not in ordered:
                visit(key.parent, (*path, key.parent))
        if name not in ordered:
            ordered.append(name)

    for name in dataset:
        visit(name, (name,))
    return tuple(ordered)


def _files(dataset: Dataset) -> Mapping[str, list[str]]:
    """The names of the tables by the file that they are written to."""
    files: dict[str, list[str]] = {}
    spelled: dict[str, str] = {}
    for name, table in dataset.items():
        file = data_file_name(replace(table.origin, name=name))
        # Some file systems ignore letter case.
        files.setdefault(spelled.setdefault(file.lower(), file), []).append(name)
    return files


def _part(dataset: Dataset, names: list[str]) -> Dataset:
    keys = [k for k in dataset.foreign_keys if k.child in names and k.parent in names]
    return Dataset({name: dataset[name] for name in names}, tuple(keys), dataset.origin)


def try_database(url: str, dataset: Dataset) -> None:
    """Check that `write_dataset` can create tables like these, and leave nothing.

    Raises:
        OutputError: a table is there already, or the database refuses it.
        DataError: the server cannot be reached.
    """
    empty = dataset.with_frames({name: table.frame.clear() for name, table in dataset.items()})
    with suppress(_Undone):
        _write_database(target_of_url(url), empty, undone=True)


class _Undone(Exception):
    """Ends a transaction without its changes."""


def _write_database(target: Target, dataset: Dataset, *, undone: bool = False) -> tuple[str, ...]:
    dataset = dataset.whole()
    keys, notes = _satisfied_keys(dataset)
    with open_target(target) as base:
        for name in parents_first(dataset):
            table = dataset[name]
            options = options_for(target.kind, table.origin)
            sink = base.table(name, options | _satisfied_required(options, table), keys[name])
            sink.write(table.frame, table.schema)
        base.declare()
        if undone:
            raise _Undone
    return notes


def _satisfied_required(options: Mapping[str, Any], table: Table) -> dict[str, Any]:
    """The columns declared as NOT NULL that have no missing value."""
    listed = options.get("required")
    names = [n for n in listed if n in table.schema.names] if isinstance(listed, list) else []
    return {"required": [n for n in names if not table.frame[n].null_count()]}


def _satisfied_keys(dataset: Dataset) -> tuple[dict[str, TableKeys], tuple[str, ...]]:
    """The keys of every table that its rows satisfy, and a note for each other one."""
    keys: dict[str, TableKeys] = {}
    notes: list[str] = []
    for name, table in dataset.items():
        primary = table.schema.key
        if primary and not _unique(table.frame, primary):
            listed = ", ".join(primary)
            notes.append(f"{name}({listed}) is not declared as primary key: its values repeat")
            primary = ()
        keys[name] = _with_indexes(TableKeys(primary=primary), name, table, notes)
    for key in dataset.foreign_keys:
        problem = _violation(dataset, key)
        if problem:
            notes.append(f"{key} is not declared as foreign key: {problem}")
            continue
        child = keys[key.child]
        keys[key.child] = replace(child, foreign=(*child.foreign, key))
        # A database wants what a foreign key refers to declared as unique.
        parent = keys[key.parent]
        if key.parent_columns not in (parent.primary, *parent.unique):
            keys[key.parent] = replace(parent, unique=(*parent.unique, key.parent_columns))
    return keys, tuple(notes)


def _with_indexes(keys: TableKeys, name: str, table: Table, notes: list[str]) -> TableKeys:
    """The keys, with the unique columns and the indexes that the source declares."""
    options = table.origin.options
    unique = []
    for columns in _column_lists(options.get("unique"), table):
        if columns == keys.primary:
            continue
        if _unique(table.frame, columns, nulls=True):
            unique.append(columns)
        else:
            notes.append(
                f"{name}({', '.join(columns)}) is not declared as unique: its values repeat"
            )
    indexes = []
    entries = options.get("indexes")
    for entry in entries if isinstance(entries, list) else ():
        listed = _column_lists([entry.get("columns")], table) if isinstance(entry, dict) else []
        for columns in listed:
            only = bool(entry.get("unique"))
            if only and not _unique(table.frame, columns, nulls=True):
                only = False
                notes.append(
                    f"{name}: the index {entry['name']!r} is not unique: its values repeat"
                )
            indexes.append(Index(str(entry.get("name")), columns, only))
    return replace(keys, unique=tuple(unique), indexes=tuple(indexes))


def _column_lists(entries: Any, table: Table) -> list[tuple[str, ...]]:
    """Lists of columns that the table has; options may come from a file of somebody else."""
    return [
        tuple(columns)
        for columns in (entries if isinstance(entries, list) else ())
        if isinstance(columns, list) and columns and all(c in table.schema.names for c in columns)
    ]


def _unique(frame: pl.DataFrame, columns: tuple[str, ...], *, nulls: bool = False) -> bool:
    """Whether no two rows have the same values in `columns`, with or without missing ones."""
    part = frame[list(columns)]
    if nulls:
        part = part.drop_nulls()
    return not any(part.null_count().row(0)) and part.n_unique() == part.height


def _violation(dataset: Dataset, key: ForeignKey) -> str:
    """Why the rows violate a foreign key; '' if they do not."""
    child, parent = dataset.key_values(key)
    if not _unique(parent, tuple(parent.columns)):
        return "the values it refers to are not unique"
    missing = child.drop_nulls().join(parent, on=parent.columns, how="anti").height
    return f"{missing:,} rows refer to no row" if missing else ""
