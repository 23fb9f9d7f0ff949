"""Format values as their source writes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from artesian.data.schema import Column


def as_text(
    frame: pl.DataFrame, columns: Iterable[Column], options: Mapping[str, Any]
) -> pl.DataFrame:
    """The values of `columns` as text, in their value formats; missing values stay null."""
    bare = set(options.get("bare", ()))
    comma = options.get("decimal") == ","
    return frame.select(
        _text(frame[column.name], column, column.name in bare, comma) for column in columns
    )


def times_as_text(frame: pl.DataFrame, columns: Iterable[Column]) -> pl.DataFrame:
    """The frame, with times that were text in a typed source converted back to text."""
    return frame.with_columns(
        frame[column.name].dt.strftime(column.value_format.pattern)
        for column in columns
        if column.value_format.pattern is not None and frame[column.name].dtype.is_temporal()
    )


def _text(series: pl.Series, column: Column, bare: bool, comma: bool) -> pl.Series:
    dtype, value_format = series.dtype, column.value_format
    if dtype == pl.Boolean:
        texts = {True: value_format.true or "true", False: value_format.false or "false"}
        return series.replace_strict(texts, default=None, return_dtype=pl.String)
    if dtype.is_temporal() and dtype != pl.Duration:
        pattern = value_format.pattern or _iso(dtype)
        return series.dt.strftime(pattern)
    if dtype == pl.Duration:
        return series.dt.to_string("iso")
    text = series.cast(pl.String)
    if dtype.is_float():
        if value_format.decimals is not None:
            # Decimal prints all digits; numbers that it cannot represent keep their shortest form.
            places = pl.Decimal(38, value_format.decimals)
            text = series.cast(places, strict=False).cast(pl.String).fill_null(text)
        elif bare:
            text = text.str.strip_suffix(".0")
    if dtype.is_integer() and value_format.decimals:
        text += "." + "0" * value_format.decimals
    if dtype.is_numeric() and comma:
        text = text.str.replace(".", ",", literal=True)
    if dtype.is_integer() and value_format.width:
        text = text.str.zfill(value_format.width)
    return text


def _iso(dtype: pl.DataType) -> str:
    if dtype == pl.Date:
        return "%Y-%m-%d"
    if dtype == pl.Time:
        return "%H:%M:%S%.f"
    zone = isinstance(dtype, pl.Datetime) and dtype.time_zone is not None
    return "%Y-%m-%dT%H:%M:%S%.f" + ("%:z" if zone else "")
