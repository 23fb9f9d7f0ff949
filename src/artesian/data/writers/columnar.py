"""Parquet and Feather, batch by batch."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from artesian.data.schema import Schema
from artesian.data.writers.value_format import times_as_text


class ColumnarSink:
    """Appends row groups to a Parquet file, or record batches to a Feather file."""

    def __init__(self, path: Path, form: str, options: Mapping[str, Any]) -> None:
        self._path, self._form = path, form
        self._patterns = bool(options.get("patterns"))
        self._writer: Any = None
        self._schema: Any = None

    def write(self, frame: pl.DataFrame, schema: Schema) -> None:
        batch = _plain(times_as_text(frame, schema) if self._patterns else frame)
        table = batch.to_arrow()
        if self._writer is None:
            self._schema = table.schema
            self._writer = self._opened()
        self._writer.write_table(table.cast(self._schema))

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()

    def _opened(self) -> Any:
        if self._form == "parquet":
            import pyarrow.parquet as pq

            return pq.ParquetWriter(self._path, self._schema, compression="zstd")
        import pyarrow as pa

        # Batches may bring new categories, which the file format takes only as additions.
        options = pa.ipc.IpcWriteOptions(compression="lz4", unify_dictionaries=True)
        return pa.ipc.new_file(str(self._path), self._schema, options=options)


def _plain(frame: pl.DataFrame) -> pl.DataFrame:
    """Arrow files know no 128-bit integers."""
    return frame.cast({pl.Int128: pl.Decimal(38, 0)})
