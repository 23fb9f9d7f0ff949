"""What all dates of a column have in common: first or last days of months, or one day of the week."""

from __future__ import annotations

from typing import Literal

import polars as pl

MIN_ROWS = 20
"""Minimum number of dates from which it is no chance that all are, say, Mondays."""

Grain = Literal["month start", "month end", "week"]


def grain_of(values: pl.Series) -> tuple[Grain, int] | None:
    """What the dates have in common, and the day of the week, 0 for Monday; None without anything."""
    if values.dtype != pl.Date:
        return None
    dates = values.drop_nulls()
    distinct = dates.n_unique()
    if distinct < 2:
        return None
    if (dates.dt.day() == 1).all():
        return "month start", 0
    if (dates == dates.dt.month_end()).all():
        return "month end", 0
    weekday = dates.dt.weekday()
    if distinct >= MIN_ROWS and weekday.n_unique() == 1:
        return "week", int(weekday[0]) - 1
    return None
