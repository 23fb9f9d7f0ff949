"""Read Parquet and Feather (Arrow IPC) files.

Read by pyarrow, not polars: on a damaged file polars prints a Rust backtrace before it raises, and
does not check that text is UTF-8.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import polars as pl

from artesian.core.errors import ArtesianError, DataError
from artesian.core.memory import require_memory
from artesian.data.readers.arrow import bytes_of, from_arrow
from artesian.data.readers.location import Location, one_line
from artesian.data.readers.raw import Raw
from artesian.data.table import Origin

BATCH = 16_384
"""Rows that are read at once; texts that repeat are large only when they are unpacked."""

UNREADABLE = (OSError, ValueError, NotImplementedError, KeyError, TypeError, MemoryError)
"""What pyarrow raises; it tries to allocate whatever a damaged file says."""


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


def _read(place: Location, table_at: Callable[[Location], Any]) -> Raw:
    try:
        table = table_at(place)
        table.validate()
    except ArtesianError:
        raise
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


def _parquet_table(place: Location) -> Any:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        # Not read_table, which takes a folder called year=2020 for a column.
        with pq.ParquetFile(place.path) as file:
            require_memory(_parquet_size(file), f"{place.shown}, unpacked,")
            batches = _bounded(place, file.iter_batches(batch_size=BATCH))
            return pa.Table.from_batches(batches, schema=file.schema_arrow)
    except NotImplementedError:
        # 128-bit integers, which polars writes and pyarrow cannot read; as decimals it can.
        frame = pl.read_parquet(place.path)
        if not any(dtype == pl.Int128 for dtype in frame.dtypes):
            raise
        return frame.cast({pl.Int128: pl.Decimal(38, 0)}).to_arrow()


def _parquet_size(file: Any) -> int:
    """Bytes of the columns: values that repeat take almost none in the file."""
    metadata = file.metadata
    widths = [_width(field.type) for field in file.schema_arrow]
    groups = (metadata.row_group(at) for at in range(metadata.num_row_groups))
    return int(metadata.num_rows * sum(widths) + sum(group.total_byte_size for group in groups))


def _width(kind: Any) -> int:
    try:
        return max(int(kind.bit_width) // 8, 1)
    except ValueError:  # texts and lists
        return 8


def _feather_table(place: Location) -> Any:
    import pyarrow as pa
    from pyarrow import feather

    with place.path.open("rb") as file:
        if file.read(6) != b"ARROW1":  # version 1, which has no compression
            return feather.read_table(str(place.path))
    with pa.memory_map(str(place.path)) as source, pa.ipc.open_file(source) as reader:
        every = (reader.get_batch(at) for at in range(reader.num_record_batches))
        return pa.Table.from_batches(_bounded(place, every), schema=reader.schema)


def _bounded(place: Location, batches: Iterable[Any]) -> list[Any]:
    """The batches, unless they take more memory than the limit."""
    kept, size = [], 0
    for batch in batches:
        size += bytes_of(batch)
        require_memory(size, f"{place.shown}, unpacked,", so_far=True)
        kept.append(batch)
    return kept
