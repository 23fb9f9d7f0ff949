"""Relations of order: one column is never below another, or below what others give."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from artesian.relations.expressions import Expression, numbers, quoted
from artesian.relations.formulas import EXACT


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


@dataclass(frozen=True, slots=True)
class Inequality:
    """`expression <= target`, or `target <= expression`: parts are not above their total.

    Attributes:
        lower: Whether the expression is a lower bound of the target.
    """

    target: str
    expression: Expression
    lower: bool = True

    def __str__(self) -> str:
        if self.lower:
            return f"{self.expression} <= {quoted(self.target)}"
        return f"{quoted(self.target)} <= {self.expression}"

    @property
    def columns(self) -> tuple[str, ...]:
        """The target, then the columns of the bound."""
        return tuple(dict.fromkeys((self.target, *self.expression.columns)))

    def holds(self, frame: pl.DataFrame) -> pl.Series:
        """Whether the bound is kept up to floating-point error; null where a value is missing."""
        difference = numbers(frame[self.target]) - self.expression.evaluate(frame)
        difference = difference if self.lower else -difference
        slack = EXACT * (1.0 + np.abs(numbers(frame[self.target])))
        kept = pl.Series(str(self), np.nan_to_num(difference) >= -np.nan_to_num(slack))
        return kept.set(pl.Series(np.isnan(difference)), None)
