"""How much of the typical real rows the synthetic ones match, and how much of the variety (Alaa et al.
2022): alpha-precision and beta-recall, each integrated over all levels.

The typical rows at a level are those nearest to the middle. Theirs is the middle of a learned
embedding; ours that of `MetricSpace`, so that nothing depends on a training run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from artesian.core.run import Run
from artesian.metrics.common.arrays import Floats
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.formatting import percent
from artesian.metrics.common.metric_space import neighbour_distances, squared_distances
from artesian.metrics.common.neighbours import Neighbours, Own, Side, without_each
from artesian.metrics.common.roc import Truth
from artesian.metrics.fidelity.joint import joint_result
from artesian.metrics.protocol import Better, Comparison, Result, Spec


def _spec(name: str, title: str, means: str) -> Spec:
    return Spec(
        name=name,
        title=title,
        family="fidelity",
        better=Better.HIGHER,
        low=0.0,
        high=1.0,
        description=means,
        source="Alaa et al. 2022",
        needs_holdout=True,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AlphaPrecision(BaseMetric):
    """1 - 2 x the mean gap between a level and the share of synthetic rows among the typical ones."""

    spec: ClassVar[Spec] = _spec(
        "alpha_precision",
        "Alpha-precision",
        "1 is as many synthetic rows as real ones at each distance from the middle, 0 is all elsewhere",
    )

    def measure(self, tables: Comparison, run: Run) -> Result:
        def explain(value: float, reference: float) -> str:
            return (
                f"Synthetic rows are as typical as unseen real ones to {percent(value)} "
                f"(real rows: {percent(reference)})."
            )

        return joint_result(self.spec, _alpha_precision, explain, tables, run)


@dataclass(frozen=True, slots=True, kw_only=True)
class BetaRecall(BaseMetric):
    """1 - 2 x the mean gap between a level and the share of unseen rows that the typical synthetic rows
    of that level stand for. A row is stood for if a synthetic row is nearer than any other real one, so
    rows of the real law get about 0.5."""

    spec: ClassVar[Spec] = _spec(
        "beta_recall",
        "Beta-recall",
        "0.5 or so is the variety of real rows, 0 is none of it",
    )

    def measure(self, tables: Comparison, run: Run) -> Result:
        def explain(value: float, reference: float) -> str:
            return (
                f"Synthetic rows show {percent(value)} of the variety of unseen real rows "
                f"(real rows in their place: {percent(reference)})."
            )

        return joint_result(self.spec, _beta_recall, explain, tables, run)


def alpha_precision(real: Floats, synthetic: Floats) -> float:
    """Alpha-precision integrated over all levels (Alaa et al. 2022): 1 - 2 x the area between the level
    and the fraction of synthetic points in the smallest ball around the real mean that holds this
    fraction of the real points.

    Args:
        real, synthetic: (n, d) and (m, d) points.

    Returns:
        A value in [0, 1]; close to 1 for equal distributions.
    """
    middle = real.mean(axis=0)
    return _matched(((real - middle) ** 2).sum(axis=1), ((synthetic - middle) ** 2).sum(axis=1))


def beta_recall(real: Floats, synthetic: Floats) -> float:
    """Beta-recall integrated over all levels (Alaa et al. 2022): 1 - 2 x the area between the level and
    the fraction of real points whose nearest synthetic point lies within this level of the
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


def _alpha_precision(found: Neighbours, side: Side) -> tuple[float, Floats]:
    """Of rows of `side` against the unseen ones; see `joint.Measure`."""
    real, other = found.own["unseen"], found.own[side]
    middle = real.points.mean(axis=0, dtype=np.float64)
    lengths = [_lengths(own, middle) for own in (real, other)]
    kept = zip(without_each(real.groups), without_each(other.groups), strict=True)
    left_out = [_matched(lengths[0][a], lengths[1][b]) for a, b in kept]
    return _matched(*lengths), np.array(left_out)


def _beta_recall(found: Neighbours, side: Side) -> tuple[float, Floats]:
    """Of rows of `side` against the unseen ones; see `joint.Measure`."""
    real, other, held = found.own["unseen"], found.own[side], found.between["unseen", side]
    lengths = _lengths(other, other.points.mean(axis=0, dtype=np.float64))
    levels = np.searchsorted(np.sort(lengths), lengths[held.nearest_b], "right") / len(lengths)
    stood_for = held.to_b <= real.nearest
    left_out = [_recalled(levels[rows], stood_for[rows]) for rows in without_each(real.groups)]
    # Groups of the other table are not left out: which row is nearest would have to be sought anew.
    return _recalled(levels, stood_for), np.array(left_out)


def _lengths(own: Own, middle: Floats) -> Floats:
    """(n,) squared distance of each row from the middle."""
    away = own.points - middle
    lengths: Floats = np.einsum("ij,ij->i", away, away)
    return lengths


def _matched(real: Floats, other: Floats) -> float:
    """1 - 2 x the area between the level and the share of `other` within the real quantile of it."""
    places = np.sort(real)
    below = np.searchsorted(places, other, "left") + np.searchsorted(places, other, "right")
    levels = np.sort(below / (2 * len(real)))  # uniform if both have one law
    even = (np.arange(len(other)) + 0.5) / len(other)
    return float(1 - 2 * np.abs(levels - even).mean())


def _recalled(levels: Floats, stood_for: Truth) -> float:
    """1 - 2 x the area between the level and the share of rows stood for within it."""
    steps = np.append(0.0, np.sort(levels[stood_for]))
    shares = np.arange(len(steps)) / len(levels)
    ends = np.append(steps[1:], 1.0)
    # Between two steps the share is flat and the level runs on: the area of |share - level|.
    area = _under(shares, steps, ends).sum()
    return float(1 - 2 * area)


def _under(flat: Floats, start: Floats, end: Floats) -> Floats:
    """The area between a flat line and the diagonal, from start to end."""
    before, after = start - flat, end - flat
    crossing = (before < 0) & (after > 0)
    area: Floats = np.where(crossing, (before**2 + after**2) / 2, np.abs(after**2 - before**2) / 2)
    return area
