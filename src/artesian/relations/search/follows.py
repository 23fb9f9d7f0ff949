"""Search for times that follow each other in the numbered rows of an entity: a timetable."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from artesian.data.row_groups import repeating_ids
from artesian.data.schema import Kind
from artesian.data.table import Table
from artesian.relations.expressions import Floats, numbers
from artesian.relations.follows import EXACT, Follows, passed
from artesian.relations.protocol import MIN_HOLDS
from artesian.relations.running import order_of

MIN_PAIRS = 30
"""Minimum number of times that follow another one."""

MAX_PASSED = 0.4
"""Maximum time between two times of day, in days; of times at random, a half is beyond that."""


@dataclass(frozen=True, slots=True)
class Sequence:
    """Columns of times that never fall from row to row of an entity, read from left to right.

    Attributes:
        names: The columns in the order of their times.
        number: The column that numbers the rows.
    """

    names: tuple[str, ...]
    entity: str
    number: str

    @property
    def relation(self) -> Follows:
        """The first column follows the last one of the row before."""
        return Follows(self.names[0], self.names[-1], self.entity, self.number)


def sequences(table: Table) -> Iterator[Sequence]:
    """The sequence of every entity whose rows are numbered; none has a column of another."""
    schema, frame = table.schema, table.frame
    times = [name for name in schema.of_kind(Kind.DATETIME) if frame[name].dtype != pl.Date]
    used: set[str] = set()
    for entity in repeating_ids(table) if times else ():
        for number in _counters(table, entity):
            names = _sequence(frame, [n for n in times if n not in used], entity, number)
            if names:
                used |= set(names)
                yield Sequence(names, entity, number)


def flat(frame: pl.DataFrame, names: tuple[str, ...]) -> Floats:
    """The times of all rows one after the other, shape (rows x columns,), NaN where missing."""
    return np.stack([numbers(frame[name]) for name in names], axis=1).ravel()


def since_before(values: Floats, labels: Floats | np.ndarray) -> Floats:
    """The difference of each value to the last one before it with the same label that is present."""
    out = np.full(len(values), np.nan)
    at = np.flatnonzero(~np.isnan(values))
    change = np.diff(values[at])
    out[at[1:]] = np.where(labels[at[1:]] == labels[at[:-1]], change, np.nan)
    return out


def _counters(table: Table, entity: str) -> list[str]:
    """Whole numbers that number the rows of an entity."""
    frame = table.frame
    if frame[entity].has_nulls():
        return []
    out = []
    for name in table.schema.of_kind(Kind.NUMBER):
        series = frame[name]
        if not series.dtype.is_integer() or series.has_nulls() or series.min() not in (0, 1):
            continue
        if series.n_unique() < 2 or frame.select(entity, name).is_duplicated().any():
            continue
        out.append(name)
    return out


def _sequence(frame: pl.DataFrame, times: list[str], entity: str, number: str) -> tuple[str, ...]:
    """The most columns that never fall together, in the order of their times."""
    rows = frame[order_of(frame, entity, number)]
    labels = rows[entity].rank("dense").to_numpy()
    for kind in (pl.Time, pl.Datetime):
        chosen: list[str] = []
        for name in (n for n in times if rows.schema[n] == kind):
            places = range(len(chosen), -1, -1)
            tried = ((*chosen[:at], name, *chosen[at:]) for at in places)
            longer = next((t for t in tried if _rise(rows, t, labels, of_day=kind == pl.Time)), ())
            chosen = list(longer or chosen)
        if chosen:
            return tuple(chosen)
    return ()


def _rise(
    rows: pl.DataFrame,
    names: tuple[str, ...],
    labels: np.ndarray,
    *,
    of_day: bool,
) -> bool:
    """Whether times never fall; from row to row most of them rise."""
    repeated = np.repeat(labels, len(names))
    change = passed(since_before(flat(rows, names), repeated), of_day=of_day)
    change = change[~np.isnan(change)]
    if len(change) < MIN_PAIRS or (of_day and (change > MAX_PASSED).mean() > 1 - MIN_HOLDS):
        return False
    between = passed(since_before(numbers(rows[names[0]]), labels), of_day=of_day)
    between = between[~np.isnan(between)]
    if len(between) < MIN_PAIRS or (between > EXACT).mean() < 0.5:
        return False
    return bool((change < -EXACT).mean() <= 1 - MIN_HOLDS)
