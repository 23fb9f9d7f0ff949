"""Parse a column in a given kind whatever its values are: those that do not fit are missing."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.core.errors import DataError
from artesian.data.formatting.numbers import read_numbers
from artesian.data.formatting.times import read_times
from artesian.data.inference import null_values
from artesian.data.inference.parsed import ParsedColumn
from artesian.data.inference.parsing import PAIRS
from artesian.data.schema import Column, Kind


def parse_leniently(values: pl.Series, decimal: str, given: Column) -> ParsedColumn:
    """The values in the kind of `given`.

    Raises:
        DataError: the column is nested.
    """
    if values.dtype.is_nested():
        raise DataError(
            f"column {values.name!r} is of type {values.dtype}, which is not supported",
            hint="flatten nested values into separate columns, or leave the column out",
        )
    if given.kind is Kind.NUMBER and values.dtype == pl.Boolean:
        return ParsedColumn(series=values.cast(pl.Int64), value_format=given.value_format)
    text = values.cast(pl.String, strict=False).str.strip_chars()
    if given.kind is Kind.NUMBER:
        series = _numbers(text, decimal, given)
    elif given.kind is Kind.DATETIME:
        series = _times(text, given)
    elif given.kind is Kind.BOOLEAN:
        series = _booleans(text, given)
    else:
        series = text
    return ParsedColumn(series=series.alias(values.name), value_format=given.value_format)


def misfits(values: pl.Series, parsed: pl.Series, given: Column) -> NDArray[np.bool_]:
    """(rows,) values that are missing in `parsed`, and do not represent a missing value."""
    lost = parsed.is_null() & values.is_not_null()
    if not lost.any():
        return np.zeros(len(values), bool)
    text = values.cast(pl.String, strict=False).str.strip_chars()
    absent = text.str.to_lowercase().is_in(list(null_values.WIDE))
    absent = absent | (text == given.value_format.missing)
    return (lost & ~absent.fill_null(False)).to_numpy()


def _numbers(text: pl.Series, decimal: str, given: Column) -> pl.Series:
    plain = text.str.replace(",", ".", literal=True) if decimal == "," else text
    numbers = plain.cast(pl.Float64, strict=False)
    if not given.value_format.plain:
        formatted = read_numbers(text, given.value_format, decimal_mark=decimal)
        numbers = formatted.cast(pl.Float64).fill_null(numbers)
    return numbers.set(~numbers.is_finite(), None)


def _times(text: pl.Series, given: Column) -> pl.Series:
    patterns = ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S")
    for pattern in filter(None, (given.value_format.pattern, *patterns)):
        times = read_times(text, pattern)
        if times is not None and times.count():
            return times
    return pl.Series(text.name, [None] * len(text), dtype=pl.Datetime("us"))


def _booleans(text: pl.Series, given: Column) -> pl.Series:
    own = (given.value_format.true or "true", given.value_format.false or "false")
    spellings = {"1": True, "0": False, "1.0": True, "0.0": False}
    for true, false in (*PAIRS, own):
        spellings |= {true.casefold(): True, false.casefold(): False}
    return text.str.to_lowercase().replace_strict(spellings, default=None, return_dtype=pl.Boolean)
