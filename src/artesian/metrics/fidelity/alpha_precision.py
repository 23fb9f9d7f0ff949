"""Alpha-precision and beta-recall (Alaa et al. 2022), each integrated over all levels.

The support at a level is the smallest ball around the mean that contains this fraction of the rows.
The paper uses a learned embedding; this uses `MetricSpace`, so that no training run influences the
result.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from artesian.core.formatting import percent
from artesian.core.run import Run
from artesian.metrics.common.arrays import Floats
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.metric_space import neighbour_distances, squared_distances
from artesian.metrics.common.neighbours import Neighbours, Side, WithinTable, leave_one_group_out
from artesian.metrics.common.roc import Truth
from artesian.metrics.fidelity.joint import joint_result
from artesian.metrics.protocol import Better, Comparison, Result, Spec


def _spec(name: str, title: str, description: str) -> Spec:
    return Spec(
        name=name,
        title=title,
        family="fidelity",
        better=Better.HIGHER,
        low=0.0,
        high=1.0,
        description=description,
        source="Alaa et al. 2022",
        needs_holdout=True,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AlphaPrecision(BaseMetric):
    """1 - 2 x the mean absolute difference between a level and the fraction of synthetic rows
    within the support of the holdout rows at that level."""

    spec: ClassVar[Spec] = _spec(
        "alpha_precision",
        "Alpha-precision",
        "1: as many synthetic as real rows at each distance from the mean; 0: all elsewhere",
    )

    def measure(self, tables: Comparison, run: Run) -> Result:
        def explain(value: float, reference: float) -> str:
            return (
                f"The alpha-precision of synthetic rows against holdout rows is {percent(value)} "
                f"(training rows: {percent(reference)})."
            )

        return joint_result(self.spec, _alpha_precision, explain, tables, run)


@dataclass(frozen=True, slots=True, kw_only=True)
class BetaRecall(BaseMetric):
    """Beta-recall, rescaled to [0, 1]: 1 - 2 x the mean absolute difference between a level and the
    fraction of holdout rows whose nearest synthetic row is within the support at that level and
    nearer than any other holdout row. Data from the real distribution scores about 0.5."""

    spec: ClassVar[Spec] = _spec(
        "beta_recall",
        "Beta-recall",
        "about 0.5: the diversity of the real rows; 0: none of it",
    )

    def measure(self, tables: Comparison, run: Run) -> Result:
        def explain(value: float, reference: float) -> str:
            return (
                f"The beta-recall of holdout rows by synthetic rows is {percent(value)} (by "
                f"training rows: {percent(reference)}; equal distributions score about 50 %)."
            )

        return joint_result(self.spec, _beta_recall, explain, tables, run)


def alpha_precision(real: Floats, synthetic: Floats) -> float:
    """Alpha-precision integrated over all levels (Alaa et al. 2022): 1 - 2 x the area between the
    level and the fraction of synthetic points in the smallest ball around the real mean that holds
    this fraction of the real points.

    Args:
        real, synthetic: (n, d) and (m, d) points.

    Returns:
        A value in [0, 1]; close to 1 for equal distributions.
    """
    center = real.mean(axis=0)
    return _matched(((real - center) ** 2).sum(axis=1), ((synthetic - center) ** 2).sum(axis=1))


def beta_recall(real: Floats, synthetic: Floats) -> float:
    """Beta-recall integrated over all levels (Alaa et al. 2022): 1 - 2 x the area between the level
    and the fraction of real points whose nearest synthetic point lies within this level of the
    synthetic mean and is nearer than any other real point.

    Args:
        real, synthetic: (n, d) and (m, d) points.

    Returns:
        A value in [0, 1]; about 0.5 for equal distributions.
    """
    lengths = ((synthetic - synthetic.mean(axis=0)) ** 2).sum(axis=1)
    squares = squared_distances(real, synthetic)
    nearest = lengths[squares.argmin(axis=1)]
    levels = np.searchsorted(np.sort(lengths), nearest, "right") / len(lengths)
    return _recalled(levels, squares.min(axis=1) <= neighbour_distances(real, 1))


def _alpha_precision(neighbours: Neighbours, side: Side) -> tuple[float, Floats]:
    """Rows of `side` against the holdout; see `joint.Measure`."""
    real, other = neighbours.within_table["holdout"], neighbours.within_table[side]
    center = real.points.mean(axis=0, dtype=np.float64)
    lengths = [_squared_lengths(table, center) for table in (real, other)]
    kept = zip(leave_one_group_out(real.groups), leave_one_group_out(other.groups), strict=True)
    left_out = [_matched(lengths[0][a], lengths[1][b]) for a, b in kept]
    return _matched(*lengths), np.array(left_out)


def _beta_recall(neighbours: Neighbours, side: Side) -> tuple[float, Floats]:
    """Rows of `side` against the holdout; see `joint.Measure`."""
    real, other, to_side = (
        neighbours.within_table["holdout"],
        neighbours.within_table[side],
        neighbours.between_tables["holdout", side],
    )
    lengths = _squared_lengths(other, other.points.mean(axis=0, dtype=np.float64))
    levels = np.searchsorted(np.sort(lengths), lengths[to_side.nearest_b], "right") / len(lengths)
    recalled = to_side.squares_to_b <= real.nearest
    left_out = [
        _recalled(levels[rows], recalled[rows]) for rows in leave_one_group_out(real.groups)
    ]
    # Groups of the other table are not left out, as this would change which row is nearest.
    return _recalled(levels, recalled), np.array(left_out)


def _squared_lengths(table: WithinTable, center: Floats) -> Floats:
    """(n,) squared distance of each row from the center."""
    offsets = table.points - center
    lengths: Floats = np.einsum("ij,ij->i", offsets, offsets)
    return lengths


def _matched(real: Floats, other: Floats) -> float:
    """1 - 2 x the area between the level and the fraction of `other` within the real quantile."""
    sorted_lengths = np.sort(real)
    below = np.searchsorted(sorted_lengths, other, "left") + np.searchsorted(
        sorted_lengths, other, "right"
    )
    levels = np.sort(below / (2 * len(real)))  # uniform for equal distributions
    uniform = (np.arange(len(other)) + 0.5) / len(other)
    return float(1 - 2 * np.abs(levels - uniform).mean())


def _recalled(levels: Floats, recalled: Truth) -> float:
    """1 - 2 x the area between the level and the fraction of rows recalled within it."""
    steps = np.append(0.0, np.sort(levels[recalled]))
    fractions = np.arange(len(steps)) / len(levels)
    ends = np.append(steps[1:], 1.0)
    # Between two steps the fraction is constant while the level rises: area of |fraction - level|.
    area = _under(fractions, steps, ends).sum()
    return float(1 - 2 * area)


def _under(flat: Floats, start: Floats, end: Floats) -> Floats:
    """Area between a constant and the diagonal, from start to end."""
    before, after = start - flat, end - flat
    crossing = (before < 0) & (after > 0)
    area: Floats = np.where(crossing, (before**2 + after**2) / 2, np.abs(after**2 - before**2) / 2)
    return area
