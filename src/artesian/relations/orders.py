"""Relations of order: one column is never below another."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from artesian.relations.expressions import numbers, quoted


@dataclass(frozen=True, slots=True)
class Order:
    """`low <= high`, or `low < high` if `strict`."""

    low: str
    high: str
    strict: bool = False

    def __str__(self) -> str:
        return f"{quoted(self.low)} {'<' if self.strict else '<='} {quoted(self.high)}"

    @property
    def columns(self) -> tuple[str, ...]:
        """Both columns."""
        return self.low, self.high

    def holds(self, frame: pl.DataFrame) -> pl.Series:
        """Whether the order holds; null where a value is missing."""
        low, high = (
            pl.Series(numbers(frame[name]), nan_to_null=True) for name in (self.low, self.high)
        )
        return (low < high if self.strict else low <= high).alias(str(self))
