"""Precision and recall (Kynkäänniemi et al. 2019), density and coverage (Naeem et al. 2020), with
balls that reach to the fifth nearest neighbour.

The values equal those of the `prdc` package for the same points. Rows are embedded by
`MetricSpace`, not by a neural network, and the holdout takes the place of the real data.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from artesian.core.formatting import percent
from artesian.core.run import Run
from artesian.metrics.common.arrays import Floats
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.intervals import GROUPS
from artesian.metrics.common.metric_space import neighbour_distances, squared_distances
from artesian.metrics.common.neighbours import NEIGHBOUR, Neighbours, Side, leave_one_group_out
from artesian.metrics.fidelity.joint import joint_result
from artesian.metrics.protocol import Better, Comparison, Result, Spec

MAX_DENSITY = 10.0
"""Densities are clipped to this value."""


def _spec(name: str, title: str, description: str, source: str, high: float = 1.0) -> Spec:
    return Spec(
        name=name,
        title=title,
        family="fidelity",
        better=Better.HIGHER,
        low=0.0,
        high=high,
        description=description,
        source=source,
        needs_holdout=True,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Precision(BaseMetric):
    """Fraction of the synthetic rows within the ball of a holdout row."""

    spec: ClassVar[Spec] = _spec(
        "precision",
        "Precision",
        "1: every synthetic row is near a real row; 0: none is",
        "Kynkäänniemi et al. 2019",
    )

    def measure(self, tables: Comparison, run: Run) -> Result:
        def explain(value: float, reference: float) -> str:
            return (
                f"{percent(value)} of the synthetic rows are as close to a holdout row as its five "
                f"nearest neighbours (training rows: {percent(reference)})."
            )

        return joint_result(self.spec, _precision, explain, tables, run)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall(BaseMetric):
    """Fraction of the holdout rows within the ball of a synthetic row."""

    spec: ClassVar[Spec] = _spec(
        "recall",
        "Recall",
        "1: every real row is near a synthetic row; 0: none is",
        "Kynkäänniemi et al. 2019",
    )

    def measure(self, tables: Comparison, run: Run) -> Result:
        def explain(value: float, reference: float) -> str:
            return (
                f"{percent(value)} of the holdout rows are as close to a synthetic row as its five "
                f"nearest neighbours (to a training row: {percent(reference)})."
            )

        return joint_result(self.spec, _recall, explain, tables, run)


@dataclass(frozen=True, slots=True, kw_only=True)
class Density(BaseMetric):
    """Mean number of holdout balls that contain a synthetic row, divided by the expected number."""

    spec: ClassVar[Spec] = _spec(
        "density",
        "Density",
        "1: synthetic rows are as dense around real rows as real rows are; 0: none is near a real "
        "row",
        "Naeem et al. 2020",
        MAX_DENSITY,
    )

    def measure(self, tables: Comparison, run: Run) -> Result:
        def explain(value: float, reference: float) -> str:
            return (
                f"The density of synthetic rows around holdout rows is {value:.2f} times the "
                f"expected density (training rows: {reference:.2f} times)."
            )

        return joint_result(self.spec, _density, explain, tables, run)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage(BaseMetric):
    """Fraction of the holdout rows with a synthetic row in their ball."""

    spec: ClassVar[Spec] = _spec(
        "coverage",
        "Coverage",
        "1: every real row has a synthetic row near it; 0: none has",
        "Naeem et al. 2020",
    )

    def measure(self, tables: Comparison, run: Run) -> Result:
        def explain(value: float, reference: float) -> str:
            return (
                f"{percent(value)} of the holdout rows have a synthetic row closer than their "
                f"fifth nearest neighbour (a training row: {percent(reference)})."
            )

        return joint_result(self.spec, _coverage, explain, tables, run)


def precision(real: Floats, synthetic: Floats, k: int = NEIGHBOUR) -> float:
    """Fraction of the synthetic points within the k-nearest-neighbour ball of a real point
    (Kynkäänniemi et al. 2019).

    Args:
        real, synthetic: (n, d) and (m, d) points.

    >>> precision(np.arange(10.0)[:, None], np.array([[2.5], [50.0]]), k=1)
    0.5
    """
    inside = squared_distances(synthetic, real) < neighbour_distances(real, k)
    return float(inside.any(axis=1).mean())


def recall(real: Floats, synthetic: Floats, k: int = NEIGHBOUR) -> float:
    """Fraction of the real points within the k-nearest-neighbour ball of a synthetic point
    (Kynkäänniemi et al. 2019); arguments as for `precision`."""
    return precision(synthetic, real, k)


def density(real: Floats, synthetic: Floats, k: int = NEIGHBOUR) -> float:
    """Mean number of real k-nearest-neighbour balls that hold a synthetic point, divided by k
    (Naeem et al. 2020); arguments as for `precision`. About 1 for equal distributions."""
    inside = squared_distances(synthetic, real) < neighbour_distances(real, k)
    return float(inside.sum(axis=1).mean()) / k


def coverage(real: Floats, synthetic: Floats, k: int = NEIGHBOUR) -> float:
    """Fraction of the real points with a synthetic point in their k-nearest-neighbour ball (Naeem
    et al. 2020); arguments as for `precision`."""
    nearest = squared_distances(real, synthetic).min(axis=1)
    return float((nearest < neighbour_distances(real, k)).mean())


def _precision(neighbours: Neighbours, side: Side) -> tuple[float, Floats]:
    """Rows of `side` against the holdout; see `joint.Measure`."""
    return _covered_fraction(
        neighbours.between_tables["holdout", side].in_balls_of_a, neighbours, side
    )


def _recall(neighbours: Neighbours, side: Side) -> tuple[float, Floats]:
    """Rows of `side` against the holdout; see `joint.Measure`."""
    return _covered_fraction(
        neighbours.between_tables["holdout", side].in_balls_of_b, neighbours, "holdout"
    )


def _coverage(neighbours: Neighbours, side: Side) -> tuple[float, Floats]:
    """Rows of `side` against the holdout; see `joint.Measure`."""
    return _covered_fraction(
        neighbours.between_tables["holdout", side].in_ball_of_a, neighbours, "holdout"
    )


def _density(neighbours: Neighbours, side: Side) -> tuple[float, Floats]:
    """Rows of `side` against the holdout; see `joint.Measure`."""
    inside = neighbours.between_tables["holdout", side].in_balls_of_a
    kept = leave_one_group_out(neighbours.within_table[side].groups)
    # Without one group of holdout rows there are fewer balls by the same proportion.
    correction = GROUPS / (GROUPS - 1)
    left_out = [
        (inside[rows].sum() - inside[rows, g].sum()) * correction / len(inside[rows])
        for g, rows in enumerate(kept)
    ]
    return float(inside.sum() / NEIGHBOUR / len(inside)), np.array(left_out) / NEIGHBOUR


def _covered_fraction(counts: Floats, neighbours: Neighbours, table: Side) -> tuple[float, Floats]:
    """Fraction of the rows of `table` with a count; `counts` is (rows, GROUPS) by the groups of the
    other table."""
    total = counts.sum(axis=1)
    kept = leave_one_group_out(neighbours.within_table[table].groups)
    left_out = [float((total[r] > counts[r, g]).mean()) for g, r in enumerate(kept)]
    return float((total > 0).mean()), np.array(left_out)
