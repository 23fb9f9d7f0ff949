"""Parse a column of strings to numbers, plain or in a format, or see that they are codes."""

from __future__ import annotations

import re
from dataclasses import replace

import polars as pl

from artesian.core.disclosure import MIN_COUNT
from artesian.core.errors import DataError
from artesian.data.formatting.numbers import read_numbers, write_numbers
from artesian.data.inference import null_values
from artesian.data.inference.number_formats import (
    constant_decimals,
    infer_number_format,
    significant_digits,
)
from artesian.data.inference.parsed import (
    MISFITS,
    SAMPLE,
    ParsedColumn,
    counted,
    infinite,
    leftover,
    missing_token,
    rest_of,
    text_column,
)
from artesian.data.value_format import MAX_DECIMALS, ValueFormat

MIXED = 0.05
"""Below this fraction of text among numbers, a column is mixed by mistake, which is noted."""

FLOAT_DIGITS = 15
"""Number of decimal digits that floats represent exactly."""

MIN_QUANTITIES = 20
"""Minimum number of long numbers whose lengths tell quantities from codes."""

MAX_ONE_LENGTH = 0.7
"""Below this fraction of numbers with the most frequent number of digits, long ones are quantities."""


def parse_number(
    raw: pl.Series, sample: list[str], decimal: str, also: str | None, *, strict: bool = False
) -> ParsedColumn | None:
    """Numbers as programs write them; text if they are codes; None if they are no numbers.

    Args:
        strict: The schema says that they are numbers.
    """
    if not strict and sum(is_numeric(v, decimal) for v in sample) < (1 - MIXED) * len(sample):
        return None
    text = raw.str.replace(",", ".", literal=True) if decimal == "," else raw
    if also is not None:
        text = text.replace(also, None)
    if not strict and _codes(text):
        return text_column(raw, also, evidence="digits with leading zeros: codes, not numbers")
    if any("e" in v or "E" in v for v in sample):
        scientific = parse_formatted_number(raw, sample, decimal, also)
        if scientific is not None:
            return scientific
        if not strict and all(re.fullmatch(r"\d+([eE]\d+)?", v) for v in sample):
            return text_column(raw, also, evidence="digits and the letter E: codes, not numbers")
    series, tokens = raw, dict[str, int]()
    if all(v.lstrip("+-").isdigit() for v in sample):
        series = text.cast(pl.Int64, strict=False)
        tokens = leftover(raw, series)
        if not null_values.all_wide(tokens, also):
            series = text.str.strip_chars().cast(pl.Int64, strict=False)
            tokens = leftover(raw, series)
    if series.dtype == pl.String or not null_values.all_wide(tokens, also):
        series = _decimal_numbers(raw.name, text)
        tokens = leftover(raw, series)
        if not null_values.all_wide(tokens, also):
            series = _decimal_numbers(raw.name, text.str.strip_chars())
            tokens = leftover(raw, series)
    if not null_values.all_wide(tokens, also):
        texts = {t: c for t, c in tokens.items() if not null_values.all_wide([t], also)}
        # Marks of thousands are rare where nearly all numbers are small.
        rare = [*sample, *list(texts)[:SAMPLE]]
        grouped = parse_formatted_number(raw, rare, decimal, also)
        if grouped is not None and grouped.value_format.thousands and not grouped.misfits:
            return grouped
        return _mixed(raw, texts, series, also, strict)
    if series.dtype == pl.Float64 and _too_long(sample, decimal):
        whole = text.str.strip_chars().cast(pl.Int128, strict=False)
        if whole.null_count() > series.null_count() or not (strict or _lengths_vary(whole)):
            why = "whole numbers too long for 64 bits, kept as text"
            return text_column(raw, also, evidence=why)
        series = whole
    token, ending = missing_token(raw, tokens)
    decimals, bare = (None, False)
    if series.dtype == pl.Float64:
        decimals, bare = _decimals(text.filter(series.is_not_null()))
        if decimals is not None and decimals > MAX_DECIMALS:
            decimals = None
        zeros = decimals is None and _zeros_count(sample, decimal)
        if zeros or (decimals is None and significant_digits(sample)):
            exact = parse_formatted_number(raw, sample, decimal, also)
            if exact is not None:
                return exact
            if zeros and not strict and not _have_small_decimals(sample) and _is_repeated(raw):
                why = "numbers whose last zeros count, such as 1.10 beside 1.9: codes, not numbers"
                return text_column(raw, also, evidence=why)
    if decimals and any(sum(c.isdigit() for c in v) > FLOAT_DIGITS for v in sample):
        exact_decimals = text.str.strip_chars().cast(pl.Decimal(38, decimals), strict=False)
        shortest = series.cast(pl.String).cast(exact_decimals.dtype, strict=False)
        survives = shortest.eq_missing(exact_decimals).all()
        if exact_decimals.null_count() == series.null_count() and not survives:
            series = exact_decimals
    value_format = ValueFormat(missing=token, decimals=decimals)
    return ParsedColumn(series=series, value_format=value_format, ending=ending, bare=bare)


