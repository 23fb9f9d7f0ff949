"""Databases of a server with the tables of `tests.data.shop`."""

from __future__ import annotations

from typing import Any

import psycopg
from tests.data.shop import ROWS, TABLES


def new_shop(server: Any) -> Any:
    """A new database of the shop."""
    database = server.new(*TABLES.values())
    with psycopg.connect(server.address(database.name)) as base:
        for name, rows in ROWS.items():
            marks = ", ".join(["%s"] * len(rows[0]))
            base.cursor().executemany(f"INSERT INTO {name} VALUES ({marks})", rows)
    return database
