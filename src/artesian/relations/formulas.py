"""Relations that compute a column from others: copies, sums, products, conversions, parts of dates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from artesian.data.frames import as_text
from artesian.relations.expressions import Expression, Floats, Number, listed, numbers, quoted

EXACT = 1e-9
"""Relative error of floating-point arithmetic that is not an exception."""


@dataclass(frozen=True, slots=True)
class Copy:
    """`target = source`, for values of any one type."""

    target: str
    source: str

    def __str__(self) -> str:
        return f"{quoted(self.target)} = {quoted(self.source)}"

    @property
    def columns(self) -> tuple[str, ...]:
        """Target and source."""
        return self.target, self.source

    def holds(self, frame: pl.DataFrame) -> pl.Series:
        """Equal values; null where one is missing."""
        left, right = frame[self.target], frame[self.source]
        if left.dtype != right.dtype:
            if left.dtype.is_numeric() and right.dtype.is_numeric():
                left, right = left.cast(pl.Float64), right.cast(pl.Float64)
            else:
                left, right = as_text(left), as_text(right)
        return (left == right).alias(str(self))


@dataclass(frozen=True, slots=True)
class Formula:
    """`target = expression`, within the rounding of the values.

    Attributes:
        within: Maximum absolute difference; 0 for exact arithmetic.
    """

    target: str
    expression: Expression
    within: float = 0.0

    def __str__(self) -> str:
        within = f" within {self.within:.6g}" if self.within else ""
        return f"{quoted(self.target)} = {self.expression}{within}"

    @property
    def sources(self) -> tuple[str, ...]:
        """Columns of the expression."""
        return self.expression.columns

    @property
    def columns(self) -> tuple[str, ...]:
        """Target and sources."""
        return tuple(dict.fromkeys((self.target, *self.sources)))

    def holds(self, frame: pl.DataFrame) -> pl.Series:
        """Whether the difference is within the rounding; null where a value is missing."""
        actual, computed = numbers(frame[self.target]), self.expression.evaluate(frame)
        missing = np.isnan(actual) | np.isnan(computed)
        error = np.abs(np.where(missing, 0.0, actual - computed))
        right = error <= self.within + EXACT * (1.0 + np.abs(np.where(missing, 0.0, actual)))
        return pl.Series(str(self), right).set(pl.Series(missing), None)

    def compute(self, frame: pl.DataFrame) -> Floats:
        """The target's values, shape (rows,), NaN where a source is missing."""
        return self.expression.evaluate(frame)

    @property
    def constant(self) -> bool:
        """Whether no column is involved."""
        return isinstance(self.expression, Number)


@dataclass(frozen=True, slots=True)
class ConditionalFormula:
    """`commission = 0.05 * total within 0.005 if channel in ('agent')`: computed in some rows only.

    Attributes:
        label: The category that decides in which rows.
        values: Its values in these rows.
    """

    formula: Formula
    label: str
    values: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.formula} if {quoted(self.label)}{listed(self.values)}"

    @property
    def target(self) -> str:
        """The computed column."""
        return self.formula.target

    @property
    def sources(self) -> tuple[str, ...]:
        """Columns of the expression, and the label."""
        return tuple(dict.fromkeys((*self.formula.sources, self.label)))

    @property
    def columns(self) -> tuple[str, ...]:
        """Target and sources."""
        return tuple(dict.fromkeys((self.target, *self.sources)))

    def holds(self, frame: pl.DataFrame) -> pl.Series:
        """Whether the formula holds; null in other rows, and where a value is missing."""
        return self.formula.holds(frame).set(~self._applies(frame), None).alias(str(self))

    def compute(self, frame: pl.DataFrame) -> Floats:
        """The target's values, shape (rows,), NaN in other rows and where a source is missing."""
        return np.where(self._applies(frame).to_numpy(), self.formula.compute(frame), np.nan)

    def _applies(self, frame: pl.DataFrame) -> pl.Series:
        return frame[self.label].cast(pl.String).is_in(self.values).fill_null(False)
