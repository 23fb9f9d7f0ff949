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
    is_whole,
    lower_median,
    median_slopes,
    plus,
    probe_rows,
    round_to,
    round_up,
    round_values,
    scaled,
    tolerance,
)
from artesian.relations.search.rows import NumericColumns

MAX_TRIPLES = 60
"""Number of columns up to which all triples are tried; beyond it, those of neighbouring columns."""

MIN_PROBED = PROBES // 4
"""Minimum number of probed rows in which the target is not 0; else others are probed."""

FEW_PROBES = 16
"""Rows on which most quotients are rejected."""

DIFFERENCES = (100.0, 1.0, -1.0, -100.0)
"""Factors c of `c (first / second - 1)` that are tried: fractions and percentages of the whole."""

PER_DAY = (24.0, 1440.0, 86_400.0)
"""Units of lengths: hours, minutes and seconds."""

UNIT = 0.02
"""Maximum relative difference of a slope from such a unit."""

QUICK_ROWS = 200
"""Rows on which coefficients are estimated."""


def triples(
    columns: NumericColumns, free: list[int], targets: list[int] | None = None
) -> Iterator[Formula]:
    """Formulas of two sources among the columns `free`, the exact ones first."""
    usual = probe_rows(columns, PROBES)
    discovered: list[tuple[tuple[bool, float, int], Formula]] = []
    for target in free if targets is None else targets:
        if columns.distinct[target] < MIN_DISTINCT:
            continue
        others = np.array([j for j in free if j != target and _near(columns, target, j)], np.int64)
        if len(others) < 2:
            continue
        v = usual
        if np.count_nonzero(np.nan_to_num(usual[:, target])) < MIN_PROBED:
            # Rows that have most columns may be those without a discount, where a commission stands.
            some = probe_rows(columns, PROBES, target)
            v = some if len(some) >= MIN_ROWS else usual
        y, x = v[:, target][:, None], v[:, others]
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(x == 0, np.nan, y / x)
        for product, rest in ((False, y - x), (True, ratio)):
            slope, intercept = median_slopes(rest, x)  # (others, others)
            for i, j in _promising(rest, x, slope, intercept, columns, target, others, product):
                formula = _triple(columns, target, int(others[i]), int(others[j]), product)
                if formula is not None:
                    loose = formula.within > 0.51 * columns.grid[target]
                    sharp = round_to(formula.within / max(columns.spread[target], 1e-300), 1)
                    discovered.append(((loose, sharp, -target), formula))
        for formula in _quotients(columns, v, target, others):
            sharp = formula.within / max(columns.spread[target], 1e-300)
            discovered.append(((False, sharp, -target), formula))
    yield from (formula for _, formula in sorted(discovered, key=lambda pair: pair[0]))


def _quotients(
    columns: NumericColumns, probe: Floats, target: int, others: NDArray[np.int64]
) -> Iterator[Formula]:
    """`target = c first / second` or `target = c (1 - first / second)` for all pairs of `others`."""
    grid = float(columns.grid[target])
    others = others[~columns.temporal[others]]
    sharp = float(columns.spread[target]) / SHARP
    if not grid or columns.temporal[target] or len(others) < 2 or sharp < grid / 2:
        return
    probe = probe[:FEW_PROBES]
    y, x, steps = probe[:, target][:, None, None], probe[:, others], columns.grid[others]
    with np.errstate(divide="ignore", invalid="ignore"):
        below = np.where(x == 0, np.nan, x)
        quotient = x[:, :, None] / below[:, None, :]  # (rows, i, j)
        moved = (steps[:, None] + np.abs(quotient) * steps) / np.abs(below)[:, None, :]
        usual = lower_median(np.where(quotient == 0, np.nan, y / quotient))
        present = (~np.isnan(quotient)).sum(axis=0)
        forms = [(0.0, usual), *((-c, np.full(usual.shape, c)) for c in DIFFERENCES)]
        for base, factor in forms:
            # The rounding of small numbers would allow anything.
            allowed = np.minimum(grid + np.abs(factor) * moved, max(sharp, grid))
            right = (np.abs(y - base - factor * quotient) <= allowed).sum(axis=0)
            good = (right >= 0.85 * present) & (present >= MIN_ROWS)
            np.fill_diagonal(good, False)
            for i, j in np.argwhere(good):
                at = int(others[i]), int(others[j])
                formula = _quotient(columns, target, *at, base, float(factor[i, j]))
                if formula is not None:
                    yield formula


def _quotient(
    columns: NumericColumns, target: int, first: int, second: int, base: float, factor: float
) -> Formula | None:
    """`target = base + c first / second`, and 0 for a division by zero if the values say so."""
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
    for c in (round_to(factor, digits) for digits in (1, 2, 3)):
        error = np.abs(y - base - c * quotient)
        if not c or not fits(error, tight + abs(c) * moved, spread):
            continue
        within = tight if fits(error, tight, spread) else max(tight, tolerance(error))
        if spread >= SHARP * within:
            one, two = Ref(columns.names[first]), Ref(columns.names[second])
            node: Expression = Binary("/", scaled(one, c), two)
            if base:  # a difference to the whole: 100 (1 - first / second)
                low, high = (one, two) if base > 0 else (two, one)
                node = Binary("/", scaled(Binary("-", high, low), abs(base)), two)
            node = Call("or_zero", (node,)) if zero else node
            return Formula(columns.names[target], node, round_up(within))
    return None


