"""Relations in which a category decides whether an amount is added or subtracted, within one row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from artesian.relations.expressions import Floats, numbers, quoted
from artesian.relations.running import EXACT, Term, sum_of_terms


@dataclass(frozen=True, slots=True)
class SignedSum:
    """`after = before + amount if kind in ('in') - amount if kind in ('out')`.

    Attributes:
        base: The column to which something is added.
        terms: What is added in the rows of some labels; 0 in those of all others.
    """

    target: str
    base: str
    terms: tuple[Term, ...]

    def __str__(self) -> str:
        terms = "".join(f" {term}" for term in self.terms)
        return f"{quoted(self.target)} = {quoted(self.base)}{terms}"

    @property
    def sources(self) -> tuple[str, ...]:
        """The base, and the columns of the terms."""
        return tuple(dict.fromkeys((self.base, *(n for term in self.terms for n in term.columns))))

    @property
    def columns(self) -> tuple[str, ...]:
        """Target and sources."""
        return self.target, *self.sources

    def compute(self, frame: pl.DataFrame) -> Floats:
        """The target's values, shape (rows,), NaN where the base or what is added is missing."""
        added = frame.select(sum_of_terms(self.terms)).to_series().to_numpy()
        missing = np.zeros(len(frame), bool)
        for term in self.terms:
            applies = frame[term.label].cast(pl.String).is_in(term.values).fill_null(True)
            missing |= applies.to_numpy() & np.isnan(numbers(frame[term.name]))
        return np.asarray(np.where(missing, np.nan, numbers(frame[self.base]) + added), float)

    def holds(self, frame: pl.DataFrame) -> pl.Series:
        """Whether the target is what is computed; null where a value is missing."""
        target, computed = numbers(frame[self.target]), self.compute(frame)
        size = np.maximum(np.nan_to_num(np.abs(target)), 1.0)
        right = np.abs(target - computed) <= EXACT * size
        present = ~(np.isnan(target) | np.isnan(computed))
        return pl.Series(str(self), right).set(pl.Series(~present), None)
