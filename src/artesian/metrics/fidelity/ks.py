"""Kolmogorov-Smirnov distance of each number and date column (Massey 1951), averaged."""

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
    shares,
    with_and_without,
)
from artesian.metrics.common.encoding import encode
from artesian.metrics.common.formatting import beside, percent
from artesian.metrics.common.intervals import GROUPS
from artesian.metrics.protocol import Axis, Better, Comparison, Headline, Result, Spec

_GRID = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class KS(BaseMetric):
    """Missing values are set aside here; `tv` looks at their share."""

    spec: ClassVar[Spec] = Spec(
        name="ks",
        title="Shape of numbers",
        family="fidelity",
        better=Better.LOWER,
        low=0.0,
        high=1.0,
        description="0 is the same distribution in every number and date column, 1 is no "
        "overlap in any",
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
            found = {}
            for name in run.track(encoded.numeric, "ks"):
                gaps = _column(real, other, name)
                if gaps is not None:
                    found[name] = gaps
            parts = {name: float(gaps[0]) for name, gaps in found.items()}
            return Distances(parts, np.array([gaps[1:] for gaps in found.values()]))

        return distance_result(
            self.spec,
            encoded,
            measure,
            _explain,
            run,
            nothing="no number or date column has a value in it",
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
    """(1 + GROUPS,) distances: of all rows, then with each group left out."""
    sides = [(side.rows.numbers[name], side.groups) for side in (real, other)]
    present = [(values[~np.isnan(values)], groups[~np.isnan(values)]) for values, groups in sides]
    if not any(len(values) for values, _ in present):
        return None
    points, cells = np.unique(np.concatenate([v for v, _ in present]), return_inverse=True)
    split = len(present[0][0])
    exact = [np.bincount(c, minlength=len(points)) for c in (cells[:split], cells[split:])]
    # The spread over the groups needs no more than a coarse grid, which costs a fraction.
    wide = min(len(points), _GRID)
    coarse = cells * wide // len(points)
    grouped = [
        np.bincount(groups * wide + where, minlength=GROUPS * wide).reshape(GROUPS, wide)
        for where, (_, groups) in zip((coarse[:split], coarse[split:]), present, strict=True)
    ]
    left_out = _distance(*(with_and_without(counts)[1:] for counts in grouped))
    return np.append(_distance(*exact), left_out)


def _distance(a: Counts, b: Counts) -> Floats:
    """Largest gap of cumulated shares. (..., cells) -> (...,); 1 where one side is empty."""
    gaps = np.abs(np.cumsum(shares(a) - shares(b), axis=-1)).max(axis=-1)
    empty = np.minimum(a.sum(axis=-1), b.sum(axis=-1)) == 0
    return np.where(empty, 1.0, np.minimum(gaps, 1.0))


def _explain(found: Distances, reference: float | None) -> str:
    worst = max(found.parts, key=lambda name: found.parts[name])
    return (
        f"In number and date columns, the share of rows below any value is off by at most "
        f"{percent(found.mean)} on average ({beside(reference)}); the least alike is {worst!r} "
        f"with {percent(found.parts[worst])}."
    )
