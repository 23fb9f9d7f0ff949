"""Search for times that are another one plus a sum: `visit = consent + 14 * week + delay`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import permutations

import numpy as np

from artesian.relations.expressions import Binary, Call, Expression, Number, Ref
from artesian.relations.formulas import Formula
from artesian.relations.linear_forms import Linear
from artesian.relations.search.fitting import fits, plus, round_up, scaled
from artesian.relations.search.rows import NumericColumns
from artesian.relations.search.sums import long_sums

MAX_TIMES = 6
"""Maximum number of times, the first ones, of which pairs are looked at."""

MAX_NUMBERS = 40
"""Maximum number of numbers, those nearest to the time."""

EXACT = 0.51
"""Maximum difference, in units of the spacing: fitted coefficients explain the rest by chance."""

GRAIN = 0.99
"""Minimum spacing of times in the unit in which lengths are counted."""

SHARP = 0.01
"""Maximum difference of a computed time, in units of half of its spacing."""

UNITS = (60.0, 3600.0, 24.0, 1440.0, 86_400.0)
"""How many minutes an hour has, and the like."""

NEAR = 0.01
"""Maximum relative difference of a fitted factor from that of such units."""

_BETWEEN = "\0between"


def timed_sums(columns: NumericColumns, free: list[int]) -> Iterator[Formula]:
    """Formulas of a later time by an earlier one and two numbers or more, exact to their rounding.

    Or of one of the numbers, if it is later in the table or rounded: hours worked are the time between
    begin and end without the break.
    """
    times = [j for j in free if columns.temporal[j]][:MAX_TIMES]
    for source, target in permutations(times, 2):
        between = columns.values[:, target] - columns.values[:, source]
        of_day = _of_day(columns, source) and _of_day(columns, target)
        if of_day:
            wrapped = np.where(between < 0, between + 1, between)
            wraps = bool((between < 0).any())
            between = wrapped
        else:
            wraps = False
        present = between[~np.isnan(between)]
        if source > target or not len(present) or (present < 0).mean() > 0.5:
            continue
        others = [j for j in free if not columns.temporal[j]]
        others = sorted(sorted(others, key=lambda j: abs(j - target))[:MAX_NUMBERS])
        if len(others) < 2 or present.min() == present.max():
            continue
        unit = _per_day(min(float(columns.grid[target]), float(columns.grid[source])))
        at = sum(j < target for j in others)
        chosen = [*others[:at], target, *others[at:]]
        values = columns.values[:, chosen].copy()
        values[:, at] = np.round(between * unit, 6)
        names = [columns.names[j] for j in chosen]
        names[at] = _BETWEEN
        grid, distinct = columns.grid[chosen].copy(), columns.distinct[chosen].copy()
        grid[at] = columns.grid[target] * unit
        part = NumericColumns(
            tuple(names), values, grid, np.zeros(len(chosen), bool), distinct, columns.searched
        )
        # Sums of later columns come first.
        for formula in long_sums(part, list(range(len(chosen)))):
            if _BETWEEN not in formula.columns or len(formula.sources) < 2:
                continue
            if formula.within > EXACT * grid[names.index(formula.target)]:
                continue
            linear_form = Linear.of(formula.expression)
            if linear_form is None or (formula.target != _BETWEEN and unit == 1):
                continue  # a number of days is no rest of dates
            target_form = Linear({formula.target: -1.0}, 0.0)
            chosen_form = _solved(_in_units(linear_form.plus(target_form)), part, unit)
            if chosen_form is None:
                continue
            ends = Ref(columns.names[source]), Ref(columns.names[target])
            timed = _timed(*chosen_form, *ends, unit, of_day=of_day, wraps=wraps)
            yield _zero_elsewhere(timed, part)
            break


def _in_units(whole: Linear) -> Linear:
    """The form with exact factors of hours in minutes and the like: 1/60 for 0.0167."""
    exact = {}
    for name, factor in whole.factors.items():
        near = [u for u in UNITS if abs(abs(factor) * u - 1) < NEAR]
        exact[name] = float(np.sign(factor)) / near[0] if near else factor
    return Linear(exact, whole.constant)


def _solved(
    whole: Linear, columns: NumericColumns, unit: float
) -> tuple[str, Linear, float] | None:
    """The column that the others of a form that is 0 reproduce; None if there is none.

    It is the one with most different values, since few hours and breaks make many times, and the later
    one of two. Of dates, it is the time between them. Returned are its name, the form of its value and
    its tolerance.
    """
    names = [name for name in columns.names if name in whole.factors]
    names.sort(key=lambda name: (columns.distinct[columns.index(name)], columns.index(name)))
    for target in reversed(names) if unit != 1 else [_BETWEEN]:
        factor = -1 / whole.factors[target]
        form = Linear({n: f * factor for n, f in whole.factors.items() if n != target}, 0.0)
        form = Linear(form.factors, whole.constant * factor)
        at = columns.index(target)
        rest = columns.values[:, at] - form.constant
        for name, weight in form.factors.items():
            rest = rest - weight * columns.values[:, columns.index(name)]
        within = float(columns.grid[at]) / 2
        if target == _BETWEEN and unit != 1:
            within *= SHARP  # hours that are rounded to decimals give no exact time
        if fits(rest[~np.isnan(rest)], within, float(columns.spread[at])):
            return target, form, within
    return None


def _timed(
    target: str,
    form: Linear,
    within: float,
    first: Ref,
    last: Ref,
    unit: float,
    *,
    of_day: bool,
    wraps: bool,
) -> Formula:
    """The formula with two times in place of what is between them; a day has `unit` of its units."""
    node: Expression | None = None
    if target != _BETWEEN:
        between: Expression = Binary("-", last, first)
        between = Call("mod", (between, Number(1.0))) if wraps else between
        node = scaled(between, round(form.factors[_BETWEEN] * unit, 9))
    for name, factor in form.factors.items():
        if name != _BETWEEN:
            node = plus(node, Ref(name), factor)
    assert node is not None, "there are numbers"
    if form.constant:
        node = plus(node, Number(abs(form.constant)), float(np.sign(form.constant)))
    if target != _BETWEEN:
        return Formula(target, node, round_up(within))
    node = node if unit == 1 else Binary("/", node, Number(unit))
    node = Binary("+", first, node)
    return Formula(last.name, Call("clock", (node,)) if of_day else node, round_up(within / unit))


def _zero_elsewhere(formula: Formula, columns: NumericColumns) -> Formula:
    """The formula with 0 where its sources are missing, if the target is: nobody works on days off."""
    if formula.target not in columns.names:
        return formula
    missing = np.isnan(columns.values[:, columns.index(_BETWEEN)])
    off = columns.values[missing, columns.index(formula.target)]
    if not len(off) or not (off == 0).all():
        return formula
    return replace(formula, expression=Call("or_zero", (formula.expression,)))


def _of_day(columns: NumericColumns, column: int) -> bool:
    """Whether times are times of day, which have no date."""
    values = columns.values[:, column]
    return bool(np.nanmin(values) >= 0 and np.nanmax(values) < 1)


def _per_day(grid: float) -> float:
    """How many days, minutes or seconds of a spacing a day has."""
    return next((unit for unit in (1.0, 1440.0) if grid * unit >= GRAIN), 86_400.0)
