"""Write Parquet and Feather files, batch by batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import polars as pl

from artesian.data.readers.arrow import with_offsets
from artesian.data.schema import Schema
from artesian.data.writers.sink import Destination
from artesian.data.writers.value_format import as_stored


def open_parquet(destination: Destination) -> ColumnarSink:
    """Open a Parquet file; every batch becomes a row group."""

    def open_with(schema: Any) -> Any:
        import pyarrow.parquet as pq

        return pq.ParquetWriter(destination.path, schema, compression="zstd")

    return ColumnarSink(open_with, destination.options)


def open_feather(destination: Destination) -> ColumnarSink:
    """Open a Feather file; every batch becomes a record batch."""

    def open_with(schema: Any) -> Any:
        import pyarrow as pa

        # Batches may bring new categories, which the file format takes only as additions.
        options = pa.ipc.IpcWriteOptions(compression="lz4", unify_dictionaries=True)
        return pa.ipc.new_file(str(destination.path), schema, options=options)

    return ColumnarSink(open_with, destination.options)


class ColumnarSink:
    """Appends batches with an Arrow writer, which the schema of the first batch opens."""

    def __init__(self, open_with: Callable[[Any], Any], options: Mapping[str, Any]) -> None:
        self._open_with = open_with
        self._options = options
        self._writer: Any = None
        self._schema: Any = None

    def write(self, frame: pl.DataFrame, schema: Schema) -> None:
        """Append one batch of rows."""
        batch = _plain(as_stored(frame, schema, self._options))
        table = with_offsets(batch.to_arrow(), self._options.get("offsets", {}))
        if self._writer is None:
            self._schema = table.schema
            self._writer = self._open_with(self._schema)
        self._writer.write_table(table.cast(self._schema))

    def close(self) -> None:
        """Finish and close the file."""
        if self._writer is not None:
            self._writer.close()


def _plain(frame: pl.DataFrame) -> pl.DataFrame:
    """Replace 128-bit integers, which Arrow files do not support, by decimals."""
    return frame.cast({pl.Int128: pl.Decimal(38, 0)})
