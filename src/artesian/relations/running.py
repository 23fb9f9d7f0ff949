"""Relations between the rows of one entity in order of time: running totals, and meters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from artesian.relations.expressions import Floats, numbers, quoted

EXACT = 1e-6
"""Relative rounding error of a running total."""


@dataclass(frozen=True, slots=True)
class RunningTotal:
    """`balance = previous(balance) + amount by account, booked`."""

    target: str
    amount: str
    entity: str
    time: str

    def __str__(self) -> str:
        target, amount, entity, time = map(quoted, self.columns)
        return f"{target} = previous({target}) + {amount} by {entity}, {time}"

    @property
    def columns(self) -> tuple[str, ...]:
        """Total, amount, entity and time."""
        return self.target, self.amount, self.entity, self.time

    def holds(self, frame: pl.DataFrame) -> pl.Series:
        """Whether a row adds its amount; null in an entity's first row and where a time is repeated."""
        change, follows = changes(frame, self.target, self.entity, self.time)
        amount = numbers(frame[self.amount])
        size = np.abs(numbers(frame[self.target]))
        right = np.abs(change - amount) <= EXACT * np.maximum(np.nan_to_num(size), 1.0)
        applies = follows & ~np.isnan(change) & ~np.isnan(amount)
        return pl.Series(str(self), right).set(pl.Series(~applies), None)


@dataclass(frozen=True, slots=True)
class NeverFalls:
    """`meter never falls by sensor, time`."""

    target: str
    entity: str
    time: str

    def __str__(self) -> str:
        target, entity, time = map(quoted, self.columns)
        return f"{target} never falls by {entity}, {time}"

    @property
    def columns(self) -> tuple[str, ...]:
        """Meter, entity and time."""
        return self.target, self.entity, self.time

    def holds(self, frame: pl.DataFrame) -> pl.Series:
        """Whether a row is not below the one before; null in an entity's first row."""
        change, follows = changes(frame, self.target, self.entity, self.time)
        applies = follows & ~np.isnan(change)
        return pl.Series(str(self), change >= 0).set(pl.Series(~applies), None)


def changes(
    frame: pl.DataFrame, target: str, entity: str, time: str
) -> tuple[Floats, np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    """The difference of each row to the row before of its entity, shape (rows,), and whether there is
    one at an earlier time."""
    order = frame.select(pl.arg_sort_by(entity, time)).to_series().to_numpy()
    rows = frame[order]
    ids, times = rows[entity], rows[time]
    follows = ((ids == ids.shift(1)) & (times > times.shift(1))).fill_null(False).to_numpy()
    difference = np.diff(numbers(rows[target]), prepend=np.nan)
    change, applies = np.empty(len(rows)), np.zeros(len(rows), bool)
    change[order], applies[order] = difference, follows
    return change, applies
