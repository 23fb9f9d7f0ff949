"""Search for times of day that are another one plus a duration, past midnight too, or a duration.

A time of day is stored as a time, as a number such as 1345 for 13:45, or in minutes after midnight.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

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
from artesian.relations.search.fitting import MIN_DISTINCT, MIN_ROWS, round_up
from artesian.relations.search.rows import NumericColumns, neighbours

PER_DAY = (1440.0, 24.0, 86_400.0)
"""Minutes, hours and seconds of a day."""

PROBES = 64

MIN_BOTH = 0.5
"""Minimum fraction of the values of either time that occur beside one of the other."""

MAX_LENGTHS = 8
"""Maximum number of lengths of which sums are tried."""

MIN_RANGE = 720
"""Minimum range of numbers that may be times of day, in minutes."""


@dataclass(frozen=True, slots=True)
class _Clock:
    """A column of times of day.

    Attributes:
        days: Days since midnight as an expression.
        values: The same in each row, shape (n,), NaN where missing.
        spelling: The function that gives the column's values of a time in days.
    """

    name: str
    days: Expression
    values: Floats
    spelling: str


def clock_sums(columns: NumericColumns, frame: pl.DataFrame) -> Iterator[Formula]:
    """`target = source + duration` on the clock, where a plain sum does not hold."""
    clocks = [c for j in range(len(columns.names)) for c in _clocks(columns, j, frame)]
    if len({clock.name for clock in clocks}) < 2:
        return
    durations = [
        j
        for j in range(len(columns.names))
        if not columns.temporal[j] and columns.distinct[j] >= MIN_DISTINCT
    ]
    heads = columns.values[:PROBES]

    def possible(difference: Floats, target: str) -> list[int]:
        """Durations that few rows do not rule out."""
        near = neighbours(columns.index(target), durations)
        added = heads[:, near]
        with np.errstate(invalid="ignore"):
            error = np.stack([added / unit for unit in (1.0, *PER_DAY)]) - difference[:PROBES, None]
            rows = ~np.isnan(error) & (added != 0)
            wrong = (np.abs(error - np.round(error)) > 1e-7) & rows
        left = (wrong.sum(axis=1) <= np.maximum(0.1 * rows.sum(axis=1), 1)).any(axis=0)
        return [j for j, here in zip(near, left.tolist(), strict=True) if here]

    for target in clocks:
        near = set(neighbours(columns.index(target.name), [columns.index(c.name) for c in clocks]))
        for source in clocks:
            if source.name == target.name or columns.index(source.name) not in near:
                continue
            difference = target.values - source.values
            for j in possible(difference, target.name):
                if columns.names[j] not in (source.name, target.name):
                    yield from _sums(columns, target, source, difference, j, frame)


def added_lengths(columns: NumericColumns, frame: pl.DataFrame) -> Iterator[Formula]:
    """`handled = waited + talked + written` of lengths in minutes and seconds, such as 07:45.

    Written like that they are read as times of day, and longer ones as durations.
    """
    clocks = [
        j
        for j, name in enumerate(columns.names)
        if frame.schema[name] in (pl.Time, pl.Duration) and columns.distinct[j] >= MIN_DISTINCT
    ][:MAX_LENGTHS]
    v = columns.values
    for target in clocks:
        others = [j for j in clocks if j != target]
        for size in (2, 3, 4):
            for chosen in map(list, combinations(others, size)):
                if all(
                    _same(rows[:, target], rows[:, chosen].sum(axis=1), 1e-9)
                    for rows in (v[:PROBES], v)
                ):
                    node: Expression = Ref(columns.names[chosen[0]])
                    for j in chosen[1:]:
                        node = Binary("+", node, Ref(columns.names[j]))
                    yield Formula(columns.names[target], node)


def shifts(columns: NumericColumns, frame: pl.DataFrame) -> Iterator[Formula]:
    """`target = source + constant` of times, past midnight too; either may be missing in some rows.

    Of two columns the later one in the table is computed.
    """
    times = [j for j in np.flatnonzero(columns.temporal).tolist() if columns.grid[j] < 1]
    for at, target in enumerate(times):
        for source in times[:at]:
            names = columns.names[target], columns.names[source]
            dtypes = {type(frame.schema[name]) for name in names}
            enough = min(columns.distinct[target], columns.distinct[source]) >= MIN_DISTINCT
            if len(dtypes) > 1 or not enough:
                continue
            of_day = frame.schema[names[0]] == pl.Time
            change = columns.values[:, target] - columns.values[:, source]
            change = change[~np.isnan(change)]
            present = (~np.isnan(columns.values[:, [target, source]])).sum(axis=0).min()
            if len(change) < MIN_ROWS or len(change) < MIN_BOTH * present:
                continue
            unit = next(u for u in (1440.0, 86_400.0, 86_400e3) if u * columns.grid[target] >= 0.99)
            turned = np.mod(change + 0.5, 1.0) - 0.5 if of_day else change
            units = np.round(float(np.median(turned)) * unit)
            if not units or (np.abs(turned * unit - units) > 1e-3).mean() > 1 - MIN_HOLDS:
                continue
            length = Binary("/", Number(abs(units)), Number(unit))
            node: Expression = Binary("+" if units > 0 else "-", Ref(names[1]), length)
            wraps = of_day and (np.abs(change - turned) > 0.5).any()
            yield Formula(names[0], Call("clock", (node,)) if wraps else node)


def times_of_parts(frame: pl.DataFrame) -> Iterator[Formula]:
    """`time = clock(moment)`, `time(hour, minute)`, or with seconds, and lone parts of times."""
    whole = [s for s in frame if s.dtype.is_integer() and s.n_unique() > 1]
    moments = [s for s in frame if isinstance(s.dtype, pl.Datetime)]
    for target in (s for s in frame if s.dtype == pl.Time):
        days = numbers(target)
        if target.drop_nulls().n_unique() < 2:
            continue
        clocks = (s.name for s in moments if _same(days, FUNCTIONS["clock"](numbers(s))))
        moment = next(clocks, None)
        if moment is not None:
            yield Formula(target.name, Call("clock", (Ref(moment),)))
            continue
        parts: list[Expression] = []
        for part in ("hour", "minute", "second"):
            computed = FUNCTIONS[part](days)
            matching = next((s.name for s in whole if _same(numbers(s), computed)), None)
            if matching is None:
                break
            parts.append(Ref(matching))
        if len(parts) >= 2:
            node = Call("time", tuple(parts))
            if _same(days, node.evaluate(frame)):
                yield Formula(target.name, node)
                continue
        for part, source in zip(("hour", "minute", "second"), parts, strict=False):
            assert isinstance(source, Ref), "parts are columns"
            yield Formula(source.name, Call(part, (Ref(target.name),)))


def lengths(frame: pl.DataFrame) -> Iterator[Formula]:
    """A number of minutes, hours or seconds that is written as a time of day: 02:46 of 166.

    Hours have decimals, which are rounded, so that they are computed from the time.
    """
    amounts = [s for s in frame if s.dtype.is_numeric() and s.n_unique() >= MIN_DISTINCT]
    for target in (s for s in frame if s.dtype == pl.Time and s.n_unique() >= MIN_DISTINCT):
        days = numbers(target)
        for source in amounts:
            values = numbers(source)
            for unit in PER_DAY:
                if all(
                    _same(days[part], FUNCTIONS["clock"](values[part] / unit))
                    for part in (slice(0, PROBES), slice(None))
                ):
                    node = Binary("/", Ref(source.name), Number(unit))
                    yield Formula(target.name, Call("clock", (node,)))
            for decimals in (1, 2, 3, 4):
                within = 0.5 * 10.0**-decimals
                far = np.abs(values[:PROBES] - days[:PROBES] * 24) > within + 1e-9
                if not far.any() and (
                    _same(values, np.round(values, decimals)) and _same(values, days * 24, within)
                ):
                    hours = Binary("*", Number(24), Ref(target.name))
                    yield Formula(source.name, hours, round_up(within))
                    break


def _clocks(columns: NumericColumns, j: int, frame: pl.DataFrame) -> Iterator[_Clock]:
    name, values = columns.names[j], columns.values[:, j]
    ref = Ref(name)
    if frame[name].dtype == pl.Time:
        yield _Clock(name, ref, values, "clock")
        return
    present = values[~np.isnan(values)]
    low, high = present.min(), present.max()
    if columns.temporal[j] or columns.grid[j] < 1 or low < 0 or high - low < MIN_RANGE:
        return
    if high <= 2400 and (present % 100 < 60).all():
        yield _Clock(name, Call("from_hhmm", (ref,)), FUNCTIONS["from_hhmm"](values), "hhmm")
    elif high <= 1440:
        yield _Clock(name, Binary("/", ref, Number(1440)), values / 1440, "mod")


def _sums(
    columns: NumericColumns,
    target: _Clock,
    source: _Clock,
    difference: Floats,
    duration: int,
    frame: pl.DataFrame,
) -> Iterator[Formula]:
    added, name = columns.values[:, duration], columns.names[duration]
    rows = np.flatnonzero(~(np.isnan(difference) | np.isnan(added)) & (added != 0))
    if len(rows) < MIN_ROWS:
        return
    units = (1.0,) if frame[name].dtype == pl.Duration else PER_DAY
    for unit in units:
        for part in (rows[:PROBES], rows):
            error = added[part] / unit - difference[part]
            turns = np.round(error)
            if (np.abs(error - turns) > 1e-7).mean() > (0.1 if len(part) < len(rows) else 0.005):
                break
        else:
            if target.spelling != "hhmm" and not (turns != 0).any():
                return  # a plain sum
            if source.spelling == target.spelling == "mod" and unit == PER_DAY[0]:
                total: Expression = Binary("+", Ref(source.name), Ref(name))
                yield Formula(target.name, Call("mod", (total, Number(1440))))
                return
            length = Ref(name) if unit == 1 else Binary("/", Ref(name), Number(unit))
            total = Binary("+", source.days, length)
            if target.spelling == "mod":
                total = Binary("*", Number(1440), Call("clock", (total,)))
                yield Formula(target.name, total)
            else:
                yield Formula(target.name, Call(target.spelling, (total,)))
            return


def _same(actual: Floats, computed: Floats, within: float = 0.0) -> bool:
    present = ~(np.isnan(actual) | np.isnan(computed))
    equal = np.abs(actual - computed)[present] <= within + 1e-9
    return bool(present.sum() >= MIN_ROWS and equal.mean() >= MIN_HOLDS)
