"""Keep dates that are all first or last days of months, or one day of the week.

Relations are searched among the dates as they are. Dates that a relation restores, such as the end of
an interval, are moved as soon as they are restored, so that what is computed from them follows; all
others are moved before relations restore anything. The last days of months are modelled as first days,
whose differences are as regular as months are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar, Self

import polars as pl

from artesian.core.validated import Decimals
from artesian.data.table import Table
from artesian.encoding.transforms.protocol import Position
from artesian.relations.date_grains import Grain, grain_of

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class GrainyColumn:
    """One column.

    Attributes:
        name: The column.
        grain: What its dates have in common.
        weekday: The day of the week, 0 for Monday.
    """

    name: str
    grain: Grain
    weekday: Decimals = 0

    @classmethod
    def learn(cls, values: pl.Series) -> Self | None:
        """What the dates of a column have in common; None if there is nothing."""
        grain = grain_of(values)
        return None if grain is None else cls(values.name, *grain)

    def forward(self, values: pl.Series) -> pl.Series:
        """The values that are modelled."""
        return values.dt.month_start() if self.grain == "month end" else values

    def inverse(self, values: pl.Series) -> pl.Series:
        """Sampled values, as dates of this grain in the same month or week."""
        if self.grain == "week":
            return values.cast(pl.Date).dt.truncate("1w") + self.weekday * DAY
        return values.dt.month_end() if self.grain == "month end" else values.dt.month_start()

    def moved(self, dates: pl.Series, holds: Callable[[pl.Series], pl.Series]) -> pl.Series:
        """Restored dates, moved to the nearest ones of this grain for which a relation holds.

        Args:
            holds: Whether it does for each date; null where it says nothing.
        """
        low, high, near = self._before(dates), self._after(dates), self.nearest(dates)
        far = high.zip_with(near == low, low)
        broken = (~holds(near)).fill_null(False) & holds(far).fill_null(False)
        return far.zip_with(broken, near).alias(dates.name)

    def nearest(self, dates: pl.Series) -> pl.Series:
        """The nearest dates of this grain."""
        low, high = self._before(dates), self._after(dates)
        return low.zip_with((dates - low) < (high - dates), high).alias(dates.name)

    def _before(self, dates: pl.Series) -> pl.Series:
        """The last date of this grain that is not after each date."""
        if self.grain == "week":
            return (dates - self.weekday * DAY).dt.truncate("1w") + self.weekday * DAY
        if self.grain == "month start":
            return dates.dt.month_start()
        return (dates + DAY).dt.month_start() - DAY

    def _after(self, dates: pl.Series) -> pl.Series:
        """The first date of this grain that is not before each date."""
        if self.grain == "week":
            return self._before(dates + 6 * DAY)
        if self.grain == "month start":
            return (dates - DAY).dt.month_end() + DAY
        return dates.dt.month_end()


@dataclass(frozen=True, slots=True)
class DateGrains:
    """The columns of a table whose dates have something in common that their codecs do not see."""

    name: ClassVar[str] = "date grains"

    grainy: tuple[GrainyColumn, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns."""
        return tuple(column.name for column in self.grainy)

    @classmethod
    def learn(cls, table: Table, *, protect: bool) -> Self | None:
        """Look at every column of dates."""
        grainy = grainy_columns(table.frame)
        return cls(grainy) if grainy else None

    def forward(self, table: Table) -> Table:
        """The table with the modelled values."""
        frame = table.frame
        return table.with_frame(frame.with_columns(g.forward(frame[g.name]) for g in self.grainy))

    def inverse(self, frame: pl.DataFrame, at: Position) -> pl.DataFrame:
        """The rows with values of the right grain."""
        return frame.with_columns(g.inverse(frame[g.name]).alias(g.name) for g in self.grainy)

    def to_state(self) -> dict[str, Any]:
        """Everything `from_state` needs, as JSON types."""
        return {"columns": grains_to_state(self.grainy)}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Restore what `to_state` returned."""
        return cls(grains_from_state(state["columns"]))


def grainy_columns(frame: pl.DataFrame) -> tuple[GrainyColumn, ...]:
    """The columns whose dates have something in common."""
    return tuple(grainy for one in frame if (grainy := GrainyColumn.learn(one)) is not None)


def grains_to_state(columns: tuple[GrainyColumn, ...]) -> list[list[Any]]:
    """Columns as JSON types."""
    return [[one.name, one.grain, one.weekday] for one in columns]


def grains_from_state(state: list[list[Any]]) -> tuple[GrainyColumn, ...]:
    """Restore what `grains_to_state` returned."""
    return tuple(GrainyColumn(*one) for one in state)
