"""Tables of SQLite files."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import polars as pl

from artesian.core.errors import DataError
from artesian.data.readers.databases import chosen_table, quoted
from artesian.data.readers.location import Location
from artesian.data.readers.raw import Raw
from artesian.data.schema import Kind
from artesian.data.table import Origin

FETCH = 100_000
WORDS = {str: "words", int: "numbers", float: "numbers", bytes: "bytes"}


def read_sqlite(place: Location) -> Raw:
    """Read one table or view of a SQLite file.

    Raises:
        DataError: damaged, no such table, several and none named, or mixed types in a column.
    """
    try:
        address = f"{place.path.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, uri=True)) as base:
            found = base.execute(
                "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') "
                "AND substr(name, 1, 7) <> 'sqlite_' ORDER BY name"
            ).fetchall()
            table = chosen_table(place, [name for (name,) in found])
            info = base.execute(f"PRAGMA table_info({quoted(table)})").fetchall()
            declared = {name: kind.upper() for _, name, kind, *_ in info}
            key = [name for _, name, *_, rank in sorted(info, key=lambda r: r[5]) if rank]
            frame = _fetch(place, base, table, declared)
    except (sqlite3.Error, UnicodeDecodeError, OverflowError) as reason:
        raise place.broken(reason) from reason
    options = {
        "suffix": place.suffix,
        "file": place.name,
        "table": table,
        "declared": declared,
        "key": key,
    }
    return Raw(
        frame=frame,
        origin=Origin(name=table, format="sqlite", options=options),
        key=tuple(key),
        declared={n: Kind.BOOLEAN for n, kind in declared.items() if kind.startswith("BOOL")},
    )


def _fetch(
    place: Location, base: sqlite3.Connection, table: str, declared: dict[str, str]
) -> pl.DataFrame:
    cursor = base.execute(f"SELECT * FROM {quoted(table)}")
    names = [column[0] for column in cursor.description]
    kinds: list[set[type]] = [set() for _ in names]
    parts: list[list[pl.Series]] = [[] for _ in names]
    while rows := cursor.fetchmany(FETCH):
        for i, values in enumerate(zip(*rows, strict=True)):
            kinds[i] |= set(map(type, values)) - {type(None)}
            _one_kind(place, names[i], kinds[i])
            parts[i].append(pl.Series(names[i], values, dtype=_dtype(kinds[i])))
    return pl.DataFrame(
        [
            # A part that was read before the column's first number has another type.
            pl.concat([part.cast(_dtype(kind)) for part in series])
            if series
            else pl.Series(name, [], dtype=pl.Null)
            for name, kind, series in zip(names, kinds, parts, strict=True)
        ]
    )


def _dtype(kinds: set[type]) -> type[pl.DataType]:
    if not kinds:
        return pl.Null
    return pl.Float64 if float in kinds else pl.Int64 if int in kinds else pl.String


def _one_kind(place: Location, name: str, kinds: set[type]) -> None:
    words = sorted({WORDS[kind] for kind in kinds})
    if words == ["bytes"]:
        raise DataError(
            f"{place.shown}: column {name!r} holds bytes", hint="leave it out with a view"
        )
    if len(words) > 1:
        raise DataError(
            f"{place.shown}: column {name!r} mixes {' and '.join(words)}",
            hint=f"write its values in one type, for instance with CAST({name} AS TEXT) in a view",
        )
