"""1-Wasserstein distance of number and date columns, in standard deviations (Vaserstein 1969).

The distance is divided by the standard deviation of the real column, so that columns with different
units can be averaged.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from artesian.core.run import Run
from artesian.metrics.common.arrays import Floats, Ints
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.distance import Distances, Side, distance_result
from artesian.metrics.common.encoding import encode
from artesian.metrics.common.formatting import decimal, reference_note
from artesian.metrics.common.intervals import GROUPS
from artesian.metrics.protocol import Better, Comparison, Result, Spec

MAX_DISTANCE = 10.0
"""Distances are clipped to this value, so that one column cannot dominate the mean."""

_MAX_WIDTH = 1e12  # any proportion of rows at this distance exceeds the limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Wasserstein(BaseMetric):
    """Mean 1-Wasserstein distance over number and date columns, in real standard deviations.

    Missing values are left out, and so are columns that are constant in the real table, which
    have no standard deviation; `ks` compares these."""

    spec: ClassVar[Spec] = Spec(
        name="wasserstein",
        title="Wasserstein distance of columns",
        family="fidelity",
        better=Better.LOWER,
        low=0.0,
        high=MAX_DISTANCE,
        description="0: every number and date column has the same distribution; 1: values are "
        "shifted by one standard deviation; 10: by ten or more",
        source="Vaserstein 1969; Villani 2003, Topics in Optimal Transportation",
        categories=False,
    )

    def measure(self, tables: Comparison, run: Run) -> Result:
        encoded = encode(tables)

        def measure(real: Side, other: Side) -> Distances:
            columns, constant = {}, []
            for name in run.track(encoded.numeric, "wasserstein"):
                scale = _scale(real.rows.numbers[name])
                if scale is None:
                    constant.append(name)
                else:
                    columns[name] = _column(real, other, name, scale)
            parts = {name: float(values[0]) for name, values in columns.items()}
            left_out = np.array([values[1:] for values in columns.values()])
            return Distances(parts, left_out, {"constant": constant} if constant else {})

        return distance_result(
            self.spec,
            encoded,
            measure,
            _explain,
            run,
            nothing="no number or date column of the real table varies",
        )


def wasserstein_distance(a: Floats, b: Floats) -> float:
    """1-Wasserstein distance: the area between the two empirical distribution functions
    (Vaserstein 1969), in the unit of the values.

    Args:
        a, b: (n,) and (m,) numbers, neither empty; NaN is missing and left out.

    Returns:
        A distance of at least 0.

    >>> wasserstein_distance(np.array([0.0, 1.0]), np.array([5.0, 6.0]))
    5.0
    """
    values, _, differences = _differences(a[~np.isnan(a)], b[~np.isnan(b)])
    return float((np.abs(differences) * np.diff(values)).sum())


def _differences(a: Floats, b: Floats) -> tuple[Floats, tuple[Ints, Ints], Floats]:
    """The distinct values of both samples, the position of each value among them, and the
    differences of the empirical distribution functions after each distinct value but the last."""
    values, positions = np.unique(np.concatenate([a, b]), return_inverse=True)
    sides = positions[: len(a)], positions[len(a) :]
    below = [np.cumsum(np.bincount(side, minlength=len(values)) / len(side)) for side in sides]
    return values, sides, (below[0] - below[1])[:-1]


def _scale(values: Floats) -> float | None:
    """Standard deviation of the real values; None if it is 0 or not finite."""
    values = values[~np.isnan(values)]
    if not len(values) or values.min() == values.max():
        return None
    with np.errstate(over="ignore", invalid="ignore"):
        scale = float(values.std())
    return scale if np.isfinite(scale) and scale > 0 else None


def _column(real: Side, other: Side, name: str, scale: float) -> Floats:
    """(1 + GROUPS,) distances: of all rows, then without each group.

    The distance is the difference of the means of the Kantorovich potential. Leaving out rows
    hardly changes the potential, so it is computed once, from all rows.
    """
    pairs = [(side.rows.numbers[name], side.groups) for side in (real, other)]
    values, groups = zip(*((v[~np.isnan(v)], g[~np.isnan(v)]) for v, g in pairs), strict=True)
    if not len(values[1]):
        return np.full(1 + GROUPS, MAX_DISTANCE)
    distinct, sides, differences = _differences(*values)
    with np.errstate(over="ignore"):
        widths = np.minimum(np.diff(distinct) / scale, _MAX_WIDTH)
    distance = float((np.abs(differences) * widths).sum())
    # Differences at rounding level have no sign.
    steps = np.where(np.abs(differences) > 1e-12, np.sign(differences), 0.0) * widths
    potential = np.append(np.cumsum(steps[::-1])[::-1], 0.0)
    means = []
    for c, group in zip(sides, groups, strict=True):
        sums = np.bincount(group, potential[c], GROUPS)
        counts = np.bincount(group, minlength=GROUPS)
        means.append((sums.sum() - sums) / np.maximum(counts.sum() - counts, 1))
    left_out = np.maximum(means[0] - means[1], 0.0)
    distances: Floats = np.minimum(np.append(distance, left_out), MAX_DISTANCE)
    return distances


def _explain(distances: Distances, reference: float | None) -> str:
    worst = max(distances.parts, key=lambda name: distances.parts[name])
    return (
        f"The Wasserstein distance of number and date columns is {decimal(distances.mean)} "
        f"standard deviations on average ({reference_note(reference, decimal)}); it is largest "
        f"for {worst!r}, at {decimal(distances.parts[worst])}."
    )
