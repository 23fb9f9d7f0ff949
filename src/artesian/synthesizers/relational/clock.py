"""What orders the rows of one owner: a first step, a span, and the increments between rows.

A step is a unit of time, or the rank of a category that does not fall from one sibling to the next,
such as the department of a store or the number of a line.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.encoding.coded_table import CodedTable
from artesian.encoding.numeric import NumberCodec
from artesian.encoding.segments import Codes, Floats

SECOND = 1_000_000
"""Microseconds in a second."""

DAY = 86_400

MAX_CODES = 250

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Scale:
    """Steps of a column of times or of ordered categories.

    Attributes:
        name: Name of the column.
        dtype: Its data type.
        unit: Physical units per step; 0 for categories.
        categories: The categories in their order; empty for times.
    """

    name: str
    dtype: pl.DataType
    unit: int
    categories: pl.Series

    @classmethod
    def of_times(cls, series: pl.Series) -> Scale:
        """The coarsest unit that all times are multiples of."""
        physical = _physical(series)
        unit = 1
        if series.dtype != pl.Date:
            for candidate in (DAY * SECOND, 3600 * SECOND, 60 * SECOND, SECOND):
                if not (physical % candidate).any():
                    unit = candidate
                    break
        return cls(series.name, series.dtype, unit, series.clear())

    def steps(self, series: pl.Series) -> Ints:
        """Steps of the values of the column."""
        if self.unit:
            return np.asarray(_physical(series) // self.unit)
        ranks = pl.DataFrame({"value": self.categories}).with_row_index("rank")
        joined = pl.DataFrame({"value": series}).join(
            ranks, on="value", how="left", maintain_order="left"
        )
        return joined["rank"].cast(pl.Int64).fill_null(0).to_numpy()

    def series(self, steps: Ints) -> pl.Series:
        """The values at these steps."""
        if not self.unit:
            ranks = np.clip(steps, 0, len(self.categories) - 1)
            return self.categories.gather(pl.Series(ranks)).alias(self.name)
        physical = pl.Series(self.name, steps * self.unit)
        if self.dtype == pl.Date:
            return physical.cast(pl.Int32).cast(self.dtype)
        unit = self.dtype.time_unit if isinstance(self.dtype, pl.Datetime) else "us"
        if unit == "ms":
            return (physical // 1000).cast(self.dtype)
        return (physical * 1000 if unit == "ns" else physical).cast(self.dtype)


@dataclass(frozen=True, slots=True)
class Clock:
    """A column that orders the rows of each owner.

    Attributes:
        scale: Its steps.
        values: Codec of the steps, for what depends on them.
        increments: Codec of the increments between rows of one owner.
        rests: Codec of the mean increment until the end of an owner.
    """

    scale: Scale
    values: NumberCodec
    increments: NumberCodec
    rests: NumberCodec

    @classmethod
    def fit(
        cls,
        scale: Scale,
        steps: Ints,
        owners: Ints,
        increments: Ints,
        first: NDArray[np.bool_],
        rests: Floats,
    ) -> Clock:
        """Learn codes of the steps, of the increments and of the mean increments until the end.

        Args:
            steps, increments, rests: Of rows, shape (n,).
            owners: To what each row belongs: a value is frequent if several of them have it.
            first: Whether a row is the first of its owner, which has no increment.
        """
        later = ~first
        return cls(
            scale,
            _codec("step", steps, owners),
            _codec("increment", increments[later], owners[later]),
            _codec("rest", np.round(rests, 3), owners),
        )

    def increment_features(
        self, last: Codes, rests: Floats, *, first: bool | NDArray[np.bool_]
    ) -> Codes:
        """The previous increment, and the mean increment until the end, shape (2, n).

        Args:
            last: Code of the previous increment.
            rests: Mean increment until the end.
            first: Whether there is no previous increment.
        """
        needed = self.rests.encode(pl.Series("rest", np.round(np.maximum(rests, 0.0), 3)))
        return np.stack([np.where(first, self.increments.levels, last), needed]).astype(np.uint8)

    def calendar(self, steps: Ints) -> CodedTable:
        """What other columns may depend on: the step, and of a time weekday, month, day and hour."""
        columns = {"step": self.values.encode(pl.Series("step", steps)).astype(np.int64)}
        levels = [self.values.levels]
        if self.scale.unit:
            parts = {"weekday": 7, "month": 12, "day": 31}
            if self.scale.dtype != pl.Date:
                parts["hour"] = 24
            # In one query: it is called for every position among siblings.
            time = pl.col("time").dt
            frame = pl.DataFrame({"time": self.scale.series(steps)}).select(
                [getattr(time, part)().alias(part) for part in parts]
            )
            for part, count in parts.items():
                columns[part] = frame[part].to_numpy() - (part != "hour")
                levels.append(count)
        else:
            columns["category"] = np.clip(steps, 0, len(self.scale.categories) - 1)
            levels.append(len(self.scale.categories))
        return CodedTable(
            tuple(f"{self.scale.name} ({part})" for part in columns),
            np.array(list(columns.values()), np.uint8),
            np.array(levels, np.int64),
            np.array([name != "category" for name in columns]),
            np.array([self.values.missing, *[False] * (len(levels) - 1)]),
        )


def _codec(name: str, values: NDArray[Any], owners: Ints) -> NumberCodec:
    """The codec of values that are counted once for each owner."""
    once = pl.DataFrame({"owner": owners, name: values}).unique(maintain_order=True)
    return NumberCodec.fit(once[name], max_codes=MAX_CODES)


def _physical(series: pl.Series) -> Ints:
    """Days of dates, microseconds of other times."""
    if series.dtype == pl.Date:
        return series.to_physical().cast(pl.Int64).to_numpy()
    return series.dt.timestamp("us").to_numpy()
