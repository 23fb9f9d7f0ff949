"""Write Excel workbooks, row by row in constant memory."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from artesian.core.errors import OutputError
from artesian.core.extras import require
from artesian.data.schema import Schema
from artesian.data.writers.sink import Destination
from artesian.data.writers.value_format import as_stored

MAX_ROWS = 1_048_576
MAX_COLUMNS = 16_384


def open_workbook(destination: Destination) -> WorkbookSink:
    """Open a workbook with one sheet, called as the source's sheet or else as the table."""
    table = str(destination.options.get("table") or destination.name)
    return WorkbookSink(destination.path, table, destination.options)


class WorkbookSink:
    """Appends rows to one sheet of a new workbook."""

    def __init__(self, path: Path, name: str, options: Mapping[str, Any]) -> None:
        xlsxwriter = require("xlsxwriter", extra="excel", purpose="writing an Excel workbook")
        self._book = xlsxwriter.Workbook(
            str(path),
            {
                "constant_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "tmpdir": str(path.parent),
            },
        )
        self._options = options
        self._formats = {
            datetime.datetime: self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
            datetime.date: self._book.add_format({"num_format": "yyyy-mm-dd"}),
            datetime.time: self._book.add_format({"num_format": "hh:mm:ss"}),
            datetime.timedelta: self._book.add_format({"num_format": "[h]:mm:ss"}),
        }
        self._sheet = self._book.add_worksheet(_sheet_name(str(options.get("sheet") or name)))
        self._row = 0

    def write(self, frame: pl.DataFrame, schema: Schema) -> None:
        """Append one batch of rows."""
        if frame.width > MAX_COLUMNS:
            raise OutputError(
                f"an Excel sheet has at most {MAX_COLUMNS:,} columns, not {frame.width:,}",
                hint="write Parquet or CSV",
            )
        if not self._row:
            self._sheet.write_row(0, 0, list(frame.columns))
            self._row = 1
        if self._row + frame.height > MAX_ROWS:
            raise OutputError(
                f"an Excel sheet has at most {MAX_ROWS - 1:,} rows below its header",
                hint="ask for fewer rows, or write Parquet or CSV",
            )
        for row in as_stored(frame, schema, self._options).iter_rows():
            for at, value in enumerate(row):
                self._write_value(at, value)
            self._row += 1

    def close(self) -> None:
        """Finish and close the file."""
        self._book.close()

    def _write_value(self, at: int, value: Any) -> None:
        if value is None:
            return
        if isinstance(value, datetime.datetime) and value.tzinfo is not None:
            value = value.replace(tzinfo=None)  # Excel has no time zones; the local time is kept
        if isinstance(value, Decimal):
            value = float(value)
        form = self._formats.get(type(value))
        if form is not None:
            self._sheet.write_datetime(self._row, at, value, form)
        elif isinstance(value, str):
            self._sheet.write_string(self._row, at, value)
        else:
            self._sheet.write(self._row, at, value)


def _sheet_name(name: str) -> str:
    clean = "".join("_" if c in "[]:*?/\\" else c for c in name).strip("'")
    return clean[:31] or "table"
