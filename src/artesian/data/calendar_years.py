"""The years of which Polars knows months and texts of dates."""

from __future__ import annotations

import polars as pl

FIRST_DAY, LAST_DAY = -95_000_000, 95_000_000
"""Days since 1970, about 260,000 years; its calendar ends soon after, and its methods then panic."""

_DAY = {"ns": 86_400_000_000_000, "us": 86_400_000_000, "ms": 86_400_000}


def in_calendar(values: pl.Series) -> pl.Series:
    """Whether dates or times are in these years, shape (rows,); null where they are missing."""
    days = values.to_physical()
    if isinstance(values.dtype, pl.Datetime):
        days = days / _DAY[values.dtype.time_unit]
    return (days >= FIRST_DAY) & (days < LAST_DAY + 1)
