"""Write Excel workbooks, row by row, and read them back before they count as written.

A sheet has one type of number, the double, and keeps times as days since 1900. What it does not keep
as it is given is refused, whatever it is: the file is read again and compared with the values.
"""

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
from artesian.data.writers.databases import OneTable
from artesian.data.writers.sink import Destination, TableKeys
from artesian.data.writers.value_format import as_stored, as_text

MAX_TEXT = 32_767
"""Length of the longest text of a cell, in units of UTF-16."""

MAX_ROWS = 1_048_576
MAX_COLUMNS = 16_384

YEARS = (1900, 9999)
"""Days before them have negative numbers, which no program shows as a date."""

MAX_WHOLE = 10**15
"""Whole numbers below it are written as they are."""

MAX_SHOWN = 60
"""Maximum number of characters of a value in a message."""

HINT = "write Parquet or CSV, which keep it"


def open_workbook(destination: Destination) -> OneTable:
    """Open a workbook with one sheet, called as the source's sheet or else as the table."""
    return OneTable(Workbook(destination.path), destination)


class Workbook:
    """A new workbook of one or more sheets."""

    def __init__(self, path: Path) -> None:
        xlsxwriter = require("xlsxwriter", extra="excel", purpose="writing an Excel workbook")
        self._path = path
        self._book = xlsxwriter.Workbook(
            str(path),
            {
                "constant_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "tmpdir": str(path.parent),
            },
        )
        self._formats = {
            datetime.datetime: self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
            datetime.date: self._book.add_format({"num_format": "yyyy-mm-dd"}),
            datetime.time: self._book.add_format({"num_format": "hh:mm:ss"}),
            datetime.timedelta: self._book.add_format({"num_format": "[h]:mm:ss"}),
        }
        self._sheets: dict[str, Sheet] = {}

    def table(self, name: str, options: Mapping[str, Any], keys: TableKeys | None = None) -> Sheet:
        """Start a new sheet; a workbook declares no keys."""
        title = _sheet_name(str(options.get("sheet") or name))
        if title.lower() in self._sheets:
            raise OutputError(
                f"two tables would be the sheet {title!r}, a name of at most 31 characters",
                hint="rename one of them, or write another format",
            )
        sheet = Sheet(self._book.add_worksheet(title), self._formats, options)
        self._sheets[title.lower()] = sheet
        return sheet

    def declare(self) -> None:
        """Nothing: a workbook has no indexes."""

    def close(self) -> None:
        """Finish and close the file, and compare what it contains with what was written.

        Raises:
            OutputError: a value is not what was written.
        """
        self._book.close()
        for number, sheet in enumerate(self._sheets.values()):
            if sheet.written:
                _require_same(self._path, number, pl.concat(sheet.written, how="vertical_relaxed"))

    def abandon(self) -> None:
        """Close the file, which is removed."""
        self._book.close()


class Sheet:
    """Appends rows to one sheet of a new workbook."""

    def __init__(self, sheet: Any, formats: Mapping[type, Any], options: Mapping[str, Any]) -> None:
        self.written: list[pl.DataFrame] = []
        self._sheet, self._formats, self._options = sheet, formats, options
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
        stored = _without_zones(as_stored(frame, schema, self._options), schema, self._options)
        for series in stored:
            _refuse_early(series)
        for row in stored.iter_rows():
            for at, value in enumerate(row):
                try:
                    self._write_value(at, value)
                except (TypeError, ValueError, OverflowError) as problem:
                    raise OutputError(
                        f"column {stored.columns[at]!r} has {_shown(value)}, which an Excel sheet "
                        "cannot represent",
                        hint=HINT,
                    ) from problem
            self._row += 1
        self.written.append(stored)

    def _write_value(self, at: int, value: Any) -> None:
        if value is None:
            return
        if isinstance(value, Decimal | float) or (type(value) is int and abs(value) >= MAX_WHOLE):
            value = _Exact(value)
        form = self._formats.get(type(value))
        if form is not None:
            self._sheet.write_datetime(self._row, at, value, form)
        elif isinstance(value, str):
            self._sheet.write_string(self._row, at, value)
        else:
            self._sheet.write(self._row, at, value)


class _Exact(float):
    """A number whose text gives the same number again; the library would write 16 digits of it."""

    def __format__(self, _: str) -> str:
        return float.__repr__(self)


def _without_zones(frame: pl.DataFrame, schema: Schema, options: Mapping[str, Any]) -> pl.DataFrame:
    """The frame with times of a time zone as text, because Excel has no time zones."""
    zoned = {
        series.name
        for series in frame
        if isinstance(series.dtype, pl.Datetime) and series.dtype.time_zone is not None
    }
    columns = [column for column in schema if column.name in zoned]
    return frame.with_columns(as_text(frame, columns, options)) if columns else frame


def _refuse_early(series: pl.Series) -> None:
    """Refuse dates that have no place in the calendar of Excel."""
    if series.dtype in (pl.Date, pl.Datetime):
        years = series.dt.year()
        beyond = years.filter(~years.is_between(*YEARS))
        if len(beyond):
            raise OutputError(
                f"column {series.name!r} has a date of the year {beyond[0]}, and an Excel sheet has "
                f"the years {YEARS[0]} to {YEARS[1]}",
                hint=HINT,
            )


def _require_same(path: Path, sheet: int, written: pl.DataFrame) -> None:
    """Read a workbook again, and compare its values with those that were written."""
    fastexcel = require("fastexcel", extra="excel", purpose="checking an Excel workbook")
    reader = fastexcel.read_excel(path.read_bytes())
    names = reader.load_sheet(sheet, header_row=None, n_rows=1, dtypes="string").to_polars()
    for name, read in zip(written.columns, names.row(0), strict=True):
        if name != read:
            raise OutputError(
                f"the column name {_shown(name)} would be {_shown(read)} in an Excel sheet",
                hint="rename the column, or write Parquet or CSV",
            )
    empty = {at: "string" for at, series in enumerate(written) if not series.count()}
    frame = reader.load_sheet(
        sheet, header_row=0, schema_sample_rows=None, dtypes=empty
    ).to_polars()
    for series, read in zip(written, frame, strict=True):
        # Rows at the end without any value are no rows to a reader of workbooks.
        restored = _cut(read.extend_constant(None, len(series) - len(read)))
        different = (~series.eq_missing(_typed(restored, series.dtype))).arg_true()
        if len(different):
            at = int(different[0])
            raise OutputError(
                f"column {series.name!r}, row {at + 1}: {_shown(series[at])} would be "
                f"{_shown(restored[at])} in an Excel sheet",
                hint=HINT,
            )


def _cut(series: pl.Series) -> pl.Series:
    """Texts as Excel shows them: it cuts those that a library may have written in full."""
    if series.dtype != pl.String:
        return series
    long = (series.str.len_chars() > MAX_TEXT // 2).arg_true().to_list()
    cut = [
        series[at].encode("utf-16-le")[: 2 * MAX_TEXT].decode("utf-16-le", "ignore") for at in long
    ]
    return series.scatter(long, cut) if long else series


def _typed(series: pl.Series, dtype: pl.DataType) -> pl.Series:
    if dtype == pl.Time and series.dtype == pl.Datetime:  # a part of the day 0
        return series.dt.time()
    return series.cast(dtype, strict=False)


def _shown(value: Any) -> str:
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}... of {len(value):,} characters"


def _sheet_name(name: str) -> str:
    clean = "".join("_" if c in "[]:*?/\\" else c for c in name).strip("'")
    return clean[:31] or "table"
