"""Parse a column of strings to numbers, booleans, times or text, and infer its value format."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import polars as pl

from artesian.core.errors import DataError
from artesian.data.inference import null_values
from artesian.data.inference.datetimes import parse, parse_datetimes
from artesian.data.schema import Column, Kind, ValueFormat

SAMPLE = 300
MIXED = 0.05
"""Below this fraction of text among numbers, a column is mixed by mistake, which is noted."""

PAIRS = (
    ("true", "false"),
    ("yes", "no"),
    ("y", "n"),
    ("t", "f"),
    ("on", "off"),
    ("ja", "nein"),
    ("oui", "non"),
    ("sí", "no"),
    ("si", "no"),
    ("wahr", "falsch"),
    ("vrai", "faux"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedColumn:
    """A typed column.

    Attributes:
        evidence: Start of a sentence of evidence for the type; '' if the values are evident.
        ending: End of that sentence: how missing values are written.
        bare: Whole numbers among decimals are written without a point.
        note: A note for the user.
    """

    series: pl.Series
    value_format: ValueFormat = field(default_factory=ValueFormat)
    evidence: str = ""
    ending: str = ""
    bare: bool = False
    note: str = ""


def from_text(raw: pl.Series, decimal: str = ".", given: Column | None = None) -> ParsedColumn:
    """Infer the type of a column of strings; `given` is its column in the schema.

    Raises:
        DataError: the values do not match the schema, or some number is infinite.
    """
    also = given.value_format.missing or None if given is not None else None
    sample = _sample(raw, also)
    if given is not None:
        return _as_given(raw, sample, decimal, given, also)
    if not sample:
        return _text_column(raw, also)
    for attempt in (_boolean, _datetime, _number):
        typed = attempt(raw, sample, decimal, also)
        if typed is not None:
            return typed
    return _text_column(raw, also)


def _as_given(
    raw: pl.Series, sample: list[str], decimal: str, given: Column, also: str | None
) -> ParsedColumn:
    typed: ParsedColumn | None = None
    if given.kind is Kind.NUMBER:
        typed = (
            _number(raw, sample, decimal, also, strict=True) if sample else _text_column(raw, also)
        )
    elif given.kind is Kind.DATETIME:
        typed = _datetime(raw, sample, decimal, also, given.value_format.pattern)
    elif given.kind is Kind.BOOLEAN:
        typed = _boolean(raw, sample, decimal, also, given.value_format)
    elif (given.kind is Kind.KEY or (given.kind is Kind.TEXT and given.role)) and sample:
        # As without a schema: card numbers are whole numbers, telephone numbers with zeros are not.
        number = _number(raw, sample, decimal, also) or _text_column(raw, also)
        whole = whole_numbers(number.series)
        typed = _text_column(raw, also) if whole is None else replace(number, series=whole)
    else:
        typed = _text_column(raw, also)
    if typed is None and not sample:
        typed = _text_column(raw, also)
    if typed is None:
        raise DataError(
            f"column {raw.name!r} is given as {given.kind.value}, "
            f"but its values cannot be parsed so (the first is {sample[0]!r})",
            hint="give another kind, or a pattern (times) or spellings (booleans) that fit",
        )
    return typed


def whole_numbers(series: pl.Series) -> pl.Series | None:
    """The series as integers; None if some value is not a whole number.

    Identifiers with missing values are written as '2.0' by libraries without nullable integers.
    """
    if series.dtype == pl.Float64 and ((series % 1 == 0) & (series.abs() < 2**53)).all():
        return series.cast(pl.Int64)
    return series if series.dtype.is_integer() else None


def _sample(raw: pl.Series, also: str | None) -> list[str]:
    """Some distinct values that are not missing, evenly spaced."""
    present = raw.drop_nulls()
    for step in (max(1, len(present) // SAMPLE), 1):
        values = present.gather_every(step).unique(maintain_order=True).str.strip_chars().to_list()
        some = [v for v in values if null_values.folded(v) not in null_values.WIDE and v != also]
        if some or step == 1:
            return some
    return []


def _leftover(raw: pl.Series, parsed: pl.Series) -> dict[str, int]:
    """The most frequent values that did not parse, with their counts."""
    if parsed.null_count() == raw.null_count():
        return {}
    left = raw.filter(parsed.is_null() & raw.is_not_null())
    return dict(_counted(left).head(SAMPLE).iter_rows())


def _counted(values: pl.Series) -> pl.DataFrame:
    """Distinct values and their counts, the most frequent first."""
    # Renamed, because the column itself may be called 'count'.
    counts = values.alias("value").value_counts()
    return counts.sort("count", "value", descending=[True, False])


def _missing(raw: pl.Series, tokens: Mapping[str, int]) -> tuple[str, str]:
    empty = raw.null_count()
    return null_values.usual(tokens, empty), null_values.describe(tokens, empty)


def _boolean(
    raw: pl.Series,
    sample: list[str],
    _: str,
    also: str | None,
    given: ValueFormat | None = None,
) -> ParsedColumn | None:
    pairs: tuple[tuple[str, str], ...] = PAIRS
    if given is not None:
        own = (given.true, given.false)
        spelled = own[0] is not None and own[1] is not None
        pairs = ((str(own[0]).casefold(), str(own[1]).casefold()),) if spelled else PAIRS
        pairs = (*pairs, ("1", "0"), ("1.0", "0.0"))
    seen = {v.casefold() for v in sample}
    if len(seen) > 2 or not any(seen <= set(pair) for pair in pairs):
        return None
    counts = dict(_counted(raw.drop_nulls()).iter_rows())
    tokens = {t: c for t, c in counts.items() if null_values.all_wide([t], also)}
    texts = {t: null_values.folded(t) for t in counts if t not in tokens}
    seen = set(texts.values())
    pair = next((p for p in pairs if seen <= set(p)), None)
    if pair is None or (len(seen) == 1 and pair != PAIRS[0] and given is None):
        return None  # a lone 'no' or 'T' may be anything
    mapping = {t: word == pair[0] for t, word in texts.items()}
    series = raw.replace_strict(mapping, default=None, return_dtype=pl.Boolean)
    true, false = (next((t for t, w in texts.items() if w == side), None) for side in pair)
    token, ending = _missing(raw, tokens)
    # If one of the two values does not occur, it is written in the case of the other.
    true = true if true is not None else _alike(pair[0], false)
    false = false if false is not None else _alike(pair[1], true)
    note = f"{raw.name!r} writes its booleans in several ways" if len(texts) > 2 else ""
    return ParsedColumn(
        series=series,
        value_format=ValueFormat(missing=token, true=true, false=false),
        evidence=f"booleans, written {true!r} and {false!r}",
        ending=ending,
        note=note,
    )


def _alike(word: str, model: str | None) -> str:
    if model is None or model.islower():
        return word
    return word.upper() if model.isupper() else word.capitalize()


def _datetime(
    raw: pl.Series, sample: list[str], _: str, also: str | None, pattern: str | None = None
) -> ParsedColumn | None:
    series = None if pattern is None else parse(raw.str.strip_chars(), pattern)
    evidence, note = f"times like {pattern}", ""
    if series is None or not series.count():
        reading = parse_datetimes(raw, sample, raw.name)
        if reading is None:
            return None
        if pattern is not None:
            note = f"{raw.name!r} is not written as {pattern}, but as {reading.pattern}"
        series, pattern, evidence = reading.series, reading.pattern, reading.evidence
    tokens = _leftover(raw, series)
    if not null_values.all_wide(tokens, also):
        return None
    token, ending = _missing(raw, tokens)
    value_format = ValueFormat(missing=token, pattern=pattern)
    return ParsedColumn(
        series=series, value_format=value_format, evidence=evidence, ending=ending, note=note
    )


def _number(
    raw: pl.Series, sample: list[str], decimal: str, also: str | None, *, strict: bool = False
) -> ParsedColumn | None:
    if not strict and sum(_numeric(v, decimal) for v in sample) < (1 - MIXED) * len(sample):
        return None
    text = raw.str.replace(",", ".", literal=True) if decimal == "," else raw
    if also is not None:
        text = text.replace(also, None)
    if not strict and _codes(text):
        return _text_column(raw, also, evidence="digits with leading zeros: codes, not numbers")
    series, tokens = raw, dict[str, int]()
    if all(v.lstrip("+-").isdigit() for v in sample):
        series = text.cast(pl.Int64, strict=False)
        tokens = _leftover(raw, series)
        if not null_values.all_wide(tokens, also):
            series = text.str.strip_chars().cast(pl.Int64, strict=False)
            tokens = _leftover(raw, series)
    if series.dtype == pl.String or not null_values.all_wide(tokens, also):
        series = _decimal_numbers(raw.name, text)
        tokens = _leftover(raw, series)
        if not null_values.all_wide(tokens, also):
            series = _decimal_numbers(raw.name, text.str.strip_chars())
            tokens = _leftover(raw, series)
    if not null_values.all_wide(tokens, also):
        texts = {t: c for t, c in tokens.items() if not null_values.all_wide([t], also)}
        return _mixed(raw, texts, series, also, strict)
    if series.dtype == pl.Float64 and _too_long(sample, decimal):
        return _text_column(raw, also, evidence="whole numbers too long for 64 bits, kept as text")
    token, ending = _missing(raw, tokens)
    decimals, bare = (None, False)
    if series.dtype == pl.Float64:
        decimals, bare = _decimals(text.filter(series.is_not_null()))
    value_format = ValueFormat(missing=token, decimals=decimals)
    return ParsedColumn(series=series, value_format=value_format, ending=ending, bare=bare)


def _decimal_numbers(name: str, text: pl.Series) -> pl.Series:
    series = text.cast(pl.Float64, strict=False)
    endless = int(series.is_infinite().sum())
    if endless:
        raise infinite(name, endless)
    return series.fill_nan(None)


def _numeric(text: str, decimal: str) -> bool:
    try:
        float(text.replace(decimal, "."))
    except ValueError:
        return False
    return "_" not in text  # Python reads 1_000, which data do not contain


def _codes(text: pl.Series) -> bool:
    """Whether some value is digits with a leading zero."""
    zero = text.filter(text.str.starts_with("0") | text.str.starts_with(" "))
    return bool(zero.str.contains(r"^\s*0[0-9]+\s*$").any())


def _too_long(sample: list[str], decimal: str) -> bool:
    return any(len(v) > 18 and re.fullmatch(r"[+-]?\d{19,}", v) for v in sample) and not any(
        decimal in v for v in sample
    )


def _mixed(
    raw: pl.Series, texts: dict[str, int], series: pl.Series, also: str | None, strict: bool
) -> ParsedColumn | None:
    worst = next(iter(texts))  # the most frequent
    if strict:
        row = int((raw == worst).arg_max() or 0) + 1
        raise DataError(
            f"column {raw.name!r} is given as number, but row {row} has {worst!r}",
            hint="give another kind, or set missing to this text",
        )
    count = raw.count() - series.count()
    if count > MIXED * (series.count() + count):
        return None
    evidence = f"numbers mixed with text in {count:,} rows (such as {worst!r}), kept as text"
    note = (
        f"{raw.name!r} mixes numbers and text such as {worst!r}: if that means missing, "
        f'set kind = "number" and missing = {worst!r} in the schema file'
    )
    typed = _text_column(raw, also, evidence=evidence)
    return ParsedColumn(
        series=typed.series,
        value_format=typed.value_format,
        evidence=evidence,
        ending=typed.ending,
        note=note,
    )


def _decimals(text: pl.Series) -> tuple[int | None, bool]:
    """Number of decimals if constant; and whether whole numbers have no point."""
    head = text.head(SAMPLE).to_list()
    points = [v.strip().partition(".")[2] for v in head]
    whole = any("." not in v for v in head)
    bare = whole and not any(re.fullmatch(r"0+", p) for p in points)
    if bare or len({len(p) for p in points}) != 1 or not all(p.isdigit() for p in points):
        return None, bare
    digits = text.str.strip_chars_end().str.len_bytes().cast(pl.Int64)
    behind = digits - text.str.find(".", literal=True).cast(pl.Int64) - 1
    if behind.null_count() or behind.min() != behind.max() or text.str.contains("e|E").any():
        return None, False
    return len(points[0]), False


def _text_column(raw: pl.Series, also: str | None, evidence: str = "") -> ParsedColumn:
    counted = _counted(raw.drop_nulls())
    missing = null_values.missing_in_text(counted.to_series(0), also)
    marked = counted.filter(counted.to_series(0).is_in(missing)) if missing else counted.clear()
    tokens = dict(marked.iter_rows())
    series = raw.replace(dict.fromkeys(tokens)) if tokens else raw
    token, ending = _missing(raw, tokens)
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
