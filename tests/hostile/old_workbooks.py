"""Small binary workbooks, .xls (BIFF8 in a compound file) and .xlsb (BIFF12 in a zip archive)."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

import polars as pl

Cells = Mapping[tuple[int, int], str | float]
"""The values of a sheet by row and column, from 0."""


def cells_of(frame: pl.DataFrame) -> Cells:
    """A header and the rows below it; what is no number is text."""
    rows = [frame.columns, *frame.iter_rows()]
    return {
        (row, at): float(value) if isinstance(value, int | float) else str(value)
        for row, values in enumerate(rows)
        for at, value in enumerate(values)
        if value is not None
    }


def write_xls(
    path: Path, cells: Cells, *, size: tuple[int, int] | None = None, sheets: int = 1
) -> Path:
    """Write a .xls; `size` is the number of rows and columns that it says it has."""
    rows, columns = size or _size(cells)
    sheet = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0))
    sheet += _record(0x0200, struct.pack("<IIHHH", 0, rows, 0, columns, 0))
    for (row, at), value in sorted(cells.items()):
        place = struct.pack("<HHH", row, at, 0)
        if isinstance(value, str):
            text = value.encode("utf-16-le")
            sheet += _record(0x0204, place + struct.pack("<HB", len(text) // 2, 1) + text)
        else:
            sheet += _record(0x0203, place + struct.pack("<d", value))
    sheet += _record(0x000A, b"")
    names = [f"Sheet{number + 1}".encode() for number in range(sheets)]
    start = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0))
    start += _record(0x0042, struct.pack("<H", 1200))
    offset = len(start) + sum(4 + 8 + len(name) for name in names) + 4
    for number, name in enumerate(names):
        at = struct.pack("<IBBBB", offset + number * len(sheet), 0, 0, len(name), 0)
        start += _record(0x0085, at + name)
    path.write_bytes(_compound("Workbook", start + _record(0x000A, b"") + sheet * sheets))
    return path


def _record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _compound(name: str, stream: bytes) -> bytes:
    """A compound file (OLE) of one stream, in sectors of 512 bytes."""
    sector, end, free = 512, 0xFFFFFFFE, 0xFFFFFFFF
    stream = stream.ljust(max(4096, -(-len(stream) // sector) * sector), b"\0")
    count = len(stream) // sector
    tables = next(n for n in range(1, 100) if (count + 1 + n) * 4 <= n * sector)
    # Sectors: the stream, the directory, the allocation table.
    chain = [*range(1, count), end, end, *([0xFFFFFFFD] * tables)]
    table = struct.pack(f"<{len(chain)}I", *chain).ljust(tables * sector, b"\xff")
    directory = b""
    for title, kind, child, start, length in (
        ("Root Entry", 5, 1, end, 0),
        (name, 2, free, 0, len(stream)),
    ):
        text = title.encode("utf-16-le") + b"\0\0"
        directory += text.ljust(64, b"\0") + struct.pack("<HBB", len(text), kind, 1)
        directory += struct.pack("<III", free, free, child) + bytes(36)
        directory += struct.pack("<IQ", start, length)
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, tables, count, 0, 4096, end, 0, end, 0)
    header += struct.pack(f"<{tables}I", *range(count + 1, count + 1 + tables))
    return header.ljust(sector, b"\xff") + stream + directory.ljust(sector, b"\0") + table


def write_xlsb(path: Path, cells: Cells, *, size: tuple[int, int] | None = None) -> Path:
    """Write a .xlsb; `size` is the number of rows and columns that it says it has."""
    rows, columns = size or _size(cells)
    sheet = _record12(129, b"")
    sheet += _record12(148, struct.pack("<IIII", 0, max(rows - 1, 0), 0, max(columns - 1, 0)))
    sheet += _record12(145, b"")
    last = None
    for (row, at), value in sorted(cells.items()):
        if row != last:
            sheet += _record12(0, struct.pack("<IIHBBBI", row, 0, 300, 0, 0, 0, 0))
            last = row
        place = struct.pack("<II", at, 0)
        if isinstance(value, str):
            text = value.encode("utf-16-le")
            sheet += _record12(6, place + struct.pack("<I", len(text) // 2) + text)
        else:
            sheet += _record12(5, place + struct.pack("<d", value))
    sheet += _record12(146, b"") + _record12(130, b"")
    book = _record12(131, b"") + _record12(143, b"")
    book += _record12(156, struct.pack("<II", 0, 1) + _text12("rId1") + _text12("Sheet1"))
    book += _record12(144, b"") + _record12(132, b"")
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", _TYPES)
        archive.writestr("_rels/.rels", _relation("officeDocument", "xl/workbook.bin"))
        archive.writestr("xl/workbook.bin", book)
        archive.writestr(
            "xl/_rels/workbook.bin.rels", _relation("worksheet", "worksheets/sheet1.bin")
        )
        archive.writestr("xl/worksheets/sheet1.bin", sheet)
    path.write_bytes(buffer.getvalue())
    return path


def _size(cells: Cells) -> tuple[int, int]:
    return max(row for row, _ in cells) + 1, max(at for _, at in cells) + 1


def _record12(kind: int, data: bytes) -> bytes:
    head = bytes([kind]) if kind < 128 else bytes([kind & 127 | 128, kind >> 7])
    size = len(data)
    while size >= 128:
        head += bytes([size & 127 | 128])
        size >>= 7
    return head + bytes([size]) + data


def _text12(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


_TYPES = (
    '<?xml version="1.0"?><Types xmlns='
    '"http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="bin" '
    'ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/></Types>'
)


def _relation(kind: str, target: str) -> str:
    space = "http://schemas.openxmlformats.org"
    return (
        f'<?xml version="1.0"?><Relationships xmlns="{space}/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{space}/officeDocument/2006/relationships/{kind}" '
        f'Target="{target}"/></Relationships>'
    )
