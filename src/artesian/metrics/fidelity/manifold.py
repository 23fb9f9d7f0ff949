"""Do synthetic rows lie where real ones lie, and everywhere they do? Precision and recall
(Kynkäänniemi et al. 2019), density and coverage (Naeem et al. 2020), with balls around rows up to their
fifth neighbour.

The numbers equal those of the `prdc` package for the same points. Rows are embedded by `MetricSpace`,
not by a network, and the real rows are the holdout rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from artesian.core.run import Run
from artesian.metrics.common.arrays import Floats
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.formatting import percent
from artesian.metrics.common.intervals import GROUPS
from artesian.metrics.common.metric_space import neighbour_distances, squared_distances
from artesian.metrics.common.neighbours import NEIGHBOUR, Neighbours, Side, without_each
from artesian.metrics.fidelity.joint import joint_result
from artesian.metrics.protocol import Better, Comparison, Result, Spec

DENSEST = 10.0
"""A density of this or more is shown as this."""


def _spec(name: str, title: str, means: str, source: str, high: float = 1.0) -> Spec:
    return Spec(
        name=name,
        title=title,
        family="fidelity",
        better=Better.HIGHER,
        low=0.0,
        high=high,
        description=means,
        source=source,
        needs_holdout=True,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Precision(BaseMetric):
    """Share of synthetic rows inside the ball of an unseen row."""

    spec: ClassVar[Spec] = _spec(
        "precision",
        "Precision",
        "1 is every synthetic row where real ones lie, 0 is none",
        "Kynkäänniemi et al. 2019",
    )

    def measure(self, tables: Comparison, run: Run) -> Result:
        def explain(value: float, reference: float) -> str:
            return (
                f"{percent(value)} of the synthetic rows lie as near to an unseen real row as its own "
                f"neighbours do (real rows: {percent(reference)})."
            )

        return joint_result(self.spec, _precision, explain, tables, run)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall(BaseMetric):
    """Share of unseen rows inside the ball of a synthetic row."""

    spec: ClassVar[Spec] = _spec(
        "recall",
        "Recall",
        "1 is every real row where synthetic ones lie, 0 is none",
        "Kynkäänniemi et al. 2019",
    )

    def measure(self, tables: Comparison, run: Run) -> Result:
        def explain(value: float, reference: float) -> str:
            return (
                f"{percent(value)} of the unseen real rows lie as near to a synthetic row as its own "
                f"neighbours do (real rows in the synthetic ones' place: {percent(reference)})."
            )

        return joint_result(self.spec, _recall, explain, tables, run)


@dataclass(frozen=True, slots=True, kw_only=True)
class Density(BaseMetric):
    """Mean number of unseen rows' balls that a synthetic row lies in, over what is expected of them."""

    spec: ClassVar[Spec] = _spec(
        "density",
        "Density",
        "1 is as many synthetic rows where real ones are dense as real rows, 0 is none",
        "Naeem et al. 2020",
        DENSEST,
    )

    def measure(self, tables: Comparison, run: Run) -> Result:
        def explain(value: float, reference: float) -> str:
            return (
                f"Where unseen real rows are dense, there are {value:.2f} times as many synthetic rows "
                f"as their neighbourhoods call for (real rows: {reference:.2f} times)."
            )

        return joint_result(self.spec, _density, explain, tables, run)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage(BaseMetric):
    """Share of unseen rows with a synthetic row inside their ball."""

    spec: ClassVar[Spec] = _spec(
        "coverage",
        "Coverage",
        "1 is a synthetic row near every real one, 0 is near none",
        "Naeem et al. 2020",
    )

    def measure(self, tables: Comparison, run: Run) -> Result:
        def explain(value: float, reference: float) -> str:
            return (
                f"{percent(value)} of the unseen real rows have a synthetic row nearer than their own "
                f"fifth neighbour (with real rows in the synthetic ones' place: {percent(reference)})."
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
    """Mean number of real k-nearest-neighbour balls that hold a synthetic point, divided by k (Naeem
    et al. 2020); arguments as for `precision`. About 1 for equal distributions."""
    inside = squared_distances(synthetic, real) < neighbour_distances(real, k)
    return float(inside.sum(axis=1).mean()) / k


def coverage(real: Floats, synthetic: Floats, k: int = NEIGHBOUR) -> float:
    """Fraction of the real points with a synthetic point in their k-nearest-neighbour ball (Naeem et
    al. 2020); arguments as for `precision`."""
    nearest = squared_distances(real, synthetic).min(axis=1)
    return float((nearest < neighbour_distances(real, k)).mean())


def _precision(found: Neighbours, side: Side) -> tuple[float, Floats]:
    """Of rows of `side` against the unseen ones; see `joint.Measure`."""
    return _share(found.between["unseen", side].near_a, found, side)


def _recall(found: Neighbours, side: Side) -> tuple[float, Floats]:
    """Of rows of `side` against the unseen ones; see `joint.Measure`."""
    return _share(found.between["unseen", side].near_b, found, "unseen")


def _coverage(found: Neighbours, side: Side) -> tuple[float, Floats]:
    """Of rows of `side` against the unseen ones; see `joint.Measure`."""
    return _share(found.between["unseen", side].in_a, found, "unseen")


def _density(found: Neighbours, side: Side) -> tuple[float, Floats]:
    """Of rows of `side` against the unseen ones; see `joint.Measure`."""
    held = found.between["unseen", side].near_a
    kept = without_each(found.own[side].groups)
    # With a group of unseen rows gone, the balls of the others hold as much less.
    rest = GROUPS / (GROUPS - 1)
    left_out = [
        (held[rows].sum() - held[rows, g].sum()) * rest / len(held[rows])
        for g, rows in enumerate(kept)
    ]
    return float(held.sum() / NEIGHBOUR / len(held)), np.array(left_out) / NEIGHBOUR


def _share(counts: Floats, found: Neighbours, of: Side) -> tuple[float, Floats]:
    """Share of the rows of `of` that any row of the other table holds or lies in; `counts` is
    (rows, GROUPS) by the other's groups."""
    total = counts.sum(axis=1)
    kept = without_each(found.own[of].groups)
    left_out = [float((total[r] > counts[r, g]).mean()) for g, r in enumerate(kept)]
    return float((total > 0).mean()), np.array(left_out)
