"""Search for times that follow each other in the rows of an entity: timetables, bookings of a room."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.data.row_groups import repeating_ids
from artesian.data.schema import Kind
from artesian.data.table import Table
from artesian.relations.expressions import Floats, numbers
from artesian.relations.follows import EXACT, Follows, passed
from artesian.relations.protocol import MIN_HOLDS
from artesian.relations.running import order_of

MIN_ROWS = 2
"""Minimum mean number of rows of a thing that is no identifier."""

MIN_PAIRS = 30
"""Minimum number of times that follow another one."""

MIN_CHANCE = 8
"""Minimum number of periods that would overlap if any thing had any of them."""

MAX_TIMES = 6
"""Maximum number of columns of times that may begin or end a period."""

MIN_LENGTHS = 3
"""Minimum number of different lengths of periods."""

MIN_DAYS, MIN_MONTHS = 8, 3
"""Minimum number of days of the month on which the periods of so many months begin."""

MAX_PASSED = 0.4
"""Maximum time between two times of day, in days; of times at random, a half is beyond that."""


@dataclass(frozen=True, slots=True)
class Sequence:
    """Columns of times that never fall from row to row of an entity, read from left to right.

    Attributes:
        names: The columns in the order of their times.
        number: The column that numbers the rows; the first time, if periods follow each other.
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


def periods(table: Table, *, labels: bool = False) -> Iterator[Sequence]:
    """Periods of things that never overlap: bookings of a room, jobs of a machine.

    Args:
        labels: Also of categories and codes that are no identifiers otherwise.
    """
    schema, frame = table.schema, table.frame
    times = [name for name in schema.of_kind(Kind.DATETIME) if frame[name].dtype != pl.Time]
    if not 2 <= len(times) <= MAX_TIMES or frame.height < MIN_PAIRS:
        return
    ordered = [
        (start, end)
        for start, end in permutations(times, 2)
        if not frame[start].has_nulls()
        and _never_ends_before(frame, start, end)
        and not _has_calendar(frame[start], frame[end])
    ]
    things = list(repeating_ids(table)) if ordered else []
    if ordered and labels:
        things += [
            name
            for name in schema.of_kind(Kind.KEY, Kind.CATEGORY, Kind.NUMBER)
            if name not in (*things, schema.target) and _are_things(frame[name])
        ]
    used: set[str] = set()
    for thing in things:
        for start, end in ordered:
            if not used & {start, end} and _do_not_overlap(frame, thing, start, end):
                used |= {start, end}
                yield Sequence((start, end), thing, start)


def _never_ends_before(frame: pl.DataFrame, start: str, end: str) -> bool:
    length = numbers(frame[end]) - numbers(frame[start])
    length = length[~np.isnan(length)]
    return len(length) >= MIN_PAIRS and bool((length >= 0).all()) and bool((length > 0).any())


def _has_calendar(start: pl.Series, end: pl.Series) -> bool:
    """Whether periods begin on given days, such as the first of a month, or are equally long.

    That they do not overlap follows from these days, which the time between periods would not keep.
    """
    lengths = np.unique((numbers(end) - numbers(start)).round(9))
    if len(lengths[~np.isnan(lengths)]) < MIN_LENGTHS:
        return True
    if (
        start.dt.date().dt.month_start().n_unique() >= MIN_MONTHS
        and start.dt.day().n_unique() < MIN_DAYS
    ):
        return True
    begins, ends = (
        np.unique(numbers(one.drop_nulls()) * 1_440).round().astype(np.int64)
        for one in (start, end)
    )
    spacing = np.gcd.reduce(begins - begins[0])
    return bool((np.gcd.reduce(ends - begins[0]) % max(spacing, 1)) != 0)


def _are_things(series: pl.Series) -> bool:
    """Whether most values have several rows."""
    if series.has_nulls() or series.dtype.is_float():
        return False
    return 1 < series.n_unique() <= len(series) / MIN_ROWS


def _do_not_overlap(frame: pl.DataFrame, thing: str, start: str, end: str) -> bool:
    """Whether periods of one thing follow each other, as those of any rows would not."""
    if frame[thing].has_nulls():
        return False
    labels = frame[thing].rank("dense").to_numpy().astype(np.int64)
    begin, finish = (numbers(frame[name]) for name in (start, end))
    pairs, overlaps = _overlaps(labels, begin, finish)
    if pairs < MIN_PAIRS or overlaps > (1 - MIN_HOLDS) * pairs:
        return False
    mixed = np.random.default_rng(0).permutation(labels)
    return _overlaps(mixed, begin, finish)[1] >= max(MIN_CHANCE, 10 * overlaps)


def _overlaps(labels: NDArray[np.int64], begin: Floats, finish: Floats) -> tuple[int, int]:
    """Number of periods that follow another one with the same label, and of those that overlap it."""
    order = np.lexsort((begin, labels))
    labels, begin, finish = labels[order], begin[order], finish[order]
    after = (labels[1:] == labels[:-1]) & ~np.isnan(finish[:-1])
    return int(after.sum()), int((begin[1:] < finish[:-1] - EXACT)[after].sum())


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
