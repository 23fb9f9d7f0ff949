"""Strength of association of two columns, of all rows and without each jackknife group."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from artesian.metrics.common.arrays import Floats, Ints
from artesian.metrics.common.distance import Counts, Distances, Measure, Side
from artesian.metrics.common.intervals import GROUPS

Strengths = Mapping[str, Floats]
"""Name of a part -> (1 + GROUPS,) strengths of association."""


def absolute_differences(strengths: Callable[[Side], Strengths]) -> Measure:
    """The absolute difference of each strength between two tables."""
    cached: list[tuple[Side, Strengths]] = []  # the real table is part of every comparison

    def measure(real: Side, other: Side) -> Distances:
        if not cached or cached[0][0] is not real:
            cached[:] = [(real, strengths(real))]
        real_strengths, other_strengths = cached[0][1], strengths(other)
        differences = {
            name: np.abs(real_strengths[name] - other_strengths[name]) for name in real_strengths
        }
        parts = {name: float(difference[0]) for name, difference in differences.items()}
        return Distances(parts, np.array([difference[1:] for difference in differences.values()]))

    return measure


def correlations(matrix: Floats, groups: Ints) -> Floats:
    """(1 + GROUPS, p, p) Pearson correlations of the columns of `matrix`, (rows, p).

    Each pair uses the rows in which neither value is missing. A constant column has correlation 0.
    """
    present = ~np.isnan(matrix)
    filled = _standardized(matrix, present)
    complete = bool(present.all())
    mask = present.astype(np.float64)
    parts = []  # of each group: number of rows, sums, sums of squares, sums of products
    for group in range(GROUPS):
        x = filled[groups == group]
        if complete:
            n, s, q = np.full((1, 1), float(len(x))), x.sum(axis=0), (x * x).sum(axis=0)
            parts.append((n, s[:, None], q[:, None], x.T @ x))
        else:
            m = mask[groups == group]
            parts.append((m.T @ m, x.T @ m, (x * x).T @ m, x.T @ x))
    n, s, q, products = (_with_and_without(np.array(part)) for part in zip(*parts, strict=True))
    n = np.maximum(n, 1)
    # s[a, b] is the sum of column a over rows where column b is present; its transpose is that of b.
    covariance = products / n - (s / n) * (s.swapaxes(1, 2) / n)
    scale = np.sqrt(np.maximum(q / n - (s / n) ** 2, 0))
    scale = np.where(scale > 1e-9, scale, np.inf)
    matrices: Floats = np.clip(covariance / (scale * scale.swapaxes(1, 2)), -1, 1)
    return matrices


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
    smaller_dimension = (
        np.minimum((rows > 0).sum(axis=(-2, -1)), (columns > 0).sum(axis=(-2, -1))) - 1
    )
    squared = chi2 / (total[..., 0, 0] * np.maximum(smaller_dimension, 1))
    strengths: Floats = np.sqrt(np.where(smaller_dimension > 0, np.minimum(squared, 1), 0))
    return strengths


def correlation_ratios(side: Side, values: Floats, bin_of: Ints, bins: int) -> Floats:
    """(1 + GROUPS,) correlation ratios of a number by bins (Pearson 1905); rows in which the number
    is missing are left out."""
    present = ~np.isnan(values)
    x = _standardized(values[:, None], present[:, None])[present, 0]
    where = (side.groups * bins + bin_of)[present]

    def sums(weights: Floats) -> Floats:
        flat: Floats = np.bincount(where, weights, GROUPS * bins).astype(np.float64)
        return _with_and_without(flat.reshape(GROUPS, bins))

    return _ratio(sums(np.ones(len(x))), sums(x), sums(x * x))


def correlation_ratio(values: Floats, categories: Ints) -> float:
    """Correlation ratio (eta, Pearson 1905): root of the proportion of the variance of `values`
    that lies between categories.

    Args:
        values: (n,) numbers; NaN is missing and left out.
        categories: (n,) category codes of at least 0.

    Returns:
        A strength of association in [0, 1]; 0 for constant values.

    >>> correlation_ratio(np.array([1.0, 1.0, 5.0, 5.0]), np.array([0, 0, 1, 1]))
    1.0
    """
    present = ~np.isnan(values)
    x = _standardized(values[:, None], present[:, None])[present, 0]
    where = categories[present]
    n, s, q = (
        np.bincount(where, weights).astype(np.float64)[None]
        for weights in (np.ones(len(x)), x, x * x)
    )
    return float(_ratio(n, s, q)[0])


def _ratio(n: Floats, s: Floats, q: Floats) -> Floats:
    """Correlation ratios from counts, sums and sums of squares. (..., categories) -> (...,)"""
    count = np.maximum(n.sum(axis=1), 1)
    mean_term = s.sum(axis=1) ** 2 / count
    between = (s**2 / np.maximum(n, 1)).sum(axis=1) - mean_term
    complete = q.sum(axis=1) - mean_term
    ratios: Floats = np.sqrt(
        np.where(complete > 1e-9, np.clip(between / np.maximum(complete, 1e-9), 0, 1), 0)
    )
    return ratios


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
    normalized: Floats = np.where(
        mean > 1e-12, np.clip((one + two - both) / np.maximum(mean, 1e-12), 0, 1), 0
    )
    return normalized


def _entropy(counts: Counts, total: Counts) -> Floats:
    """Entropy in nats. (..., bins) -> (...,)"""
    logs = counts * np.log(np.maximum(counts, 1))
    entropy: Floats = np.log(total) - logs.sum(axis=-1) / total
    return entropy


def _standardized(matrix: Floats, present: Floats) -> Floats:
    """Columns with mean 0 and variance 1, 0 where missing; zeros for a constant column."""
    standardized = np.zeros(matrix.shape)
    for k in range(matrix.shape[1]):
        values = matrix[present[:, k], k]
        if not len(values) or values.min() == values.max():
            continue
        values = values / np.abs(values).max()  # prevents overflow of squares
        values = values - values.mean()
        deviation = values.std()
        if deviation > 0:
            standardized[present[:, k], k] = values / deviation
    return standardized


def _with_and_without(parts: Floats) -> Floats:
    """(GROUPS, ...) sums by group -> (1 + GROUPS, ...): of all rows, then of all but each group."""
    total = parts.sum(axis=0)
    stacked: Floats = np.concatenate([total[None], total - parts])
    return stacked
