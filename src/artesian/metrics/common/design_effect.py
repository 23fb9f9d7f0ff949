"""The design effect: how much rows of the same entity widen the intervals of a comparison.

A sample of 100 accounts with 30 rows each knows less of all accounts than 3,000 independent rows. The
variance of a mean is larger by 1 + (m - 1) r for clusters of m rows with intraclass correlation r
(Kish 1965); that factor is used for every metric that does not count entities itself.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from artesian.metrics.common.arrays import Floats, Ints
from artesian.metrics.common.encoding import encode
from artesian.metrics.common.subjects import find_entity, find_subjects
from artesian.metrics.protocol import Comparison, Interval, Result, Spec


def design_effect(tables: Comparison) -> float:
    """The factor of variances, 1 or more: that of the column with the largest intraclass correlation.

    It is 1 where no two real rows have the same entity. Cached per comparison.
    """
    return tables.cached(("design effect",), lambda: _design_effect(tables))


def _design_effect(tables: Comparison) -> float:
    if find_entity(tables) is None:
        return 1.0
    # Of real rows alone: the synthetic table may have other columns.
    real = Comparison(tables.real, tables.real, tables.holdout)
    subjects, encoded = find_subjects(real), encode(real)
    if not encoded.columns:
        return 1.0
    sides = [(encoded.real, subjects.train)]
    if encoded.holdout is not None:
        sides.append((encoded.holdout, subjects.holdout))
    groups = np.concatenate([of[rows.positions] for rows, of in sides])
    sizes = np.bincount(groups).astype(float)
    if (sizes > 0).sum() < 2 or sizes.max() < 2:
        return 1.0
    correlations = []
    for column in encoded.columns:
        kind = "codes" if column.name in encoded.levels else "numbers"
        values = np.concatenate([getattr(rows, kind)[column.name] for rows, _ in sides])
        within, total = _squares(values, groups, sizes)
        correlations.append(_intraclass_correlation(within, total, sizes))
    mean_size = float((sizes**2).sum() / sizes.sum())
    return 1.0 + (mean_size - 1.0) * max(correlations)


def _squares(values: Floats | Ints, groups: Ints, sizes: Floats) -> tuple[float, float]:
    """Sums of squares within groups and in total: of the ranks of numbers, or of the indicators of
    categories."""
    n = len(values)
    if values.dtype.kind == "f":
        from scipy.stats import rankdata

        ranks = rankdata(np.nan_to_num(values, nan=-np.inf))
        means = np.bincount(groups, ranks, len(sizes)) / np.maximum(sizes, 1)
        return float(((ranks - means[groups]) ** 2).sum()), float(
            ((ranks - ranks.mean()) ** 2).sum()
        )
    levels = int(values.max(initial=0)) + 2
    _, pairs = np.unique(groups * levels + values + 1, return_inverse=True)
    counts = np.bincount(pairs)
    per_row = counts[pairs] / sizes[groups]
    within = n - float(per_row.sum())
    frequencies = np.bincount(values.astype(np.int64) + 1) / n
    return within, n * (1 - float((frequencies**2).sum()))


def _intraclass_correlation(within: float, total: float, sizes: Floats) -> float:
    """The estimate of a one-way analysis of variance, in [0, 1]."""
    n, number = sizes.sum(), int((sizes > 0).sum())
    if total <= 0 or n <= number:
        return 0.0
    between_mean = (total - within) / (number - 1)
    within_mean = within / (n - number)
    size = (n - (sizes**2).sum() / n) / (number - 1)
    denominator = between_mean + (size - 1) * within_mean
    return float(np.clip((between_mean - within_mean) / denominator, 0.0, 1.0))


def widened(result: Result, spec: Spec, effect: float) -> Result:
    """The result with intervals and a p-value for a variance that is larger by the factor `effect`."""
    if effect <= 1.0 or result.value is None:
        return result
    from scipy.stats import norm

    factor = math.sqrt(effect)

    def around(value: float | None, interval: Interval | None, bounds: Interval) -> Interval | None:
        if value is None or interval is None:
            return interval
        low, high = (value + factor * (end - value) for end in interval)
        return max(low, bounds[0]), min(high, bounds[1])

    p_value = result.p_value
    if p_value is not None and 0 < p_value < 1:
        p_value = float(norm.sf(norm.isf(p_value) / factor))
    scale, free = (spec.low, spec.high), (-math.inf, math.inf)
    return replace(
        result,
        interval=around(result.value, result.interval, scale),
        reference_interval=around(result.reference, result.reference_interval, scale),
        excess_interval=around(result.excess, result.excess_interval, free),
        p_value=p_value,
        detail={**result.detail, "design effect": round(effect, 2)},
    )
