"""Search for columns that are sums of several others, with coefficients or without.

`y = a + b1 x1 + ... + bk xk` is fitted by least squares over all columns, then with rounded
coefficients.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from artesian.relations.expressions import Binary, Call, Expression, Floats, Number, Ref
from artesian.relations.formulas import EXACT, Formula
from artesian.relations.linear_forms import Linear
from artesian.relations.protocol import MIN_HOLDS
from artesian.relations.search.fitting import (
    COARSE,
    MIN_DISTINCT,
    MIN_ROWS,
    fits,
    is_whole,
    plus,
    round_to,
    round_up,
)
from artesian.relations.search.rows import NumericColumns
from artesian.relations.search.sparse import round_sum_of

MAX_TERMS = 8
"""Maximum number of terms of a sum; of one without coefficients, `MAX_PLAIN_TERMS`."""

MAX_PLAIN_TERMS = 40

MAX_MISSING = 0.3
"""Maximum fraction of missing values of a term; the coefficients are fitted to complete rows."""

MAX_ROWS = 5000
"""Rows to which coefficients are fitted."""

MIN_COUNTS = 3
"""Minimum number of different values of a sum, which may count flags."""

RIDGE = 1e-10

MIN_PRECISION = 100.0
"""Minimum variance of a column, in units of what all others leave unexplained, for a sum with round
coefficients to be searched."""

MAX_RESIDUAL = 1e-4
"""Maximum fraction of a column's variance that a sum leaves unexplained."""


def long_sums(columns: NumericColumns, free: list[int]) -> Iterator[Formula]:
    """Linear formulas of up to `MAX_TERMS` of the columns `free`, the later columns first."""
    rows, usable = _complete(columns, free)
    if not usable:
        return
    scale = rows[:, usable].std(axis=0)
    usable = [j for j, size in zip(usable, scale, strict=True) if size > 0]
    scaled = rows[:, usable] - rows[:, usable].mean(axis=0)
    scale = scaled.std(axis=0)
    scaled = scaled / scale
    # The inverse of the correlation matrix has the coefficients of every column on all others.
    precision = np.linalg.inv(scaled.T @ scaled / len(rows) + RIDGE * np.eye(len(usable)))
    for at in range(len(usable) - 1, -1, -1):
        target = usable[at]
        if columns.distinct[target] < MIN_COUNTS:
            continue
        if precision[at, at] > MIN_PRECISION and columns.distinct[target] >= MIN_DISTINCT:
            formula = round_sum_of(columns, target, rows, usable)
            if formula is not None:
                yield formula
                continue
        if precision[at, at] < 1 / MAX_RESIDUAL:
            continue
        weights = -precision[at] / precision[at, at] * scale[at] / scale
        terms = [
            (j, round_to(float(w), 3))
            for j, w in zip(usable, weights, strict=True)
            if j != target and _matters(columns, target, j, float(w))
        ]
        terms = _completed(columns, target, terms, free)
        plain = all(abs(weight) == 1 for _, weight in terms)
        if 3 <= len(terms) <= (MAX_PLAIN_TERMS if plain else MAX_TERMS):
            formula = _weighted(columns, target, terms)
            if formula is not None:
                yield formula


def _complete(columns: NumericColumns, free: list[int]) -> tuple[Floats, list[int]]:
    """Rows without missing values, and the columns of `free` that sums are made of; none if there are
    few rows."""
    rows = columns.values[:MAX_ROWS]
    if not rows.size:
        return rows, []
    missing = np.isnan(rows).mean(axis=0)
    usable = [j for j in free if not columns.temporal[j] and missing[j] <= MAX_MISSING]
    rows = rows[~np.isnan(rows[:, usable]).any(axis=1)]
    # No coefficient is fitted closely enough to few rows to hold in the others by chance.
    return rows, usable if len(rows) >= 2 * len(usable) + 10 else []


def exact_sum(columns: NumericColumns, target: int, free: list[int]) -> Formula | None:
    """The target as a sum of some of `free` that reproduces its values; None if there is none."""
    rows, usable = _complete(columns, free)
    if target not in usable or columns.distinct[target] < MIN_DISTINCT:
        return None
    usable = [j for j in usable if rows[:, j].std() > 0]
    return round_sum_of(columns, target, rows, usable) if target in usable else None


def sums_with_missing(columns: NumericColumns, free: list[int]) -> Iterator[Formula]:
    """`y = or_zero(x) + or_zero(z)` or with a minus, over columns with missing values."""
    v = columns.values
    incomplete = [j for j in free if np.isnan(v[:, j]).any() and not columns.temporal[j]]
    for target in free:
        if np.isnan(v[:, target]).any() or columns.temporal[target]:
            continue
        for at, first in enumerate(incomplete):
            for second in incomplete[at + 1 :]:
                if target in (first, second):
                    continue
                for signs in ((1, 1), (1, -1), (-1, 1)):
                    node = _signed(columns, (first, second), signs)
                    formula = Formula(columns.names[target], node, 0.0)
                    y = signs[0] * np.nan_to_num(v[:, first])
                    y = y + signs[1] * np.nan_to_num(v[:, second])
                    present = ~(np.isnan(v[:, first]) & np.isnan(v[:, second]))
                    error = np.abs(y - v[:, target])[present]
                    grid = float(columns.grid[target])
                    within = grid / 2 if grid else EXACT * columns.spread[target]
                    if len(error) >= MIN_ROWS and (error <= within).mean() >= MIN_HOLDS:
                        yield Formula(formula.target, node, round_up(within))


