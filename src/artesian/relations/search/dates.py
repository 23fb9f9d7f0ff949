"""Search for numbers that are parts of dates, ages, and dates that are other times without the hour."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

import numpy as np
import polars as pl

from artesian.relations.date_grains import Grain, grain_of
from artesian.relations.expressions import (
    FUNCTIONS,
    Binary,
    Call,
    Expression,
    Floats,
    Number,
    Ref,
    numbers,
)
from artesian.relations.formulas import Formula
from artesian.relations.protocol import MIN_HOLDS
from artesian.relations.search.fitting import MIN_ROWS, mode
from artesian.relations.search.rows import neighbours

PARTS = {
    "year": (1000, 3000),
    "month": (1, 12),
    "day": (1, 31),
    "weekday": (1, 7),
    "quarter": (1, 4),
    "week": (1, 53),
    "day_of_year": (1, 366),
    "hour": (0, 23),
    "minute": (0, 59),
}
"""Parts of a time with their range."""

PROBES = 64
"""Rows on which most functions are rejected."""

MAX_WRONG = 3
"""Maximum number of these rows that differ."""

MIN_EXACT = 0.5
"""Minimum fraction of the rows with the exact age, where some dates are only years."""

MIN_AGES = 20
"""Minimum range of such ages."""

MAX_MONTHS = 600
"""Maximum number of months of a term, such as that of a loan."""

MONTHS = (1, 3, 6, 12, 24, 36)
"""Numbers of months that all rows may have."""

BOUND_OF = {"month start": "month_start", "month end": "month_end"}
"""The function that gives the days which all dates of a column are."""

BOUNDS = ("week_start", "month_start", "month_end", "quarter_start")
"""Days that the week, month or quarter of a time determines."""


class _Columns:
    """Whole numbers and times as floats, with the parts of the times, each computed once."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self.frame = frame
        self.times = [
            s for s in frame if s.dtype.is_temporal() and s.dtype not in (pl.Duration, pl.Time)
        ]
        self.plain = [s for s in frame if s.dtype.is_integer()]
        self.place = {name: at for at, name in enumerate(frame.columns)}
        self.values = {s.name: numbers(s) for s in (*self.times, *self.plain)}
        self.part = cache(self._part)
        self.grain = cache(self._grain)

    def _part(self, name: str, function: str) -> Floats:
        return FUNCTIONS[function](self.values[name])

    def _grain(self, name: str) -> Grain | None:
        """What all dates of a column have in common."""
        grain = grain_of(self.frame[name])
        return None if grain is None else grain[0]

    def has_clock(self, name: str) -> bool:
        """Whether a time has a time of day."""
        return isinstance(self.frame.schema[name], pl.Datetime)

    def evaluated(self, expression: Expression) -> Floats:
        """The values of an expression."""
        return expression.evaluate(self.frame)

    def near(self, target: str) -> list[str]:
        """Times, those nearest to the target if there are many."""
        places = {self.place[time.name]: time.name for time in self.times}
        return [places[at] for at in neighbours(self.place[target], list(places))]


def date_parts(frame: pl.DataFrame) -> Iterator[Formula]:
    """Numbers that are a part of a time, times that are another one's day, and ages."""
    columns = _Columns(frame)
    values = columns.values
    # The year of a week's first day is seldom another one than that of the day itself.
    fine = sorted(columns.times, key=lambda time: -_days(values[time.name]))
    for target in columns.plain:
        low, high = target.min(), target.max()
        if not (isinstance(low, int) and isinstance(high, int)) or low == high:
            continue
        for source in fine:
            for part, (first, last) in PARTS.items():
                possible = first <= low and high <= last
                if possible and _same(values[target.name], columns.part(source.name, part)):
                    yield Formula(target.name, Call(part, (Ref(source.name),)))
        if low >= 0 and high <= 130:
            yield from _years_since(target.name, columns, fine)
            pairs = _age_pairs(target.name, columns)
            for birth, at in pairs:
                age = FUNCTIONS["age"](values[birth], values[at])
                if _same(values[target.name], age):
                    yield Formula(target.name, Call("age", (Ref(birth), Ref(at))))
            yield from _nearly_ages(target.name, pairs, values)
    yield from _lengths_in_days(columns)
    yield from _terms(columns)
    yield from _months_between(columns)
    for target in columns.times:
        if target.dtype != pl.Date:
            continue
        for name in columns.near(target.name):
            source = frame[name]
            if target.name == name:
                continue
            if _same(values[target.name], columns.part(name, "date")):
                if isinstance(source.dtype, pl.Datetime):
                    yield Formula(target.name, Call("date", (Ref(name),)))
                continue
            for bound in BOUNDS:
                if _same(values[target.name], columns.part(name, bound)):
                    yield Formula(target.name, Call(bound, (Ref(name),)))
                    break


