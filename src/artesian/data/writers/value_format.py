"""Format values as their source writes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from artesian.data.formatting.numbers import write_numbers
from artesian.data.formatting.times import write_times
from artesian.data.schema import Column


def as_text(
    frame: pl.DataFrame, columns: Iterable[Column], options: Mapping[str, Any]
) -> pl.DataFrame:
    """The values of `columns` as text, in their value formats; missing values stay null."""
    bare = set(options.get("bare", ()))
    mark = "," if options.get("decimal") == "," else "."
    return frame.select(
        _text(frame[column.name], column, column.name in bare, mark) for column in columns
    )


def as_stored(
    frame: pl.DataFrame, columns: Iterable[Column], options: Mapping[str, Any]
) -> pl.DataFrame:
    """The frame, with the values that a typed source holds as text or as packed dates.

    In a typed format, numbers and times of a source without types (CSV) keep their types.
    """
    if not options.get("patterns"):
        return frame
    bare = set(options.get("bare", ()))
    return frame.with_columns(
        _stored(frame[column.name], column, column.name in bare)
        for column in columns
        if _is_stored_otherwise(frame[column.name], column)
    )


def _is_stored_otherwise(series: pl.Series, column: Column) -> bool:
    value_format = column.value_format
    # A pattern in a schema means text too, except for a column that holds times.
    return bool(value_format.stored) or (
        value_format.pattern is not None and series.dtype.is_temporal()
    )


def _stored(series: pl.Series, column: Column, bare: bool) -> pl.Series:
    text = _text(series, column, bare, ".")
    if column.value_format.stored == "integer":
        return text.cast(pl.Int64, strict=False)
    missing = column.value_format.missing
    return text.fill_null(missing) if missing else text


def _text(series: pl.Series, column: Column, bare: bool, mark: str) -> pl.Series:
    dtype, value_format = series.dtype, column.value_format
    if dtype == pl.Boolean:
        texts = {True: value_format.true or "true", False: value_format.false or "false"}
        return series.replace_strict(texts, default=None, return_dtype=pl.String)
    if dtype.is_temporal():
        text = write_times(series, value_format.pattern or _iso(dtype))
        # Packed dates without leading zeros, such as 5012023.
        return text.str.replace("^0+(.)", "${1}") if value_format.stored == "integer" else text
    if dtype.is_numeric():
        return write_numbers(series, value_format, bare=bare, decimal_mark=mark)
    return series.cast(pl.String)


def _iso(dtype: pl.DataType) -> str:
    if dtype == pl.Duration:
        return "iso"
    if dtype == pl.Date:
        return "%Y-%m-%d"
    if dtype == pl.Time:
        return "%H:%M:%S%.f"
    zone = isinstance(dtype, pl.Datetime) and dtype.time_zone is not None
    return "%Y-%m-%dT%H:%M:%S%.f" + ("%:z" if zone else "")
