"""Relations of numbers that are multiples of a step in the rows of some labels: whole pieces, tenths of
kilograms; yen without decimals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from artesian.relations.expressions import listed, quoted

TOLERANCE = 1e-6
"""Maximum distance from a multiple, as a fraction of the step."""


@dataclass(frozen=True, slots=True)
class Multiples:
    """`quantity in steps of 1 if unit in ('piece', 'set')`.

    Attributes:
        target: A column of numbers.
        step: The number of which the values are multiples.
        label: A category.
        values: The labels in whose rows they are.
    """

    target: str
    step: float
    label: str
    values: tuple[str, ...]

    def __str__(self) -> str:
        number = f"{quoted(self.target)} in steps of {self.step:.12g}"
        return f"{number} if {quoted(self.label)}{listed(self.values)}"

    @property
    def columns(self) -> tuple[str, ...]:
        """The number and the category."""
        return self.target, self.label

    def applies(self, frame: pl.DataFrame) -> pl.Series:
        """The rows with one of the labels."""
        return frame[self.label].cast(pl.String).is_in(self.values).fill_null(False)

    def holds(self, frame: pl.DataFrame) -> pl.Series:
        """Whether the value is a multiple of the step; null without a value and for other labels."""
        values = frame[self.target].cast(pl.Float64)
        fits = pl.Series(is_multiple(values.to_numpy(), self.step))
        counted = self.applies(frame) & values.is_not_null()
        return fits.zip_with(counted, pl.Series([None], dtype=pl.Boolean)).alias(str(self))

    def rounded(self, values: pl.Series) -> pl.Series:
        """The nearest multiples of the step."""
        # A step such as 0.05 has no exact double; its inverse is a whole number.
        if self.step < 1:
            parts = round(1 / self.step)
            return (values * parts).round() / parts
        return (values / self.step).round() * self.step


def is_multiple(values: np.ndarray, step: float) -> np.ndarray:
    """Whether each value is a multiple of the step; false without a value."""
    with np.errstate(invalid="ignore"):
        scaled = values / step
        return np.asarray(np.abs(scaled - np.round(scaled)) <= TOLERANCE)
