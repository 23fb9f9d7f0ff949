"""Parquet and Feather (Arrow IPC): typed columns.

Read by pyarrow, not polars: on a damaged file polars prints a Rust backtrace before it raises, and
takes text on trust that is no UTF-8.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from artesian.data.readers.location import Location
from artesian.data.readers.raw import Raw
from artesian.data.table import Origin

UNREADABLE = (OSError, ValueError, NotImplementedError, KeyError, TypeError)  # as pyarrow raises


def read_columnar(place: Location) -> Raw:
    """Read a Parquet or Feather file.

    Raises:
        DataError: the file is damaged or of a version that cannot be read.
    """
    try:
        table = _table(place)
        table.validate(full=True)
        # The file's own notes are not needed, and polars takes their text on trust too.
        frame = pl.from_arrow(table.replace_schema_metadata(None))
    except (*UNREADABLE, pl.exceptions.PolarsError, pl.exceptions.PanicException) as bad:
        raise place.broken(bad) from bad
    assert isinstance(frame, pl.DataFrame)
    options: dict[str, Any] = {"suffix": place.suffix}
    return Raw(frame=frame, origin=Origin(name=place.name, format=place.format, options=options))


def _table(place: Location) -> Any:
    if place.format == "parquet":
        import pyarrow.parquet as pq

        # Not read_table, which takes a folder called year=2020 for a column.
        with pq.ParquetFile(place.path) as file:
            return file.read()
    from pyarrow import feather

    return feather.read_table(str(place.path))
