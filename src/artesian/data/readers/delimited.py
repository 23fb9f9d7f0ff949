"""Read delimited text (CSV, TSV, ...): fields as strings, problems as errors with their line."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from artesian.core.errors import DataError
from artesian.data.readers.dialect import Dialect, Preamble, dialect_of, header_of, preamble_of
from artesian.data.readers.location import Location, one_line
from artesian.data.readers.prescan import FieldTooLong, Prescan
from artesian.data.readers.raw import NoRows, Raw
from artesian.data.readers.text import LONGEST, Encoding, NotUtf8, chunks, fallback, head_of
from artesian.data.readers.title_lines import TOTALS_NOTE, ends_with_totals
from artesian.data.table import Origin

QUOTE = '"'


def read_delimited(place: Location) -> Raw:
    """Read a delimited text file as strings.

    Raises:
        DataError: the file is empty or not text, has no rows, records of different widths or duplicate
            names, or a field is too long.
    """
    head, encoding = head_of(place)
    if not head.strip():
        raise DataError(f"{place.shown} is empty", hint="give a file with a header and rows")
    preamble = preamble_of(head)
    head = head.removeprefix(preamble.text)
    if not head.strip():
        raise DataError(f"{place.shown} has no header", hint="give a file with a header and rows")
    dialect = dialect_of(head, suffix=place.suffix, delimiter=preamble.delimiter)
    text = _Text(place=place, encoding=encoding, preamble=preamble)
    try:
        frame = _parse(text, dialect, head)
    except NotUtf8 as problem:
        encoding = fallback(place, problem.position)
        head, _ = head_of(place, encoding)
        text = _Text(place=place, encoding=encoding, preamble=preamble_of(head))
        head = head.removeprefix(text.preamble.text)
        frame = _parse(text, dialect, head)
    notes = [encoding.note] if encoding.note else []
    notes += _preamble_notes(preamble)
    if ends_with_totals(frame):
        frame = frame.head(-1)
        notes.append(TOTALS_NOTE)
    header = header_of(head, dialect)
    if len(header) != frame.width:
        header = list(frame.columns)
    names, renamed = _names(place, header)
    notes += renamed
    if not frame.height:
        raise NoRows(
            f"{place.shown} has a header but no rows",
            hint="give at least one row below the header",
        )
    frame.columns = names
    if dialect.padded:
        frame = frame.with_columns(pl.all().str.strip_chars_start(" "))
        notes.append("the space after every delimiter was dropped")
    frame, quoted_missing = _empties(frame, dialect)
    return Raw(
        frame=frame,
        text=True,
        origin=Origin(
            name=place.name,
            format="csv",
            options=_options(text, dialect, names, header, quoted_missing),
            notes=tuple(notes),
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Text:
    """The text of a file from its header on."""

    place: Location
    encoding: Encoding
    preamble: Preamble

    @property
    def is_whole_file(self) -> bool:
        """Whether the bytes of the file are the text."""
        plain = self.encoding.name == "utf-8" and not self.encoding.bom
        return plain and not self.place.compression and not self.preamble.text

    def chunks(self) -> Iterator[bytes]:
        skip = len(self.preamble.text.encode())
        for chunk in chunks(self.place, self.encoding):
            yield chunk[skip:]
            skip = max(skip - len(chunk), 0)


def _preamble_notes(preamble: Preamble) -> list[str]:
    notes = []
    if preamble.delimiter:
        notes.append(f"the first line says that the delimiter is {preamble.delimiter!r}")
    titles = preamble.lines - bool(preamble.delimiter)
    if titles:
        lines = "line" if titles == 1 else "lines"
        notes.append(f"{titles} {lines} above the header (line {preamble.lines + 1}) left out")
    return notes


def _parse(text: _Text, dialect: Dialect, head: str) -> pl.DataFrame:
    """All fields as strings, the empty ones null; the column names are not yet the final ones."""
    if dialect.delimiter == " " or not head.split(dialect.newline)[0].strip():
        return _read_slowly(text, dialect)
    frame = _read_fast(text, dialect, QUOTE, head)
    if frame is None and QUOTE in head:
        # A single quote (5" pipe) is not quoting, unless a field starts with it.
        frame = _read_fast(text, dialect, None, head)
        if frame is not None and _starts_with_quote(frame):
            frame = None
    return _read_slowly(text, dialect) if frame is None else frame


def _starts_with_quote(frame: pl.DataFrame) -> bool:
    return bool(frame.select(pl.any_horizontal(pl.all().str.starts_with(QUOTE).any())).item())


def _read_fast(text: _Text, dialect: Dialect, quote: str | None, head: str) -> pl.DataFrame | None:
    """Parse with polars; None for records of different widths or unusual quotes."""
    survey = Prescan(
        separator=ord(dialect.delimiter),
        quote=None if quote is None else ord(quote),
        newline=ord(dialect.newline[-1]),
        crlf=dialect.newline == "\r\n",
    )
    place, as_it_lies = text.place, text.is_whole_file
    kept: list[bytes] = []
    for chunk in text.chunks():
        try:
            survey.feed(chunk)
        except FieldTooLong as problem:
            if quote is not None and survey.parity and not _opens_field(head, dialect):
                return None  # a single quote, such as one for inches
            raise DataError(
                f"{place.shown}: a field near record {problem.record} is longer than "
                f"{LONGEST >> 20} MB",
                hint="is it a table? check the delimiter and that every quote is closed",
            ) from problem
        if not as_it_lies:
            kept.append(chunk)
    if not survey.finish():
        return None
    source: Any = str(place.path) if as_it_lies else io.BytesIO(b"".join(kept))
    kept.clear()
    try:
        frame = pl.read_csv(
            source,
            infer_schema=False,
            separator=dialect.delimiter,
            quote_char=quote,
            eol_char=dialect.newline[-1],
            glob=False,
        )
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError):
        return None  # the slow reader finds the error, or none
    if frame.height != survey.records - 1 or frame.width != survey.width:
        return None
    return _without_empty_lines(frame, survey.empty)


def _opens_field(head: str, dialect: Dialect) -> bool:
    """Whether some field begins with a quote, so that quotes are quotes in this file."""
    return any(mark + QUOTE in head for mark in (dialect.delimiter, dialect.newline))


def _without_empty_lines(frame: pl.DataFrame, empty: list[int]) -> pl.DataFrame:
    """Drop empty lines; in a file of one column, an empty line inside is a missing value."""
    if not empty:
        return frame
    if frame.width == 1:
        last = frame.height
        while empty and empty[-1] == last:
            empty.pop()
            last -= 1
        return frame.head(last)
    keep = pl.Series([True]).new_from_index(0, frame.height).to_numpy().copy()
    keep[[b - 1 for b in empty]] = False
    return frame.filter(pl.Series(keep))


def _read_slowly(text: _Text, dialect: Dialect) -> pl.DataFrame:
    """Parse with the standard library: slower, lenient about quotes, with line numbers."""
    place, above = text.place, text.preamble.lines
    rows: list[list[str]] = []
    first = 0
    record: list[str] = []  # the lines of the record that is being read
    lines = _kept(_lines(text), record)
    reader = csv.reader(lines, delimiter=dialect.delimiter)
    started = above + 1
    try:
        for row in reader:
            last = "".join(record)
            record.clear()
            if dialect.delimiter == " ":
                row = " ".join(row).split()
            if not row or (len(row) == 1 and not row[0].strip()):
                started = above + reader.line_num + 1
                continue
            if rows and len(row) != len(rows[0]):
                raise _ragged(place, started, len(row), len(rows[0]), first)
            first = first or started
            rows.append(row)
            started, opened = above + reader.line_num + 1, started
            if last.count(QUOTE) % 2 and _unclosed(last, dialect.delimiter):
                raise DataError(
                    f"{place.shown}, line {opened}: a quote is opened and never closed",
                    hint="close it, or double it if it is part of the text",
                )
    except csv.Error as problem:
        raise DataError(
            f"{place.shown}, line {started}: {one_line(problem)}",
            hint="is a quote opened there and never closed?",
        ) from problem
    if not rows:
        raise DataError(f"{place.shown} is empty", hint="give a file with a header and rows")
    header, body = rows[0], rows[1:]
    columns = list(zip(*body, strict=True)) or [()] * len(header)
    numbered = {str(i): pl.Series(values, dtype=pl.String) for i, values in enumerate(columns)}
    frame = pl.DataFrame(numbered).with_columns(pl.all().replace("", None))
    return frame


def _kept(lines: Iterator[str], record: list[str]) -> Iterator[str]:
    for line in lines:
        record.append(line)
        yield line


def _unclosed(record: str, delimiter: str) -> bool:
    """Whether a record ends inside quotes, which csv accepts at the end of a file."""
    try:
        list(csv.reader(io.StringIO(record, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as problem:
        return "unexpected end" in str(problem)
    return False


def _ragged(place: Location, line: int, have: int, want: int, header: int) -> DataError:
    fields = "field" if have == 1 else "fields"
    return DataError(
        f"{place.shown}, line {line}: {have} {fields}, where the header (line {header}) has {want}",
        hint="repair that line; a field with the delimiter must be in double quotes",
    )


def _lines(text: _Text) -> Iterator[str]:
    """Lines with their ends, of bounded length."""
    waiting = ""
    for chunk in text.chunks():
        waiting += chunk.decode()
        # Not str.splitlines, which also splits at form feeds and the like.
        pieces = list(io.StringIO(waiting, newline=""))
        # The last piece may be incomplete; a carriage return at its end may be half a line end.
        waiting = pieces.pop() if pieces else ""
        if len(waiting) > LONGEST:
            raise DataError(
                f"{text.place.shown}: a line is longer than {LONGEST >> 20} MB",
                hint="is it a table?",
            )
        yield from pieces
    if waiting:
        yield waiting


def _names(place: Location, header: list[str]) -> tuple[list[str], list[str]]:
    """Names to use for a header, and notes about it."""
    names = [name.strip() for name in header]
    duplicates = [n for n, count in Counter(n for n in names if n).items() if count > 1]
    if duplicates:
        places = [str(i + 1) for i, n in enumerate(names) if n == duplicates[0]]
        raise DataError(
            f"{place.shown}: duplicate column name {duplicates[0]!r} (columns {', '.join(places)})",
            hint="give every column a distinct name",
        )
    notes = []
    for i, name in enumerate(names):
        if not name:
            # Row names, as pandas and R write them, are the first column and have no name.
            stem = f"column_{i + 1}" if i else "index"
            names[i] = next(n for k in range(len(names) + 1) if (n := stem + "_" * k) not in names)
    nameless = sum(not n.strip() for n in header)
    if nameless:
        notes.append(f"{nameless} column(s) had no name and got one (index, column_<position>)")
    if all(_is_number(n) for n in header):
        notes.append("the first line has only numbers: is the header missing?")
    return names, notes


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _empties(frame: pl.DataFrame, dialect: Dialect) -> tuple[pl.DataFrame, bool]:
    """Treat `""` as a missing value in a column that is always quoted, or is the only one."""
    quoted_missing = dialect.quoted_missing
    missing = []
    for i, name in enumerate(frame.columns):
        always = i in dialect.quoted and not frame[name].null_count()
        if (frame.width == 1 or always) and (frame[name] == "").any():
            missing.append(pl.col(name).replace("", None))
            quoted_missing = True
    return (frame.with_columns(missing) if missing else frame), quoted_missing


def _options(
    text: _Text,
    dialect: Dialect,
    names: list[str],
    header: list[str],
    quoted_missing: bool,
) -> dict[str, Any]:
    place, encoding = text.place, text.encoding
    options: dict[str, Any] = {
        "suffix": place.suffix,
        "delimiter": dialect.delimiter,
        "newline": dialect.newline,
        "encoding": encoding.name,
        "bom": bool(encoding.bom),
        "compression": place.compression,
        "quoted": [names[i] for i in dialect.quoted],
        "quoted_header": dialect.quoted_header,
        "quoted_missing": quoted_missing,
        "decimal": "," if dialect.comma else ".",
    }
    if text.preamble.delimiter:
        options["sep_line"] = True
    if header != names:
        options["header"] = {name: h for name, h in zip(names, header, strict=True) if name != h}
    return options
