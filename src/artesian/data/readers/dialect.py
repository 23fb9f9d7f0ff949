"""Infer the dialect of a delimited file from its first lines: delimiter, quotes, line ends."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass

from artesian.data.readers.title_lines import SEP_LINE, lines_above_header

DELIMITERS = (",", ";", "\t", "|")
LINES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """Layout of a delimited file.

    Attributes:
        delimiter: One character; ' ' matches any run of spaces.
        newline: '\\n', '\\r\\n' or '\\r'.
        quoted: Positions of the columns whose every value is quoted.
        quoted_header: The header is quoted throughout.
        quoted_missing: A missing value is written as two quotes.
        padded: A space follows every delimiter.
        comma: Numbers have a decimal comma ('1,5').
    """

    delimiter: str
    newline: str
    quoted: tuple[int, ...] = ()
    quoted_header: bool = False
    quoted_missing: bool = False
    padded: bool = False
    comma: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Preamble:
    """The text above the header.

    Attributes:
        text: The lines, with their ends; '' if the header is the first line.
        lines: Number of lines.
        delimiter: The delimiter that a first line such as 'sep=;' names; '' without one.
    """

    text: str = ""
    lines: int = 0
    delimiter: str = ""


def preamble_of(head: str) -> Preamble:
    """The lines of a file that starts with `head` which are above its header."""
    newline = _newline(head)
    records = _records(head, newline)
    named = SEP_LINE.fullmatch(records[0])
    delimiter = named[1] if named else ""
    rest = records[1:] if named else records
    titles, best = 0, (0.0, 0)
    for candidate in delimiter or DELIMITERS:
        rows = [[_unquoted(f) for f in _fields(line, candidate)] for line in rest[:LINES]]
        above = lines_above_header(rows)
        widths = [len(row) for row in rows[above:] if any(row)]
        if not widths or widths[0] < 2:
            continue
        # Of several delimiters, the one by which the most lines have as many fields as the header.
        score = (widths.count(widths[0]) / len(widths), widths[0])
        if score > best:
            titles, best = above, score
    count = titles + bool(named)
    text = "".join(record + newline for record in records[:count])
    return Preamble(text=text, lines=text.count(newline), delimiter=delimiter)


def dialect_of(head: str, *, suffix: str = "", delimiter: str = "") -> Dialect:
    """Layout of the file that starts with `head`.

    Args:
        suffix: Its ending, such as '.tsv'.
        delimiter: The delimiter if it is given.
    """
    newline = _newline(head)
    lines = [line for line in _records(head, newline) if line.strip()][:LINES]
    delimiter = delimiter or _delimiter(lines, suffix)
    rows = [_fields(line, delimiter) for line in lines]
    rows = [row for row in rows if len(row) == len(rows[0])]
    header, body = (rows[0], rows[1:]) if rows else ([], [])
    columns = list(zip(*body, strict=True))
    filled = [[f for f in column if f] for column in columns]
    titled = bool(header) and all(map(_is_quoted, header))
    quoted = tuple(i for i, fields in enumerate(filled) if fields and all(map(_is_quoted, fields)))
    if not (titled and len(quoted) == len([f for f in filled if f])):
        # A column whose texts all need quotes is not one that is always quoted.
        quoted = tuple(i for i in quoted if not all(_needs(f, delimiter) for f in filled[i]))
    padded = len(header) > 1 and bool(body) and all(f[:1] == " " for r in rows for f in r[1:])
    return Dialect(
        delimiter=delimiter,
        newline=newline,
        quoted=quoted,
        quoted_header=titled,
        quoted_missing=bool(columns)
        and len(quoted) == len([f for f in filled if f])
        and not any(f == "" for r in body for f in r),
        padded=padded and delimiter != " ",
        comma=delimiter != "," and _decimal_comma([f.strip(' "') for row in body for f in row]),
    )


def header_of(head: str, dialect: Dialect) -> list[str]:
    """The names in the first record."""
    for line in _records(head, dialect.newline):
        if line.strip():
            if dialect.delimiter == " ":
                return line.split()
            rows = csv.reader([line], delimiter=dialect.delimiter)
            try:
                return next(rows, [])
            except csv.Error:
                return []
    return []


def _newline(head: str) -> str:
    if "\n" not in head:
        return "\r" if "\r" in head.rstrip("\r") else "\n"
    return "\r\n" if head.count("\r\n") * 2 > head.count("\n") else "\n"


def _records(head: str, newline: str) -> list[str]:
    """Lines, joined where a quote is open; without the last one, which may be cut."""
    out: list[str] = []
    waiting: list[str] = []
    quotes = 0
    pieces = head.split(newline)
    for line in pieces[:-1] if len(pieces) > 1 else pieces:
        waiting.append(line)
        quotes += line.count('"')
        if quotes % 2 == 0:
            out.append(newline.join(waiting))
            waiting.clear()
        if len(out) > LINES:
            break
    return out or pieces[:1]


def _delimiter(lines: list[str], suffix: str) -> str:
    if not lines:
        return ","
    best, score = ",", 0.0
    preferred = "\t" if suffix.startswith((".tsv", ".tab")) else ","
    for delimiter in sorted(DELIMITERS, key=lambda d: d != preferred):
        widths = [len(_fields(line, delimiter)) for line in lines]
        if widths[0] == 1:
            continue
        consistency = widths.count(widths[0]) / len(widths)
        # The most consistent width wins; among equal ones, the widest header.
        value = consistency + min(widths[0], 1000) / 1e5
        if value > score:
            best, score = delimiter, value
    if score == 0.0 and not suffix.startswith((".csv", ".tsv")):
        widths = [len(line.split()) for line in lines]
        if widths[0] > 1 and len(lines) > 1 and set(widths) == {widths[0]}:
            return " "
    return best


def _fields(line: str, delimiter: str) -> list[str]:
    """The fields, with their quotes."""
    if delimiter == " ":
        return line.split()
    if '"' not in line:
        return line.split(delimiter)
    out, start, inside = [], 0, False
    for match in re.finditer(f'"|{re.escape(delimiter)}', line):
        if match.group() == '"':
            inside = not inside
        elif not inside:
            out.append(line[start : match.start()])
            start = match.end()
    return [*out, line[start:]]


def _unquoted(text: str) -> str:
    text = text.strip()
    return text[1:-1].strip() if _is_quoted(text) else text


def _is_quoted(text: str) -> bool:
    return len(text) > 1 and text[0] == text[-1] == '"'


def _needs(text: str, delimiter: str) -> bool:
    inner = text[1:-1]
    return any(c in inner for c in (delimiter, '"', "\n", "\r"))


def _decimal_comma(fields: list[str]) -> bool:
    comma = any(re.fullmatch(r"[+-]?\d+,\d+", f) for f in fields)
    return comma and not any(re.fullmatch(r"[+-]?\d+\.\d+", f) for f in fields)
