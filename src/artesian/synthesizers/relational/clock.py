"""The time of rows of one owner: a first time, a span, and the gaps between one row and the next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.encoding.coded_table import CodedTable
from artesian.encoding.numeric import NumberCodec

SECOND = 1_000_000
"""Microseconds in a second."""

DAY = 86_400

MAX_CODES = 250

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Clock:
    """A column of times that orders the rows of each owner.

    Attributes:
        name: Name of the column.
        dtype: Its data type.
        unit: Physical units per step in which gaps are counted.
        values: Codec of the times, for what depends on them.
        gaps: Codec of the gaps.
    """

    name: str
    dtype: pl.DataType
    unit: int
    values: NumberCodec
    gaps: NumberCodec

    @classmethod
    def fit(cls, series: pl.Series, gaps: Ints, unit: int) -> Self:
        """Learn codes from the times and the gaps, in units, between rows of one owner."""
        return cls(
            series.name,
            series.dtype,
            unit,
            NumberCodec.fit(series, max_codes=MAX_CODES),
            NumberCodec.fit(pl.Series("gap", gaps), max_codes=MAX_CODES),
        )

    def steps(self, series: pl.Series) -> Ints:
        """Times as whole numbers of units."""
        return np.asarray(_physical(series) // self.unit)

    def series(self, steps: Ints) -> pl.Series:
        """Times of whole numbers of units."""
        physical = pl.Series(self.name, steps * self.unit)
        if self.dtype == pl.Date:
            return physical.cast(pl.Int32).cast(self.dtype)
        unit = self.dtype.time_unit if isinstance(self.dtype, pl.Datetime) else "us"
        scale = {"ms": 1000, "us": 1, "ns": 1}[unit or "us"]
        values = physical // scale if unit == "ms" else physical * (1000 if unit == "ns" else 1)
        return values.cast(self.dtype)

    def calendar(self, steps: Ints) -> CodedTable:
        """What other columns may depend on: the time itself, weekday, month, day and hour."""
        series = self.series(steps)
        columns = {
            "time": self.values.encode(series).astype(np.int64),
            "weekday": series.dt.weekday().to_numpy() - 1,
            "month": series.dt.month().to_numpy() - 1,
            "day": series.dt.day().to_numpy() - 1,
        }
        levels = [self.values.levels, 7, 12, 31]
        if self.dtype != pl.Date:
            columns["hour"] = series.dt.hour().to_numpy()
            levels.append(24)
        return CodedTable(
            tuple(f"{self.name} ({part})" for part in columns),
            np.array(list(columns.values()), np.uint8),
            np.array(levels, np.int64),
            np.array([True] * len(levels)),
            np.array([self.values.missing, *[False] * (len(levels) - 1)]),
        )


def time_unit(series: pl.Series) -> int:
    """Physical units, days or microseconds, of the coarsest unit that all times are multiples of."""
    physical = _physical(series)
    if series.dtype == pl.Date:
        return 1
    for unit in (DAY * SECOND, 3600 * SECOND, 60 * SECOND, SECOND):
        if not (physical % unit).any():
            return unit
    return 1


def _physical(series: pl.Series) -> Ints:
    """Days of dates, microseconds of other times."""
    if series.dtype == pl.Date:
        return series.to_physical().cast(pl.Int64).to_numpy()
    return series.dt.timestamp("us").to_numpy()
