"""Metrics that are a mean of distances: its interval, and the same for holdout rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from artesian.core.run import Run, Seed
from artesian.metrics.charts import AssociationMatrices
from artesian.metrics.common.arrays import Floats, Ints
from artesian.metrics.common.encoding import Encoded, Rows
from artesian.metrics.common.intervals import difference, groups_of, jackknife, symmetric_interval
from artesian.metrics.protocol import NotMeasurable, Result, Spec

Counts = npt.NDArray[np.int64]

MIN_ROWS = 20
"""Minimum number of rows of a table whose distribution is compared."""


@dataclass(frozen=True, slots=True)
class Side:
    """Rows, and the jackknife group of each. `groups` is (rows,)."""

    rows: Rows
    groups: Ints


@dataclass(frozen=True, slots=True)
class Distances:
    """Distances between two tables.

    Attributes:
        parts: Name of a part (a column, a pair of columns) -> its distance.
        left_out: (parts, GROUPS) jackknife replicates, with one group of rows left out of both
            tables.
        detail: Further aggregates.
        chart: Aggregates for a chart.
        half: Half the width of the interval of the mean; None to take it from `left_out`.
    """

    parts: Mapping[str, float]
    left_out: Floats
    detail: Mapping[str, Any] = field(default_factory=dict)
    chart: AssociationMatrices | None = None
    half: float | None = None

    @property
    def mean(self) -> float:
        return float(np.mean(list(self.parts.values())))


Measure = Callable[[Side, Side], Distances]


def distance_result(
    spec: Spec,
    encoded: Encoded,
    measure: Measure,
    explain: Callable[[Distances, float | None], str],
    run: Run,
    *,
    nothing: str,
    max_parts: int | None = None,
) -> Result:
    """Measure synthetic against real rows, and holdout against real rows for the reference.

    A distance between two samples shrinks as they grow, so the excess compares samples of equal
    size: the longer one of the synthetic and the holdout table is subsampled.
    `detail["equal_rows"]` holds the distance of the synthetic rows at that size.

    Args:
        nothing: The reason for skipping where there are no parts.
        max_parts: Maximum number of parts to keep, the largest; None for all.
    """
    rows = min(encoded.real.height, encoded.synthetic.height)
    if rows < MIN_ROWS:
        raise NotMeasurable(f"a table has {rows} rows, and {MIN_ROWS} are needed")
    real = _side(encoded.real, run.seed.child(spec.name, "real"))
    run.check(spec.name)
    distances = measure(real, _side(encoded.synthetic, run.seed.child(spec.name, "synthetic")))
    if not distances.parts:
        raise NotMeasurable(nothing)
    result = Result(
        value=distances.mean,
        interval=_interval(spec, distances),
        parts=_largest_parts(distances.parts, max_parts),
        chart=distances.chart,
        detail=distances.detail,
    )
    if encoded.holdout is None or encoded.holdout.height < MIN_ROWS:
        return replace(result, explanation=explain(distances, None))
    run.check(spec.name)
    cut = encoded.holdout.subsample(encoded.synthetic.height, run.seed.child("cut holdout"))
    holdout_distances = measure(real, _side(cut, run.seed.child(spec.name, "holdout")))
    shortened = encoded.synthetic.subsample(cut.height, run.seed.child("cut synthetic"))
    at_equal_rows = distances
    if shortened.height < encoded.synthetic.height:
        run.check(spec.name)
        at_equal_rows = measure(real, _side(shortened, run.seed.child(spec.name, "equal")))
    result = replace(result, detail={**distances.detail, "equal_rows": at_equal_rows.mean})
    if not holdout_distances.parts:
        return replace(result, explanation=explain(distances, None))
    reference, span = holdout_distances.mean, _interval(spec, holdout_distances)
    if distances.chart is not None and holdout_distances.chart is not None:
        chart = replace(distances.chart, reference_difference=holdout_distances.chart.difference)
        result = replace(result, chart=chart)
    return replace(
        result,
        reference=reference,
        reference_interval=span,
        excess=at_equal_rows.mean - reference,
        excess_interval=difference(
            at_equal_rows.mean, _interval(spec, at_equal_rows), reference, span
        ),
        reference_parts=_largest_parts(holdout_distances.parts, max_parts),
        explanation=explain(distances, reference),
    )


def _interval(spec: Spec, distances: Distances) -> tuple[float, float]:
    if distances.half is not None:
        return symmetric_interval(distances.mean, distances.half, spec.low, spec.high)
    return jackknife(distances.mean, distances.left_out.mean(axis=0), spec.low, spec.high)


def total_variation(a: Counts | Floats, b: Counts | Floats) -> Floats:
    """Total variation distance, half the L1 distance of two discrete distributions.

    Args:
        a, b: (..., bins) counts or weights; each is normalized over its last axis.

    Returns:
        (...,) distances in [0, 1]. If one side is empty the distance is 1, if both are, 0.

    >>> float(total_variation(np.array([1, 1, 0]), np.array([1, 0, 1])))
    0.5
    """
    totals = a.sum(axis=-1), b.sum(axis=-1)
    differences = np.abs(proportions(a) - proportions(b)).sum(axis=-1) / 2
    distance: Floats = np.where(
        np.minimum(*totals) > 0, np.minimum(differences, 1.0), np.maximum(*totals) > 0
    )
    return distance


def proportions(counts: Counts | Floats) -> Floats:
    """Normalize counts over the last axis; zeros where all counts are 0. (..., bins)"""
    result: Floats = counts / np.maximum(counts.sum(axis=-1, keepdims=True), 1)
    return result


def with_and_without(counts: Counts) -> Counts:
    """(GROUPS, bins) counts by group -> (1 + GROUPS, bins): the total, then without each group."""
    total = counts.sum(axis=0)
    return np.vstack([total, total - counts])


def _side(rows: Rows, seed: Seed) -> Side:
    return Side(rows, groups_of(rows.height, seed))


def _largest_parts(parts: Mapping[str, float], max_parts: int | None) -> Mapping[str, float]:
    if max_parts is None or len(parts) <= max_parts:
        return parts
    return {name: parts[name] for name in sorted(parts, key=lambda n: (-parts[n], n))[:max_parts]}
