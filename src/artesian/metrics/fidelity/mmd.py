"""Maximum mean discrepancy (Gretton et al. 2012), a kernel two-sample statistic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from artesian.core.run import Run
from artesian.metrics.common.arrays import Floats
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.intervals import GROUPS
from artesian.metrics.common.metric_space import squared_distances
from artesian.metrics.common.neighbours import Neighbours, Side
from artesian.metrics.fidelity.joint import joint_result
from artesian.metrics.protocol import Better, Comparison, Result, Spec


@dataclass(frozen=True, slots=True, kw_only=True)
class MMD(BaseMetric):
    """Unbiased estimate of the squared MMD with a Gaussian kernel, whose width is set by the median
    distance between real rows. Being unbiased, it may be slightly negative."""

    spec: ClassVar[Spec] = Spec(
        name="mmd",
        title="Maximum mean discrepancy",
        family="fidelity",
        better=Better.LOWER,
        low=-0.1,
        high=2.0,
        description="0: distributions that the kernel cannot distinguish; 2: nothing in common",
        source="Gretton et al. 2012",
        needs_holdout=True,
    )

    def measure(self, tables: Comparison, run: Run) -> Result:
        def explain(value: float, reference: float) -> str:
            return (
                "The squared maximum mean discrepancy between synthetic and holdout rows is "
                f"{value:.2g} (training and holdout rows: {reference:.2g}; equal distributions "
                "score about 0)."
            )

        return joint_result(self.spec, discrepancy, explain, tables, run)


def mmd(x: Floats, y: Floats, scale: float) -> float:
    """Unbiased estimate of the squared maximum mean discrepancy with the Gaussian kernel
    exp(-|x - y|^2 / scale) (Gretton et al. 2012, equation 3).

    Args:
        x, y: (n, d) and (m, d) points, two or more of each.
        scale: Width of the kernel, in squared units of distance.

    Returns:
        A value of at most 2; around 0, and possibly negative, for equal distributions.

    >>> points = np.arange(10.0)[:, None]
    >>> round(mmd(points, points + 100, 1.0), 2)
    0.15
    """

    def kernel(a: Floats, b: Floats) -> Floats:
        return np.asarray(np.exp(-squared_distances(a, b) / scale))

    within = sum((kernel(a, a).sum() - len(a)) / (len(a) * (len(a) - 1)) for a in (x, y))
    return float(within - 2 * kernel(x, y).mean())


def discrepancy(neighbours: Neighbours, side: Side) -> tuple[float, Floats]:
    """Rows of `side` against the holdout; see `joint.Measure`."""
    a, b = neighbours.within_table["holdout"], neighbours.within_table[side]
    cross = neighbours.between_tables["holdout", side].kernel

    def estimate(kept: Floats) -> float:
        rows_a, rows_b = float(a.sizes @ kept), float(b.sizes @ kept)
        own_a = float(kept @ a.kernel @ kept) / (rows_a * (rows_a - 1))
        own_b = float(kept @ b.kernel @ kept) / (rows_b * (rows_b - 1))
        return own_a + own_b - 2 * float(kept @ cross @ kept) / (rows_a * rows_b)

    all_groups = np.ones(GROUPS)
    return estimate(all_groups), np.array(
        [estimate(all_groups - group) for group in np.eye(GROUPS)]
    )
