"""Relations between the rows of one entity in order of time: running totals, and meters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.relations.expressions import Expression, Floats, listed, numbers, quoted
from artesian.relations.formulas import Formula

GROUP = "\0group"
"""Column of `grouped`, which no table has."""

EXACT = 1e-6
"""Relative rounding error of a running total."""


@dataclass(frozen=True, slots=True)
class Term:
    """`+ amount`, or `- amount if kind in ('out')`: what a row adds to a total; 0 where missing.

    Attributes:
        sign: 1 to add, -1 to subtract.
        label: The category that decides in which rows; '' for all of them.
        values: Its values in these rows.
    """

    sign: int
    name: str
    label: str = ""
    values: tuple[str, ...] = ()

    def __str__(self) -> str:
        condition = f" if {quoted(self.label)}{listed(self.values)}" if self.label else ""
        return f"{'+' if self.sign > 0 else '-'} {quoted(self.name)}{condition}"

    @property
    def columns(self) -> tuple[str, ...]:
        """The column, and the one that decides."""
        return (self.name, self.label) if self.label else (self.name,)

    @property
    def expression(self) -> pl.Expr:
        """What a row adds."""
        amount = self.sign * pl.col(self.name).cast(pl.Float64)
        if self.label:
            amount = pl.when(pl.col(self.label).cast(pl.String).is_in(self.values)).then(amount)
        return amount.fill_nan(0).fill_null(0)


PERIODS = {"year": "1y", "quarter": "1q", "month": "1mo", "week": "1w"}
"""Periods after which a total may begin anew, as Polars writes them."""


@dataclass(frozen=True, slots=True)
class RunningTotal:
    """`balance = previous(balance) + paid_in - paid_out by account, booked`.

    Attributes:
        terms: What is added to the total in each row.
        entity: The column whose equal values have a total of their own; '' for one total of all rows.
        time: The column that orders the rows of an entity; rows of the same time are in the order of
            the table.
        groups: In place of an entity, columns whose equal values together have a total of their own,
            such as an article in a warehouse.
        period: One of `PERIODS` of the time, in each of which the total begins at 0; '' if it never
            does: `to_date = previous(to_date) + wage by person, paid each year`.
    """

    target: str
    terms: tuple[Term, ...]
    entity: str
    time: str
    groups: tuple[str, ...] = ()
    period: str = ""

    def __str__(self) -> str:
        target, terms = quoted(self.target), "".join(f" {term}" for term in self.terms)
        each = f" each {self.period}" if self.period else ""
        by = _by(*self.groups, self.entity, self.time)
        return f"{target} = previous({target}){terms} by {by}{each}"

    @property
    def columns(self) -> tuple[str, ...]:
        """Total, terms, entity and time."""
        terms = dict.fromkeys(name for term in self.terms for name in term.columns)
        return self.target, *terms, *filter(None, (*self.groups, self.entity, self.time))

    def holds(self, frame: pl.DataFrame) -> pl.Series:
        """Whether a row adds its terms; null in an entity's first row and where a time is repeated."""
        change, follows = changes(
            frame, self.target, self.entity, self.time, self.groups, self.period
        )
        size = np.abs(numbers(frame[self.target]))
        difference = np.abs(change - frame.select(sum_of_terms(self.terms)).to_series().to_numpy())
        right = difference <= EXACT * np.maximum(np.nan_to_num(size), 1.0)
        return pl.Series(str(self), right).set(pl.Series(~(follows & ~np.isnan(change))), None)


@dataclass(frozen=True, slots=True)
class CarriedForward:
    """`opening = previous(closing) by account, booked`."""

    target: str
    total: str
    entity: str
    time: str
    groups: tuple[str, ...] = ()

    def __str__(self) -> str:
        by = _by(*self.groups, self.entity, self.time)
        return f"{quoted(self.target)} = previous({quoted(self.total)}) by {by}"

    @property
    def columns(self) -> tuple[str, ...]:
        """Carried value, total, entity and time."""
        return self.target, self.total, *filter(None, (*self.groups, self.entity, self.time))

    def holds(self, frame: pl.DataFrame) -> pl.Series:
        """Whether a row begins with the total of the row before; null in an entity's first row."""
        change, follows = changes(frame, self.total, self.entity, self.time, self.groups)
        totals, values = numbers(frame[self.total]), numbers(frame[self.target])
        right = np.abs(totals - change - values) <= EXACT * np.maximum(np.abs(totals), 1.0)
        applies = follows & ~np.isnan(change) & ~np.isnan(values)
        return pl.Series(str(self), right).set(pl.Series(~applies), None)


