"""The size of the sheets of a workbook, before a library takes memory for all of their cells.

A sheet of two cells in opposite corners, or a row that is repeated a million times, is a small file
and a large table.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator

from artesian.core.errors import DataError
from artesian.core.memory import require_memory
from artesian.data.readers.location import Location

MAX_ROWS, MAX_COLUMNS = 2**20, 2**14
"""Size of a sheet in every program that writes workbooks."""

VALUE_BYTES = 64
"""Bytes that a cell takes while it is read."""

XML_FACTOR = 2
"""Bytes of memory for each byte of XML."""

CHUNK = 1 << 20
LONGEST_TAG = 1 << 16

# Two patterns, because two lists of bytes take half the time of one list of pairs.
_COLUMN_NAME = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]+)\d""")
_ROW_NUMBER = re.compile(rb"""\sr\s*=\s*["'][A-Za-z]+(\d+)""")
_ODS = re.compile(
    rb"<table:table[ >]"
    rb"|<table:table-row\b([^>]*)>"
    rb"|<table:(?:covered-)?table-cell\b([^>]*)>"
    rb"""|text:c\s*=\s*["'](\d+)"""
)
_REPEATED = re.compile(rb"""table:number-(?:rows|columns)-repeated\s*=\s*["'](\d+)""")


def check_size(place: Location, archive: zipfile.ZipFile) -> None:
    """Refuse a workbook whose cells would take too much memory.

    Raises:
        DataError: it is larger than the limit, or than any sheet can be.
    """
    members = archive.infolist()
    unpacked = sum(member.file_size for member in members)
    require_memory(XML_FACTOR * unpacked, f"{place.shown}, unpacked,")
    for member in members:
        if member.filename.startswith("xl/worksheets/") and member.filename.endswith(".xml"):
            rows, columns = _xlsx_size(place, archive, member)
        elif member.filename == "content.xml":
            rows, columns = _ods_size(place, archive, member)
        else:
            continue
        require_memory(
            rows * columns * VALUE_BYTES, f"{place.shown}, a sheet of {rows} x {columns} cells,"
        )


def _xlsx_size(
    place: Location, archive: zipfile.ZipFile, member: zipfile.ZipInfo
) -> tuple[int, int]:
    """Rows and columns of the smallest rectangle that has all cells of a sheet."""
    names: set[bytes] = set()
    numbers: set[bytes] = set()
    for text in _pieces(archive, member):
        names.update(_COLUMN_NAME.findall(text))
        numbers.update(_ROW_NUMBER.findall(text))
    columns = [_column(name) for name in names] or [0]
    rows = [int(number[:12]) for number in numbers] or [0]
    if max(rows) > MAX_ROWS or max(columns) > MAX_COLUMNS:
        raise too_far(place)
    return max(rows) - min(rows) + 1, max(columns) - min(columns) + 1


def _column(name: bytes) -> int:
    """The number of a column, from 1: 28 for AB."""
    number = 0
    for letter in name[:12].upper():
        number = number * 26 + letter - 64
    return number


def _ods_size(
    place: Location, archive: zipfile.ZipFile, member: zipfile.ZipInfo
) -> tuple[int, int]:
    """Rows and columns of the largest sheet up to its last cell with a value."""
    largest, height, width = (0, 0), 0, 0
    row, repeated, at = 0, 1, 0
    for text in _pieces(archive, member):
        for match in _ODS.finditer(text):
            if match[3] is not None:
                if len(match[3]) > 6:
                    raise DataError(
                        f"{place.shown} has a text of {int(match[3][:12])} spaces",
                        hint="shorten the text",
                    )
            elif match[1] is not None:
                row, at, repeated = row + repeated, 0, _repeats(place, match[1], MAX_ROWS)
            elif match[2] is not None:
                at += _repeats(place, match[2], MAX_COLUMNS)
                if b"value-type" in match[2] or not match[2].rstrip().endswith(b"/"):
                    width, height = max(width, at), row + repeated
            else:
                largest = max(largest, (height, width), key=lambda size: size[0] * size[1])
                height, width, row, repeated, at = 0, 0, 0, 0, 0
    if height > MAX_ROWS or width > MAX_COLUMNS:
        raise too_far(place)
    return max(largest, (height, width), key=lambda size: size[0] * size[1])


def _repeats(place: Location, attributes: bytes, maximum: int) -> int:
    match = _REPEATED.search(attributes)
    if match is None:
        return 1
    if len(match[1]) > 9 or int(match[1]) > maximum:
        raise too_far(place)
    return int(match[1])


def too_far(place: Location, rows: int = MAX_ROWS, columns: int = MAX_COLUMNS) -> DataError:
    """The error for a cell outside of the largest sheet that programs write."""
    return DataError(
        f"{place.shown} has a cell beyond {rows} rows or {columns} columns",
        hint="no sheet is larger: save it again with another program",
    )


def _pieces(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """The text in pieces that end with a tag."""
    waiting = b""
    with archive.open(member) as file:
        while chunk := file.read(CHUNK):
            text = waiting + chunk
            cut = text.rfind(b"<")
            if cut < len(text) - LONGEST_TAG:
                cut = len(text)
            waiting = text[cut:]
            yield text[:cut]
    yield waiting
