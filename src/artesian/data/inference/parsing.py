"""Parse a column of strings to numbers, booleans, times or text, and infer its value format."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from artesian.core.errors import DataError
from artesian.data.inference import null_values
from artesian.data.inference.datetimes import parse_datetimes, read_as
from artesian.data.inference.numbers import (
    MIXED,
    is_numeric,
    parse_formatted_number,
    parse_number,
)
from artesian.data.inference.parsed import (
    SAMPLE,
    ParsedColumn,
    counted,
    missing_token,
    rest_of,
    text_column,
)
from artesian.data.schema import Column, Kind
from artesian.data.value_format import ValueFormat

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
        return text_column(raw, also)
    for attempt in (_boolean, _datetime, parse_number, parse_formatted_number):
        typed = attempt(raw, sample, decimal, also)
        if typed is not None:
            return typed
    return text_column(raw, also)


def _as_given(
    raw: pl.Series, sample: list[str], decimal: str, given: Column, also: str | None
) -> ParsedColumn:
    typed: ParsedColumn | None = None
    if given.kind is Kind.NUMBER:
        typed = _given_number(raw, sample, decimal, given, also) if sample else None
    elif given.kind is Kind.DATETIME:
        typed = _given_datetime(raw, sample, decimal, given, also)
    elif given.kind is Kind.BOOLEAN:
        typed = _boolean(raw, sample, decimal, also, given.value_format)
    elif (given.kind is Kind.KEY or (given.kind is Kind.TEXT and given.role)) and sample:
        # As without a schema: card numbers are whole numbers, telephone numbers with zeros are not.
        number = parse_number(raw, sample, decimal, also) or text_column(raw, also)
        whole = whole_numbers(number.series)
        typed = text_column(raw, also) if whole is None else replace(number, series=whole)
    else:
        typed = text_column(raw, also)
    if typed is None and not sample:
        typed = text_column(raw, also)
    if typed is None:
        raise DataError(
            f"column {raw.name!r} is given as {given.kind.value}, "
            f"but its values cannot be parsed so (the first is {sample[0]!r})",
            hint="give another kind, or a pattern (times) or spellings (booleans) that fit",
        )
    return typed


def _given_datetime(
    raw: pl.Series, sample: list[str], decimal: str, given: Column, also: str | None
) -> ParsedColumn | None:
    pattern = given.value_format.pattern
    if pattern is not None and given.value_format.stored == "integer":
        # Packed dates without leading zeros are inferred again, which pads them.
        return _datetime(raw, sample, decimal, also)
    return _datetime(raw, sample, decimal, also, pattern)


def _given_number(
    raw: pl.Series, sample: list[str], decimal: str, given: Column, also: str | None
) -> ParsedColumn | None:
    """Numbers or durations in the format of the schema, or else in the one that they show."""
    value_format = given.value_format
    if value_format.pattern is not None:
        return _datetime(raw, sample, decimal, also, value_format.pattern)
    if not value_format.plain:
        typed = parse_formatted_number(raw, sample, decimal, also, value_format)
        if typed is not None:
            return typed
    if sum(is_numeric(v, decimal) for v in sample) < (1 - MIXED) * len(sample):
        typed = _datetime(raw, sample, decimal, also)
        if typed is not None and typed.series.dtype == pl.Duration:
            return typed
        typed = parse_formatted_number(raw, sample, decimal, also)
        if typed is not None:
            return typed
    return parse_number(raw, sample, decimal, also, strict=True)


def as_plain_text(raw: pl.Series, given: Column | None = None) -> ParsedColumn:
    """The column as text, whatever its values look like."""
    return text_column(raw, given.value_format.missing or None if given is not None else None)


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
        values = present.gather_every(step)
        if len(values) > 2 * SAMPLE:
            values = values.unique(maintain_order=True)
        texts = [text.strip() for text in dict.fromkeys(values.to_list())]
        some = [t for t in texts if null_values.folded(t) not in null_values.WIDE and t != also]
        if some or step == 1:
            return some
    return []


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
    counts = dict(counted(raw.drop_nulls()).iter_rows())
    tokens = {t: c for t, c in counts.items() if null_values.all_wide([t], also)}
    texts = {t: null_values.folded(t) for t in counts if t not in tokens}
    seen = set(texts.values())
    pair = next((p for p in pairs if seen <= set(p)), None)
    if pair is None or (len(seen) == 1 and pair != PAIRS[0] and given is None):
        return None  # a lone 'no' or 'T' may be anything
    mapping = {t: word == pair[0] for t, word in texts.items()}
    series = raw.replace_strict(mapping, default=None, return_dtype=pl.Boolean)
    true, false = (next((t for t, w in texts.items() if w == side), None) for side in pair)
    token, ending = missing_token(raw, tokens)
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
    series = None if pattern is None else read_as(raw.str.strip_chars(), sample, pattern)
    evidence, unpadded, swapped, notes = f"times like {pattern}", False, "", []
    if series is None or not series.count():
        reading = parse_datetimes(raw, sample, raw.name)
        if reading is None:
            return None
        if pattern is not None and pattern != reading.pattern:
            notes.append(f"{raw.name!r} is not written as {pattern}, but as {reading.pattern}")
        series, pattern, evidence = reading.series, reading.pattern, reading.evidence
        unpadded, swapped = reading.unpadded, reading.swapped
    rest = rest_of(raw, series, also, f"do not have the form {pattern}")
    if rest is None:
        return None
    value_format = ValueFormat(
        missing=rest.token, pattern=pattern, stored="integer" if unpadded else ""
    )
    return ParsedColumn(
        series=series,
        value_format=value_format,
        evidence=evidence,
        ending=rest.ending,
        note="; ".join([*notes, *([rest.note] if rest.note else [])]),
        misfits=rest.misfits,
        swapped=swapped,
    )
