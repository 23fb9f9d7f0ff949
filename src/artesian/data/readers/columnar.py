"""Read Parquet and Feather (Arrow IPC) files.

Read by pyarrow, not polars: on a damaged file polars prints a Rust backtrace before it raises, and
does not check that text is UTF-8.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from artesian.core.errors import DataError
from artesian.data.readers.arrow import from_arrow
from artesian.data.readers.location import Location, one_line
from artesian.data.readers.raw import Raw
from artesian.data.table import Origin

UNREADABLE = (OSError, ValueError, NotImplementedError, KeyError, TypeError)  # as pyarrow raises


def read_parquet(place: Location) -> Raw:
    """Read a Parquet file.

    Raises:
        DataError: the file is damaged or of a version that cannot be read.
    """
    return _read(place, _parquet_table)


def read_feather(place: Location) -> Raw:
    """Read a Feather file.

    Raises:
        DataError: the file is damaged or of a version that cannot be read.
    """
    return _read(place, _feather_table)


def _read(place: Location, table_at: Callable[[Path], Any]) -> Raw:
    try:
        table = table_at(place.path)
        table.validate()
    except UNREADABLE as bad:
        raise place.broken(bad) from bad
    for name, column in zip(table.column_names, table.columns, strict=True):
        try:
            column.validate(full=True)
        except UNREADABLE as bad:
            raise DataError(
                f"{place.shown}: column {name!r} has values that cannot be read: {one_line(bad)}",
                hint="leave the column out, or write it again",
            ) from bad
    # The file's own metadata is not needed, and polars does not check its text either.
    frame, offsets = from_arrow(table.replace_schema_metadata(None), place.shown)
    options: dict[str, Any] = {"suffix": place.suffix, "offsets": offsets}
    return Raw(frame=frame, origin=Origin(name=place.name, format=place.format, options=options))


def _parquet_table(path: Path) -> Any:
    import pyarrow.parquet as pq

    try:
        # Not read_table, which takes a folder called year=2020 for a column.
        with pq.ParquetFile(path) as file:
            return file.read()
    except NotImplementedError:
        # 128-bit integers, which polars writes and pyarrow cannot read; as decimals it can.
        frame = pl.read_parquet(path)
        if not any(dtype == pl.Int128 for dtype in frame.dtypes):
            raise
        return frame.cast({pl.Int128: pl.Decimal(38, 0)}).to_arrow()


def _feather_table(path: Path) -> Any:
    from pyarrow import feather

    return feather.read_table(str(path))
