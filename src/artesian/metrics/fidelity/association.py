"""How strongly two columns depend on each other, of all rows and with each group left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from artesian.metrics.common.arrays import Floats, Ints
from artesian.metrics.common.distance import Counts, Distances, Measure, Side
from artesian.metrics.common.intervals import GROUPS

Strengths = Mapping[str, Floats]
"""Name of a part -> (1 + GROUPS,) strengths of dependence."""


def gaps_of(strengths: Callable[[Side], Strengths]) -> Measure:
    """Measure by how much each strength differs between two tables."""
    known: list[tuple[Side, Strengths]] = []  # the real rows stand in every comparison

    def measure(real: Side, other: Side) -> Distances:
        if not known or known[0][0] is not real:
            known[:] = [(real, strengths(real))]
        mine, theirs = known[0][1], strengths(other)
        gaps = {name: np.abs(mine[name] - theirs[name]) for name in mine}
        parts = {name: float(gap[0]) for name, gap in gaps.items()}
        return Distances(parts, np.array([gap[1:] for gap in gaps.values()]))

    return measure


def correlations(matrix: Floats, groups: Ints) -> Floats:
    """(1 + GROUPS, p, p) product-moment correlations of the columns of `matrix`, (rows, p).

    A pair is taken over the rows in which neither is missing. A constant column correlates with
    nothing.
    """
    present = ~np.isnan(matrix)
    filled = _standardised(matrix, present)
    whole = bool(present.all())
    mask = present.astype(np.float64)
    parts = []  # of each group: number of rows, sums, sums of squares, sums of products
    for group in range(GROUPS):
        x = filled[groups == group]
        if whole:
            n, s, q = np.full((1, 1), float(len(x))), x.sum(axis=0), (x * x).sum(axis=0)
            parts.append((n, s[:, None], q[:, None], x.T @ x))
        else:
            m = mask[groups == group]
            parts.append((m.T @ m, x.T @ m, (x * x).T @ m, x.T @ x))
    n, s, q, products = (_with_and_without(np.array(part)) for part in zip(*parts, strict=True))
    n = np.maximum(n, 1)
    # s[a, b] is the sum of column a over the rows that have column b too, so the transpose is b's.
    covariance = products / n - (s / n) * (s.swapaxes(1, 2) / n)
    scale = np.sqrt(np.maximum(q / n - (s / n) ** 2, 0))
    scale = np.where(scale > 1e-9, scale, np.inf)
    found: Floats = np.clip(covariance / (scale * scale.swapaxes(1, 2)), -1, 1)
    return found


def cramers_v(tables: Counts) -> Floats:
    """Strength of association of contingency tables (Cramér 1946), without bias correction.

    Args:
        tables: (..., r, c) counts.

    Returns:
        (...,) values in [0, 1]; 0 where a table has one row or one column with counts.

    >>> float(cramers_v(np.array([[10, 0], [0, 10]])))
    1.0
    """
    rows, columns = tables.sum(axis=-1, keepdims=True), tables.sum(axis=-2, keepdims=True)
    total = np.maximum(rows.sum(axis=-2, keepdims=True), 1)
    expected = rows * (columns / total)
    chi2 = ((tables - expected) ** 2 / np.where(expected > 0, expected, 1)).sum(axis=(-2, -1))
    least = np.minimum((rows > 0).sum(axis=(-2, -1)), (columns > 0).sum(axis=(-2, -1))) - 1
    squared = chi2 / (total[..., 0, 0] * np.maximum(least, 1))
    found: Floats = np.sqrt(np.where(least > 0, np.minimum(squared, 1), 0))
    return found


def correlation_ratios(side: Side, values: Floats, places: Ints, cells: int) -> Floats:
    """(1 + GROUPS,) root of the share of a number's variance that lies between cells (Pearson 1905).

    Rows in which the number is missing are set aside.
    """
    present = ~np.isnan(values)
    x = _standardised(values[:, None], present[:, None])[present, 0]
    where = (side.groups * cells + places)[present]

    def sums(weights: Floats) -> Floats:
        flat: Floats = np.bincount(where, weights, GROUPS * cells).astype(np.float64)
        return _with_and_without(flat.reshape(GROUPS, cells))

    return _ratio(sums(np.ones(len(x))), sums(x), sums(x * x))


def correlation_ratio(values: Floats, categories: Ints) -> float:
    """Correlation ratio (eta, Pearson 1905): root of the proportion of the variance of `values` that
    lies between categories.

    Args:
        values: (n,) numbers; NaN is missing and left out.
        categories: (n,) category codes of at least 0.

    Returns:
        A strength of association in [0, 1]; 0 for constant values.

    >>> correlation_ratio(np.array([1.0, 1.0, 5.0, 5.0]), np.array([0, 0, 1, 1]))
    1.0
    """
    present = ~np.isnan(values)
    x = _standardised(values[:, None], present[:, None])[present, 0]
    where = categories[present]
    n, s, q = (
        np.bincount(where, weights).astype(np.float64)[None]
        for weights in (np.ones(len(x)), x, x * x)
    )
    return float(_ratio(n, s, q)[0])


def _ratio(n: Floats, s: Floats, q: Floats) -> Floats:
    """Correlation ratios from counts, sums and sums of squares. (..., categories) -> (...,)"""
    count = np.maximum(n.sum(axis=1), 1)
    middle = s.sum(axis=1) ** 2 / count
    between = (s**2 / np.maximum(n, 1)).sum(axis=1) - middle
    whole = q.sum(axis=1) - middle
    found: Floats = np.sqrt(
        np.where(whole > 1e-9, np.clip(between / np.maximum(whole, 1e-9), 0, 1), 0)
    )
    return found


def mutual_information(tables: Counts) -> Floats:
    """Mutual information divided by the mean of both entropies (Strehl and Ghosh 2002).

    Args:
        tables: (..., r, c) counts.

    Returns:
        (...,) values in [0, 1]; 0 where neither variable varies.

    >>> float(mutual_information(np.array([[5, 0], [0, 5]])))
    1.0
    """
    total = np.maximum(tables.sum(axis=(-2, -1)), 1)
    one, two = _entropy(tables.sum(axis=-1), total), _entropy(tables.sum(axis=-2), total)
    both = _entropy(tables.reshape(*tables.shape[:-2], -1), total)
    mean = (one + two) / 2
    found: Floats = np.where(
        mean > 1e-12, np.clip((one + two - both) / np.maximum(mean, 1e-12), 0, 1), 0
    )
    return found


def _entropy(counts: Counts, total: Counts) -> Floats:
    """In nats. (..., cells) -> (...,)"""
    logs = counts * np.log(np.maximum(counts, 1))
    entropy: Floats = np.log(total) - logs.sum(axis=-1) / total
    return entropy


def _standardised(matrix: Floats, present: Floats) -> Floats:
    """Columns of mean 0 and variance 1 with 0 in gaps; zeros throughout for a constant column."""
    made = np.zeros(matrix.shape)
    for k in range(matrix.shape[1]):
        values = matrix[present[:, k], k]
        if not len(values) or values.min() == values.max():
            continue
        values = values / np.abs(values).max()  # so that no square is too large
        values = values - values.mean()
        spread = values.std()
        if spread > 0:
            made[present[:, k], k] = values / spread
    return made


def _with_and_without(parts: Floats) -> Floats:
    """(GROUPS, ...) sums by group -> (1 + GROUPS, ...): of all rows, then of all but each group."""
    total = parts.sum(axis=0)
    found: Floats = np.concatenate([total[None], total - parts])
    return found
