"""Read one sheet of an Excel or OpenDocument workbook."""

from __future__ import annotations

import datetime
import struct
import zipfile
from collections import Counter
from dataclasses import replace
from typing import Any

import polars as pl

from artesian.core.errors import ArtesianError, DataError, did_you_mean
from artesian.core.extras import require
from artesian.data.readers.isolated import read_isolated
from artesian.data.readers.location import DAMAGE, Location
from artesian.data.readers.raw import NoRows, Raw, RawDataset
from artesian.data.readers.title_lines import TOTALS_NOTE, ends_with_totals, lines_above_header
from artesian.data.readers.workbook_size import check_size, too_far
from artesian.data.table import Origin

ROWS = 200
"""Number of rows in which the header is looked for."""

MAX_OLD_COLUMNS = 256
"""Number of columns of a sheet of a .xls."""

DAY_ZERO = (datetime.date(1899, 12, 30), datetime.date(1899, 12, 31))
"""The day before the first one, with and without the day that the year 1900 did not have."""


def read_workbook(place: Location) -> Raw:
    """Read one sheet: the one named after '::', or else the first.

    Raises:
        DataError: the file is not a workbook, or the sheet is missing, empty, or has duplicate names.
    """
    names = _members(place)
    book = any(n.startswith("xl/") or n in ("content.xml", "mimetype") for n in names)
    if names and not book:
        raise DataError(
            f"{place.shown} is a zip archive, not a table", hint="unpack it and name one file"
        )
    require("fastexcel", extra="excel", purpose=f"reading {place.shown}")
    if not names or any(n.startswith("xl/worksheets/") and n.endswith(".bin") for n in names):
        raw = read_isolated(f"{__name__}:read_measured", place)  # .xls, .xlsb
        if not names and raw.frame.width > MAX_OLD_COLUMNS:
            raise too_far(place, 2**16, MAX_OLD_COLUMNS)
        return raw
    return read_measured(place)


def read_workbook_dataset(place: Location) -> RawDataset:
    """Read all sheets; those that are no tables are left out with a note.

    None where one is named, and of the old binary workbooks, which have to be read in another process.

    Raises:
        DataError: the file is not a workbook.
    """
    names = _members(place)
    measured = names and not any(
        n.endswith(".bin") and n.startswith("xl/worksheets/") for n in names
    )
    if place.part is not None or not measured:
        return RawDataset(tables={})
    fastexcel = require("fastexcel", extra="excel", purpose=f"reading {place.shown}")
    try:
        sheets = fastexcel.read_excel(str(place.path)).sheet_names
    except fastexcel.FastExcelError as reason:
        raise place.broken(reason) from reason
    tables, notes = {}, []
    for sheet in sheets if len(sheets) > 1 else ():
        try:
            raw = read_workbook(replace(place, part=sheet))
        except DataError as problem:
            notes.append(f"the sheet {sheet!r} was left out: {problem.problem}")
            continue
        options = {**raw.origin.options, "file": place.name}
        tables[sheet] = replace(raw, origin=replace(raw.origin, name=sheet, options=options))
    return RawDataset(tables=tables if len(tables) > 1 else {}, notes=tuple(notes))


