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

SHARP = 40.0
"""Minimum spread of a column in units of the tolerance of its conversion."""

MAX_TERMS = 8
"""Maximum number of terms of a sum; of one without coefficients, `MAX_PLAIN_TERMS`."""

MAX_PLAIN_TERMS = 40

WIDTHS = (2, 5, 7, 10, 12, 20, 25, 50, 100, 1000, 10_000)
"""Widths of classes that are tried."""

RIDGE = 1e-10

MAX_RESIDUAL = 1e-4
"""Maximum fraction of a column's variance that a sum leaves unexplained."""

QUICK_ROWS = 200
"""Rows on which coefficients are estimated."""


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
    spread = float(columns.spread[target])
    fit = _fit(y[rows], x[rows], columns.grid[target], columns.grid[source], spread)
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
            allowed += 1e-6 * columns.spread[target]
            if len(error) >= MIN_ROWS and (error <= allowed).mean() > 0.9:
                pairs.append((target, int(source)))
    return pairs


def classes(columns: NumericColumns, free: list[int]) -> Iterator[Formula]:
    """Numbers rounded down to multiples of a width, or counted in it: decades, classes of ages."""
    v = columns.values
    whole = [j for j in free if columns.grid[j] >= 1 and not columns.temporal[j]]
    for target in whole:
        for source in whole:
            if columns.distinct[source] <= columns.distinct[target] or columns.distinct[target] < 2:
                continue
            x, y = v[:, source], v[:, target]
            rows = ~(np.isnan(x) | np.isnan(y))
            if rows.sum() < MIN_ROWS:
                continue
            usual = -1
            head = rows.nonzero()[0][:PROBES]
            for width in WIDTHS:
                steps = np.floor(x / width)
                for scale in (float(width), 1.0):
                    if (steps[head] * scale != y[head]).sum() > 2:
                        continue
                    if usual < 0:
                        usual = int(np.unique(y[rows], return_counts=True)[1].max())
                    # Exceptions are counted among the rows without the most frequent value.
                    others = rows.sum() - usual
                    wrong = (steps * scale != y)[rows].sum()
                    if others >= MIN_ROWS and wrong <= (1 - MIN_HOLDS) * others:
                        inner = Binary("/", Ref(columns.names[source]), Number(width))
                        node: Expression = Call("floor", (inner,))
                        node = node if scale == 1 else Binary("*", Number(scale), node)
                        yield Formula(columns.names[target], node)


def triples(columns: NumericColumns, free: list[int]) -> Iterator[Formula]:
    """Formulas of two sources among the columns `free`, the exact ones first."""
    v = _probe(columns, PROBES)
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
            slope, intercept = _slopes(rest, x)  # (others, others)
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
    with np.errstate(divide="ignore", invalid="ignore"):
        quotient = x[:, :, None] / np.where(x == 0, np.nan, x)[:, None, :]  # (rows, i, j)
        factor = _median(np.where(quotient == 0, np.nan, y / quotient))
        right = np.abs(y - factor * quotient) <= grid
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
    v, within = columns.values, float(columns.grid[target]) / 2
    y, x, z = v[:, target], v[:, first], v[:, second]
    rows = ~(np.isnan(y) | np.isnan(x) | np.isnan(z)) & (z != 0)
    if rows.sum() < MIN_ROWS or columns.spread[target] < SHARP * within:
        return None
    y, quotient = y[rows], x[rows] / z[rows]
    if min(columns.distinct[first], columns.distinct[second]) < 3:
        return None
    for digits in (1, 2, 3):
        c = round_to(factor, digits)
        if c and _fits(y - c * quotient, within, float(columns.spread[target])):
            one, two = Ref(columns.names[first]), Ref(columns.names[second])
            scaled: Expression = one if c == 1 else Binary("*", Number(c), one)
            return Formula(columns.names[target], Binary("/", scaled, two), _up(within))
    return None


def long_sums(columns: NumericColumns, free: list[int]) -> Iterator[Formula]:
    """Linear formulas of up to `MAX_TERMS` of the columns `free`, the later columns first."""
    rows = columns.values[: min(columns.searched, 5000)]
    incomplete: NDArray[np.bool_] = np.asarray(np.isnan(rows).any(axis=0))
    usable = [
        j for j in free if not columns.temporal[j] and not incomplete[j] and columns.spread[j] > 0
    ]
    if len(rows) < 2 * len(usable) + 10:
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
        if columns.distinct[target] < MIN_DISTINCT or precision[at, at] < 1 / MAX_RESIDUAL:
            continue
        weights = -precision[at] / precision[at, at] * scale[at] / scale
        tolerance = max(columns.grid[target], EXACT * columns.spread[target])
        terms = [
            (j, round_to(float(w), 3))
            for j, w in zip(usable, weights, strict=True)
            if j != target and abs(w) * columns.spread[j] > COARSE * tolerance / 4
        ]
        plain = all(abs(weight) == 1 for _, weight in terms)
        if 3 <= len(terms) <= (MAX_PLAIN_TERMS if plain else MAX_TERMS):
            formula = _weighted(columns, target, terms)
            if formula is not None:
                yield formula


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
        if _fits(rest - intercept, within, columns.spread[target]):
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
    slope, middle = (float(part[0, 0]) for part in _slopes(rest[:, None], zs[:, None]))
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
                if not _fits(ys - (xs * factor if product else xs + factor), within, spread):
                    continue
                if not _units(columns.temporal, target, first, second, b, product):
                    continue
                value = x * (a + b * z) if product else x + (a + b * z)
                if not _fits((y - value)[rows], within, spread):
                    continue
                one, two = Ref(columns.names[first]), Ref(columns.names[second])
                node = _node(one, two, a, b, product)
                return Formula(columns.names[target], node, _up(within))
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


def _fit(y: Floats, x: Floats, grid_y: float, grid_x: float, spread: float) -> _Fit | None:
    if len(y) < MIN_ROWS:
        return None
    step = max(len(y) // 400, 1)
    slope = float(_slopes(y[::step, None], x[::step, None])[0][0, 0])
    if not np.isfinite(slope) or slope == 0:
        return None
    for digits in (1, 2, 3, 4, 5, 6, 9, 12):
        b = round_to(slope, digits)
        middle = float(np.median(y - b * x))
        for a in dict.fromkeys((0.0, *(round_to(middle, d) for d in (1, 2, 3, 4, 6, 9)))):
            rest = y - a - b * x
            for loose in (False, True):
                within = grid_y / 2 + (abs(b) * grid_x / 2 if loose else 0.0)
                if loose and abs(b) * grid_x > 2 * grid_y:
                    continue  # a coarse source does not determine a finer target
                if grid_y and _whole(b * grid_x / grid_y) and _whole(a / grid_y):
                    within = 0.0  # both sides lie on the same grid
                if spread >= SHARP * within and _fits(rest, within, spread):
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
    """The rows to search with a minimum of missing values and zeros, shape (rows, p)."""
    v = columns.values[: columns.searched][:20_000]
    # Zeros are equal whatever the formula.
    empty = np.isnan(v).sum(axis=1) + 0.1 * (v == 0).sum(axis=1)
    order = np.argsort(empty, kind="stable")[:rows]
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
