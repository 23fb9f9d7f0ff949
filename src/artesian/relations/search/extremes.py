"""Search for the largest or smallest of several columns, and for distances between two."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from artesian.relations.expressions import Binary, Call, Floats, Number, Ref
from artesian.relations.formulas import EXACT, Formula
from artesian.relations.protocol import MIN_HOLDS
from artesian.relations.search.fitting import is_whole, round_to, round_up
from artesian.relations.search.rows import NumericColumns, neighbours

PROBES = 64

MIN_DISTINCT = 3
"""Minimum number of different values of a column that is computed."""

MIN_OWN = 0.02
"""Minimum fraction of the rows in which one column alone has the extreme value."""

MAX_MEMBERS = 12

MIN_ROWS = 30


def extremes(
    columns: NumericColumns, free: list[int], targets: list[int] | None = None
) -> Iterator[Formula]:
    """`target = max(a, b, c)`, `target = min(a, b)` and `target = abs(a - b)`."""
    v = columns.values
    for target in free if targets is None else targets:
        if columns.distinct[target] < MIN_DISTINCT:
            continue
        others = [
            j for j in free if j != target and columns.temporal[j] == columns.temporal[target]
        ]
        others = neighbours(target, others)
        for function, sign in (("max", 1.0), ("min", -1.0)):
            members = _members(sign * v, target, others)
            if members:
                node = Call(function, tuple(Ref(columns.names[j]) for j in members))
                yield Formula(columns.names[target], node)
        if not columns.temporal[target]:
            yield from _distances(columns, target, others)
            yield from _excesses(columns, target, others)


def _excesses(columns: NumericColumns, target: int, others: list[int]) -> Iterator[Formula]:
    """`paid = max(0, damage - deductible)`, `over = max(0, hours - 8)`: what exceeds another column,
    or a constant."""
    v = columns.values
    y = v[:, target]
    if not len(y) or np.nanmin(y) != 0 or columns.distinct[target] < MIN_ROWS // 2:
        return
    rows = np.flatnonzero(~np.isnan(y))
    if len(rows) < MIN_ROWS:
        return
    few = v[rows[np.argsort(-y[rows])][:PROBES]]
    unit = max(float(columns.grid[target]) / 2, EXACT * float(columns.spread[target])) * 1.001
    for high in others:
        difference = few[:, [high]] - few[:, others]
        near = (np.abs(difference - few[:, [target]]) <= unit).mean(axis=0) >= MIN_HOLDS
        for low in (others[at] for at in np.flatnonzero(near).tolist()):
            computed = np.maximum(v[:, high] - v[:, low], 0.0)
            wrong = np.abs(computed - y)[rows] > unit
            if low != high and np.isfinite(computed[rows]).all() and wrong.mean() <= 1 - MIN_HOLDS:
                names = columns.names
                excess = Binary("-", Ref(names[high]), Ref(names[low]))
                node = Call("max", (Number(0.0), excess))
                yield Formula(names[target], node, round_up(float(columns.grid[target]) / 2))
                return
        limit = round_to(float(np.median(few[:, high] - few[:, target])), 6)
        computed = np.maximum(v[:, high] - limit, 0.0)
        wrong = np.abs(computed - y)[rows] > unit
        if limit > 0 and np.isfinite(computed[rows]).all() and wrong.mean() <= 1 - MIN_HOLDS:
            node = Call("max", (Number(0.0), Binary("-", Ref(columns.names[high]), Number(limit))))
            yield Formula(columns.names[target], node, round_up(float(columns.grid[target]) / 2))
            return


def _members(v: Floats, target: int, others: list[int]) -> list[int]:
    """Columns of which the target is the largest in nearly all rows, each needed in some; or none."""
    few = v[:PROBES]
    with np.errstate(invalid="ignore"):
        # A few rows rule out most columns: those above the target, and those never equal to it.
        above = (few[:, others] > few[:, [target]]).sum(axis=0)
        equal = (v[: 8 * PROBES, others] == v[: 8 * PROBES, [target]]).mean(axis=0)
    members = [
        j for j, a, e in zip(others, above.tolist(), equal, strict=True) if a <= 1 and e >= MIN_OWN
    ]
    if not 2 <= len(members) <= MAX_MEMBERS:
        return []
    while len(members) > 1:
        own = _own(v, target, members)
        if own is None:
            return []
        weakest = int(np.argmin(own))
        if own[weakest] >= MIN_OWN:
            return members
        members.pop(weakest)
    return []


def _own(v: Floats, target: int, members: list[int]) -> Floats | None:
    """Fraction of the rows in which each member alone is the largest, shape (k,); None if the target
    is not the largest of all."""
    y, x = v[:, target], v[:, members]
    present = ~np.isnan(y)
    complete = present & ~np.isnan(x).any(axis=1)
    # Where a member is missing, the target would be too.
    if complete.sum() < max(MIN_ROWS, MIN_HOLDS * present.sum()):
        return None
    y, x = y[complete], x[complete]
    if (np.abs(x.max(axis=1) - y) <= EXACT * (1 + np.abs(y))).mean() < MIN_HOLDS:
        return None
    equal = x == y[:, None]
    alone: Floats = (equal & (equal.sum(axis=1) == 1)[:, None]).mean(axis=0)
    return alone


def _distances(columns: NumericColumns, target: int, others: list[int]) -> Iterator[Formula]:
    """`target = abs(a - b)` where both signs of the difference occur."""
    v, grid = columns.values, columns.grid
    fine = [
        j for j in others if grid[target] and is_whole(float(grid[j] / grid[target])) and grid[j]
    ]
    if len(fine) < 2 or np.nanmin(v[:, target]) < 0:
        return
    y, x = v[:PROBES, target], v[:PROBES, fine]
    difference = x[:, :, None] - x[:, None, :]  # (rows, i, j)
    with np.errstate(invalid="ignore"):
        wrong = np.abs(np.abs(difference) - y[:, None, None]) > EXACT * (1 + y[:, None, None])
        signs = np.where(np.isnan(y)[:, None, None], 0.0, np.sign(difference))
        both = ((signs > 0).sum(axis=0) > 1) & ((signs < 0).sum(axis=0) > 1)
    good: NDArray[np.bool_] = (wrong.sum(axis=0) <= 1) & both
    for i, j in np.argwhere(np.triu(good, 1)):
        first, second = fine[i], fine[j]
        error = np.abs(np.abs(v[:, first] - v[:, second]) - v[:, target])
        error = error[~np.isnan(error)]
        scale = EXACT * (1 + float(np.nanmax(np.abs(v[:, target]))))
        if len(error) >= MIN_ROWS and (error <= scale).mean() >= MIN_HOLDS:
            inner = Binary("-", Ref(columns.names[first]), Ref(columns.names[second]))
            yield Formula(columns.names[target], Call("abs", (inner,)))
