"""Model dates and times by week, weekday, month and time of day where these have a rhythm.

A time is one number to a codec, whose bins span days in a long table: opening hours, free Sundays and
first days of a month would be lost.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import time, timedelta
from typing import Any, ClassVar, Literal, Self

import numpy as np
import polars as pl

from artesian.data.schema import Column, Kind, Schema
from artesian.data.table import Table
from artesian.encoding.transforms.protocol import Position, hidden_name
from artesian.encoding.transforms.rhythms import MIN_EXCESS, excess, filled

MIN_ROWS = 100
"""Minimum number of values from which a rhythm is inferred."""

MIDNIGHT, HOUR = time(), timedelta(hours=1)

Day = Literal["date", "week", "month", "day of month"]

LAST = 0
"""The last day of a month, whatever its number."""

LEVELS = 28
"""The days 1 to 27 of a month and its last one, which all months have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitTime:
    """One column of dates or times, and the columns that are modelled in its place.

    Attributes:
        name: The column.
        day: What is modelled of the date: the date, the week and the weekday, the month and its day, or
            the month of dates that are all first days of months.
        parts: Names of the modelled columns: of the date, then of the weekday or the day of the month,
            and of the time of day.
        clock: Whether the time of day is modelled; without it all times of day are 00:00.
        unit, zone: Time unit and zone of the column's type; '' for dates.
    """

    name: str
    day: Day
    parts: tuple[str, ...]
    clock: bool
    unit: str
    zone: str | None

    @property
    def dtype(self) -> pl.DataType:
        """The type of the column."""
        if not self.unit:
            return pl.Date()
        return pl.Datetime(self.unit, self.zone)  # type: ignore[arg-type]

    def columns(self, column: Column) -> list[Column]:
        """The modelled columns."""
        day = Kind.NUMBER if self.day in ("month", "day of month") else Kind.DATETIME
        within = [Kind.NUMBER] if self.day in ("week", "day of month") else []
        kinds = [day, *within, Kind.DATETIME]
        return [
            Column(name=name, kind=kind, nullable=column.nullable)
            for name, kind in zip(self.parts, kinds, strict=False)
        ]

    def forward(self, values: pl.Series) -> list[pl.Series]:
        """The values of the modelled columns."""
        local = _local(values)
        date = local.dt.date()
        if self.day == "week":
            weekday = date.dt.weekday().cast(pl.Int64) - 1
            out = [date.dt.truncate("1w"), weekday]
        elif self.day == "date":
            out = [date]
        else:
            out = [date.dt.year().cast(pl.Int64) * 12 + date.dt.month().cast(pl.Int64) - 1]
            out += [_day_of_month(date)] if self.day == "day of month" else []
        if self.clock:
            out.append(local.dt.time())
        return [series.alias(name) for series, name in zip(out, self.parts, strict=True)]

    def inverse(self, frame: pl.DataFrame, rng: np.random.Generator) -> pl.Series:
        """The dates or times of sampled parts; missing where the day is."""
        day = frame[self.parts[0]]
        rest = [filled(frame[name], day.is_not_null(), rng) for name in self.parts[1:]]
        if self.day == "week":
            date = day + (rest[0] * 86_400_000).cast(pl.Duration("ms"))
        elif self.day == "date":
            date = day
        else:
            parts = pl.DataFrame({"y": day // 12, "m": day % 12 + 1})
            date = parts.select(pl.date(pl.col("y"), pl.col("m"), 1)).to_series()
            if self.day == "day of month":
                end = date.dt.month_end().dt.day().cast(pl.Int64)
                number = pl.select(
                    pl.when(rest[0] == LAST).then(end).otherwise(rest[0])
                ).to_series()
                number = pl.select(pl.min_horizontal(number, end)).to_series()
                date = date + ((number - 1) * 86_400_000).cast(pl.Duration("ms"))
        if not self.unit:
            return date.cast(pl.Date).alias(self.name)
        local = date.cast(pl.Datetime("us"))
        if self.clock:
            local = local + (rest[-1].cast(pl.Int64) // 1000).cast(pl.Duration("us"))
        if self.zone is not None:
            # An hour that the change to summer time skips is the next one.
            local = _in_zone(local, self.zone).fill_null(_in_zone(local + HOUR, self.zone))
        return local.cast(self.dtype).alias(self.name)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The columns of a table that have a rhythm."""

    name: ClassVar[str] = "calendar"

    splits: tuple[SplitTime, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of dates and times."""
        return tuple(split.name for split in self.splits)

    @classmethod
    def learn(cls, table: Table, *, protect: bool) -> Self | None:
        """Look for a rhythm in every column of dates and times."""
        schema, splits = table.schema, []
        # A time that is a key by itself is moved to a free one, one of a team or a sensor hardly is.
        alone = schema.key if len(schema.key) == 1 else ()
        roles = {*alone, schema.target, schema.event, schema.entity, schema.time}
        for column in table.schema:
            values = table.frame[column.name]
            if column.kind is not Kind.DATETIME or column.name in roles:
                continue
            split = _split(values, schema)
            if split is not None:
                splits.append(split)
                schema = _replaced(schema, split)
        return cls(tuple(splits)) if splits else None

    def forward(self, table: Table) -> Table:
        """The table with days and times of day in place of times."""
        schema, columns = table.schema, {s.name: [s] for s in table.frame}
        for split in self.splits:
            columns[split.name] = split.forward(table.frame[split.name])
            schema = _replaced(schema, split)
        frame = pl.DataFrame({s.name: s for several in columns.values() for s in several})
        return Table(frame, schema, table.origin)

    def inverse(self, frame: pl.DataFrame, at: Position) -> pl.DataFrame:
        """The rows with the times of their parts."""
        times = [split.inverse(frame, at.rng(self.name, split.name)) for split in self.splits]
        hidden = [name for split in self.splits for name in split.parts]
        return frame.drop(hidden).with_columns(times)

    def to_state(self) -> dict[str, Any]:
        """Everything `from_state` needs, as JSON types."""
        fields = ("name", "day", "clock", "unit", "zone")
        return {
            "splits": [
                {**{f: getattr(split, f) for f in fields}, "parts": list(split.parts)}
                for split in self.splits
            ]
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Restore what `to_state` returned."""
        return cls(tuple(SplitTime(**{**s, "parts": tuple(s["parts"])}) for s in state["splits"]))


def _split(values: pl.Series, schema: Schema) -> SplitTime | None:
    """How a column is split; None if nothing in it has a rhythm."""
    dtype = values.dtype
    if dtype != pl.Date and not isinstance(dtype, pl.Datetime):
        return None
    local = _local(values.drop_nulls())
    if len(local) < MIN_ROWS:
        return None
    date = local.dt.date()
    if (
        isinstance(dtype, pl.Datetime)
        and dtype.time_unit == "ns"
        and (local.dt.nanosecond() % 1000 != 0).any()
    ):
        return None
    times = local.dt.time() if isinstance(dtype, pl.Datetime) else pl.Series([None], dtype=pl.Time)
    clock = times.n_unique() > 1
    if isinstance(dtype, pl.Datetime) and not clock and times[0] != MIDNIGHT:
        return None
    day = _day(date)
    if day == "date" and not (clock and excess(local.dt.hour().to_numpy(), 24) > MIN_EXCESS):
        return None
    name = values.name
    suffixes = [
        "month" if day == "day of month" else day,
        *(["weekday"] if day == "week" else []),
        *(["day"] if day == "day of month" else []),
        *(["time"] if clock else []),
    ]
    parts = tuple(hidden_name(f"{name} {suffix}", schema) for suffix in suffixes)
    unit = dtype.time_unit if isinstance(dtype, pl.Datetime) else ""
    zone = dtype.time_zone if isinstance(dtype, pl.Datetime) else None
    return SplitTime(name=name, day=day, parts=parts, clock=clock, unit=unit, zone=zone)


def _day(date: pl.Series) -> Day:
    """What is modelled of the dates."""
    if date.n_unique() > 1 and (date.dt.day() == 1).all():
        return "month"
    weekday = date.dt.weekday().to_numpy() - 1
    number = _day_of_month(date).to_numpy()
    common = number[number < LEVELS] % LEVELS
    # Rows of one date say no more of its day than one row does.
    by_day = excess(common, LEVELS, date.n_unique() / len(date))
    by_weekday = excess(weekday, 7)
    if by_day > max(by_weekday, MIN_EXCESS):
        return "day of month"
    # Dates of one weekday are counted in weeks anyway.
    return "week" if by_weekday > MIN_EXCESS and len(set(weekday)) > 1 else "date"


def _day_of_month(date: pl.Series) -> pl.Series:
    """1 for the first day of a month, and `LAST` for its last one."""
    number = date.dt.day().cast(pl.Int64)
    return pl.select(pl.when(date == date.dt.month_end()).then(LAST).otherwise(number)).to_series()


def _local(values: pl.Series) -> pl.Series:
    zone = values.dtype.time_zone if isinstance(values.dtype, pl.Datetime) else None
    return values if zone is None else values.dt.replace_time_zone(None)


def _in_zone(local: pl.Series, zone: str) -> pl.Series:
    return local.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")


def _replaced(schema: Schema, split: SplitTime) -> Schema:
    columns: list[Column] = []
    for one in schema:
        columns += split.columns(one) if one.name == split.name else [one]
    key = () if split.name in schema.key else schema.key
    return replace(schema, columns=tuple(columns), key=key)
