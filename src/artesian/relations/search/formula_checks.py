"""Which of the formulas that hold is listed: one per column, without circles."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import combinations

import numpy as np
import polars as pl

from artesian.core.graphs import leads_to
from artesian.relations.date_grains import grain_of
from artesian.relations.expressions import Floats
from artesian.relations.formulas import Formula
from artesian.relations.linear_forms import Linear
from artesian.relations.protocol import MIN_HOLDS, Discovered
from artesian.relations.search.fitting import COARSE
from artesian.relations.search.linear import linear
from artesian.relations.search.rows import NumericColumns, Rows, spread_of

ROUNDED = 0.51
"""Maximum tolerance, in units of the spacing of columns, that their rounding explains."""

SHARP_SUM = 60.0
"""Minimum spread of what a sum or any of its terms explains, in units of a tolerance beyond that."""

MOSTLY = 0.5
"""Minimum fraction of zeros of a column that is mostly 0."""

MAX_TERMS = 3
"""Maximum number of terms whose common spread is looked at."""


def turned_formula(formula: Formula, rows: Rows) -> Formula | None:
    """The source computed from a column of the key, which has to be distinct, if that is possible."""
    key, names = rows.schema.key, rows.numeric.names
    if formula.target not in key or len(formula.sources) != 1 or formula.sources[0] in key:
        return None
    if formula.target not in names or formula.sources[0] not in names:
        return None
    target, source = (rows.numeric.index(n) for n in (formula.sources[0], formula.target))
    return linear(rows.numeric, target, source)


def total_of_parts(formula: Formula, rows: Rows) -> Formula | None:
    """The total computed from its parts, in place of a part that is what the others leave of it.

    If neither can be negative, a part that is computed from independent others can become so.
    """
    linear_form = Linear.of(formula.expression)
    if linear_form is None or linear_form.constant or len(linear_form.factors) < 3:
        return None
    if sorted(linear_form.factors.values(), reverse=True) != [1.0] + [-1.0] * (
        len(linear_form.factors) - 1
    ):
        return None
    (total,) = (name for name, factor in linear_form.factors.items() if factor > 0)
    numeric = rows.numeric
    if any(np.nanmin(numeric.values[:, numeric.index(n)]) < 0 for n in formula.columns):
        return None
    whole = linear_form.plus(Linear({formula.target: 1.0}, 0.0), -1.0)
    return Formula(total, whole.solved(total), formula.within)


def larger_part(formula: Formula, rows: Rows, explained: set[str]) -> Formula | None:
    """The largest part that a plain sum leaves, computed in place of a smaller one.

    What is left of independent amounts may be negative, and a small part rather so than a large one.
    Of two parts, one that is mostly 0, such as a discount, is modelled: labels decide where it is 0.

    Args:
        explained: Columns that other formulas compute.
    """
    linear_form = Linear.of(formula.expression)
    if linear_form is None or linear_form.constant or len(linear_form.factors) < 2:
        return None
    if any(abs(factor) != 1.0 for factor in linear_form.factors.values()):
        return None
    values = {n: rows.numeric.values[:, rows.numeric.index(n)] for n in formula.columns}
    if any(np.nanmin(each) < 0 for each in values.values()):
        return None
    mostly_zero = float((values[formula.target] == 0).mean()) >= MOSTLY
    if len(linear_form.factors) < 3 and not mostly_zero:
        return None
    parts = [name for name, factor in linear_form.factors.items() if factor < 0]
    free = [formula.target, *(name for name in parts if name not in explained)]
    largest = max(free, key=lambda name: float(np.nanmedian(values[name])))
    if largest == formula.target:
        return None
    whole = linear_form.plus(Linear({formula.target: 1.0}, 0.0), -1.0)
    return Formula(largest, whole.solved(largest), formula.within)


def is_sharp(formula: Formula, columns: NumericColumns) -> bool:
    """Whether the tolerance is small beside the spread that remains without the formula.

    A tolerance beyond the rounding of target and sources lets a sum hold that only comes near it: a
    date of examination by the date of matriculation and the number of the semester.
    """
    if formula.target not in columns.names:
        return True
    target = columns.index(formula.target)
    values = columns.values[:, target]
    rows = ~np.isnan(values)
    linear_form = Linear.of(formula.expression)
    factors = {} if linear_form is None else linear_form.factors
    factors = {name: factor for name, factor in factors.items() if name in columns.names}
    names = list(factors)
    if not rows.all() and not all(_vary(columns.values[rows, columns.index(n)]) for n in names):
        return False  # what is constant wherever the target has a value is no term
    if formula.within <= ROUNDED * columns.grid[target]:
        return True
    rounding = float(columns.grid[target])
    for name, factor in factors.items():
        # Sources with decimals are rounded too; whole numbers are counted.
        step = float(columns.grid[columns.index(name)])
        rounding += abs(factor) * step if step < 1 else 0.0
    if formula.within <= ROUNDED * rounding:
        return spread_of(values[rows]) >= COARSE * formula.within
    if linear_form is None:
        return bool(columns.spread[target] >= COARSE * formula.within)
    terms = {n: factor * columns.values[rows, columns.index(n)] for n, factor in factors.items()}
    explained = [values[rows]]
    for size in range(1, min(len(names), MAX_TERMS + 1)):
        explained += [sum(terms[n] for n in some) for some in combinations(names, size)]
    return all(spread_of(each) >= SHARP_SUM * formula.within for each in explained)


def is_loose(formula: Formula, columns: NumericColumns) -> bool:
    """Whether the tolerance of a formula is wider than the rounding of the column that it computes."""
    if formula.target not in columns.names:
        return False
    return bool(formula.within > ROUNDED * columns.grid[columns.index(formula.target)])


def of_free_dates(formula: Formula, rows: Rows) -> Formula | None:
    """The formula of a date that may be any day, in place of one that is the end of a month.

    The end of a month is modelled itself: no date less a number of days is one.
    """
    frame, linear_form = rows.both, Linear.of(formula.expression)
    if linear_form is None or frame.schema[formula.target] != pl.Date:
        return None
    dates = [
        name
        for name, factor in linear_form.factors.items()
        if factor == 1.0 and frame.schema[name] == pl.Date and grain_of(frame[name]) is None
    ]
    if len(linear_form.factors) < 2 or not dates or grain_of(frame[formula.target]) is None:
        return None
    whole = Linear({formula.target: 1.0}, 0.0).plus(linear_form, -1.0)
    return Formula(dates[0], whole.solved(dates[0]), formula.within)


def _vary(values: Floats) -> bool:
    present = values[~np.isnan(values)]
    return len(present) > 0 and bool(present.min() < present.max())


def of_varying(formula: Formula, fixed: Callable[[], frozenset[str]]) -> Formula:
    """The formula of a column that differs within an identifier, in place of one that does not.

    The baseline of a patient is the value of one visit: there the value is computed, for a baseline
    that is computed would be another one in other visits.
    """
    linear_form = Linear.of(formula.expression)
    if linear_form is None or formula.target not in fixed():
        return formula
    for name, factor in linear_form.factors.items():
        if name not in fixed() and abs(factor) == 1.0:
            whole = linear_form.plus(Linear({formula.target: 1.0}, 0.0), -1.0)
            return Formula(name, whole.solved(name), formula.within)
    return formula


def varies(formula: Formula, fixed: frozenset[str]) -> bool:
    """Whether several columns that are not all `fixed` compute a target."""
    return len(formula.sources) > 1 and not fixed.issuperset(formula.sources)


def explains(formula: Formula, frame: pl.DataFrame) -> bool:
    """Whether the sources have values wherever the target has one."""
    unexplained = frame[formula.target].is_not_null().to_numpy() & np.isnan(formula.compute(frame))
    return bool(unexplained.mean() <= 1 - MIN_HOLDS)


def is_circular(target: str, names: Iterable[str], discovered: list[Discovered]) -> bool:
    """Whether a source of `target`, one of `names`, is computed from it, directly or not."""
    sources: dict[str, set[str]] = {}
    for one in discovered:  # a column may have several formulas, each in the rows of some labels
        sources.setdefault(one.relation.columns[0], set()).update(one.relation.columns[1:])
    return leads_to(names, target, sources)
