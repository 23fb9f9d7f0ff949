"""Clipped density and clipped coverage (Salvy, Talbot and Thirion 2025, arXiv:2507.01761).

Density and coverage, made robust and calibrated. No row counts more than once, so that a few rows in
dense regions cannot make up for rows far from all real ones; balls around isolated real rows are
clipped to the median radius; and both are scaled such that, of a mixture of rows of the real
distribution with rows far from it, they measure the fraction of the former.

With k = 5, N holdout rows x, M rows s of the other table, and r_i the distance of x_i to its k-th
nearest other holdout row:

- clipped density: the mean over s of min(1, c(s) / k), where c(s) is the number of x_i with
  |x_i - s| <= min(r_i, median r); divided by the same mean over the holdout rows themselves, each
  without its own ball; at most 1.
- clipped coverage: y, the mean over x_i of min(1, n_i / k), where n_i is the number of s with
  |x_i - s| <= r_i; then g(y), at most 1, where g inverts f(m / M) = the expectation of y if m of the M
  rows are of the real distribution and no other is in a ball. For continuous points n_i is then
  beta-binomial, with m trials and the parameters k and N - k, whatever the distribution.

The authors' code differs where points coincide: it counts at most k of the holdout rows in a ball, and
excludes the boundary from the balls of clipped coverage, so that tables of few distinct rows would
score 0 against themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from artesian.core.formatting import percent
from artesian.core.run import Run
from artesian.metrics.common.arrays import Floats
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.intervals import GROUPS
from artesian.metrics.common.metric_space import neighbour_distances, squared_distances
from artesian.metrics.common.neighbours import (
    NEIGHBOUR,
    Neighbours,
    Side,
    clipped_balls_within,
    leave_one_group_out,
)
from artesian.metrics.fidelity.joint import joint_result
from artesian.metrics.protocol import Better, Comparison, Result, Spec

_SOURCE = "Salvy, Talbot and Thirion 2025"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClippedDensity(BaseMetric):
    """Equivalent fraction of the synthetic rows that are as dense around holdout rows as real rows."""

    spec: ClassVar[Spec] = Spec(
        name="clipped_density",
        title="Clipped density",
        family="fidelity",
        better=Better.HIGHER,
        low=0.0,
        high=1.0,
        description="1: synthetic rows are where real rows are; 0: none is near a real row",
        source=_SOURCE,
        needs_holdout=True,
    )

    def measure(self, tables: Comparison, run: Run) -> Result:
        def explain(value: float, reference: float) -> str:
            return (
                f"Holdout rows are as dense around synthetic rows as if {percent(value)} of these were "
                f"real and the others far from all (training rows: {percent(reference)})."
            )

        return joint_result(self.spec, _clipped_density, explain, tables, run)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClippedCoverage(BaseMetric):
    """Equivalent fraction of real rows in a table that covers the holdout as well as the synthetic
    one."""

    spec: ClassVar[Spec] = Spec(
        name="clipped_coverage",
        title="Clipped coverage",
        family="fidelity",
        better=Better.HIGHER,
        low=0.0,
        high=1.0,
        description="1: real rows are covered as by as many other real rows; 0: none is covered",
        source=_SOURCE,
        needs_holdout=True,
    )

    def measure(self, tables: Comparison, run: Run) -> Result:
        def explain(value: float, reference: float) -> str:
            return (
                f"The holdout is covered as if {percent(value)} of the synthetic rows were real and "
                f"the others far from all (training rows: {percent(reference)})."
            )

        return joint_result(self.spec, _clipped_coverage, explain, tables, run)


def clipped_density(real: Floats, synthetic: Floats, k: int = NEIGHBOUR) -> float:
    """Clipped density (Salvy et al. 2025): the density of real points around synthetic points, each
    counted at most once, divided by that around real points.

    Args:
        real, synthetic: (n, d) and (m, d) points.
        k: The ball around a real point reaches to its k-th neighbour, at most to the median of these
            distances.

    Returns:
        A value in [0, 1]; about 1 - p if a fraction p of the points is far from all real points.
    """
    radii = neighbour_distances(real, k)
    radii = np.minimum(radii, np.median(radii))
    own = squared_distances(real, real)
    np.fill_diagonal(own, np.inf)
    counts = [
        (squares <= radii).sum(axis=1) for squares in (squared_distances(synthetic, real), own)
    ]
    value, unit = (float(np.minimum(1.0, count / k).mean()) for count in counts)
    return min(1.0, value / unit)


def clipped_coverage(real: Floats, synthetic: Floats, k: int = NEIGHBOUR) -> float:
    """Clipped coverage (Salvy et al. 2025): how many of k points of their own distribution would be
    in the balls of real points, as the fraction of synthetic points that would explain it.

    Args:
        real, synthetic: (n, d) and (m, d) points.
        k: The ball around a real point reaches to its k-th neighbour.

    Returns:
        A value in [0, 1]; about 1 - p if a fraction p of the points is far from all real points.
    """
    inside = squared_distances(real, synthetic) <= neighbour_distances(real, k)[:, None]
    covered = float(np.minimum(1.0, inside.sum(axis=1) / k).mean())
    return min(1.0, _calibrated(covered, len(real), len(synthetic), k))


def expected_coverage(good: npt.NDArray[np.int64], real: int, k: int = NEIGHBOUR) -> Floats:
    """Expected clipped coverage, before calibration, by points of the real distribution.

    The number of such points in the ball of a real point is beta-binomial with parameters k and
    `real` - k.

    Args:
        good: (n,) numbers of points of the real distribution.
        real: Number of real points, more than k.

    Returns:
        (n,) values in [0, 1], increasing with `good`.
    """
    from scipy.special import betaln, gammaln

    trials = np.asarray(good, np.float64)[:, None]
    inside = np.arange(k)[None, :]  # k or more count as k
    others = np.maximum(trials - inside, 0)
    logs = gammaln(trials + 1) - gammaln(inside + 1) - gammaln(others + 1)
    logs = logs + betaln(inside + k, others + real - k) - betaln(k, real - k)
    probabilities = np.where(inside <= trials, np.exp(logs), 0.0)
    expected: Floats = 1 - ((1 - inside / k) * probabilities).sum(axis=1)
    return expected


def _calibrated(covered: float, real: int, points: int, k: int = NEIGHBOUR) -> float:
    """The fraction of `points` that are of the real distribution if `covered` is as expected.

    It can exceed 1, up to 2, so that the excess over a reference near 1 is not cut.
    """
    good = np.arange(2 * points + 1)
    return float(np.interp(covered, expected_coverage(good, real, k), good / points))


def _clipped_density(neighbours: Neighbours, side: Side) -> tuple[float, Floats]:
    """Rows of `side` against the holdout; see `joint.Measure`."""
    tables: tuple[tuple[Floats, Side], ...] = (
        (neighbours.between_tables["holdout", side].in_clipped_balls_of_a, side),
        (clipped_balls_within(neighbours.within_table["holdout"]), "holdout"),
    )
    means = []
    for inside, name in tables:
        total = inside.sum(axis=1)
        kept = leave_one_group_out(neighbours.within_table[name].groups)
        counts = [total, *(total[rows] - inside[rows, g] for g, rows in enumerate(kept))]
        means.append([float(np.minimum(1.0, each / NEIGHBOUR).mean()) for each in counts])
    ratios = np.array(means[0]) / np.array(means[1])
    return float(ratios[0]), ratios[1:]


def _clipped_coverage(neighbours: Neighbours, side: Side) -> tuple[float, Floats]:
    """Rows of `side` against the holdout; see `joint.Measure`."""
    inside = neighbours.between_tables["holdout", side].in_closed_ball_of_a
    total, rows = inside.sum(axis=1), len(inside)
    sizes = np.bincount(neighbours.within_table[side].groups, minlength=GROUPS)
    kept = leave_one_group_out(neighbours.within_table["holdout"].groups)
    counts = [total, *(total[mask] - inside[mask, g] for g, mask in enumerate(kept))]
    points = [int(sizes.sum()), *(int(sizes.sum() - size) for size in sizes)]
    # The balls reach to the k-th of all holdout rows, also where one group of them is left out.
    values = [
        _calibrated(float(np.minimum(1.0, each / NEIGHBOUR).mean()), rows, size)
        for each, size in zip(counts, points, strict=True)
    ]
    return values[0], np.array(values[1:])
