"""Frames of columns that may have any name."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl


def frame_of(columns: Iterable[pl.Series]) -> pl.DataFrame:
    """A frame of `columns`, with their names.

    Polars renames a column without a name if it gets a list of them.
    """
    return pl.DataFrame({column.name: column for column in columns})


def as_text(series: pl.Series) -> pl.Series:
    """Every value as text; lengths of time, which Polars does not write, as their number of units.

    >>> as_text(pl.Series([1, None])).to_list()
    ['1', None]
    """
    lengths = isinstance(series.dtype, pl.Duration)
    return (series.to_physical() if lengths else series).cast(pl.String)