def parse_formatted_number(
    raw: pl.Series,
    sample: list[str],
    decimal: str,
    also: str | None,
    value_format: ValueFormat | None = None,
) -> ParsedColumn | None:
    """Numbers with a currency, a unit, marks of thousands, or in scientific notation."""
    if value_format is None:
        value_format = infer_number_format(sample, decimal)
    if value_format is None or value_format.plain:
        return None
    text = raw.str.strip_chars()
    series = read_numbers(text, value_format, decimal_mark=decimal)
    form = write_numbers(pl.Series([-1234.5]), value_format, decimal_mark=decimal)[0]
    rest = rest_of(raw, series, also, f"are no numbers of the form {form}")
    if rest is None:
        return None
    bare = False
    if value_format.decimals is None and not value_format.significant:
        written = write_numbers(series, value_format, bare=True, decimal_mark=decimal)
        bare = bool((written == text).sum() > MIXED * series.count())
    elif value_format.decimals and not value_format.exponent:
        without, written = (
            write_numbers(series, value_format, bare=whole, decimal_mark=decimal)
            for whole in (True, False)
        )
        bare = bool((without == text).sum() > (written == text).sum())
    written = write_numbers(series, value_format, bare=bare, decimal_mark=decimal)
    changed = int((written != text).fill_null(False).sum())
    if changed > MISFITS * series.count():
        return None
    return ParsedColumn(
        series=series,
        value_format=replace(value_format, missing=rest.token),
        evidence=f"written like {_shown(text, written)}",
        ending=rest.ending,
        bare=bare,
        note=rest.note,
        misfits=rest.misfits,
    )


def _shown(text: pl.Series, written: pl.Series) -> str:
    """Up to two values in their form: the first one, and one of another length."""
    same = text.filter((text == written).fill_null(False)).head(SAMPLE).unique(maintain_order=True)
    values = same.to_list()
    others = [v for v in values if len(v) != len(values[0])]
    return " or ".join(repr(v) for v in [*values[:1], *others[:1]])


def _decimal_numbers(name: str, text: pl.Series) -> pl.Series:
    series = text.cast(pl.Float64, strict=False)
    endless = int(series.is_infinite().sum())
    if endless:
        raise infinite(name, endless)
    return series.fill_nan(None)


def is_numeric(text: str, decimal: str) -> bool:
    """Whether a text is a plain number."""
    try:
        float(text.replace(decimal, "."))
    except ValueError:
        return False
    return "_" not in text  # Python reads 1_000, which data do not contain


def _codes(text: pl.Series) -> bool:
    """Whether some value is digits with a leading zero."""
    zero = text.filter(text.str.starts_with("0") | text.str.starts_with(" "))
    return bool(zero.str.contains(r"^\s*0[0-9]+\s*$").any())


def _zeros_count(sample: list[str], decimal: str) -> bool:
    """Whether decimals end in zeros that a number does not keep, as in 1.10 beside 1.9."""
    tails = [v.strip().partition(decimal)[2] for v in sample]
    zeros = sum(len(tail) > 1 and tail.endswith("0") for tail in tails)
    return zeros > MISFITS * len(sample)


def _have_small_decimals(sample: list[str]) -> bool:
    """Whether decimals begin with zeros, as 0.0010 beside 0.00125, which parts of codes do not."""
    tails = [v.strip().replace(",", ".").partition(".")[2] for v in sample]
    small = sum(len(tail) > 2 and tail.startswith("0") for tail in tails)
    return small > MISFITS * len(sample)


def _is_repeated(raw: pl.Series) -> bool:
    """Whether nearly all rows have a value that at least `MIN_COUNT` rows have."""
    counts = counted(raw.drop_nulls())["count"]
    return int(counts.filter(counts >= MIN_COUNT).sum()) >= (1 - MIXED) * raw.count()


def _too_long(sample: list[str], decimal: str) -> bool:
    return any(len(v) > 18 and re.fullmatch(r"[+-]?\d{19,}", v) for v in sample) and not any(
        decimal in v for v in sample
    )


def _lengths_vary(whole: pl.Series) -> bool:
    """Whether the numbers of digits differ, as those of quantities do; random codes mostly have one."""
    lengths = whole.drop_nulls().cast(pl.String).str.strip_prefix("-").str.len_bytes()
    rows = lengths.alias("value").value_counts(name="rows")["rows"]
    usual = int(rows.max() or 0)  # type: ignore[arg-type]
    return len(lengths) >= MIN_QUANTITIES and usual < MAX_ONE_LENGTH * len(lengths)


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
    typed = text_column(raw, also, evidence=evidence)
    return ParsedColumn(
        series=typed.series,
        value_format=typed.value_format,
        evidence=evidence,
        ending=typed.ending,
        note=note,
    )


def _decimals(text: pl.Series) -> tuple[int | None, bool]:
    """Number of decimals if constant; and whether most whole numbers have no point."""
    head = text.head(SAMPLE).to_list()
    points = [v.strip().partition(".")[2] for v in head]
    # Pieces and kilograms in one column are written as '3' and '2.0'.
    whole = sum("." not in v for v in head)
    bare = whole > sum(re.fullmatch(r"0+", p) is not None for p in points)
    if bare and all(re.fullmatch(r"\d*", p) for p in points):
        usual = constant_decimals(points)
        same = usual and text.str.contains(rf"^[^.]*(\.\d{{{usual}}})?\s*$").all()
        return usual if same else None, True
    if bare or len({len(p) for p in points}) != 1 or not all(p.isdigit() for p in points):
        return None, bare
    digits = text.str.strip_chars_end().str.len_bytes().cast(pl.Int64)
    behind = digits - text.str.find(".", literal=True).cast(pl.Int64) - 1
    if behind.null_count() or behind.min() != behind.max() or text.str.contains("e|E").any():
        return None, False
    return len(points[0]), False
