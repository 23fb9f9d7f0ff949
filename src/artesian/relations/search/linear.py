"""Search for columns that one other column determines: conversions of units and classes of numbers.

`y = a + b x` is fitted to every pair of columns by the median of slopes (Theil 1950, Sen 1968), which
a few exceptions do not disturb. Coefficients are the roundest numbers that reproduce the values
within their rounding.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from artesian.relations.expressions import Binary, Call, Expression, Floats, Number, Ref
from artesian.relations.formulas import Formula
from artesian.relations.protocol import MIN_HOLDS
from artesian.relations.search.fitting import (
    MIN_ROWS,
    PROBES,
    SHARP,
    fits,
    is_whole,
    median_slopes,
    mode,
    plus,
    probe_rows,
    round_to,
    round_up,
    round_values,
    scaled,
)
from artesian.relations.search.rows import NumericColumns

WIDTHS = (2, 3, 4, 5, 6, 7, 10, 12, 20, 25, 50, 100, 1000, 10_000)
"""Widths of classes that are tried."""


MIN_BEGUN = 3
"""Minimum number of classes that are counted from 1: whether something is more than 0 is a flag."""


@dataclass(frozen=True, slots=True)
class _Fit:
    slope: float
    intercept: float
    within: float


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
    # Two rare flags mostly agree on 0: exceptions are counted among the other rows.
    others = rows & ((y != mode(y[rows])) | (x != mode(x[rows])))
    error = (y - fit.intercept - fit.slope * x)[others]
    if len(error) and not fits(error, fit.within, spread):
        return None
    if columns.temporal[source] and not (columns.temporal[target] and fit.slope == 1.0):
        return None
    return Formula(
        columns.names[target],
        _affine(Ref(columns.names[source]), fit.slope, fit.intercept),
        round_up(fit.within),
    )


def linear_pairs(columns: NumericColumns) -> list[tuple[int, int]]:
    """Pairs (target, source) that may be linear, judged by few rows."""
    usual = probe_rows(columns, PROBES * 4)
    pairs = []
    for target in range(usual.shape[1]):
        v = usual
        if np.isnan(v[:, target]).mean() > 0.5:  # few rows have it, of which two are compared
            all_rows = columns.values[: columns.searched]
            v = all_rows[~np.isnan(all_rows[:, target])][: PROBES * 4]
            if len(v) < MIN_ROWS:
                continue
        spread, grid = columns.spread[target], columns.grid[target]
        # Of few steps, as ratings are, only exact multiples count: everything is near everything.
        coarse = spread < SHARP * grid / 2
        slope, intercept = median_slopes(v[:, target][:, None], v)
        for source in np.flatnonzero(np.isfinite(slope[0]) & (np.abs(slope[0]) > 0)):
            if source == target:
                continue
            error = np.abs(v[:, target] - intercept[0, source] - slope[0, source] * v[:, source])
            error = error[~np.isnan(error)]
            rounding = 2 * (grid + abs(slope[0, source]) * columns.grid[source])
            allowed = 1e-6 * spread + (0.0 if coarse else rounding)
            if len(error) >= MIN_ROWS and (error <= allowed).mean() > 0.9:
                pairs.append((target, int(source)))
    return pairs


def classes(columns: NumericColumns, free: list[int]) -> Iterator[Formula]:
    """Numbers rounded down to multiples of a width, or counted in it: decades, classes of ages."""
    v = columns.values
    whole = [j for j in free if columns.grid[j] >= 1 and not columns.temporal[j]]
    heads, widths = v[: 4 * PROBES], np.array(WIDTHS, float)
    for target in whole:
        for source in whole:
            if columns.distinct[source] <= columns.distinct[target] or columns.distinct[target] < 2:
                continue
            few = heads[~np.isnan(heads[:, source] + heads[:, target])][:PROBES]
            if len(few) < MIN_ROWS:
                few = v[~np.isnan(v[:, source] + v[:, target])][:PROBES]
            if len(few) < MIN_ROWS:
                continue
            steps = np.floor(few[:, source, None] / widths)  # (rows, widths)
            begun = np.floor((few[:, source, None] - 1) / widths) + 1
            y = few[:, target, None]
            ways = ((True, 0, steps * widths != y), (False, 0, steps != y), (False, 1, begun != y))
            for scaled_, first, wrong in ways:
                if first and columns.distinct[target] < MIN_BEGUN:
                    continue
                for at in np.flatnonzero(wrong.sum(axis=0) <= 2):
                    width = WIDTHS[at]
                    scale = float(width) if scaled_ else 1.0
                    if _counts(v[:, target] - first, v[:, source] - first, width, scale):
                        name: Expression = Ref(columns.names[source])
                        # The 20th century begins in 1901, the second quarter in month 4.
                        name = Binary("-", name, Number(first)) if first else name
                        node: Expression = Call("floor", (Binary("/", name, Number(width)),))
                        node = node if scale == 1 else Binary("*", Number(scale), node)
                        node = Binary("+", node, Number(first)) if first else node
                        yield Formula(columns.names[target], node)


def _counts(y: Floats, x: Floats, width: int, scale: float) -> bool:
    """Whether `y = scale * floor(x / width)`; exceptions are counted where `y` varies."""
    rows = ~np.isnan(x + y)
    others = rows & (y != mode(y[rows]))
    wrong = int((np.floor(x / width) * scale != y)[rows].sum())
    return int(others.sum()) >= MIN_ROWS and wrong <= (1 - MIN_HOLDS) * int(others.sum())


def _affine(source: Expression, slope: float, intercept: float) -> Expression:
    node = scaled(source, slope)
    return plus(node, Number(abs(intercept)), float(np.sign(intercept))) if intercept else node


def _fit(y: Floats, x: Floats, grid_y: float, grid_x: float, spread: float) -> _Fit | None:
    if len(y) < MIN_ROWS:
        return None
    step = max(len(y) // 400, 1)
    slope = float(median_slopes(y[::step, None], x[::step, None])[0][0, 0])
    if not np.isfinite(slope) or slope == 0:
        return None
    # Coefficients that reproduce the target within its own rounding come before rounder ones that
    # need the rounding of the source too.
    for loose in (False, True):
        for b in round_values(slope):
            if loose and abs(b) * grid_x > 2 * grid_y:
                continue  # a coarse source does not determine a finer target
            middle = float(np.median(y - b * x))
            for a in dict.fromkeys((0.0, *(round_to(middle, d) for d in (1, 2, 3, 4, 6, 9)))):
                within = grid_y / 2 + (abs(b) * grid_x / 2 if loose else 0.0)
                if grid_y and is_whole(b * grid_x / grid_y) and is_whole(a / grid_y):
                    within = 0.0  # both sides lie on the same grid
                if spread >= SHARP * within and fits(y - a - b * x, within, spread):
                    return _Fit(b, a, within)
    return None
