"""Authenticity (Alaa et al. 2022): whether synthetic rows are more than noisy copies of training
rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from artesian.core.formatting import percent
from artesian.core.run import Run
from artesian.metrics.common.arrays import Floats
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.intervals import newcombe, wilson
from artesian.metrics.common.metric_space import neighbour_distances, squared_distances
from artesian.metrics.common.neighbours import find_neighbours
from artesian.metrics.protocol import Better, Comparison, Result, Spec


@dataclass(frozen=True, slots=True, kw_only=True)
class Authenticity(BaseMetric):
    """Fraction of the synthetic rows that are further from their nearest training row than that row
    is from any other training row. The paper uses a learned embedding; this uses `MetricSpace`."""

    spec: ClassVar[Spec] = Spec(
        name="authenticity",
        title="Authenticity",
        family="diagnostics",
        better=Better.HIGHER,
        low=0.0,
        high=1.0,
        description="0: every synthetic row is next to a training row; about 0.5: independent real "
        "rows",
        source="Alaa et al. 2022",
        needs_holdout=True,
    )

    def measure(self, tables: Comparison, run: Run) -> Result:
        neighbours = find_neighbours(tables, run)
        train_nearest = neighbours.within_table["train"].nearest
        to_synthetic, from_holdout = (
            neighbours.between_tables["train", "synthetic"],
            neighbours.between_tables["holdout", "train"],
        )
        authentic = int((to_synthetic.squares_to_a > train_nearest[to_synthetic.nearest_a]).sum())
        reference = int((from_holdout.squares_to_b > train_nearest[from_holdout.nearest_b]).sum())
        return Result(
            value=authentic / neighbours.rows,
            interval=wilson(authentic, neighbours.rows),
            reference=reference / neighbours.rows,
            excess_interval=newcombe(authentic, neighbours.rows, reference, neighbours.rows),
            explanation=(
                f"{percent(authentic / neighbours.rows)} of the synthetic rows are further from "
                "their nearest training row than that row is from any other (holdout rows: "
                f"{percent(reference / neighbours.rows)}); a diagnostic, not a proof of privacy."
            ),
            detail={"rows": neighbours.rows, "columns": neighbours.columns},
        )


def authenticity(train: Floats, synthetic: Floats) -> float:
    """Fraction of the synthetic points that are further from their nearest training point than that
    point is from any other training point (Alaa et al. 2022).

    Args:
        train, synthetic: (n, d) and (m, d) points.

    >>> import numpy as np
    >>> authenticity(np.array([[0.0], [1.0], [2.0]]), np.array([[0.1], [9.0]]))
    0.5
    """
    squares = squared_distances(synthetic, train)
    train_nearest = neighbour_distances(train, 1)[squares.argmin(axis=1)]
    return float((squares.min(axis=1) > train_nearest).mean())