def sums_with_absent(columns: NumericColumns, free: list[int]) -> Iterator[Formula]:
    """Linear formulas with terms that few rows have, which count as 0 elsewhere: a surcharge."""
    absent = np.isnan(columns.values).mean(axis=0) if columns.values.size else np.zeros(0)
    rare = [j for j in free if absent[j] > 1 - MIN_HOLDS and not columns.temporal[j]]
    if not rare or len(rare) == len(free):
        return
    values = columns.values.copy()
    values[:, rare] = np.nan_to_num(values[:, rare])
    filled = replace(columns, values=values)
    names = {columns.names[j] for j in rare}
    for formula in long_sums(filled, free):
        terms = Linear.of(formula.expression)
        if terms is None or formula.target in names or not names & set(terms.factors):
            continue
        if formula.within > columns.grid[columns.index(formula.target)] / 2 * (1 + 1e-5):
            continue  # a term of few rows is no reason for a larger tolerance
        node: Expression | None = None
        for name, weight in terms.factors.items():
            term: Expression = Ref(name)
            term = Call("or_zero", (term,)) if name in names else term
            node = plus(node, term, weight)
        if node is not None and terms.constant:
            node = plus(node, Number(abs(terms.constant)), float(np.sign(terms.constant)))
        if node is not None:
            yield Formula(formula.target, node, formula.within)


def _matters(columns: NumericColumns, target: int, source: int, weight: float) -> bool:
    """Whether a term is more than the rounding of the target, or one of its units."""
    tolerance = max(columns.grid[target], EXACT * columns.spread[target])
    if abs(weight) * columns.spread[source] > COARSE * tolerance / 4:
        return True
    grid = float(columns.grid[target])
    steps = round_to(weight, 3) * columns.grid[source] / grid if grid else 0.0
    return abs(steps) > 0.5 and is_whole(steps)


def _completed(
    columns: NumericColumns, target: int, terms: list[tuple[int, float]], free: list[int]
) -> list[tuple[int, float]]:
    """The terms of a count of flags with those that are 0 in the rows to which it was fitted."""
    if not terms or any(abs(weight) != 1 for _, weight in terms):
        return terms
    v = columns.values
    rest = v[:, target] - sum(weight * v[:, j] for j, weight in terms)
    wrong = np.flatnonzero(~np.isnan(rest) & (rest != 0))
    if len(wrong) > (1 - MIN_HOLDS) * len(rest):
        return terms
    for j in free:
        if j == target or columns.temporal[j] or any(j == other for other, _ in terms):
            continue
        # Where nothing is left to explain, another flag is 0.
        if len(wrong) and np.nansum(v[:, j] != 0) <= len(wrong) + np.isnan(v[:, j]).sum():
            left = rest - v[:, j]
            if np.count_nonzero(left[wrong]) < len(wrong):
                terms, rest = [*terms, (j, 1.0)], left
                wrong = np.flatnonzero(~np.isnan(rest) & (rest != 0))
    return terms


def _weighted(
    columns: NumericColumns, target: int, terms: list[tuple[int, float]]
) -> Formula | None:
    v, grid = columns.values, columns.grid
    total = sum(weight * v[:, j] for j, weight in terms)
    rest = v[:, target] - total
    rest = rest[~np.isnan(rest)]
    if len(rest) < MIN_ROWS:
        return None
    intercept = float(np.median(rest))
    intercept = intercept if abs(intercept) > grid[target] * 0.75 else 0.0
    intercept = round_to(intercept, 6)
    tight = float(grid[target]) / 2
    loose = tight + sum(abs(weight) * grid[j] / 2 for j, weight in terms)
    units = [weight * grid[j] for j, weight in terms] + [intercept]
    if tight and all(is_whole(unit / grid[target]) for unit in units):
        tight = loose = 0.0  # all terms lie on the grid of the target
    for within in (tight, loose):
        if fits(rest - intercept, within, columns.spread[target]):
            node: Expression | None = None
            for j, weight in terms:
                node = plus(node, Ref(columns.names[j]), weight)
            assert node is not None, "there are terms"
            if intercept:
                node = plus(node, Number(abs(intercept)), float(np.sign(intercept)))
            return Formula(columns.names[target], node, round_up(within))
    return None


def _signed(
    columns: NumericColumns, sources: tuple[int, int], signs: tuple[int, int]
) -> Expression:
    order = sorted(zip(signs, sources, strict=True), reverse=True)
    terms = [Call("or_zero", (Ref(columns.names[j]),)) for _, j in order]
    node: Expression = terms[0]
    return Binary("+" if order[1][0] > 0 else "-", node, terms[1])
