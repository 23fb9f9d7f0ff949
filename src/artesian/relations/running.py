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
    """`balance = previous(balance) + paid_in - paid_out by account, booked`.

    Attributes:
        terms: Columns that are added to (1) or subtracted from (-1) the total; 0 where missing.
        time: The column that orders the rows of an entity; rows of the same time are in the order of
            the table.
    """

    target: str
    terms: tuple[tuple[int, str], ...]
    entity: str
    time: str

    def __str__(self) -> str:
        target, entity, time = map(quoted, (self.target, self.entity, self.time))
        terms = "".join(f" {'+' if sign > 0 else '-'} {quoted(name)}" for sign, name in self.terms)
        return f"{target} = previous({target}){terms} by {entity}, {time}"

    @property
    def columns(self) -> tuple[str, ...]:
        """Total, terms, entity and time."""
        return self.target, *(name for _, name in self.terms), self.entity, self.time

    def holds(self, frame: pl.DataFrame) -> pl.Series:
        """Whether a row adds its terms; null in an entity's first row and where a time is repeated."""
        change, follows = changes(frame, self.target, self.entity, self.time)
        size = np.abs(numbers(frame[self.target]))
        difference = np.abs(change - sum_of_terms(frame, self.terms))
        right = difference <= EXACT * np.maximum(np.nan_to_num(size), 1.0)
        return pl.Series(str(self), right).set(pl.Series(~(follows & ~np.isnan(change))), None)


@dataclass(frozen=True, slots=True)
class CarriedForward:
    """`opening = previous(closing) by account, booked`."""

    target: str
    total: str
    entity: str
    time: str

    def __str__(self) -> str:
        target, total, entity, time = map(quoted, self.columns)
        return f"{target} = previous({total}) by {entity}, {time}"

    @property
    def columns(self) -> tuple[str, ...]:
        """Carried value, total, entity and time."""
        return self.target, self.total, self.entity, self.time

    def holds(self, frame: pl.DataFrame) -> pl.Series:
        """Whether a row begins with the total of the row before; null in an entity's first row."""
        change, follows = changes(frame, self.total, self.entity, self.time)
        totals, values = numbers(frame[self.total]), numbers(frame[self.target])
        right = np.abs(totals - change - values) <= EXACT * np.maximum(np.abs(totals), 1.0)
        applies = follows & ~np.isnan(change) & ~np.isnan(values)
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


def sum_of_terms(frame: pl.DataFrame, terms: tuple[tuple[int, str], ...]) -> Floats:
    """The signed sum of columns, where a missing value counts as 0, shape (rows,)."""
    total = np.zeros(frame.height)
    for sign, name in terms:
        total += sign * np.nan_to_num(numbers(frame[name]))
    return total


def changes(
    frame: pl.DataFrame, target: str, entity: str, time: str
) -> tuple[Floats, np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    """The difference of each row to the row before of its entity, shape (rows,), and whether there is
    one at an earlier time, and only one."""
    rows = (
        frame.select(entity, time, target)
        .with_row_index(_ROW)
        .sort(entity, time, maintain_order=True)
    )
    order = rows[_ROW].to_numpy()
    ids, times = rows[entity], rows[time]
    later = ((ids == ids.shift(1)) & (times > times.shift(1))).fill_null(False)
    tied = ((ids == ids.shift(1)) & (times == times.shift(1))).fill_null(False)
    follows = (later & ~tied.shift(1, fill_value=False)).to_numpy()
    difference = np.diff(numbers(rows[target]), prepend=np.nan)
    change, applies = np.empty(len(rows)), np.zeros(len(rows), bool)
    change[order], applies[order] = difference, follows
    return change, applies


_ROW = "\0row"
"""A name that no column of a table has."""
