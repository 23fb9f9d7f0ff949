"""Kolmogorov-Smirnov distance of number and date columns (Massey 1951), averaged over columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from artesian.core.run import Run
from artesian.metrics.common.arrays import Floats
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.distance import (
    Counts,
    Distances,
    Side,
    distance_result,
    proportions,
    with_and_without,
)
from artesian.metrics.common.encoding import encode
from artesian.metrics.common.formatting import percent, reference_note
from artesian.metrics.common.intervals import GROUPS
from artesian.metrics.protocol import Axis, Better, Comparison, Headline, Result, Spec

_GRID = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class KS(BaseMetric):
    """Mean Kolmogorov-Smirnov distance over number and date columns.

    Missing values are left out; `tv` compares their proportion.
    """

    spec: ClassVar[Spec] = Spec(
        name="ks",
        title="Kolmogorov-Smirnov distance of columns",
        family="fidelity",
        better=Better.LOWER,
        low=0.0,
        high=1.0,
        description="0: every number and date column has the same distribution; 1: disjoint "
        "ranges in every column",
        source="Massey 1951",
        headline=Headline.DISTANCE,
        axis=Axis.LIKENESS,
        priority=3,
        benchmark=True,
        categories=False,
    )

    def measure(self, tables: Comparison, run: Run) -> Result:
        encoded = encode(tables)

        def measure(real: Side, other: Side) -> Distances:
            columns = {}
            for name in run.track(encoded.numeric, "ks"):
                values = _column(real, other, name)
                if values is not None:
                    columns[name] = values
            parts = {name: float(values[0]) for name, values in columns.items()}
            return Distances(parts, np.array([values[1:] for values in columns.values()]))

        return distance_result(
            self.spec,
            encoded,
            measure,
            _explain,
            run,
            nothing="no number or date column has a value",
        )


def ks_distance(a: Floats, b: Floats) -> float:
    """Two-sample Kolmogorov-Smirnov statistic: the largest difference of the two empirical
    distribution functions (Massey 1951).

    Args:
        a, b: (n,) and (m,) numbers; NaN is missing and left out.

    Returns:
        A distance in [0, 1]; 1 if one sample is empty.

    >>> ks_distance(np.array([1.0, 2.0]), np.array([2.0, 3.0]))
    0.5
    """
    a, b = a[~np.isnan(a)], b[~np.isnan(b)]
    values, positions = np.unique(np.concatenate([a, b]), return_inverse=True)
    if not len(values):
        return 1.0
    sides = positions[: len(a)], positions[len(a) :]
    return float(_distance(*(np.bincount(side, minlength=len(values)) for side in sides)))


def _column(real: Side, other: Side, name: str) -> Floats | None:
    """(1 + GROUPS,) distances: of all rows, then without each group; None for an empty column."""
    sides = [(side.rows.numbers[name], side.groups) for side in (real, other)]
    present = [(values[~np.isnan(values)], groups[~np.isnan(values)]) for values, groups in sides]
    if not any(len(values) for values, _ in present):
        return None
    distinct, positions = np.unique(np.concatenate([v for v, _ in present]), return_inverse=True)
    split = len(present[0][0])
    exact = [
        np.bincount(c, minlength=len(distinct)) for c in (positions[:split], positions[split:])
    ]
    # For the jackknife a coarse grid is precise enough, at a fraction of the cost.
    bins = min(len(distinct), _GRID)
    coarse = positions * bins // len(distinct)
    grouped = [
        np.bincount(groups * bins + bin_of, minlength=GROUPS * bins).reshape(GROUPS, bins)
        for bin_of, (_, groups) in zip((coarse[:split], coarse[split:]), present, strict=True)
    ]
    left_out = _distance(*(with_and_without(counts)[1:] for counts in grouped))
    return np.append(_distance(*exact), left_out)


def _distance(a: Counts, b: Counts) -> Floats:
    """Largest difference of cumulated proportions; 1 if a side is empty. (..., bins) -> (...,)"""
    differences = np.abs(np.cumsum(proportions(a) - proportions(b), axis=-1)).max(axis=-1)
    empty = np.minimum(a.sum(axis=-1), b.sum(axis=-1)) == 0
    return np.where(empty, 1.0, np.minimum(differences, 1.0))


def _explain(distances: Distances, reference: float | None) -> str:
    worst = max(distances.parts, key=lambda name: distances.parts[name])
    return (
        f"The Kolmogorov-Smirnov distance of number and date columns is {percent(distances.mean)} "
        f"on average ({reference_note(reference)}); it is largest for {worst!r}, at "
        f"{percent(distances.parts[worst])}."
    )
