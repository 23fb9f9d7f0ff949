"""Authenticity (Alaa et al. 2022): is a synthetic row more than a training row with a little noise?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from artesian.core.run import Run
from artesian.metrics.common.arrays import Floats
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.formatting import percent
from artesian.metrics.common.intervals import newcombe, wilson
from artesian.metrics.common.metric_space import neighbour_distances, squared_distances
from artesian.metrics.common.neighbours import neighbours
from artesian.metrics.protocol import Better, Comparison, Result, Spec


@dataclass(frozen=True, slots=True, kw_only=True)
class Authenticity(BaseMetric):
    """Share of synthetic rows that lie further from their nearest training row than that row does from
    another training row. Their embedding is learned; ours is `MetricSpace`."""

    spec: ClassVar[Spec] = Spec(
        name="authenticity",
        title="Authenticity",
        family="diagnostics",
        better=Better.HIGHER,
        low=0.0,
        high=1.0,
        description="0 is every synthetic row next to a training row, 0.5 or so is what "
        "real rows get",
        source="Alaa et al. 2022",
        needs_holdout=True,
    )

    def measure(self, tables: Comparison, run: Run) -> Result:
        found = neighbours(tables, run)
        alone = found.own["training"].nearest
        made, held = found.between["training", "synthetic"], found.between["unseen", "training"]
        authentic = int((made.to_a > alone[made.nearest_a]).sum())
        reference = int((held.to_b > alone[held.nearest_b]).sum())
        return Result(
            value=authentic / found.rows,
            interval=wilson(authentic, found.rows),
            reference=reference / found.rows,
            excess_interval=newcombe(authentic, found.rows, reference, found.rows),
            explanation=(
                f"{percent(authentic / found.rows)} of the synthetic rows lie further from a training "
                f"row than training rows from each other (unseen real rows: "
                f"{percent(reference / found.rows)}); a diagnostic, not a proof of privacy."
            ),
            detail={"rows": found.rows, "columns": found.columns},
        )


def authenticity(train: Floats, synthetic: Floats) -> float:
    """Fraction of the synthetic points that are further from their nearest training point than that
    point is from any other training point (Alaa et al. 2022).

    Args:
        train, synthetic: (n, d) and (m, d) points.

    >>> authenticity(np.array([[0.0], [1.0], [2.0]]), np.array([[0.1], [9.0]]))
    0.5
    """
    squares = squared_distances(synthetic, train)
    alone = neighbour_distances(train, 1)[squares.argmin(axis=1)]
    return float((squares.min(axis=1) > alone).mean())
