"""1-Wasserstein distance of each number and date column, in standard deviations (Vaserstein 1969).

It says how far values have to be moved, where Kolmogorov-Smirnov says how many. Divided by the
real column's standard deviation the units cancel, so years and dollars can be averaged.
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
from artesian.metrics.common.formatting import beside, points
from artesian.metrics.common.intervals import GROUPS
from artesian.metrics.protocol import Better, Comparison, Result, Spec

MOST = 10.0
"""A column further off than this counts as this: one broken column must not be all that is seen."""

_FAR = 1e12  # any share of rows that is this far off exceeds the limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Wasserstein(BaseMetric):
    """Missing values are set aside. A column that is constant in the real table has no standard
    deviation to measure by, and is left out; `ks` looks at it."""

    spec: ClassVar[Spec] = Spec(
        name="wasserstein",
        title="How far numbers are moved",
        family="fidelity",
        better=Better.LOWER,
        low=0.0,
        high=MOST,
        description="0 is the same distribution in every number and date column, 1 is "
        "values that lie "
        "one standard deviation off, 10 is ten or more",
        source="Vaserstein 1969; Villani 2003, Topics in Optimal Transportation",
        categories=False,
    )

    def measure(self, tables: Comparison, run: Run) -> Result:
        encoded = encode(tables)

        def measure(real: Side, other: Side) -> Distances:
            found, constant = {}, []
            for name in run.track(encoded.numeric, "wasserstein"):
                scale = _scale(real.rows.numbers[name])
                if scale is None:
                    constant.append(name)
                else:
                    found[name] = _column(real, other, name, scale)
            parts = {name: float(values[0]) for name, values in found.items()}
            left_out = np.array([values[1:] for values in found.values()])
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
    """The distinct values of both samples, the position of each value among them, and the differences
    of the empirical distribution functions after each distinct value but the last."""
    values, positions = np.unique(np.concatenate([a, b]), return_inverse=True)
    sides = positions[: len(a)], positions[len(a) :]
    below = [np.cumsum(np.bincount(side, minlength=len(values)) / len(side)) for side in sides]
    return values, sides, (below[0] - below[1])[:-1]


def _scale(values: Floats) -> float | None:
    """The real standard deviation; None where there is none to divide by."""
    values = values[~np.isnan(values)]
    if not len(values) or values.min() == values.max():
        return None
    with np.errstate(over="ignore", invalid="ignore"):
        scale = float(values.std())
    return scale if np.isfinite(scale) and scale > 0 else None


def _column(real: Side, other: Side, name: str, scale: float) -> Floats:
    """(1 + GROUPS,) distances: of all rows, then with each group left out.

    The distance is the difference of two means of a function of the value, the Kantorovich
    potential. Leaving out rows hardly moves that function, so it is taken once, over all rows.
    """
    sides = [(side.rows.numbers[name], side.groups) for side in (real, other)]
    values, groups = zip(*((v[~np.isnan(v)], g[~np.isnan(v)]) for v, g in sides), strict=True)
    if not len(values[1]):
        return np.full(1 + GROUPS, MOST)
    places, at, gaps = _differences(*values)
    with np.errstate(over="ignore"):
        widths = np.minimum(np.diff(places) / scale, _FAR)
    distance = float((np.abs(gaps) * widths).sum())
    # Shares that agree but for rounding have no sign.
    steps = np.where(np.abs(gaps) > 1e-12, np.sign(gaps), 0.0) * widths
    potential = np.append(np.cumsum(steps[::-1])[::-1], 0.0)
    means = []
    for c, group in zip(at, groups, strict=True):
        sums = np.bincount(group, potential[c], GROUPS)
        counts = np.bincount(group, minlength=GROUPS)
        means.append((sums.sum() - sums) / np.maximum(counts.sum() - counts, 1))
    left_out = np.maximum(means[0] - means[1], 0.0)
    distances: Floats = np.minimum(np.append(distance, left_out), MOST)
    return distances


def _explain(found: Distances, reference: float | None) -> str:
    worst = max(found.parts, key=lambda name: found.parts[name])
    return (
        f"To match the real numbers and dates, values would have to be moved by "
        f"{points(found.mean)} standard deviations on average ({beside(reference, points)}); the "
        f"least alike is {worst!r} with {points(found.parts[worst])}."
    )
