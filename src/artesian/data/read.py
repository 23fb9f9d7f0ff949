"""Read any source into a Table: find it, parse it, say what its columns mean."""

from __future__ import annotations

import os
from os import PathLike
from pathlib import Path
from typing import Any

from artesian.core.errors import DataError
from artesian.data import dataframes
from artesian.data.formats import FORMATS
from artesian.data.inference.infer import Inferred, infer
from artesian.data.readers.location import located
from artesian.data.readers.raw import Raw
from artesian.data.schema import Schema
from artesian.data.schema_io import read_schema
from artesian.data.table import Table


def read(source: Any, *, schema: Schema | str | Path | None = None) -> Table:
    """Read `source` into a table.

    Args:
        source: The path of a file in one of the formats of `artesian.data.formats` (text also
            compressed),
            'file.db::table' of SQLite or DuckDB, '-' for standard input, or a pandas, Polars,
            Arrow or DuckDB object, which is never changed.
        schema: What is known of the columns: a Schema, or the path of a dataset.toml or SDV
            metadata file. It overrides what would be inferred; columns it does not name are
            inferred.

    Raises:
        DataError: the source cannot be read as a table.
        SchemaError: the schema names a column that is not there.
    """
    return explain(source, schema=schema).table


def explain(source: Any, *, schema: Schema | str | Path | None = None) -> Inferred:
    """Read `source`, and say for every column why it is taken for what it is."""
    if isinstance(source, Table):
        return Inferred(table=source, evidence={c.name: "given" for c in source.schema})
    if not isinstance(source, str | PathLike):
        raw = dataframes.raw_from_dataframe(source)
    else:
        with located(os.fspath(source)) as place:
            raw = FORMATS[place.format].read(place)
            _rows(raw, place.shown)
    if isinstance(schema, str | PathLike):
        schema = read_schema(Path(schema), raw.origin.name)
    return infer(raw, schema)


def _rows(raw: Raw, shown: str) -> None:
    if not raw.frame.width:
        raise DataError(f"{shown} has no columns", hint="give a table with at least one column")
    if not raw.frame.height:
        raise DataError(f"{shown} has columns but no rows", hint="give a table with rows")
