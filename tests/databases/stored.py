"""Related tables stored as a folder, a SQLite file or a PostgreSQL database."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import psycopg

Key = tuple[str, str, str]
"""A column, the table it refers to, and the column there."""


@dataclass(frozen=True)
class Stored:
    """A table to store, with the keys that its source declares."""

    frame: pl.DataFrame
    key: tuple[str, ...] = ()
    foreign: tuple[Key, ...] = ()


def parents(rows: int = 60, **columns: Any) -> pl.DataFrame:
    rng = np.random.default_rng(1)
    ids = np.arange(1, rows + 1)
    return pl.DataFrame({"id": ids, "size": rng.choice(["a", "b"], rows), **columns})


def children(rows: int = 200, parents: int = 60) -> pl.DataFrame:
    rng = np.random.default_rng(2)
    return pl.DataFrame(
        {
            "no": np.arange(1, rows + 1),
            "parent_id": rng.integers(1, parents + 1, rows),
            "x": rng.integers(0, 9, rows) / 2,
        }
    )


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def ddl(name: str, table: Stored, *, foreign: bool) -> str:
    types = {"Int64": "BIGINT", "Float64": "DOUBLE PRECISION"}
    parts = [f"{quoted(c)} {types.get(str(d), 'TEXT')}" for c, d in table.frame.schema.items()]
    if table.key:
        parts.append(f"PRIMARY KEY ({', '.join(map(quoted, table.key))})")
    if foreign:
        parts += [f"FOREIGN KEY ({quoted(c)}) {refers(p, t)}" for c, p, t in table.foreign]
    return f"CREATE TABLE {quoted(name)} ({', '.join(parts)})"


def refers(parent: str, target: str) -> str:
    return f"REFERENCES {quoted(parent)} ({quoted(target)})"


def as_folder(path: Path, tables: Mapping[str, Stored]) -> str:
    path.mkdir()
    lines = []
    for name, table in tables.items():
        table.frame.write_csv(path / f"{name}.csv")
        lines.append(f"[tables.{quoted(name)}]")
        lines += [f"key = [{', '.join(map(quoted, table.key))}]"] if table.key else []
    for name, table in tables.items():
        for column, parent, target in table.foreign:
            lines += ["[[foreign_keys]]", f'child = "{name}"', f'columns = ["{column}"]']
            lines += [f'parent = "{parent}"', f'parent_columns = ["{target}"]']
    (path / "dataset.toml").write_text("\n".join(lines))
    return str(path)


def as_sqlite(path: Path, tables: Mapping[str, Stored]) -> str:
    base = sqlite3.connect(path)
    for name, table in tables.items():
        base.execute(ddl(name, table, foreign=True))
        marks = ", ".join("?" * table.frame.width)
        base.executemany(f"INSERT INTO {quoted(name)} VALUES ({marks})", table.frame.iter_rows())
    base.commit()
    base.close()
    return str(path)


def as_postgres(server: Any, tables: Mapping[str, Stored]) -> str:
    database = server.new(*(ddl(n, table, foreign=False) for n, table in tables.items()))
    with psycopg.connect(server.address(database.name)) as base:
        for name, table in tables.items():
            with base.cursor().copy(f"COPY {quoted(name)} FROM STDIN (FORMAT csv)") as copy:
                copy.write(table.frame.write_csv(include_header=False))
        for name, table in tables.items():
            for column, parent, target in table.foreign:
                key = f"FOREIGN KEY ({quoted(column)}) {refers(parent, target)}"
                base.execute(f"ALTER TABLE {quoted(name)} ADD {key}")
    return str(database.url)
