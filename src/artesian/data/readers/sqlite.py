"""Read SQLite files: one table, or all of them with their keys."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from artesian.core.errors import DataError
from artesian.core.memory import max_memory, require_memory
from artesian.data.frames import frame_of
from artesian.data.readers.databases import chosen_table, quoted
from artesian.data.readers.location import Location
from artesian.data.readers.raw import Raw, RawDataset
from artesian.data.readers.views import time_limit
from artesian.data.schema import ForeignKey, Kind
from artesian.data.table import Origin

FETCH = 100_000

MAX_VALUE = 200_000_000
"""Number of bytes of one value; SQL can make one of a gigabyte of nothing."""

ALLOWED = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_RECURSIVE)

PRAGMAS = ("table_info", "foreign_key_list", "index_list", "index_info")


def read_sqlite(place: Location) -> Raw:
    """Read one table or view of a SQLite file.

    Raises:
        DataError: damaged, no such table, several and none named, or bytes.
    """
    with _connected(place) as base:
        views = [n for (n,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'view'")]
        names = sorted(_ordinary_tables(base) + views)
        if not names and _journal(place.path) and not _log(place.path).exists():
            raise DataError(
                f"{place.shown} has no table, and was copied without its log",
                hint=f"copy {_log(place.path).name} as well, or close the database before copying",
            )
        raw, dropped = _read_table(place, base, chosen_table(place, names))
    if dropped:
        raise DataError(
            f"{place.shown}: column {dropped[0]!r} has bytes", hint="leave it out with a view"
        )
    return raw


def read_sqlite_dataset(place: Location) -> RawDataset:
    """Read all tables of a SQLite file, with the primary and foreign keys that it declares.

    Views, virtual tables and columns of bytes are left out with a note.

    Raises:
        DataError: damaged, or no table.
    """
    tables: dict[str, Raw] = {}
    keys: list[ForeignKey] = []
    notes: list[str] = []
    with _connected(place) as base:
        for name in _ordinary_tables(base):
            raw, dropped = _read_table(place, base, name)
            bare = tuple(f"column {column!r} has bytes and was left out" for column in dropped)
            tables[name] = replace(raw, origin=replace(raw.origin, notes=bare))
        for name in tables:
            keys += _foreign_keys(base, name, tables, notes)
    return RawDataset(tables=tables, foreign_keys=tuple(keys), notes=tuple(notes))


@contextmanager
def _connected(place: Location) -> Iterator[sqlite3.Connection]:
    try:
        address = f"{place.path.absolute().as_uri()}?mode=ro"
        if _journal(place.path) and not _log(place.path).exists():
            # SQLite would make a log beside the file, even to read it; without one nobody writes.
            address += "&immutable=1"
        with closing(sqlite3.connect(address, uri=True)) as base:
            _disarm(base)
            yield base
    except (sqlite3.Error, UnicodeDecodeError, OverflowError) as reason:
        raise place.broken(reason) from reason


def _disarm(base: sqlite3.Connection) -> None:
    """Let the SQL of a stranger, which is in views, do nothing but compute with the file's rows."""
    base.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    base.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, min(max_memory() // 4, MAX_VALUE))
    base.execute("PRAGMA trusted_schema = OFF")
    base.set_authorizer(_authorized)


def _authorized(action: int, first: str | None, second: str | None, *_: object) -> int:
    allowed = action in ALLOWED or (
        (action == sqlite3.SQLITE_FUNCTION and second != "load_extension")
        or (action == sqlite3.SQLITE_PRAGMA and first in PRAGMAS)
    )
    return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY


def _journal(path: Path) -> bool:
    """Whether the header says that changes are in a log beside the file."""
    with path.open("rb") as file:
        return file.read(20)[18:20] == b"\2\2"


def _log(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


def _ordinary_tables(base: sqlite3.Connection) -> list[str]:
    """Names of the tables that are neither virtual nor the storage of a virtual one."""
    rows = base.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'table' "
        "AND substr(name, 1, 7) <> 'sqlite_' ORDER BY rowid"
    ).fetchall()
    virtual = [n for n, sql in rows if str(sql).upper().startswith("CREATE VIRTUAL")]
    storage = tuple(f"{name}_" for name in virtual)
    return [n for n, _ in rows if n not in virtual and not n.startswith(storage)]


def _read_table(place: Location, base: sqlite3.Connection, table: str) -> tuple[Raw, list[str]]:
    """The table without its columns of bytes, and the names of those."""
    info = base.execute(f"PRAGMA table_info({quoted(table)})").fetchall()
    declared = {name: kind.upper() for _, name, kind, *_ in info}
    key = [name for _, name, *_, rank in sorted(info, key=lambda r: r[5]) if rank]
    fetched = _fetch(place, base, table)
    unique, indexes = _indexes(base, table, fetched.frame.columns)
    options = {
        "suffix": place.suffix,
        "file": place.name,
        "table": table,
        "declared": declared,
        "required": [name for _, name, _, required, *_ in info if required],
        "key": key,
        "unique": unique,
        "indexes": indexes,
    }
    raw = Raw(
        frame=fetched.frame,
        origin=Origin(name=table, format=place.format, options=options),
        key=tuple(key),
        declared={n: Kind.BOOLEAN for n, kind in declared.items() if kind.startswith("BOOL")},
        mixed=tuple(fetched.mixed),
    )
    return raw, fetched.dropped


def _indexes(
    base: sqlite3.Connection, table: str, columns: Sequence[str]
) -> tuple[list[list[str]], list[dict[str, Any]]]:
    """Unique constraints, and indexes on columns alone."""
    unique, indexes = [], []
    for _, name, only, origin, partial in base.execute(f"PRAGMA index_list({quoted(table)})"):
        named = [n for *_, n in base.execute(f"PRAGMA index_info({quoted(name)})")]
        if partial or not set(named) <= set(columns):
            continue
        if origin == "u":
            unique.append(named)
        elif origin == "c":
            indexes.append({"name": name, "columns": named, "unique": bool(only)})
    return unique[::-1], indexes[::-1]


def _foreign_keys(
    base: sqlite3.Connection, child: str, tables: Mapping[str, Raw], notes: list[str]
) -> Iterator[ForeignKey]:
    """The foreign keys that a table declares; SQLite lets them refer to what is not there."""
    names = {name.lower(): name for name in tables}
    groups: dict[int, list[tuple[str, str, str | None]]] = {}
    for number, _, parent, column, target, *_ in base.execute(
        f"PRAGMA foreign_key_list({quoted(child)})"
    ):
        groups.setdefault(number, []).append((parent, column, target))
    for _, parts in sorted(groups.items()):
        parent = names.get(parts[0][0].lower())
        # Without named columns a foreign key refers to the primary key.
        targets = [t for *_, t in parts if t is not None]
        columns = [_spelled(c, tables[child]) or c for _, c, _ in parts]
        if parent is not None:
            named = targets or list(tables[parent].key)
            parent_columns = [_spelled(t, tables[parent]) for t in named]
            there = set(columns) <= set(tables[child].frame.columns)
            if there and None not in parent_columns and len(columns) == len(named):
                yield ForeignKey(
                    child, tuple(columns), parent, tuple(c for c in parent_columns if c is not None)
                )
                continue
        missing = f"{parts[0][0]}({', '.join(targets)})" if targets else parts[0][0]
        notes.append(
            f"the foreign key {child}({', '.join(columns)}) to {missing} was left out: not all of it "
            "exists as numbers or text"
        )


def _spelled(column: str, table: Raw) -> str | None:
    """The column's name as its table spells it; SQL ignores letter case."""
    return next((n for n in table.frame.columns if n.lower() == column.lower()), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """The rows of a table, and the names of its columns of bytes and of numbers mixed with text."""

    frame: pl.DataFrame
    dropped: list[str]
    mixed: list[str]


def _fetch(place: Location, base: sqlite3.Connection, table: str) -> Fetched:
    query = "SELECT 1 FROM sqlite_master WHERE type = 'view' AND name = ?"
    is_view = base.execute(query, [table]).fetchone() is not None
    with time_limit(place, table, base.interrupt) if is_view else nullcontext():
        return _fetched(place, base, table)


def _fetched(place: Location, base: sqlite3.Connection, table: str) -> Fetched:
    size = 0.0
    cursor = base.execute(f"SELECT * FROM {quoted(table)}")
    names = [column[0] for column in cursor.description]
    kinds: list[set[type]] = [set() for _ in names]
    parts: list[list[pl.Series]] = [[] for _ in names]
    while rows := cursor.fetchmany(FETCH):
        for i, values in enumerate(zip(*rows, strict=True)):
            own = set(map(type, values)) - {type(None)}
            kinds[i] |= own
            if bytes not in kinds[i]:
                parts[i].append(_series(names[i], values, own))
                size += parts[i][-1].estimated_size()
        require_memory(2 * size, f"{place.shown}::{table}, as a table,", so_far=True)
    columns = [
        # A part that was read before the column's first number or text has another type.
        pl.concat([part.cast(_dtype(kind)) for part in series])
        if series
        else pl.Series(name, [], dtype=pl.Null)
        for name, kind, series in zip(names, kinds, parts, strict=True)
        if bytes not in kind
    ]
    return Fetched(
        frame=frame_of(columns),
        dropped=[name for name, kind in zip(names, kinds, strict=True) if bytes in kind],
        mixed=[n for n, kind in zip(names, kinds, strict=True) if str in kind and len(kind) > 1],
    )


def _series(name: str, values: Sequence[Any], kinds: set[type]) -> pl.Series:
    if str in kinds and len(kinds) > 1:
        values = [v if v is None or isinstance(v, str) else str(v) for v in values]
    return pl.Series(name, values, dtype=_dtype(kinds))


def _dtype(kinds: set[type]) -> type[pl.DataType]:
    if not kinds:
        return pl.Null
    if str in kinds:
        return pl.String
    return pl.Float64 if float in kinds else pl.Int64
