"""Dependencies of a part of a time: the weekday of a date determines its name."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from artesian.relations.dependencies import Dependency
from artesian.relations.expressions import Call, quoted


@dataclass(frozen=True, slots=True)
class PartDependency:
    """`weekday(date) -> name`: rows that agree in a part of a time agree in another column.

    Attributes:
        part: The function of the time column: `weekday(date)`, `hour(start)`, `mod(week(day), 2)`.
    """

    part: Call
    target: str

    def __str__(self) -> str:
        return f"{self.part} -> {quoted(self.target)}"

    @property
    def sources(self) -> tuple[str, ...]:
        """The time column."""
        return self.part.columns

    @property
    def columns(self) -> tuple[str, ...]:
        """The time column, then the target."""
        return *self.sources, self.target

    @property
    def by_value(self) -> Dependency:
        """The dependency on the values of the part, in the rows of `with_part`."""
        return Dependency((str(self.part),), self.target)

    def with_part(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The rows with the part as a further column, null where the time is missing."""
        values = pl.Series(str(self.part), self.part.evaluate(frame), nan_to_null=True)
        return frame.with_columns(values)

    def holds(self, frame: pl.DataFrame) -> pl.Series:
        """Whether a row has the most frequent value of its part; null for a part of one row."""
        return self.by_value.holds(self.with_part(frame)).alias(str(self))
