"""Search for columns that two others determine: sums, differences, products and quotients.

`y = x + (a + b z)` and `y = x (a + b z)` are fitted to every triple of columns by the median of slopes
of `y - x` and of `y / x` on `z`; `y = c x / z` by the median of `y z / x`.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from artesian.relations.expressions import Binary, Call, Expression, Floats, Number, Ref
from artesian.relations.formulas import EXACT, Formula
from artesian.relations.protocol import MIN_HOLDS
from artesian.relations.search.fitting import (
    COARSE,
    MIN_DISTINCT,
    MIN_ROWS,
    PROBES,
    SHARP,
    fits,
    lower_median,
    median_slopes,
    plus,
    probe_rows,
    round_to,
    round_up,
)
from artesian.relations.search.rows import NumericColumns

MAX_TRIPLES = 60
"""Number of columns up to which all triples are tried; beyond it, those of neighbouring columns."""

QUICK_ROWS = 200
"""Rows on which coefficients are estimated."""


def triples(columns: NumericColumns, free: list[int]) -> Iterator[Formula]:
    """Formulas of two sources among the columns `free`, the exact ones first."""
    v = probe_rows(columns, PROBES)
    discovered: list[tuple[tuple[bool, float, int], Formula]] = []
    for target in free:
        if columns.distinct[target] < MIN_DISTINCT:
            continue
        others = np.array([j for j in free if j != target and _near(columns, target, j)], np.int64)
        if len(others) < 2:
            continue
        y, x = v[:, target][:, None], v[:, others]
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(x == 0, np.nan, y / x)
        for product, rest in ((False, y - x), (True, ratio)):
            slope, intercept = median_slopes(rest, x)  # (others, others)
            for i, j in _promising(rest, x, slope, intercept, columns, target, others, product):
                formula = _triple(columns, target, int(others[i]), int(others[j]), product)
                if formula is not None:
                    loose = formula.within > 0.51 * columns.grid[target]
                    sharp = formula.within / max(columns.spread[target], 1e-300)
                    discovered.append(((loose, sharp, -target), formula))
        for formula in _quotients(columns, v, target, others):
            sharp = formula.within / max(columns.spread[target], 1e-300)
            discovered.append(((False, sharp, -target), formula))
    yield from (formula for _, formula in sorted(discovered, key=lambda pair: pair[0]))


def _quotients(
    columns: NumericColumns, probe: Floats, target: int, others: NDArray[np.int64]
) -> Iterator[Formula]:
    """`target = c first / second`, rounded, for every pair of the columns `others`."""
    grid = float(columns.grid[target])
    if not grid or columns.temporal[target]:
        return
    y, x = probe[:, target][:, None, None], probe[:, others]
    steps = columns.grid[others]
    with np.errstate(divide="ignore", invalid="ignore"):
        below = np.where(x == 0, np.nan, x)
        quotient = x[:, :, None] / below[:, None, :]  # (rows, i, j)
        factor = lower_median(np.where(quotient == 0, np.nan, y / quotient))
        moved = (steps[:, None] + np.abs(quotient) * steps) / np.abs(below)[:, None, :]
        right = np.abs(y - factor * quotient) <= grid + np.abs(factor) * moved
    present = ~np.isnan(quotient)
    enough = present.sum(axis=0) >= MIN_ROWS
    good = enough & ((right & present).sum(axis=0) >= 0.9 * present.sum(axis=0))
    np.fill_diagonal(good, False)
    for i, j in np.argwhere(good):
        first, second = int(others[i]), int(others[j])
        if columns.temporal[first] or columns.temporal[second]:
            continue
        formula = _quotient(columns, target, first, second, float(factor[i, j]))
        if formula is not None:
            yield formula


def _quotient(
    columns: NumericColumns, target: int, first: int, second: int, factor: float
) -> Formula | None:
    """`target = c first / second`, with 0 for a division by zero where the values say so."""
    v, tight = columns.values, float(columns.grid[target]) / 2
    y, x, z = v[:, target], v[:, first], v[:, second]
    missing = np.isnan(y) | np.isnan(x) | np.isnan(z)
    rows = ~missing & (z != 0)
    spread = float(columns.spread[target])
    if rows.sum() < MIN_ROWS or spread < SHARP * tight:
        return None
    if min(columns.distinct[first], columns.distinct[second]) < 3:
        return None
    undefined = ~missing & (z == 0)
    zero = bool(undefined.mean() > 1 - MIN_HOLDS)
    if zero and (missing.any() or (y[undefined] != 0).mean() > 1 - MIN_HOLDS):
        return None
    y, below = y[rows], np.abs(z[rows])
    quotient = x[rows] / z[rows]
    moved = (columns.grid[first] + np.abs(quotient) * columns.grid[second]) / (2 * below)
    for digits in (1, 2, 3):
        c = round_to(factor, digits)
        error = np.abs(y - c * quotient)
        beyond = np.maximum(error - tight - abs(c) * moved, 0.0)
        if not c or not fits(beyond, 0.0, spread):
            continue
        # The rounding of the sources moves each row's quotient by another amount.
        within = max(tight, float(np.quantile(error, 1 - (1 - MIN_HOLDS) / 5)))
        within = tight if fits(error, tight, spread) else within
        if spread >= SHARP * within:
            one, two = Ref(columns.names[first]), Ref(columns.names[second])
            scaled: Expression = one if c == 1 else Binary("*", Number(c), one)
            node: Expression = Binary("/", scaled, two)
            node = Call("or_zero", (node,)) if zero else node
            return Formula(columns.names[target], node, round_up(within))
    return None


def _triple(
    columns: NumericColumns, target: int, first: int, second: int, product: bool
) -> Formula | None:
    """`target = first + (a + b second)`, or the product, over all rows; None if it does not hold."""
    v, grid = columns.values, columns.grid
    y, x, z = v[:, target], v[:, first], v[:, second]
    rows = ~(np.isnan(y) | np.isnan(x) | np.isnan(z))
    if product:
        rows &= x != 0
    some = np.flatnonzero(rows)[:QUICK_ROWS]
    if len(some) < MIN_ROWS:
        return None
    ys, xs, zs = y[some], x[some], z[some]
    if product:
        # Where x is large, the rounding of y hides least of the ratio.
        large = np.abs(xs) >= np.median(np.abs(xs))
        ys, xs, zs = ys[large], xs[large], zs[large]
    rest = ys / xs if product else ys - xs
    slope, middle = (float(part[0, 0]) for part in median_slopes(rest[:, None], zs[:, None]))
    if not np.isfinite(slope) or slope == 0:
        return None
    size = float(np.median(np.abs(xs))) if product else 1.0
    value = xs * (middle + slope * zs) if product else xs + middle + slope * zs
    roughly = 2 * (grid[target] + grid[first] * np.abs(value / np.where(xs == 0, 1.0, xs)))
    roughly = roughly + 2 * abs(slope) * grid[second] * (np.abs(xs) if product else 1.0)
    error = np.abs(ys - value)
    if (error <= roughly + EXACT * columns.spread[target]).mean() < 0.95:
        return None
    if (~np.isnan(v[:, target]) & ~rows).mean() > 1 - MIN_HOLDS and not (
        product and np.all((x[~rows] == 0) <= (y[~rows] == 0))
    ):
        return None  # the sources do not explain the target where one of them is missing
    for digits in (1, 2, 3, 4, 6):
        b = round_to(slope, digits)
        middle = float(np.median(rest - b * zs))
        for a in dict.fromkeys((0.0, *(round_to(middle, few) for few in (1, 2, 4)))):
            factor = a + b * zs
            tight = grid[target] / 2
            around = _around(xs, factor, b, grid[first], grid[second], product)
            for within in (tight, tight + float(np.median(around))):
                terms = abs(b) * columns.spread[second] * size, columns.spread[first]
                if min(terms) < COARSE * within:
                    continue
                spread = float(columns.spread[target])
                if not fits(ys - (xs * factor if product else xs + factor), within, spread):
                    continue
                if not _units(columns.temporal, target, first, second, b, product):
                    continue
                value = x * (a + b * z) if product else x + (a + b * z)
                if not fits((y - value)[rows], within, spread):
                    continue
                one, two = Ref(columns.names[first]), Ref(columns.names[second])
                node = _node(one, two, a, b, product)
                return Formula(columns.names[target], node, round_up(within))
    return None


def _around(
    x: Floats, factor: Floats, slope: float, grid_x: float, grid_z: float, product: bool
) -> Floats:
    """What the rounding of the sources may change, shape (n,)."""
    if not product:
        return np.full(len(x), grid_x / 2 + abs(slope) * grid_z / 2)
    return grid_x / 2 * np.abs(factor) + grid_z / 2 * np.abs(slope * x)


def _units(
    time: NDArray[np.bool_], target: int, first: int, second: int, b: float, product: bool
) -> bool:
    """Whether the units of a formula make sense: times are subtracted, or shifted by numbers."""
    kinds = bool(time[target]), bool(time[first]), bool(time[second])
    if kinds == (False, False, False):
        return True
    if product:
        return False
    return kinds == (True, True, False) or (kinds == (False, True, True) and b == -1.0)


def _node(one: Expression, two: Expression, a: float, b: float, product: bool) -> Expression:
    if not product:
        node = plus(one, two, b)
        return plus(node, Number(abs(a)), float(np.sign(a))) if a else node
    if not a:
        inverse = 1 / b
        if abs(b) < 1 and abs(inverse - round(inverse)) < 1e-9 and abs(b) != 0.5:
            return Binary("/", Binary("*", one, two), Number(round(inverse)))
        return Binary("*", one, two) if b == 1 else Binary("*", Binary("*", Number(b), one), two)
    return Binary("*", one, plus(Number(a), two, b))


def _promising(
    rest: Floats,
    x: Floats,
    slope: Floats,
    intercept: Floats,
    columns: NumericColumns,
    target: int,
    others: NDArray[np.int64],
    product: bool,
) -> NDArray[np.int64]:
    """Pairs (i, j) of `others` for which most probed rows fit, shape (k, 2)."""
    grid = columns.grid
    with np.errstate(invalid="ignore"):
        value = intercept + slope * x[:, None, :]  # (rows, i, j)
        error = np.abs(rest[:, :, None] - value)
        allowed = grid[target] + np.abs(slope) * grid[others][None, :] + grid[others][:, None]
        if product:
            size = np.abs(x)[:, :, None]
            error = error * size
            allowed = grid[target] + grid[others][None, :, None] * np.abs(value)
            allowed = allowed + np.abs(slope) * grid[others][None, None, :] * size
        fine = 1e-7 * np.nanmax(np.abs(x), axis=0, initial=1.0)[None, :, None]
        present = ~np.isnan(error)
        right = (error <= 1.5 * allowed + fine) & present
        enough = present.sum(axis=0) >= min(MIN_ROWS, len(x) // 2)
        good = enough & (right.sum(axis=0) >= 0.9 * present.sum(axis=0))
        # A term smaller than the rounding explains nothing.
        spread = columns.spread[others]
        size = np.nanmedian(np.abs(x), axis=0)[:, None] if product else np.ones((1, 1))
        tight = grid[target] / 2
        good &= np.abs(slope) * spread[None, :] * size > COARSE / 2 * tight
        good &= spread[:, None] > COARSE / 2 * tight
    good &= np.isfinite(slope) & (slope != 0)
    # The slope is that of x itself: y - x is linear in x for every linear pair.
    np.fill_diagonal(good, False)
    if not product:  # x + z and z + x are the same sum
        good &= ~(
            np.isclose(slope, 1.0) & (np.arange(len(others))[:, None] > np.arange(len(others)))
        )
    return np.argwhere(good)


def _near(columns: NumericColumns, target: int, other: int) -> bool:
    return len(columns.names) <= MAX_TRIPLES or abs(target - other) <= MAX_TRIPLES // 4
