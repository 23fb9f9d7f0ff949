"""What parsing a column of strings gives, and what its columns of text and misfits have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from artesian.core.errors import DataError
from artesian.data.inference import null_values
from artesian.data.value_format import ValueFormat

SAMPLE = 300
"""Number of values that are examined before a column is parsed."""

MISFITS = 0.025
"""Maximum fraction of values that do not have the form of their column and are read as missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedColumn:
    """A typed column.

    Attributes:
        evidence: Start of a sentence of evidence for the type; '' if the values are evident.
        ending: End of that sentence: how missing values are written.
        bare: Whole numbers among decimals are written without a point.
        note: A note for the user.
        misfits: Number of values that do not have the form of the others and are read as missing.
        swapped: A pattern of times that fits as well, with day and month swapped; '' if there is none.
    """

    series: pl.Series
    value_format: ValueFormat = field(default_factory=ValueFormat)
    evidence: str = ""
    ending: str = ""
    bare: bool = False
    note: str = ""
    misfits: int = 0
    swapped: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """The values that are no numbers or times: how missing ones are written, and misfits."""

    token: str
    ending: str
    note: str = ""
    misfits: int = 0


def rest_of(raw: pl.Series, parsed: pl.Series, also: str | None, why: str) -> Rest | None:
    """What did not parse, if it is missing or at most the fraction `MISFITS`; else None."""
    left = leftover(raw, parsed)
    tokens = {t: c for t, c in left.items() if null_values.all_wide([t], also)}
    misfits = raw.count() - parsed.count() - sum(tokens.values())
    if misfits > MISFITS * (parsed.count() + misfits):
        return None
    token, ending = missing_token(raw, tokens)
    if not misfits:
        return Rest(token=token, ending=ending)
    worst = next(t for t in left if t not in tokens)
    fraction = misfits / (parsed.count() + misfits)
    note = (
        f"{raw.name!r}: {misfits:,} of its values ({fraction:.1%}), such as {worst!r}, {why} "
        "and are treated as missing"
    )
    return Rest(token=token, ending=ending, note=note, misfits=misfits)


def leftover(raw: pl.Series, parsed: pl.Series) -> dict[str, int]:
    """The most frequent values that did not parse, with their counts."""
    if parsed.null_count() == raw.null_count():
        return {}
    left = raw.filter(parsed.is_null() & raw.is_not_null())
    return dict(counted(left).head(SAMPLE).iter_rows())


def counted(values: pl.Series) -> pl.DataFrame:
    """Distinct values and their counts, the most frequent first."""
    # Renamed, because the column itself may be called 'count'.
    counts = values.alias("value").value_counts()
    return counts.sort("count", "value", descending=[True, False])


def missing_token(raw: pl.Series, tokens: Mapping[str, int]) -> tuple[str, str]:
    """The usual text of a missing value, and the end of a sentence about those that occur."""
    empty = raw.null_count()
    return null_values.usual(tokens, empty), null_values.describe(tokens, empty)


def text_column(raw: pl.Series, also: str | None, evidence: str = "") -> ParsedColumn:
    """The column as text; `also` is a further text for a missing value."""
    missing = null_values.missing_in_text(raw.drop_nulls().unique(), also)
    tokens = dict(counted(raw.filter(raw.is_in(missing))).iter_rows()) if missing else {}
    series = raw.replace(dict.fromkeys(tokens)) if tokens else raw
    token, ending = missing_token(raw, tokens)
    return ParsedColumn(
        series=series,
        value_format=ValueFormat(missing=token, width=_width(series)),
        evidence=evidence,
        ending=ending,
    )


def _width(series: pl.Series) -> int:
    """Common width of zero-padded whole numbers; 0 for other columns."""
    head = series.drop_nulls().head(SAMPLE).to_list()
    if not head or not all(v.isascii() and v.isdigit() for v in head):
        return 0
    widths = series.str.len_bytes()
    even = widths.min() == widths.max() and series.str.contains("^[0-9]*$").all()
    return len(head[0]) if even and series.str.starts_with("0").any() else 0


def infinite(name: str, count: int) -> DataError:
    """The error for a column with infinities."""
    rows = "row" if count == 1 else "rows"
    return DataError(
        f"column {name!r} is infinite in {count} {rows}",
        hint="replace infinities by a missing value or a finite limit first",
    )
