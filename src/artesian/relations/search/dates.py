"""Search for numbers that are parts of dates, ages, and dates that are other times without the hour."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import polars as pl

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

BOUNDS = ("week_start", "month_start", "month_end", "quarter_start")
"""Days that the week, month or quarter of a time determines."""


def date_parts(frame: pl.DataFrame) -> Iterator[Formula]:
    """Numbers that are a part of a time, times that are another one's day, and ages."""
    times = [s for s in frame if s.dtype.is_temporal() and s.dtype not in (pl.Duration, pl.Time)]
    plain = [s for s in frame if s.dtype.is_integer()]
    values = {s.name: numbers(s) for s in (*times, *plain)}
    # The year of a week's first day is seldom another one than that of the day itself.
    fine = sorted(times, key=lambda time: -_days(values[time.name]))
    for target in plain:
        low, high = target.min(), target.max()
        if not (isinstance(low, int) and isinstance(high, int)) or low == high:
            continue
        for source in fine:
            for part, (first, last) in PARTS.items():
                possible = first <= low and high <= last
                if possible and _computes(
                    FUNCTIONS[part], values[target.name], values[source.name]
                ):
                    yield Formula(target.name, Call(part, (Ref(source.name),)))
        if low >= 0 and high <= 130:
            yield from _years_since(target.name, plain, fine, values)
            for birth in times:
                for at in times:
                    if birth is not at and _computes(
                        FUNCTIONS["age"], values[target.name], values[birth.name], values[at.name]
                    ):
                        node: Expression = Call("age", (Ref(birth.name), Ref(at.name)))
                        yield Formula(target.name, node)
            yield from _nearly_ages(target.name, times, values)
    yield from _terms(times, plain, values)
    for target in times:
        for source in times:
            if target is source or target.dtype != pl.Date:
                continue
            if _equal(values[target.name], np.floor(values[source.name])):
                if isinstance(source.dtype, pl.Datetime):
                    yield Formula(target.name, Call("date", (Ref(source.name),)))
                continue
            for bound in BOUNDS:
                if _computes(FUNCTIONS[bound], values[target.name], values[source.name]):
                    yield Formula(target.name, Call(bound, (Ref(source.name),)))
                    break


def _nearly_ages(
    target: str, times: list[pl.Series], values: dict[str, Floats]
) -> Iterator[Formula]:
    """Ages up to a year, where only the year of some dates is given."""
    actual = values[target]
    for birth in times:
        for at in times:
            rows = np.flatnonzero(~np.isnan(actual + values[birth.name] + values[at.name]))
            if birth is at or len(rows) < MIN_ROWS:
                continue
            for part in (rows[:PROBES], rows):
                computed = FUNCTIONS["age"](values[birth.name][part], values[at.name][part])
                error = np.abs(computed - actual[part])
                near = (error <= 1).mean() >= MIN_HOLDS and (error == 0).mean() >= MIN_EXACT
                if not near or np.ptp(actual[part]) < MIN_AGES:
                    break
            else:
                yield Formula(target, Call("age", (Ref(birth.name), Ref(at.name))), 1.0)


def _terms(
    times: list[pl.Series], plain: list[pl.Series], values: dict[str, Floats]
) -> Iterator[Formula]:
    """`end = add_months(start, term)`, or the day before, for whole numbers of months."""
    dates = [s for s in times if s.dtype == pl.Date]
    terms: list[tuple[Expression, Floats | float]] = []
    for number in plain:
        low, high = number.min(), number.max()
        if isinstance(low, int) and isinstance(high, int) and 0 <= low < high <= MAX_MONTHS:
            terms.append((Ref(number.name), values[number.name]))
            # Of a term of whole months, the last one begins a month before its end.
            terms.append((Binary("-", Ref(number.name), Number(1.0)), values[number.name] - 1))
    terms += [(Number(float(months)), float(months)) for months in MONTHS]
    for target in dates:
        for source in dates:
            if source is target or not _later(values[source.name], values[target.name]):
                continue
            for node, months in terms:
                after = FUNCTIONS["add_months"](
                    values[source.name], np.broadcast_to(months, len(source)).astype(float)
                )
                for earlier in (0.0, 1.0):
                    if _same(values[target.name], after - earlier):
                        end: Expression = Call("add_months", (Ref(source.name), node))
                        if earlier:
                            end = Binary("-", end, Number(earlier))
                        yield Formula(target.name, end)


def _later(start: Floats, end: Floats) -> bool:
    """Whether the end is later in nearly all rows, and not by the same number of days."""
    distance = end - start
    distance = distance[~np.isnan(distance)]
    return bool(len(distance) >= MIN_ROWS and (distance > 0).mean() >= MIN_HOLDS) and (
        len(np.unique(distance)) > 1
    )


def _same(actual: Floats, computed: Floats) -> bool:
    """Whether the values are equal, judged by few rows first."""
    some = np.flatnonzero(~np.isnan(actual) & ~np.isnan(computed))[:PROBES]
    return (actual[some] != computed[some]).sum() <= MAX_WRONG and _equal(actual, computed)


def _days(values: Floats) -> int:
    """Number of different days."""
    return len(np.unique(np.floor(values[~np.isnan(values)])))


def _years_since(
    target: str, plain: list[pl.Series], times: list[pl.Series], values: dict[str, Floats]
) -> Iterator[Formula]:
    """`age = year(date) - birth_year`, for a number that holds years."""
    for born in plain:
        low, high = born.min(), born.max()
        if not (isinstance(low, int) and isinstance(high, int) and 1800 <= low < high <= 2200):
            continue
        for time in times:
            years = FUNCTIONS["year"](values[time.name])
            if not _equal(values[born.name], years) and _equal(
                values[target], years - values[born.name]
            ):
                year = Call("year", (Ref(time.name),))
                yield Formula(target, Binary("-", year, Ref(born.name)))


def _computes(function: Callable[..., Floats], actual: Floats, *sources: Floats) -> bool:
    """Whether `function` gives the values, judged by few rows first."""
    some = np.flatnonzero(~np.isnan(sum(sources, actual)))[:PROBES]
    wrong = function(*(source[some] for source in sources)) != actual[some]
    return wrong.sum() <= MAX_WRONG and _equal(actual, function(*sources))


def _equal(actual: Floats, computed: Floats) -> bool:
    present = ~(np.isnan(actual) | np.isnan(computed))
    if present.sum() < MIN_ROWS or (actual == computed)[present].mean() < MIN_HOLDS:
        return False
    # Exceptions are counted among the rows without the most frequent value.
    others = present & (actual != mode(actual[present]))
    wrong = int((actual != computed)[present].sum())
    return wrong <= (1 - MIN_HOLDS) * int(others.sum())
