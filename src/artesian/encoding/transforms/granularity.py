"""Keep dates that are all first or last days of months, or one day of the week, and significant digits.

The last days of months are modelled as first days, whose differences are as regular as months are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar, Literal, Self

import polars as pl

from artesian.core.validated import Decimals
from artesian.data.schema import Column, Kind
from artesian.data.table import Table
from artesian.encoding.transforms.protocol import Position

MIN_ROWS = 20
"""Minimum number of dates from which it is no chance that all are, say, Mondays."""

Grain = Literal["month start", "month end", "week", "digits"]


@dataclass(frozen=True, slots=True)
class GrainyColumn:
    """One column.

    Attributes:
        name: The column.
        grain: What its values have in common.
        count: The day of the week, 0 for Monday; or the number of significant digits.
    """

    name: str
    grain: Grain
    count: Decimals = 0

    def forward(self, values: pl.Series) -> pl.Series:
        """The values that are modelled."""
        return values.dt.month_start() if self.grain == "month end" else values

    def inverse(self, values: pl.Series) -> pl.Series:
        """Sampled values, moved to the nearest ones that have this grain."""
        if self.grain == "digits":
            return _rounded(values, self.count)
        if self.grain == "week":
            monday = values.cast(pl.Date).dt.truncate("1w")
            return (monday.cast(pl.Datetime("ms")) + timedelta(days=self.count)).cast(pl.Date)
        start = values.dt.month_start()
        return start.dt.month_end() if self.grain == "month end" else start


@dataclass(frozen=True, slots=True)
class Granularity:
    """The columns of a table that have a grain which their codecs do not see."""

    name: ClassVar[str] = "granularity"

    grainy: tuple[GrainyColumn, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns."""
        return tuple(column.name for column in self.grainy)

    @classmethod
    def learn(cls, table: Table, *, protect: bool) -> Self | None:
        """Look at every column of dates, and of numbers that are written with significant digits."""
        grainy = [g for c in table.schema if (g := _grain(c, table.frame[c.name])) is not None]
        return cls(tuple(grainy)) if grainy else None

    def forward(self, table: Table) -> Table:
        """The table with the modelled values."""
        frame = table.frame
        return table.with_frame(frame.with_columns(g.forward(frame[g.name]) for g in self.grainy))

    def inverse(self, frame: pl.DataFrame, at: Position) -> pl.DataFrame:
        """The rows with values of the right grain."""
        return frame.with_columns(g.inverse(frame[g.name]).alias(g.name) for g in self.grainy)

    def to_state(self) -> dict[str, Any]:
        """Everything `from_state` needs, as JSON types."""
        return {"columns": [[g.name, g.grain, g.count] for g in self.grainy]}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Restore what `to_state` returned."""
        return cls(tuple(GrainyColumn(*entry) for entry in state["columns"]))


def _grain(column: Column, values: pl.Series) -> GrainyColumn | None:
    name, value_format = column.name, column.value_format
    if column.kind is Kind.NUMBER and values.dtype.is_float():
        digits = value_format.significant
        if value_format.exponent and value_format.decimals is not None:
            digits = value_format.decimals + 1
        return GrainyColumn(name, "digits", digits) if digits else None
    dates = values.drop_nulls()
    if column.kind is not Kind.DATETIME or values.dtype != pl.Date or dates.n_unique() < 2:
        return None
    if (dates.dt.day() == 1).all():
        return GrainyColumn(name, "month start")
    if (dates == dates.dt.month_end()).all():
        return GrainyColumn(name, "month end")
    weekday = dates.dt.weekday()
    if weekday.n_unique() == 1 and dates.n_unique() >= MIN_ROWS:
        return GrainyColumn(name, "week", int(weekday[0]) - 1)
    return None


def _rounded(values: pl.Series, digits: int) -> pl.Series:
    """Floats rounded to a number of significant digits, as their text would be read."""
    texts = [None if v is None else f"{v:.{digits - 1}e}" for v in values.to_list()]
    return pl.Series(values.name, [None if t is None else float(t) for t in texts], values.dtype)
