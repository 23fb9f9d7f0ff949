"""Dates that are all first days of months, counted in months: their differences in days vary."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

Integers = NDArray[np.int64]


def is_monthly(series: pl.Series) -> bool:
    """Whether the values are dates, all of them first days of at least two months."""
    if series.dtype != pl.Date or series.drop_nulls().n_unique() < 2:
        return False
    return bool((series.drop_nulls().dt.day() == 1).all())


def to_integers(series: pl.Series, *, monthly: bool) -> Integers:
    """Whole numbers or times as integers, dates as months since the year 0 if `monthly`; shape (n,).

    Missing values are 0.
    """
    if monthly:
        months = series.dt.year().cast(pl.Int64) * 12 + series.dt.month().cast(pl.Int64) - 1
        return months.fill_null(0).to_numpy()
    return series.to_physical().cast(pl.Int64).fill_null(0).to_numpy()


def from_integers(values: Integers, like: pl.Series, *, monthly: bool) -> pl.Series:
    """The inverse of `to_integers`, in the type and with the name of `like`."""
    if monthly:
        parts = pl.DataFrame({"year": values // 12, "month": values % 12 + 1})
        dates = parts.select(pl.date(pl.col("year"), pl.col("month"), 1)).to_series()
        return dates.alias(like.name)
    return pl.Series(like.name, values).cast(like.to_physical().dtype).cast(like.dtype)
