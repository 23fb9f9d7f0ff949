"""Find the lines around a table: titles or `sep=;` above its header, and a line of totals below."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import polars as pl

MAX_TITLES = 30
"""Maximum number of lines above a header."""

TYPED = 0.9
"""Fraction of the values of a column that are digits, below a header that is not."""

MIN_BODY = 5
"""Minimum number of rows below a header that only an empty row separates from the titles."""

SEP_LINE = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
"""The first line by which Excel learns the delimiter."""

_DIGITS = re.compile(r"[^A-Za-z]*\d[^A-Za-z]*")

TOTALS = frozenset(
    {
        *("total", "totals", "grand total", "sum", "gesamt", "summe", "totaux", "somme"),
        *("suma", "totale", "totaal", "samlet", "itogo", "итого", "合计"),
    }
)
"""Words that begin a line of totals."""

TOTALS_NOTE = "the last row has totals and was left out"

Fields = Sequence[str]


def lines_above_header(rows: Sequence[Fields]) -> int:
    """The number of rows above the header; 0 if the first row is the header, or none is evident.

    A header has a distinct name for every column. The rows above it have fewer fields, and below it
    some column consists of digits, or an empty row separates it from the rows above.

    Args:
        rows: The first rows, without quotes; an empty row or field has no text.

    >>> lines_above_header([["Sales 2024"], [""], ["id", "sum"], ["1", "9.5"], ["2", "3.1"]])
    2
    >>> lines_above_header([["id", "sum"], ["1", "9.5"], ["2", "3.1"]])
    0
    """
    filled = [row for row in rows if any(row)]
    width = Counter(map(len, filled)).most_common(1)[0][0] if filled else 0
    if width < 2:
        return 0
    for at, row in enumerate(rows[: MAX_TITLES + 1]):
        if _is_header(row, width):
            return at if at and _is_evident(rows, at, width) else 0
        if not _is_title(row, width):
            return 0
    return 0


def ends_with_totals(frame: pl.DataFrame) -> bool:
    """Whether the last row of a frame is a line of totals.

    It begins with such a word, and has no value in some column that is never empty otherwise.
    """
    if frame.height < 3:
        return False
    # Only of texts: Python has no times after the year 9999.
    last = [
        (column[-1] if column.dtype == pl.String else "") if column[-1:].count() else None
        for column in frame
    ]
    above = frame.head(-1)
    word = next((v.strip(" :").casefold() for v in last if v is not None), "")
    return word in TOTALS and any(
        value is None and not column.null_count()
        for value, column in zip(last, above.iter_columns(), strict=True)
    )


def _is_header(row: Fields, width: int) -> bool:
    names = {name for name in row if name and not _DIGITS.fullmatch(name)}
    return len(row) == len(names) == width


def _is_title(row: Fields, width: int) -> bool:
    texts = [text for text in row if text]
    # One name less than columns may be a header that does not name the index.
    few = len(texts) <= max(width // 2, 1)
    return few or (len(texts) < width and any(map(_DIGITS.fullmatch, texts)))


def _is_evident(rows: Sequence[Fields], at: int, width: int) -> bool:
    body = [row for row in rows[at + 1 :] if any(row)]
    if len(body) < 2 or sum(len(row) == width for row in body) < TYPED * len(body):
        return False
    if not any(rows[at - 1]) and width >= 3 and len(body) >= MIN_BODY:
        return True
    columns = zip(*(row for row in body if len(row) == width), strict=True)
    present = ([text for text in column if text] for column in columns)
    return any(
        texts and sum(map(bool, map(_DIGITS.fullmatch, texts))) >= TYPED * len(texts)
        for texts in present
    )
