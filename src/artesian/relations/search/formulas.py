"""Search for columns that are computed from others.

* `y = a + b x`: every pair of columns, by the median of slopes (Theil 1950, Sen 1968), which a few
  exceptions do not disturb.
* `y = x + (a + b z)` and `y = x (a + b z)`: every triple, by the same fit to `y - x` and to `y / x`.
* `y = a + b1 x1 + ... + bk xk`: by least squares over all columns, then with rounded coefficients.

Coefficients are the roundest numbers that reproduce the values within their rounding.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from artesian.relations.expressions import Binary, Call, Expression, Floats, Number, Ref
from artesian.relations.formulas import EXACT, Formula
from artesian.relations.protocol import MIN_HOLDS
from artesian.relations.search.rows import NumericColumns

PROBES = 48
"""Rows on which most combinations are rejected."""

MAX_TRIPLES = 60
"""Number of columns up to which all triples are tried; beyond it, those of neighbouring columns."""

MIN_ROWS = 8
"""Minimum number of rows in which a formula has to hold."""

MIN_DISTINCT = 5
"""Minimum number of different values of a computed column."""

COARSE = 12.0
"""Minimum spread of a term in units of the tolerance; a smaller term explains nothing."""

MAX_TERMS = 8


@dataclass(frozen=True, slots=True)
class _Fit:
    slope: float
    intercept: float
    within: float
    loose: bool


def linear(columns: NumericColumns, target: int, source: int) -> Formula | None:
    """`target = a + b source`, if the source determines the target so."""
    v = columns.values
    y, x = v[:, target], v[:, source]
    shift = bool(columns.temporal[target]) == bool(columns.temporal[source])
    if columns.temporal[target] and not shift:
        return None
    rows = ~(np.isnan(y) | np.isnan(x))
    if (~np.isnan(y) & np.isnan(x)).mean() > 1 - MIN_HOLDS:
        return None  # the source does not explain the target where it is missing
    fit = _fit(y[rows], x[rows], columns.grid[target], columns.grid[source])
    if fit is None:
        return None
    if columns.temporal[source] and not (columns.temporal[target] and fit.slope == 1.0):
        return None
    return Formula(
        columns.names[target],
        _affine(Ref(columns.names[source]), fit.slope, fit.intercept),
        _up(fit.within),
    )


def linear_pairs(columns: NumericColumns) -> list[tuple[int, int]]:
    """Pairs (target, source) that may be linear, judged by few rows."""
    v = _probe(columns, PROBES * 4)
    pairs = []
    for target in range(v.shape[1]):
        slope, intercept = _slopes(v[:, target][:, None], v)
        for source in np.flatnonzero(np.isfinite(slope[0]) & (np.abs(slope[0]) > 0)):
            if source == target:
                continue
            error = np.abs(v[:, target] - intercept[0, source] - slope[0, source] * v[:, source])
            error = error[~np.isnan(error)]
            allowed = 2 * (columns.grid[target] + abs(slope[0, source]) * columns.grid[source])
            allowed += 1e-6 * _spread(v[:, target])
            if len(error) >= MIN_ROWS and (error <= allowed).mean() > 0.9:
                pairs.append((target, int(source)))
    return pairs


def triples(columns: NumericColumns, free: list[int]) -> Iterator[Formula]:
    """Formulas of two sources among the columns `free`, the exact ones first."""
    v = _probe(columns, PROBES)
    found: list[tuple[tuple[bool, bool, int], Formula]] = []
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
            slope, intercept = _slopes(rest, x)  # (others, others)
            for i, j in _promising(rest, x, slope, intercept, columns, target, others, product):
                formula = _triple(columns, target, int(others[i]), int(others[j]), product)
                if formula is not None:
                    loose = formula.within > 0.51 * columns.grid[target]
                    found.append(((loose, False, -target), formula))
    yield from (formula for _, formula in sorted(found, key=lambda pair: pair[0]))


def long_sums(columns: NumericColumns, free: list[int]) -> Iterator[Formula]:
    """Linear formulas of up to `MAX_TERMS` of the columns `free`, the later columns first."""
    rows = columns.values[: min(columns.searched, 2000)]
    usable = [j for j in free if not columns.temporal[j] and not np.isnan(rows[:, j]).any()]
    for target in sorted(usable, reverse=True):
        others = [j for j in usable if j != target]
        if columns.distinct[target] < MIN_DISTINCT or len(rows) < 2 * len(others) + 10:
            continue
        design = np.column_stack([rows[:, others], np.ones(len(rows))])
        scale = np.maximum(np.abs(design).max(axis=0), 1e-300)
        solution, *_ = np.linalg.lstsq(design / scale, rows[:, target], rcond=None)
        weights = solution / scale
        sized = np.abs(weights[:-1]) * np.array([_spread(rows[:, j]) for j in others])
        tolerance = max(columns.grid[target], EXACT * _spread(rows[:, target]))
        terms = [
            (j, round_to(w, 3))
            for j, w, s in zip(others, weights, sized, strict=False)
            if s > COARSE * tolerance / 4
        ]
        if 3 <= len(terms) <= MAX_TERMS:
            formula = _weighted(columns, target, terms)
            if formula is not None:
                yield formula


def sums_with_gaps(columns: NumericColumns, free: list[int]) -> Iterator[Formula]:
    """`y = or_zero(x) + or_zero(z)` or with a minus, over columns with missing values."""
    v = columns.values
    gaps = [j for j in free if np.isnan(v[:, j]).any() and not columns.temporal[j]]
    for target in free:
        if np.isnan(v[:, target]).any() or columns.temporal[target]:
            continue
        for at, first in enumerate(gaps):
            for second in gaps[at + 1 :]:
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
                    within = grid / 2 if grid else EXACT * _spread(v[:, target])
                    if len(error) >= MIN_ROWS and (error <= within).mean() >= MIN_HOLDS:
                        yield Formula(formula.target, node, _up(within))


def round_to(value: float, digits: int) -> float:
    """`value` with so many significant digits."""
    return float(f"{value:.{max(digits, 1) - 1}e}")


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
    tight = grid[target] / 2
    loose = tight + sum(abs(weight) * grid[j] / 2 for j, weight in terms)
    for within in (tight, loose):
        if _fits(rest - intercept, within, _spread(v[:, target])):
            node: Expression | None = None
            for j, weight in terms:
                node = _plus(node, Ref(columns.names[j]), weight)
            assert node is not None, "there are terms"
            if intercept:
                node = _plus(node, Number(abs(intercept)), float(np.sign(intercept)))
            return Formula(columns.names[target], node, _up(within))
    return None


def _triple(
    columns: NumericColumns, target: int, first: int, second: int, product: bool
) -> Formula | None:
    """`target = first + (a + b second)`, or the product, over all rows; None if it does not hold."""
    v, grid, time = columns.values, columns.grid, columns.temporal
    y, x, z = v[:, target], v[:, first], v[:, second]
    rows = ~(np.isnan(y) | np.isnan(x) | np.isnan(z))
    if (~np.isnan(y) & ~rows).mean() > 1 - MIN_HOLDS:
        return None  # the sources do not explain the target where one of them is missing
    if product:
        rows &= x != 0
    y, x, z = y[rows], x[rows], z[rows]
    if len(y) < MIN_ROWS:
        return None
    if product and len(y) > 4 * MIN_ROWS:
        # Where x is large, the rounding of y hides least of the ratio.
        chosen = np.abs(x) >= np.median(np.abs(x))
        rest, zs = y[chosen] / x[chosen], z[chosen]
    else:
        rest, zs = (y / x if product else y - x), z
    slope = float(_slopes(rest[:400, None], zs[:400, None])[0][0, 0])
    if not np.isfinite(slope) or slope == 0:
        return None
    for digits in (1, 2, 3, 4, 6):
        b = round_to(slope, digits)
        middle = float(np.median(rest - b * zs))
        for a in dict.fromkeys((0.0, *(round_to(middle, few) for few in (1, 2, 4)))):
            value = x * (a + b * z) if product else x + a + b * z
            if product:
                around = grid[first] / 2 * np.abs(a + b * z) + grid[second] / 2 * np.abs(b * x)
            else:
                around = np.full(len(y), grid[first] / 2 + abs(b) * grid[second] / 2)
            tight = grid[target] / 2
            for within in (tight, tight + float(np.quantile(around, 0.999))):
                if not _fits(y - value, within, _spread(y)):
                    continue
                size = np.abs(x) if product else 1.0
                if _spread(b * z * size) < COARSE * within or _spread(x) < COARSE * within:
                    continue
                if not _units(time, target, first, second, a, b, product):
                    continue
                one, two = Ref(columns.names[first]), Ref(columns.names[second])
                node = _node(one, two, a, b, product)
                return Formula(columns.names[target], node, _up(within))
    return None


def _units(
    time: NDArray[np.bool_], target: int, first: int, second: int, a: float, b: float, product: bool
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
        node = _plus(one, two, b)
        return _plus(node, Number(abs(a)), float(np.sign(a))) if a else node
    if not a:
        inverse = 1 / b
        if abs(b) < 1 and abs(inverse - round(inverse)) < 1e-9 and abs(b) != 0.5:
            return Binary("/", Binary("*", one, two), Number(round(inverse)))
        return Binary("*", one, two) if b == 1 else Binary("*", Binary("*", Number(b), one), two)
    return Binary("*", one, _plus(Number(a), two, b))


def _affine(source: Expression, slope: float, intercept: float) -> Expression:
    node = source if slope == 1 else Binary("*", Number(slope), source)
    return _plus(node, Number(abs(intercept)), float(np.sign(intercept))) if intercept else node


def _plus(node: Expression | None, term: Expression, weight: float) -> Expression:
    sized = term if abs(weight) == 1 else Binary("*", Number(abs(weight)), term)
    if node is None:
        return sized if weight > 0 else Binary("*", Number(weight), term)
    return Binary("+" if weight > 0 else "-", node, sized)


def _signed(
    columns: NumericColumns, sources: tuple[int, int], signs: tuple[int, int]
) -> Expression:
    order = sorted(zip(signs, sources, strict=True), reverse=True)
    terms = [Call("or_zero", (Ref(columns.names[j]),)) for _, j in order]
    node: Expression = terms[0]
    return Binary("+" if order[1][0] > 0 else "-", node, terms[1])


def _fit(y: Floats, x: Floats, grid_y: float, grid_x: float) -> _Fit | None:
    if len(y) < MIN_ROWS:
        return None
    step = max(len(y) // 400, 1)
    slope = float(_slopes(y[::step, None], x[::step, None])[0][0, 0])
    if not np.isfinite(slope) or slope == 0:
        return None
    spread = _spread(y)
    for digits in (1, 2, 3, 4, 5, 6, 9, 12):
        b = round_to(slope, digits)
        middle = float(np.median(y - b * x))
        for a in dict.fromkeys((0.0, *(round_to(middle, d) for d in (1, 2, 3, 4, 6, 9)))):
            rest = y - a - b * x
            for loose in (False, True):
                within = grid_y / 2 + (abs(b) * grid_x / 2 if loose else 0.0)
                if grid_y and _whole(b * grid_x / grid_y) and _whole(a / grid_y):
                    within = 0.0  # both sides lie on the same grid
                if spread >= COARSE / 2 * within and _fits(rest, within, spread):
                    return _Fit(b, a, within, loose)
    return None


def _fits(error: Floats, within: float, spread: float) -> bool:
    return bool((np.abs(error) <= within * (1 + 1e-6) + EXACT * spread).mean() >= MIN_HOLDS)


def _up(within: float) -> float:
    """Rounded up to the digits in which it is written."""
    return float(f"{within * 1.000001:.6g}") if within else 0.0


def _whole(value: float) -> bool:
    return abs(value - round(value)) < 1e-9


def _probe(columns: NumericColumns, rows: int) -> Floats:
    """The rows to search with the fewest missing values, shape (rows, p)."""
    v = columns.values[: columns.searched][:20_000]
    order = np.argsort(np.isnan(v).sum(axis=1), kind="stable")[:rows]
    return v[np.sort(order)]


def _slopes(y: Floats, x: Floats) -> tuple[Floats, Floats]:
    """Median slope and intercept of each column of `y` against each of `x`, shapes (a, b)."""
    half = len(y) // 2
    with np.errstate(divide="ignore", invalid="ignore"):
        dy = (y[half : 2 * half] - y[:half])[:, :, None]  # (half, a, 1)
        dx = (x[half : 2 * half] - x[:half])[:, None, :]  # (half, 1, b)
        slope = _median(np.where(dx == 0, np.nan, dy / dx))
        intercept = _median(y[:, :, None] - slope * x[:, None, :])
    return slope, intercept


def _median(values: Floats) -> Floats:
    """Lower median over the first axis of the values that are not NaN; NaN if there are none."""
    count = (~np.isnan(values)).sum(axis=0)
    ordered = np.sort(values, axis=0)
    middle: Floats = np.take_along_axis(ordered, np.maximum(count - 1, 0)[None] // 2, axis=0)[0]
    return middle


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


def _spread(values: Floats) -> float:
    present = values[~np.isnan(values)]
    if not len(present):
        return 0.0
    low, high = np.quantile(present, [0.02, 0.98])
    return float(high - low)