def _triple(
    columns: NumericColumns, target: int, first: int, second: int, product: bool
) -> Formula | None:
    """`target = first + (a + b second)`, or the product, over all rows; None if it does not hold."""
    v, grid = columns.values, columns.grid
    y, x, z = v[:, target], v[:, first], v[:, second]
    some = _rows(v[: 4 * QUICK_ROWS], target, first, second, product)[:QUICK_ROWS]
    if len(some) < QUICK_ROWS:
        some = _rows(v, target, first, second, product)[:QUICK_ROWS]
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
    sizes = float(columns.spread[second]) * size, float(columns.spread[first])
    limit = 2 * min(abs(slope) * sizes[0], sizes[1]) / COARSE
    roughly = np.minimum(roughly, max(limit, grid[target]))
    error = np.abs(ys - value)
    if (error <= roughly + EXACT * columns.spread[target]).mean() < 0.95:
        return None
    rows = np.zeros(len(v), bool)
    rows[_rows(v, target, first, second, product)] = True
    if (~np.isnan(v[:, target]) & ~rows).mean() > 1 - MIN_HOLDS and not (
        product and np.all((x[~rows] == 0) <= (y[~rows] == 0))
    ):
        return None  # the sources do not explain the target where one of them is missing
    if not _units(columns.temporal, target, first, second, slope, product):
        return None
    spread, tight = float(columns.spread[target]), float(grid[target]) / 2
    # A length in minutes is so many parts of a day, whatever decimals a fraction is rounded to.
    part = np.sign(slope) / np.array(PER_DAY)
    units = (
        part[np.abs(part - slope) <= UNIT * np.abs(part)] if columns.temporal[target] else part[:0]
    )
    for loose in (False, True):
        for b in (*units, *round_values(slope)):
            middle = float(np.median(rest - b * zs))
            for a in dict.fromkeys((0.0, *(round_to(middle, few) for few in (1, 2, 4)))):
                few = ys - (xs * (a + b * zs) if product else xs + a + b * zs)
                around = _around(xs, a + b * zs, b, grid[first], grid[second], product)
                if not fits(few, tight + loose * around, spread):
                    continue
                value = x * (a + b * z) if product else x + (a + b * z)
                error = np.abs(y - value)[rows]
                around = _around(x[rows], (a + b * z)[rows], b, grid[first], grid[second], product)
                if not fits(error, tight + loose * around, spread):
                    continue
                within = tight
                if loose:
                    within = max(tight, tolerance(error))
                if min(abs(b) * sizes[0], sizes[1]) < COARSE * within:
                    continue
                one, two = Ref(columns.names[first]), Ref(columns.names[second])
                node = _node(one, two, a, b, product)
                return Formula(columns.names[target], node, round_up(within))
    return None


def _rows(values: Floats, target: int, first: int, second: int, product: bool) -> NDArray[np.int64]:
    """The rows that say something about a formula of three columns, shape (n,)."""
    present = ~np.isnan(values[:, target] + values[:, first] + values[:, second])
    return np.flatnonzero(present & (values[:, first] != 0) if product else present)


def _around(
    x: Floats, factor: Floats, slope: float, grid_x: float, grid_z: float, product: bool
) -> Floats:
    """What the rounding of the sources may change, shape (n,)."""
    if not product:
        return np.full(len(x), grid_x / 2 + abs(slope) * grid_z / 2)
    return grid_x / 2 * np.abs(factor) + grid_z / 2 * np.abs(slope * x)


def _units(
    time: NDArray[np.bool_], target: int, first: int, second: int, slope: float, product: bool
) -> bool:
    """Whether the units of a formula make sense: times are subtracted, or shifted by numbers."""
    kinds = bool(time[target]), bool(time[first]), bool(time[second])
    if kinds == (False, False, False):
        return True
    if product:
        return False
    return kinds == (True, True, False) or (
        kinds == (False, True, True) and abs(slope + 1.0) < 1e-3
    )


def _node(one: Expression, two: Expression, a: float, b: float, product: bool) -> Expression:
    if not product:
        node = plus(one, two, b)
        return plus(node, Number(abs(a)), float(np.sign(a))) if a else node
    if not a:
        inverse = 1 / b
        if abs(b) < 1 and is_whole(inverse) and abs(b) != 0.5:
            return Binary("/", Binary("*", one, two), Number(round(inverse)))
        return Binary("*", scaled(one, b), two)
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
        # The rounding of small numbers would allow anything: what a term explains limits it.
        spread = columns.spread[others]
        size = np.ones((1, 1))
        if product:  # a column without values in the first rows has no size
            empty = np.isnan(x).all(axis=0)
            size = np.nanmedian(np.where(empty, 0.0, np.abs(x)), axis=0)[:, None]
        terms = np.minimum(np.abs(slope) * spread[None, :] * size, spread[:, None])
        allowed = np.minimum(1.5 * allowed, np.maximum(2 * terms / COARSE, grid[target]))
        right = (error <= allowed + fine) & present
        enough = present.sum(axis=0) >= min(MIN_ROWS, len(x) // 2)
        good = enough & (right.sum(axis=0) >= 0.9 * present.sum(axis=0))
        # A term smaller than the rounding explains nothing.
        good &= terms > COARSE / 2 * grid[target] / 2
    good &= np.isfinite(slope) & (slope != 0)
    # The slope is that of x itself: y - x is linear in x for every linear pair.
    np.fill_diagonal(good, False)
    if not product:  # x + z and z + x are the same sum, of which a date comes first
        at, dates = np.arange(len(others)), columns.temporal[others]
        later = np.where(dates[:, None] == dates, at[:, None] > at, dates[None, :])
        good &= ~(np.isclose(slope, 1.0) & later)
    return np.argwhere(good)


def _near(columns: NumericColumns, target: int, other: int) -> bool:
    return len(columns.names) <= MAX_TRIPLES or abs(target - other) <= MAX_TRIPLES // 4
