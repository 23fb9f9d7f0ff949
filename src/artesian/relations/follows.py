"""Times that follow each other from row to row: a train arrives after it left the stop before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from artesian.relations.expressions import Floats, numbers, quoted
from artesian.relations.running import order_of

EXACT = 1e-9
"""Rounding error of times, in days."""


@dataclass(frozen=True, slots=True)
class Follows:
    """`arrival >= previous(departure) by train, stop`; of times of day by less than half a day.

    Attributes:
        target: A column of times.
        before: The column that it follows, of the row before; the same one if there is only one.
        number: The column that numbers the rows of an entity.
    """

    target: str
    before: str
    entity: str
    number: str

    def __str__(self) -> str:
        target, before, entity, number = map(
            quoted, (self.target, self.before, self.entity, self.number)
        )
        return f"{target} >= previous({before}) by {entity}, {number}"

    @property
    def columns(self) -> tuple[str, ...]:
        """The two times, entity and number."""
        return tuple(dict.fromkeys((self.target, self.before, self.entity, self.number)))

    def holds(self, frame: pl.DataFrame) -> pl.Series:
        """Whether a row is not before the one before it; null in an entity's first row."""
        order = order_of(frame, self.entity, self.number)
        rows = frame.select(list(dict.fromkeys((self.entity, self.before, self.target))))[order]
        same = (rows[self.entity] == rows[self.entity].shift(1)).fill_null(False).to_numpy()
        elapsed = passed(
            numbers(rows[self.target]) - np.roll(numbers(rows[self.before]), 1),
            of_day=frame.schema[self.target] == pl.Time,
        )
        right, applies = np.empty(len(rows), bool), np.empty(len(rows), bool)
        right[order] = np.nan_to_num(elapsed, nan=0.0) >= -EXACT
        applies[order] = same & ~np.isnan(elapsed)
        return pl.Series(str(self), right).set(pl.Series(~applies), None)


def passed(days: Floats, *, of_day: bool) -> Floats:
    """Differences of times in days; those of times of day are between -1/2 and 1/2, past midnight."""
    return np.mod(days + 0.5 + EXACT, 1.0) - 0.5 - EXACT if of_day else days
