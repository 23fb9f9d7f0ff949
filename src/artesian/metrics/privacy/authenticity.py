"""Authenticity (Alaa et al. 2022): is a synthetic row more than a training row with a little noise?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from artesian.core.run import Run
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.formatting import percent
from artesian.metrics.common.intervals import newcombe, wilson
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
