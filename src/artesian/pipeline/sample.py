"""Rows from a model to a file or to standard output, a batch at a time."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from artesian.core.run import Run
from artesian.data.table import Table
from artesian.data.write import writer
from artesian.data.writers.text import CsvSink
from artesian.synthesizers.protocol import Model, Where


def stream_to(
    path: Path, model: Model, rows: int, where: Where | None, *, run: Run, force: bool = False
) -> None:
    """Write `rows` rows to `path`, whole or not at all; its ending says the format.

    Raises:
        OutputError: `path` exists and `force` is false, or it cannot be written.
    """
    with writer(path, model.origin, schema=model.schema, force=force) as out:
        for table in _checked(model, rows, where, run):
            out.write(table)


def stream_csv(model: Model, rows: int, where: Where | None, *, run: Run) -> None:
    """Write `rows` rows to standard output as CSV, in the source's dialect if it was CSV."""
    sys.stdout.flush()
    origin = model.origin
    options = origin.options if origin.format == "csv" else {}
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as file:
        sink = CsvSink(file, "", options)
        for table in _checked(model, rows, where, run):
            sink.write(table.frame, table.schema)


def _checked(model: Model, rows: int, where: Where | None, run: Run) -> Iterator[Table]:
    for table in model.batches(rows, where, run=run):
        run.check("sample")
        yield table
