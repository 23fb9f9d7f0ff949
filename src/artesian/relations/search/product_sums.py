"""Search for sums of products and plain terms, and for proportions of a total that is no column.

A monthly rate is consumption times price plus a fee; a proportion is one of several amounts divided by
their sum.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, product

import numpy as np

from artesian.relations.expressions import Binary, Expression, Floats, Number, Ref
from artesian.relations.formulas import Formula
from artesian.relations.protocol import MIN_HOLDS
from artesian.relations.search.fitting import (
    COARSE,
    MIN_DISTINCT,
    MIN_ROWS,
    fits,
    plus,
    round_to,
    round_up,
    round_values,
)
from artesian.relations.search.rows import NumericColumns, neighbours
from artesian.relations.search.sparse import sparse_terms

MAX_COLUMNS = 8
"""Number of columns of which products are formed: those that the target depends on most."""

MAX_TERMS = 3

MAX_PARTS = 8
"""Maximum number of neighbouring columns that make a total."""

PROBES = 32

RANKED = 1000
"""Number of rows by whose ranks the nearest columns are chosen."""

PROBED = 400
"""Number of rows in which a sum is tried first."""

WHOLES = (1.0, 100.0, 1000.0)
"""What a total is expressed as: a fraction, per cent or per mille."""

ROUNDING = 0.37
"""Maximum standard deviation of what is left, in units of the spacing of the target."""


def product_sums(columns: NumericColumns, free: list[int]) -> Iterator[Formula]:
    """`y = a x z + b w` for the columns `free`, the later columns first."""
    usable = _usable(columns, free)
    ranks = np.argsort(np.argsort(columns.values[:RANKED], axis=0), axis=0).astype(float)
    for target in reversed(usable):
        grid = float(columns.grid[target])
        if columns.distinct[target] < MIN_DISTINCT or columns.spread[target] < 2 * COARSE * grid:
            continue
        near = neighbours(target, [j for j in usable if j != target])
        others = _nearest(ranks, target, near)
        pairs = list(combinations(others, 2))
        if len(pairs) < 1:
            continue
        if not _is_explained(_with_products(columns.values[:PROBED], target, others), grid):
            continue
        v = _with_products(columns.values, target, others)
        rows = v[~np.isnan(v).any(axis=1)]
        if len(rows) < 2 * v.shape[1] + 10:
            continue
        nodes: list[Expression] = [Ref(columns.names[j]) for j in (target, *others)]
        nodes += [Binary("*", Ref(columns.names[a]), Ref(columns.names[b])) for a, b in pairs]
        names = tuple(map(str, range(len(nodes))))
        terms_of = replace(
            columns,
            names=names,
            values=v,
            grid=np.array([grid, *np.zeros(len(nodes) - 1)]),
            temporal=np.zeros(len(nodes), bool),
            distinct=np.full(len(nodes), len(rows)),
        )
        terms = sparse_terms(terms_of, 0, rows, list(range(len(nodes))), ROUNDING)
        if 2 <= len(terms) <= MAX_TERMS and any(j > len(others) for j, _ in terms):
            formula = _rounded(columns, target, v, terms, nodes)
            if formula is not None:
                yield formula


def proportions(columns: NumericColumns, free: list[int]) -> Iterator[Formula]:
    """`percent = 100 * part / (part + part + part)`, of neighbouring columns."""
    usable = _usable(columns, free)
    v = columns.values
    amounts = [j for j in usable if np.nanmin(v[:, j]) >= 0]
    for target in amounts:
        grid = float(columns.grid[target])
        highest = float(np.nanmax(v[:, target]))
        if columns.distinct[target] < MIN_DISTINCT or columns.spread[target] < COARSE * grid / 2:
            continue
        whole = next((w for w in WHOLES if highest <= w * (1 + 1e-9)), None)
        if whole is None:
            continue
        near = neighbours(target, amounts, 3 * MAX_PARTS)
        for first in range(len(near)):
            for last in range(first + 2, min(first + MAX_PARTS, len(near)) + 1):
                parts = near[first:last]
                if target in parts:
                    break
                formula = _proportion(columns, target, parts, whole)
                if formula is not None:
                    yield formula


def _proportion(
    columns: NumericColumns, target: int, parts: list[int], whole: float
) -> Formula | None:
    v, within = columns.values, float(columns.grid[target]) / 2
    for rows in (v[:PROBES], v):
        total = rows[:, parts].sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            computed = whole * rows[:, parts] / total[:, None]
        error = np.abs(computed - rows[:, [target]])
        present = ~np.isnan(error[:, 0])
        if present.sum() < MIN_ROWS:
            return None
        right = (error[present] <= within * (1 + 1e-6)).mean(axis=0)
        at = int(right.argmax())
        if right[at] < (0.9 if len(rows) < len(v) else MIN_HOLDS):
            return None
    node: Expression = Ref(columns.names[parts[at]])
    node = Binary("*", Number(whole), node) if whole != 1 else node
    total_of: Expression = Ref(columns.names[parts[0]])
    for part in parts[1:]:
        total_of = Binary("+", total_of, Ref(columns.names[part]))
    return Formula(columns.names[target], Binary("/", node, total_of), round_up(within))


def _usable(columns: NumericColumns, free: list[int]) -> list[int]:
    return [
        j
        for j in free
        if not columns.temporal[j] and np.isnan(columns.values[:, j]).mean() <= 1 - MIN_HOLDS
    ]


def _nearest(ranks: Floats, target: int, others: list[int]) -> list[int]:
    """The columns that the target depends on most, by rank."""
    if len(others) <= MAX_COLUMNS:
        return others
    chosen = ranks[:, [target, *others]] - (len(ranks) - 1) / 2
    near = np.abs(chosen[:, 0] @ chosen[:, 1:])
    return sorted(others[k] for k in np.argsort(-near, kind="stable")[:MAX_COLUMNS])


def _with_products(values: Floats, target: int, others: list[int]) -> Floats:
    """The target, the other columns, and the products of two of these."""
    first, second = np.array(list(combinations(others, 2))).T
    products = values[:, first] * values[:, second]
    return np.concatenate([values[:, [target, *others]], products], axis=1)


def _is_explained(rows: Floats, grid: float) -> bool:
    """Whether least squares leave no more than rounding of the first column."""
    rows = rows[~np.isnan(rows).any(axis=1)]
    if len(rows) < 2 * rows.shape[1] + 10:
        return False
    x = np.column_stack([np.ones(len(rows)), rows[:, 1:]])
    size = np.abs(x).max(axis=0)
    x = x / np.where(size > 0, size, 1.0)
    weights, *_ = np.linalg.lstsq(x, rows[:, 0], rcond=None)
    left = float(np.sqrt(np.mean((rows[:, 0] - x @ weights) ** 2)))
    return left <= max(ROUNDING * grid, 1e-9 * float(rows[:, 0].std()))


def _rounded(
    columns: NumericColumns,
    target: int,
    v: Floats,
    terms: list[tuple[int, float]],
    nodes: list[Expression],
) -> Formula | None:
    """The sum with the roundest coefficients that reproduces the values."""
    grid, spread = float(columns.grid[target]), float(columns.spread[target])
    tight = grid / 2
    for weights in product(*(round_values(weight)[:6] for _, weight in terms)):
        rest = v[:, 0] - sum(w * v[:, j] for (j, _), w in zip(terms, weights, strict=True))
        rest = rest[~np.isnan(rest)]
        middle = float(np.median(rest))
        middle = round_to(middle, 4) if abs(middle) > 1.5 * tight else 0.0
        if not fits(rest - middle, tight, spread):
            continue
        node: Expression | None = None
        for (j, _), weight in sorted(zip(terms, weights, strict=True), key=lambda pair: -pair[1]):
            node = plus(node, nodes[j], weight)
        assert node is not None, "there are terms"
        if middle:
            node = plus(node, Number(abs(middle)), float(np.sign(middle)))
        return Formula(columns.names[target], node, round_up(tight))
    return None