@dataclass(frozen=True, slots=True)
class FromPrevious:
    """`interest = previous(balance) * rate / 1200 within 0.005 by loan, due`.

    Attributes:
        expression: Arithmetic over columns and over the column `previous_name(total)`.
        within: Maximum absolute difference; 0 for exact arithmetic.
    """

    target: str
    total: str
    expression: Expression
    within: float
    entity: str
    time: str

    def __str__(self) -> str:
        before = f"previous({quoted(self.total)})"
        text = str(self.expression).replace(quoted(previous_name(self.total)), before)
        within = f" within {self.within:.6g}" if self.within else ""
        entity, time = quoted(self.entity), quoted(self.time)
        return f"{quoted(self.target)} = {text}{within} by {entity}, {time}"

    @property
    def columns(self) -> tuple[str, ...]:
        """Target, sources, total, entity and time."""
        sources = (n for n in self.expression.columns if n != previous_name(self.total))
        return tuple(dict.fromkeys((self.target, *sources, self.total, self.entity, self.time)))

    def holds(self, frame: pl.DataFrame) -> pl.Series:
        """Whether a row follows from the total before it; null in an entity's first row."""
        change, follows = changes(frame, self.total, self.entity, self.time)
        before = np.where(follows, numbers(frame[self.total]) - change, np.nan)
        name = previous_name(self.total)
        frame = frame.with_columns(pl.Series(name, before))
        return Formula(self.target, self.expression, self.within).holds(frame).alias(str(self))


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


def previous_name(total: str) -> str:
    """The name under which expressions refer to the total in the row before."""
    return f"previous({total})"


def sum_of_terms(terms: tuple[Term, ...]) -> pl.Expr:
    """What each row adds to a total."""
    return pl.sum_horizontal(*(term.expression for term in terms))


def order_of(frame: pl.DataFrame, entity: str, time: str) -> NDArray[np.int64]:
    """Positions of the rows by entity and time; rows of the same time in the order of the table."""
    keys = pl.arg_sort_by(*filter(None, (entity, time)), maintain_order=True)
    return frame.select(keys).to_series().cast(pl.Int64).to_numpy()


def same_entity(rows: pl.DataFrame, entity: str) -> pl.Series:
    """Whether the row before has the same entity; with '' all rows have."""
    if not entity:
        return pl.Series([False] * min(len(rows), 1) + [True] * (len(rows) - 1), dtype=pl.Boolean)
    return (rows[entity] == rows[entity].shift(1)).fill_null(False)


def grouped(frame: pl.DataFrame, groups: tuple[str, ...]) -> pl.DataFrame:
    """The rows with the column `GROUP`, a number for each set of equal values; missing without one."""
    number = pl.struct(groups).rank("dense")
    present = pl.all_horizontal(pl.col(groups).is_not_null())
    return frame.with_columns(pl.when(present).then(number).alias(GROUP))


def period_of(times: pl.Series, period: str) -> pl.Series:
    """The first day of the period of each time."""
    return times.dt.truncate(PERIODS[period])


def changes(
    frame: pl.DataFrame,
    target: str,
    entity: str,
    time: str,
    groups: tuple[str, ...] = (),
    period: str = "",
) -> tuple[Floats, np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    """The difference of each row to the row before of its entity, shape (rows,), and whether there is
    one at an earlier time, and only one; with a period, to 0 where a period begins."""
    if groups:
        frame, entity = grouped(frame, groups), GROUP
    order = order_of(frame, entity, time)
    rows = frame.select(list(dict.fromkeys(filter(None, (entity, time, target)))))[order]
    same, times = same_entity(rows, entity), rows[time]
    later = (same & (times > times.shift(1))).fill_null(False)
    tied = (same & (times == times.shift(1))).fill_null(False)
    follows = (later & ~tied.shift(1, fill_value=False)).to_numpy()
    values = numbers(rows[target])
    difference = np.diff(values, prepend=np.nan)
    if period:
        starts = period_of(times, period)
        difference = np.where((starts != starts.shift(1)).to_numpy(), values, difference)
    change, applies = np.empty(len(rows)), np.zeros(len(rows), bool)
    change[order], applies[order] = difference, follows
    return change, applies


def _by(*names: str) -> str:
    return ", ".join(quoted(name) for name in names if name)