def read_measured(place: Location) -> Raw:
    """Read one sheet of a workbook whose size is known to be within the limit of memory.

    Raises:
        DataError: as for `read_workbook`.
    """
    import fastexcel

    try:
        reader = fastexcel.read_excel(str(place.path))
    except fastexcel.FastExcelError as reason:
        raise place.broken(reason) from reason
    sheets = reader.sheet_names
    sheet = place.part or (sheets[0] if sheets else "")
    if sheet not in sheets:
        raise DataError(f"{place.shown} has no sheet {sheet!r}", hint=did_you_mean(sheet, sheets))
    try:
        # Not without skip_rows: empty rows at the top would not count.
        frame = reader.load_sheet(
            sheet, header_row=None, n_rows=ROWS, skip_rows=0, dtypes="string"
        ).to_polars()
        rows = [[("" if v is None else str(v)).strip() for v in row] for row in frame.iter_rows()]
        empty = next((at for at, row in enumerate(rows) if any(row)), 0)
        titles = lines_above_header(rows[empty:])
        above = empty + titles
        header = rows[above] if rows else []
        frame, mixed = _loaded(reader, sheet, above, frame.width)
        totals = ends_with_totals(frame)
        if totals:
            frame, mixed = _loaded(reader, sheet, above, frame.width, n_rows=frame.height - 1)
    except (fastexcel.FastExcelError, pl.exceptions.PolarsError) as reason:
        raise place.broken(reason) from reason
    if not header:
        raise DataError(f"{place.shown}, sheet {sheet!r} is empty", hint=did_you_mean("", sheets))
    duplicates = [n for n, count in Counter(n for n in header if n).items() if count > 1]
    if duplicates:
        raise DataError(
            f"{place.shown}: duplicate column name {duplicates[0]!r}",
            hint="give every column a distinct name",
        )
    if not frame.height:
        raise NoRows(
            f"{place.shown} has a header but no rows",
            hint="give at least one row below the header",
        )
    frame = with_types(frame)
    notes = []
    if place.part is None and len(sheets) > 1:
        notes.append(f"the first of {len(sheets)} sheets was read; name another with ::SHEET")
    if titles:
        lines = f"{titles} row{'s' if titles > 1 else ''}"
        notes.append(f"{lines} above the header (row {above + 1}) left out")
    if totals:
        notes.append(TOTALS_NOTE)
    if mixed:
        listed = ", ".join(repr(frame.columns[at]) for at in mixed)
        notes.append(f"column {listed}: what is no duration was read as missing")
    options = {"suffix": ".xlsx", "sheet": sheet}
    origin = Origin(name=place.name, format="excel", options=options, notes=tuple(notes))
    return Raw(frame=frame, origin=origin)


def with_types(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with the types that Excel lacks: whole numbers, and times of day.

    A sheet keeps a time of day as a part of its day 0.
    """
    return frame.with_columns(
        s.cast(pl.Int64) if s.dtype == pl.Float64 else s.dt.time()
        for s in frame
        if s.count()
        and ((s.dtype == pl.Float64 and _whole(s)) or (s.dtype == pl.Datetime and _of_day(s)))
    )


def _loaded(
    reader: Any, sheet: str, header: int, width: int, **options: Any
) -> tuple[pl.DataFrame, list[int]]:
    """The values below the header, and the columns in which texts among durations are missing."""
    import fastexcel

    options = {"header_row": header, "schema_sample_rows": None, **options}
    mixed: list[int] = []
    try:
        return reader.load_sheet(sheet, **options).to_polars(), mixed
    except fastexcel.UnsupportedColumnTypeCombinationError:
        for at in range(width):
            try:
                reader.load_sheet(sheet, use_columns=[at], **options)
            except fastexcel.UnsupportedColumnTypeCombinationError:
                mixed.append(at)
        # Not as text, in which a duration would be a date in 1900.
        durations = dict.fromkeys(mixed, "duration")
        return reader.load_sheet(sheet, dtypes=durations, **options).to_polars(), mixed


def _members(place: Location) -> list[str]:
    """Names inside an archive; none if it is not an archive (the old .xls)."""
    if not zipfile.is_zipfile(place.path):
        return []
    try:
        with zipfile.ZipFile(place.path) as archive:
            check_size(place, archive)
            return archive.namelist()
    except ArtesianError:
        raise
    except (*DAMAGE, zipfile.BadZipFile, RuntimeError, struct.error) as reason:
        raise place.broken(reason) from reason


def _whole(series: pl.Series) -> bool:
    return bool(((series % 1 == 0) & (series.abs() < 2**53)).all())


def _of_day(series: pl.Series) -> bool:
    return bool(series.dt.date().is_in(DAY_ZERO).all())
