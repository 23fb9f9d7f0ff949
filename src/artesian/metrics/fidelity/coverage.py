"""Fraction of the real range and of the real categories that occurs: RangeCoverage and
CategoryCoverage of SDMetrics (Patki et al. 2016).

The real range and the real categories are taken as given; the intervals reflect the sampling of the
other table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from artesian.core.formatting import percent, reference_note
from artesian.core.run import Run
from artesian.metrics.common.arrays import Floats, Ints
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.distance import Distances, Side, distance_result
from artesian.metrics.common.encoding import encode
from artesian.metrics.common.intervals import GROUPS
from artesian.metrics.fidelity.binning import counts_of
from artesian.metrics.protocol import Better, Comparison, Result, Spec

_END_ROWS = 5  # rows


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeCoverage(BaseMetric):
    """A constant real column is covered if its value lies within the synthetic range.

    The ends of a range are single rows, whose variance resampling cannot estimate. Half the width
    of the interval is the coverage that the five rows at either end of each column contribute
    alone: of two samples of one distribution, one has its five largest values above all of the
    other in 3 % of the cases.
    """

    spec: ClassVar[Spec] = Spec(
        name="range_coverage",
        title="Range coverage",
        family="fidelity",
        better=Better.HIGHER,
        low=0.0,
        high=1.0,
        description="1: every number and date column covers the real range; 0: no column covers any "
        "of it",
        source="Patki et al. 2016 (SDMetrics RangeCoverage)",
        categories=False,
    )

    def measure(self, tables: Comparison, run: Run) -> Result:
        encoded = encode(tables)

        def measure(real: Side, other: Side) -> Distances:
            columns, inner = {}, []
            for name in run.track(encoded.numeric, "range_coverage"):
                values = real.rows.numbers[name]
                if not np.isnan(values).all():
                    ends = float(np.nanmin(values)), float(np.nanmax(values))
                    values_other = other.rows.numbers[name]
                    values_other = np.sort(values_other[~np.isnan(values_other)])
                    columns[name] = _covered(values_other, *ends)
                    inner.append(_covered(values_other[_END_ROWS:-_END_ROWS], *ends))
            lost = np.mean(list(columns.values())) - np.mean(inner) if columns else 0.0
            return Distances(columns, np.empty((len(columns), GROUPS)), half=float(lost))

        def explain(distances: Distances, reference: float | None) -> str:
            worst = min(distances.parts, key=lambda name: distances.parts[name])
            return (
                f"Number and date columns cover {percent(distances.mean)} of the real range on "
                f"average ({reference_note(reference)}); coverage is lowest for {worst!r}, at "
                f"{percent(distances.parts[worst])}."
            )

        return distance_result(
            self.spec,
            encoded,
            measure,
            explain,
            run,
            nothing="no number or date column of the real table has a value",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryCoverage(BaseMetric):
    """Suppressed categories are not counted as loss."""

    spec: ClassVar[Spec] = Spec(
        name="category_coverage",
        title="Category coverage",
        family="fidelity",
        better=Better.HIGHER,
        low=0.0,
        high=1.0,
        description="1: every real category of every column occurs; 0: none does",
        source="Patki et al. 2016 (SDMetrics CategoryCoverage)",
    )

    def measure(self, tables: Comparison, run: Run) -> Result:
        encoded = encode(tables)

        def measure(real: Side, other: Side) -> Distances:
            fractions = {}
            for name in run.track(encoded.discrete, "category_coverage"):
                levels = len(encoded.levels[name])
                occurring = np.bincount(real.rows.codes[name] + 1, minlength=levels + 1)[1:] > 0
                if occurring.any():
                    counts = counts_of(other, other.rows.codes[name] + 1, levels + 1)[:, 1:]
                    fractions[name] = (counts[:, occurring] > 0).mean(axis=1)
            return _distances(fractions)

        def explain(distances: Distances, reference: float | None) -> str:
            worst = min(distances.parts, key=lambda name: distances.parts[name])
            return (
                f"{percent(distances.mean)} of the real categories of a column occur on average "
                f"({reference_note(reference)}); coverage is lowest for {worst!r}, at "
                f"{percent(distances.parts[worst])}."
            )

        return distance_result(
            self.spec,
            encoded,
            measure,
            explain,
            run,
            nothing="no category or boolean column of the real table has a value",
        )


def range_coverage(real: Floats, synthetic: Floats) -> float:
    """Fraction of the range of the real values that the range of the synthetic values covers (Patki
    et al. 2016, SDMetrics RangeCoverage, with overshooting not penalized).

    Args:
        real, synthetic: (n,) and (m,) numbers; NaN is missing and left out. `real` has a value.

    Returns:
        A fraction in [0, 1]; 0 without synthetic values.

    >>> range_coverage(np.array([0.0, 10.0]), np.array([5.0, 20.0]))
    0.5
    """
    return _covered(
        np.sort(synthetic[~np.isnan(synthetic)]), float(np.nanmin(real)), float(np.nanmax(real))
    )


def category_coverage(real: Ints, synthetic: Ints) -> float:
    """Fraction of the categories in `real` that occur in `synthetic` (Patki et al. 2016, SDMetrics
    CategoryCoverage).

    Args:
        real, synthetic: (n,) and (m,) category codes; negative codes are missing values.

    >>> category_coverage(np.array([0, 1, 2, 3]), np.array([0, 0, 3, -1]))
    0.5
    """
    return float(np.isin(np.unique(real[real >= 0]), synthetic).mean())


def _distances(distances: Mapping[str, Floats]) -> Distances:
    parts = {name: float(values[0]) for name, values in distances.items()}
    return Distances(parts, np.array([values[1:] for values in distances.values()]))


def _covered(values: Floats, low_end: float, high_end: float) -> float:
    """Fraction of the range from `low_end` to `high_end` that sorted values cover."""
    if not len(values):
        return 0.0
    low, high = float(values[0]), float(values[-1])
    if low_end == high_end:
        return float(low <= low_end <= high)
    with np.errstate(over="ignore"):  # the range may be too narrow to divide by
        lost = (np.maximum(low - low_end, 0.0) + np.maximum(high_end - high, 0.0)) / np.float64(
            high_end - low_end
        )
    return float(np.clip(1 - lost, 0.0, 1.0))
