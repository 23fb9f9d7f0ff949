"""What the metrics on neighbours share: synthetic rows against unseen ones, beside training rows in the
synthetic ones' place, so that copying the training rows is worth no more than they are."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from artesian.core.run import Run
from artesian.metrics.common.arrays import Floats
from artesian.metrics.common.intervals import jackknife, jackknife_spread
from artesian.metrics.common.neighbours import Neighbours, Side, neighbours
from artesian.metrics.protocol import Comparison, Result, Spec

Measure = Callable[[Neighbours, Side], tuple[float, Floats]]
"""Of rows of one side against the unseen ones: the value, and (GROUPS,) replicates with one group of
rows left out of each table."""


def joint_result(
    spec: Spec,
    measure: Measure,
    explain: Callable[[float, float], str],
    tables: Comparison,
    run: Run,
) -> Result:
    """The result of a measure of two sets of points.

    Args:
        explain: Value and reference to a sentence.
    """
    found = neighbours(tables, run)
    value, left_out = measure(found, "synthetic")
    reference, held_out = measure(found, "training")
    # Both were measured against the same unseen rows in the same groups: their noise is shared.
    half = jackknife_spread(left_out - held_out)
    return Result(
        value=float(np.clip(value, spec.low, spec.high)),
        interval=jackknife(
            float(np.clip(value, spec.low, spec.high)), left_out, spec.low, spec.high
        ),
        reference=float(np.clip(reference, spec.low, spec.high)),
        excess=value - reference,
        excess_interval=(value - reference - half, value - reference + half),
        explanation=explain(value, reference),
        detail={"rows": found.rows, "columns": found.columns},
    )
