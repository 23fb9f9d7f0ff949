"""Frames of columns that may have any name."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl


def frame_of(columns: Iterable[pl.Series]) -> pl.DataFrame:
    """A frame of `columns`, with their names.

    Polars renames a column without a name if it gets a list of them.
    """
    return pl.DataFrame({column.name: column for column in columns})
