"""A small database of a shop: declared keys of one and two columns, missing references, a cycle."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import duckdb

TABLES = {
    "staff": "CREATE TABLE staff (no INTEGER PRIMARY KEY, name TEXT, "
    "boss INTEGER REFERENCES staff(no))",
    "customer": "CREATE TABLE customer (id INTEGER PRIMARY KEY, town VARCHAR(20), born DATE, "
    "agent INTEGER REFERENCES staff(no))",
    "invoice": "CREATE TABLE invoice (year INTEGER, no INTEGER, customer INTEGER NOT NULL, "
    "total DECIMAL(8, 2), PRIMARY KEY (year, no), FOREIGN KEY (customer) REFERENCES customer(id))",
    "line": "CREATE TABLE line (id INTEGER PRIMARY KEY, year INTEGER, no INTEGER, item VARCHAR(10), "
    "FOREIGN KEY (year, no) REFERENCES invoice(year, no))",
}
ROWS: dict[str, list[tuple[object, ...]]] = {
    "staff": [(1, "Ann", None), (2, "Bob", 1), (3, "Cid", 1)],
    "customer": [
        (
            i,
            ("Graz", "Linz", "Wels")[i % 3],
            f"19{50 + i % 40}-01-{1 + i % 28:02}",
            (None, 2, 3)[i % 3],
        )
        for i in range(1, 31)
    ],
    "invoice": [(2020 + i % 3, i, 1 + i % 30, f"{i * 1.25:.2f}") for i in range(60)],
    "line": [(i, 2020 + (i % 60) % 3, i % 60, f"item {i % 7}") for i in range(150)],
}
KEYS = {
    "staff(boss) -> staff(no)",
    "customer(agent) -> staff(no)",
    "invoice(customer) -> customer(id)",
    "line(year, no) -> invoice(year, no)",
}


def write_shop(path: Path) -> Path:
    """Write the shop as a SQLite or, for the suffix '.duckdb', a DuckDB database."""
    base = duckdb.connect(str(path)) if path.suffix == ".duckdb" else sqlite3.connect(path)
    for name, statement in TABLES.items():
        base.execute(statement)
        for row in ROWS[name]:
            base.execute(f"INSERT INTO {name} VALUES ({', '.join('?' * len(row))})", row)
    base.commit()
    base.close()
    return path
