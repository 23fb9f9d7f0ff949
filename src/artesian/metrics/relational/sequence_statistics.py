"""Statistics of sequences as functions on arrays: sums over entities, and distances of such sums."""

from __future__ import annotations

import numpy as np

from artesian.metrics.common.arrays import Floats
from artesian.metrics.relational.aggregates import Grouped

LAGS = 7


def autocorrelations(values: Floats, entity: np.ndarray, lags: int = LAGS) -> Floats:
    """(entities, 2 * lags) for each entity and lag the sum of products of deviations from its mean,
    and the sum of squares, per pair of rows and per row.

    The first `lags` columns over the last ones are autocorrelations, of one entity or, after sums, of
    several.

    Args:
        values: (rows,) by entity and in order of time; NaN where missing.
        entity: (rows,) increasing numbers from 0.
    """
    number = int(entity.max(initial=-1)) + 1
    grouped = Grouped(entity, number)
    deviations = grouped.centred(values)
    present = (~np.isnan(values)).astype(float)
    squares, sizes = grouped.sums(deviations**2), grouped.sums(present)
    variance = np.divide(squares, sizes, out=np.zeros(number), where=sizes > 0)
    out = np.zeros((number, 2 * lags))
    for lag in range(1, lags + 1):
        if len(values) <= lag:
            continue
        same = (entity[lag:] == entity[:-lag]) * present[lag:] * present[:-lag]
        out[:, lag - 1] = np.bincount(
            entity[lag:], same * deviations[lag:] * deviations[:-lag], minlength=number
        )
        pairs = np.bincount(entity[lag:], same, minlength=number)
        out[:, lags + lag - 1] = pairs * variance
    return out


def autocorrelation_distance(first: Floats, second: Floats) -> float:
    """Mean absolute difference of the autocorrelations of two sums of `autocorrelations`, over the
    lags that both have."""
    lags = len(first) // 2
    valid = (first[lags:] > 0) & (second[lags:] > 0)
    if not valid.any():
        return 0.0
    a, b = (each[:lags][valid] / each[lags:][valid] for each in (first, second))
    return float(np.abs(np.clip(a, -1, 1) - np.clip(b, -1, 1)).mean())


def counts_distance(first: Floats, second: Floats) -> float:
    """Kolmogorov-Smirnov distance of two histograms with the same bins."""
    if not first.sum() or not second.sum():
        return float(bool(first.sum()) != bool(second.sum()))
    return float(np.abs(np.cumsum(first / first.sum() - second / second.sum())).max())


def rate_excess(first: Floats, second: Floats) -> float:
    """How much larger the rate of the second sample is; each has a count and a number of trials."""
    return float(max(0.0, second[0] / max(second[1], 1) - first[0] / max(first[1], 1)))