def _age_pairs(target: str, columns: _Columns) -> list[tuple[str, str]]:
    """Pairs of a birth and another time between which the target may be the age, by few rows."""
    names = columns.near(target)
    if len(names) < 2:
        return []
    actual = columns.values[target]
    some = np.flatnonzero(~np.isnan(actual))[: 2 * PROBES]
    year, month, day = (
        np.stack([columns.part(name, part)[some] for name in names], axis=1)
        for part in ("year", "month", "day")
    )
    late = 100 * month + day  # (probes, times)
    pairs = []
    for at, birth in enumerate(names):
        age = year - year[:, [at]] - (late < late[:, [at]])
        far = (np.abs(age - actual[some, None]) > 1).sum(axis=0)
        pairs += [(birth, names[to]) for to in np.flatnonzero(far <= MAX_WRONG) if to != at]
    return pairs


def _nearly_ages(
    target: str, pairs: list[tuple[str, str]], values: Mapping[str, Floats]
) -> Iterator[Formula]:
    """Ages up to a year, where only the year of some dates is given."""
    actual = values[target]
    for birth, at in pairs:
        rows = np.flatnonzero(~np.isnan(actual + values[birth] + values[at]))
        if len(rows) < MIN_ROWS:
            continue
        for part in (rows[:PROBES], rows):
            computed = FUNCTIONS["age"](values[birth][part], values[at][part])
            error = np.abs(computed - actual[part])
            near = (error <= 1).mean() >= MIN_HOLDS and (error == 0).mean() >= MIN_EXACT
            if not near or np.ptp(actual[part]) < MIN_AGES:
                break
        else:
            yield Formula(target, Call("age", (Ref(birth), Ref(at))), 1.0)


def _lengths_in_days(columns: _Columns) -> Iterator[Formula]:
    """`nights = date(left) - date(arrived)`, or one more, or `days = floor(left - arrived)`, for times
    of day that a length in whole days does not count; `days = end - start` to ends of months."""
    values = columns.values
    for target in columns.plain:
        low, high = target.min(), target.max()
        if not (isinstance(low, int) and isinstance(high, int)) or low == high:
            continue
        names = columns.near(target.name)
        for start, end in ((a, b) for a in names for b in names if a != b):
            clock = columns.has_clock(start) or columns.has_clock(end)
            if not clock and columns.grain(end) is None:
                continue  # dates are subtracted like numbers
            some = np.flatnonzero(~np.isnan(values[start] + values[end] + values[target.name]))
            some = some[:PROBES]
            between = values[end][some] - values[start][some]
            if len(some) < MIN_ROWS or (np.abs(between - values[target.name][some]) > 2).any():
                continue
            days: Expression = Binary("-", _date(columns, end), _date(columns, start))
            whole = Call("floor", (Binary("-", Ref(end), Ref(start)),))
            # The last day of a month is no sum of a date and any number of days.
            for node in (days, Binary("+", days, Number(1.0)), *((whole,) if clock else ())):
                if _same(values[target.name], columns.evaluated(node)):
                    yield Formula(target.name, node)
                    break


def _date(columns: _Columns, name: str) -> Expression:
    return Call("date", (Ref(name),)) if columns.has_clock(name) else Ref(name)


