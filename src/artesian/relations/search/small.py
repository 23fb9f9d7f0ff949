"""Search tables of few rows for formulas that hold in all of them and are too sharp for chance.

There are too few rows to confirm anything in others. A column that is reproduced up to its rounding in
each of six rows is no coincidence if it has hundreds of possible values; a column of two values is.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from math import log

import numpy as np

from artesian.relations.expressions import Binary, Expression, Floats, Number, Ref
from artesian.relations.formulas import Formula
from artesian.relations.search.agreement import CHANCE
from artesian.relations.search.fitting import fits, round_up, scaled
from artesian.relations.search.rows import NumericColumns

MAX_ROWS = 20
"""Number of rows below which formulas are searched so."""

MIN_VALUES = 4
"""Minimum number of different values of a computed column."""

MAX_DIGITS = 3
"""Maximum number of significant digits of a factor."""

MAX_COLUMNS = 30
"""Number of columns up to which pairs of them are tried."""


def small_formulas(columns: NumericColumns) -> Iterator[Formula]:
    """Multiples of a column, sums, differences, products and quotients of two; later columns first."""
    numbers = [
        j
        for j in range(min(len(columns.names), MAX_COLUMNS))
        if columns.distinct[j] >= 2 and not np.isnan(columns.values[:, j]).any()
    ]
    pairs = len(numbers) ** 2
    for target in reversed(numbers):
        if columns.distinct[target] < MIN_VALUES:
            continue
        others = [j for j in numbers if j != target]
        for source in others:
            if not columns.temporal[[target, source]].any():
                yield from _multiple(columns, target, source, pairs)
        for a, b in permutations(others, 2):
            yield from _pair(columns, target, a, b, 4 * pairs * len(numbers))


def _multiple(columns: NumericColumns, target: int, source: int, tried: int) -> Iterator[Formula]:
    y, x = columns.values[:, target], columns.values[:, source]
    if columns.distinct[source] < MIN_VALUES or (x == 0).any():
        return
    for factor in (float(np.median(y / x)), 1 / float(np.median(x / y)) if (y != 0).all() else 0.0):
        c = float(f"{factor:.{MAX_DIGITS - 1}e}")
        inverse = round(1 / factor) if factor and abs(factor) < 0.5 else 0
        for weight in dict.fromkeys((c, 1 / inverse if inverse else c)):
            choices = tried * 10**MAX_DIGITS
            if weight and _is_sharp(columns, target, weight * x, choices):
                node = scaled(Ref(columns.names[source]), weight)
                yield Formula(columns.names[target], node, _within(columns, target, weight * x))
                return


def _pair(columns: NumericColumns, target: int, a: int, b: int, tried: int) -> Iterator[Formula]:
    v, times = columns.values, columns.temporal
    one, two = Ref(columns.names[a]), Ref(columns.names[b])
    x, z = v[:, a], v[:, b]
    kinds = (bool(times[target]), bool(times[a]), bool(times[b]))
    candidates: list[tuple[Expression, Floats]] = []
    if kinds in ((False, False, False), (True, True, False)):
        candidates.append((Binary("-", one, two), x - z))
        if a < b or kinds[0]:
            candidates.append((Binary("+", one, two), x + z))
    elif kinds == (False, True, True):
        candidates.append((Binary("-", one, two), x - z))
    if not any(kinds):
        if a < b:
            candidates.append((Binary("*", one, two), x * z))
            percent = Binary("/", Binary("*", one, two), Number(100))
            candidates.append((percent, x * z / 100))
        if (z != 0).all():
            candidates.append((Binary("/", one, two), x / z))
    for node, computed in candidates:
        if _is_sharp(columns, target, computed, tried):
            yield Formula(columns.names[target], node, _within(columns, target, computed))


def _within(columns: NumericColumns, target: int, computed: Floats) -> float:
    exact = fits(computed - columns.values[:, target], 0.0, float(columns.spread[target]))
    return 0.0 if exact else round_up(float(columns.grid[target]) / 2)


def _is_sharp(columns: NumericColumns, target: int, computed: Floats, tried: int) -> bool:
    """Whether the values are reproduced in all rows, where chance would not do so in one of them."""
    y, grid = columns.values[:, target], float(columns.grid[target])
    spread = float(np.ptp(y))
    if np.abs(y - computed).max() > grid / 2 * (1 + 1e-6) + 1e-9 * spread:
        return False
    if len(np.unique(np.round(computed, 9))) < MIN_VALUES:
        return False
    distinct, steps = int(columns.distinct[target]), spread / max(grid, 1e-6 * spread)
    return (distinct - 1) * log(max(steps, 1.0)) >= log(tried / CHANCE)
