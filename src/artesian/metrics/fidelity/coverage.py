"""How much of the real range, and of the real categories, occurs: RangeCoverage and
CategoryCoverage of SDMetrics (Patki et al. 2016), which find values that a model lost.

The real range and the real categories are taken as given; intervals tell how much hangs on single
rows, or groups of rows, that are judged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from artesian.core.run import Run
from artesian.metrics.common.arrays import Floats, Ints
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.distance import Distances, Side, distance_result
from artesian.metrics.common.encoding import encode
from artesian.metrics.common.formatting import beside, percent
from artesian.metrics.common.intervals import GROUPS
from artesian.metrics.fidelity.binning import counts_of
from artesian.metrics.protocol import Better, Comparison, Result, Spec

_ENDS = 5  # rows


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeCoverage(BaseMetric):
    """A constant real column is covered if its value lies within the synthetic range.

    Ends are single rows, and no resampling tells how much they vary. Half of the interval is what the
    five rows at either end of each column cover alone: of two samples of one law, the one has its five
    largest values above all of the other in 3 % of the cases.
    """

    spec: ClassVar[Spec] = Spec(
        name="range_coverage",
        title="Ranges covered",
        family="fidelity",
        better=Better.HIGHER,
        low=0.0,
        high=1.0,
        description="1 is numbers and dates from the least real value to the largest in "
        "every column, "
        "0 is none of the real range in any",
        source="Patki et al. 2016 (SDMetrics RangeCoverage)",
        categories=False,
    )

    def measure(self, tables: Comparison, run: Run) -> Result:
        encoded = encode(tables)

        def measure(real: Side, other: Side) -> Distances:
            whole, inner = {}, []
            for name in run.track(encoded.numeric, "range_coverage"):
                values = real.rows.numbers[name]
                if not np.isnan(values).all():
                    ends = float(np.nanmin(values)), float(np.nanmax(values))
                    theirs = other.rows.numbers[name]
                    theirs = np.sort(theirs[~np.isnan(theirs)])
                    whole[name] = _covered(theirs, *ends)
                    inner.append(_covered(theirs[_ENDS:-_ENDS], *ends))
            lost = np.mean(list(whole.values())) - np.mean(inner) if whole else 0.0
            return Distances(whole, np.empty((len(whole), GROUPS)), half=float(lost))

        def explain(found: Distances, reference: float | None) -> str:
            worst = min(found.parts, key=lambda name: found.parts[name])
            return (
                f"Numbers and dates leave out {percent(1 - found.mean)} of the real range on "
                f"average ({beside(None if reference is None else 1 - reference)}); the most is "
                f"left out of {worst!r} with {percent(1 - found.parts[worst])}."
            )

        return distance_result(
            self.spec,
            encoded,
            measure,
            explain,
            run,
            nothing="no number or date column of the real table has a value in it",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryCoverage(BaseMetric):
    """A suppressed category is not counted as lost."""

    spec: ClassVar[Spec] = Spec(
        name="category_coverage",
        title="Categories covered",
        family="fidelity",
        better=Better.HIGHER,
        low=0.0,
        high=1.0,
        description="1 is every real category in every column, 0 is none of them in any",
        source="Patki et al. 2016 (SDMetrics CategoryCoverage)",
    )

    def measure(self, tables: Comparison, run: Run) -> Result:
        encoded = encode(tables)

        def measure(real: Side, other: Side) -> Distances:
            found = {}
            for name in run.track(encoded.discrete, "category_coverage"):
                levels = len(encoded.levels[name])
                known = np.bincount(real.rows.codes[name] + 1, minlength=levels + 1)[1:] > 0
                if known.any():
                    counts = counts_of(other, other.rows.codes[name] + 1, levels + 1)[:, 1:]
                    found[name] = (counts[:, known] > 0).mean(axis=1)
            return _distances(found)

        def explain(found: Distances, reference: float | None) -> str:
            worst = min(found.parts, key=lambda name: found.parts[name])
            return (
                f"Of the categories of a column, {percent(1 - found.mean)} are left out on "
                f"average ({beside(None if reference is None else 1 - reference)}); the most are "
                f"left out of {worst!r} with {percent(1 - found.parts[worst])}."
            )

        return distance_result(
            self.spec,
            encoded,
            measure,
            explain,
            run,
            nothing="no category or boolean column of the real table has a value in it",
        )


def range_coverage(real: Floats, synthetic: Floats) -> float:
    """Fraction of the range of the real values that the range of the synthetic values covers (Patki et
    al. 2016, SDMetrics RangeCoverage, with overshooting not penalized).

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


def _distances(found: Mapping[str, Floats]) -> Distances:
    parts = {name: float(values[0]) for name, values in found.items()}
    return Distances(parts, np.array([values[1:] for values in found.values()]))


def _covered(values: Floats, least: float, most: float) -> float:
    """The share of `least` to `most` that lies between the ends of sorted values."""
    if not len(values):
        return 0.0
    low, high = float(values[0]), float(values[-1])
    if least == most:
        return float(low <= least <= high)
    with np.errstate(over="ignore"):  # a range may be narrower than any share can be taken of
        lost = (np.maximum(low - least, 0.0) + np.maximum(most - high, 0.0)) / np.float64(
            most - least
        )
    return float(np.clip(1 - lost, 0.0, 1.0))