def _terms(columns: _Columns) -> Iterator[Formula]:
    """`end = add_months(start, term)`, or the day before, or the end of that month, for whole numbers
    of months."""
    values = columns.values
    dates = [s for s in columns.times if s.dtype == pl.Date]
    terms: list[tuple[Expression, Floats]] = []
    of_days = {s.name for s in dates}
    rows = len(dates[0]) if dates else 0
    for number in columns.plain if len(dates) > 1 else ():
        low, high = number.min(), number.max()
        if isinstance(low, int) and isinstance(high, int) and 0 <= low < high <= MAX_MONTHS:
            terms.append((Ref(number.name), values[number.name]))
            # Of a term of whole months, the last one begins a month before its end.
            terms.append((Binary("-", Ref(number.name), Number(1.0)), values[number.name] - 1))
    terms += [(Number(float(months)), np.full(rows, float(months))) for months in MONTHS]
    for target in dates:
        end, grain = values[target.name], columns.grain(target.name)
        bound = BOUND_OF.get(grain or "", "")
        for name in columns.near(target.name):
            start = values[name]
            # The end of a month may be the day itself.
            if name == target.name or name not in of_days or not _later(start, end, bool(bound)):
                continue
            some = np.flatnonzero(~np.isnan(start + end))[:PROBES]
            for earlier in (0.0, 1.0):
                passed = _month_number(end[some] + earlier) - _month_number(start[some])
                for node, months in terms:
                    if (months[some] != passed).sum() > MAX_WRONG + np.isnan(months[some]).sum():
                        continue
                    after = FUNCTIONS["add_months"](start, months)
                    term: Expression = Call("add_months", (Ref(name), node))
                    if _same(end, after - earlier):
                        yield Formula(
                            target.name, Binary("-", term, Number(earlier)) if earlier else term
                        )
                    elif bound and not earlier and _same(end, FUNCTIONS[bound](after)):
                        yield Formula(target.name, Call(bound, (term,)))


def _months_between(columns: _Columns) -> Iterator[Formula]:
    """`tenure = 12 * (year(end) - year(start)) + month(end) - month(start)`, whatever the day."""
    for target in columns.plain:
        low, high = target.min(), target.max()
        if not (isinstance(low, int) and isinstance(high, int) and 0 <= low < high <= MAX_MONTHS):
            continue
        actual = columns.values[target.name]
        names = columns.near(target.name)
        months = {n: 12 * columns.part(n, "year") + columns.part(n, "month") for n in names}
        for start, end in ((a, b) for a in names for b in names if a != b):
            if (
                _same(actual, months[end] - months[start])
                and not np.isnan(actual - months[end] + months[start]).all()
            ):
                year, month = (
                    Binary("-", Call(part, (Ref(end),)), Call(part, (Ref(start),)))
                    for part in ("year", "month")
                )
                yield Formula(target.name, Binary("+", Binary("*", Number(12.0), year), month))


def _month_number(days: Floats) -> Floats:
    """Number of the month of dates in days, counted from 1970."""
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64).astype(float)


def _later(start: Floats, end: Floats, same_day: bool) -> bool:
    """Whether the end is later in nearly all rows, and not by the same number of days.

    Args:
        same_day: Whether it may also be the same day.
    """
    distance = end - start
    distance = distance[~np.isnan(distance)]
    return bool(
        len(distance) >= MIN_ROWS and (distance >= int(not same_day)).mean() >= MIN_HOLDS
    ) and (len(np.unique(distance)) > 1)


def _same(actual: Floats, computed: Floats) -> bool:
    """Whether the values are equal, judged by few rows first."""
    a, b = actual[:PROBES], computed[:PROBES]
    if ((a != b) & ~np.isnan(a) & ~np.isnan(b)).sum() > MAX_WRONG:
        return False
    some = np.flatnonzero(~np.isnan(actual) & ~np.isnan(computed))[:PROBES]
    return (actual[some] != computed[some]).sum() <= MAX_WRONG and _equal(actual, computed)


def _days(values: Floats) -> int:
    """Number of different days."""
    return len(np.unique(np.floor(values[~np.isnan(values)])))


def _years_since(target: str, columns: _Columns, times: list[pl.Series]) -> Iterator[Formula]:
    """`age = year(date) - birth_year`, for a number that holds years."""
    values = columns.values
    for born in columns.plain:
        low, high = born.min(), born.max()
        if not (isinstance(low, int) and isinstance(high, int) and 1800 <= low < high <= 2200):
            continue
        for time in times:
            years = columns.part(time.name, "year")
            if _same(values[target], years - values[born.name]) and not _equal(
                values[born.name], years
            ):
                year = Call("year", (Ref(time.name),))
                yield Formula(target, Binary("-", year, Ref(born.name)))


def _equal(actual: Floats, computed: Floats) -> bool:
    present = ~(np.isnan(actual) | np.isnan(computed))
    if present.sum() < MIN_ROWS or (actual == computed)[present].mean() < MIN_HOLDS:
        return False
    # Exceptions are counted among the rows without the most frequent value.
    others = present & (actual != mode(actual[present]))
    wrong = int((actual != computed)[present].sum())
    return wrong <= (1 - MIN_HOLDS) * int(others.sum())
