"""What `ks`, `tv` and `pairs` share: a mean of distances, its interval, the same for real rows."""

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
from artesian.metrics.common.intervals import around, difference, groups_of, jackknife
from artesian.metrics.protocol import NotMeasurable, Result, Spec

Counts = npt.NDArray[np.int64]

MIN_ROWS = 20
"""Fewer rows than this say nothing about a distribution."""


@dataclass(frozen=True, slots=True)
class Side:
    """Rows, and the group of each, for the jackknife. `groups` is (rows,)."""

    rows: Rows
    groups: Ints


@dataclass(frozen=True, slots=True)
class Distances:
    """Distances between two tables.

    Attributes:
        parts: Name of a part (a column, a pair) -> its distance.
        left_out: (parts, GROUPS) the same with one group of rows left out of both tables.
        detail: Further aggregates.
        chart: Aggregates for a chart.
        half: Half the width of the interval of the mean, where `left_out` does not tell it.
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
    shown: int | None = None,
) -> Result:
    """Measure synthetic against real, and holdout against real with no more rows than synthetic.

    A distance between two samples shrinks as they grow, so the excess is that of a synthetic table
    cut to the reference's rows, whose value `detail["equal_rows"]` holds.

    Args:
        nothing: The reason for skipping where there are no parts.
        shown: Keep only this many of the largest parts.
    """
    rows = min(encoded.real.height, encoded.synthetic.height)
    if rows < MIN_ROWS:
        raise NotMeasurable(f"a table has {rows} rows, and {MIN_ROWS} are needed")
    real = _side(encoded.real, run.seed.child(spec.name, "real"))
    run.check(spec.name)
    found = measure(real, _side(encoded.synthetic, run.seed.child(spec.name, "synthetic")))
    if not found.parts:
        raise NotMeasurable(nothing)
    result = Result(
        value=found.mean,
        interval=_interval(spec, found),
        parts=_largest(found.parts, shown),
        chart=found.chart,
        detail=found.detail,
    )
    if encoded.holdout is None or encoded.holdout.height < MIN_ROWS:
        return replace(result, explanation=explain(found, None))
    run.check(spec.name)
    cut = encoded.holdout.at_most(encoded.synthetic.height, run.seed.child("cut holdout"))
    held = measure(real, _side(cut, run.seed.child(spec.name, "holdout")))
    fewer = encoded.synthetic.at_most(cut.height, run.seed.child("cut synthetic"))
    equal = found
    if fewer.height < encoded.synthetic.height:
        run.check(spec.name)
        equal = measure(real, _side(fewer, run.seed.child(spec.name, "equal")))
    result = replace(result, detail={**found.detail, "equal_rows": equal.mean})
    if not held.parts:
        return replace(result, explanation=explain(found, None))
    reference, span = held.mean, _interval(spec, held)
    if found.chart is not None and held.chart is not None:
        chart = replace(found.chart, reference_difference=held.chart.difference)
        result = replace(result, chart=chart)
    return replace(
        result,
        reference=reference,
        reference_interval=span,
        excess=equal.mean - reference,
        excess_interval=difference(equal.mean, _interval(spec, equal), reference, span),
        reference_parts=_largest(held.parts, shown),
        explanation=explain(found, reference),
    )


def _interval(spec: Spec, found: Distances) -> tuple[float, float]:
    if found.half is not None:
        return around(found.mean, found.half, spec.low, spec.high)
    return jackknife(found.mean, found.left_out.mean(axis=0), spec.low, spec.high)


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
    gaps = np.abs(shares(a) - shares(b)).sum(axis=-1) / 2
    apart: Floats = np.where(
        np.minimum(*totals) > 0, np.minimum(gaps, 1.0), np.maximum(*totals) > 0
    )
    return apart


def shares(counts: Counts | Floats) -> Floats:
    """Counts as shares of their sum over the last axis; zeros where there are none."""
    result: Floats = counts / np.maximum(counts.sum(axis=-1, keepdims=True), 1)
    return result


def with_and_without(counts: Counts) -> Counts:
    """(GROUPS, cells) counts by group -> (1 + GROUPS, cells): all of them, then all but one."""
    total = counts.sum(axis=0)
    return np.vstack([total, total - counts])


def _side(rows: Rows, seed: Seed) -> Side:
    return Side(rows, groups_of(rows.height, seed))


def _largest(parts: Mapping[str, float], shown: int | None) -> Mapping[str, float]:
    if shown is None or len(parts) <= shown:
        return parts
    return {name: parts[name] for name in sorted(parts, key=lambda n: (-parts[n], n))[:shown]}
