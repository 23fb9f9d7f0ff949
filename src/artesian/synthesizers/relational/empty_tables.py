"""Tables of the source without rows, in a model file: names, types and what a database declares."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from artesian.data.dtypes import read_dtype, write_dtype
from artesian.data.table import Origin, Table
from artesian.synthesizers.saved_schema import read_schema, to_json


def tables_to_dict(tables: Mapping[str, Table]) -> list[dict[str, Any]]:
    """The tables as JSON types."""
    return [
        {
            "name": name,
            "types": {n: write_dtype(dtype) for n, dtype in table.frame.schema.items()},
            "schema": json.loads(json.dumps(table.schema.to_dict(), default=to_json)),
            "origin": origin_to_dict(table.origin),
        }
        for name, table in tables.items()
    ]


def tables_from_dict(entries: Iterable[Mapping[str, Any]]) -> dict[str, Table]:
    """The tables that `tables_to_dict` described."""
    out = {}
    for entry in entries:
        types = {name: read_dtype(text) for name, text in entry["types"].items()}
        frame = pl.DataFrame(schema=types)
        out[entry["name"]] = Table(frame, read_schema(entry["schema"]), Origin(**entry["origin"]))
    return out


def origin_to_dict(origin: Origin) -> dict[str, Any]:
    """Where a table came from, but for its place on this machine."""
    return {"name": origin.name, "format": origin.format, "options": _portable(origin)}


def _portable(origin: Origin) -> dict[str, Any]:
    """The options of an origin but for its place on this machine."""
    return {name: value for name, value in origin.options.items() if name != "path"}
