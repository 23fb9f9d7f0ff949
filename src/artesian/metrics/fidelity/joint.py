"""Metrics on embedded rows: synthetic rows against the holdout, with training rows against the
holdout as the reference, so that a copy of the training rows scores no better than these."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from artesian.core.run import Run
from artesian.metrics.common.arrays import Floats
from artesian.metrics.common.intervals import jackknife, jackknife_spread
from artesian.metrics.common.neighbours import Neighbours, Side, find_neighbours
from artesian.metrics.protocol import Comparison, Result, Spec

Measure = Callable[[Neighbours, Side], tuple[float, Floats]]
"""Rows of one table against the holdout: the value, and (GROUPS,) jackknife replicates with one
group of rows left out of each table."""


def joint_result(
    spec: Spec,
    measure: Measure,
    explain: Callable[[float, float], str],
    tables: Comparison,
    run: Run,
) -> Result:
    """The result of a measure of two sets of points.

    Args:
        explain: Describes value and reference in a sentence.
    """
    neighbours = find_neighbours(tables, run)
    value, left_out = measure(neighbours, "synthetic")
    reference, reference_left_out = measure(neighbours, "train")
    # Both are measured against the same holdout rows in the same groups, so their errors correlate.
    half = jackknife_spread(left_out - reference_left_out)
    # The excess is that of the values before they are cut to the range, so that its interval holds.
    shown, shown_reference = (
        float(np.clip(each, spec.low, spec.high)) for each in (value, reference)
    )
    return Result(
        value=shown,
        interval=jackknife(shown, left_out, spec.low, spec.high),
        reference=shown_reference,
        excess=value - reference,
        excess_interval=(value - reference - half, value - reference + half),
        explanation=explain(shown, shown_reference),
        detail={"rows": neighbours.rows, "columns": neighbours.columns},
    )
