"""How good predictions of unseen rows are: AUC or R2, with what the draw of rows does to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from artesian.core.run import Run
from artesian.metrics.common.arrays import Floats, Ints
from artesian.metrics.common.encoding import Rows
from artesian.metrics.common.intervals import normal
from artesian.metrics.common.parallel import side_by_side
from artesian.metrics.common.roc import WeightedArea
from artesian.metrics.protocol import Comparison
from artesian.metrics.utility.learners import Learner, again
from artesian.metrics.utility.prediction_task import Task

Score = Callable[[Floats], float]
"""A measure of predictions as a function of the weights of the rows."""

REFITS = 5
"""Fits with one group of the training rows left out, each seeing other rows: a jackknife of what the
draw of the training rows does."""

RESAMPLES = 200
"""Of the unseen rows, a bootstrap."""


def predictions(task: Task, tables: Comparison, run: Run, learner: Learner, side: str) -> Floats:
    """(1 + REFITS, test rows[, classes]) by models of all rows, then without one group of them each.

    Fitted once for a comparison.

    Args:
        side: 'synthetic', 'real', or 'both' of them together.
    """

    def made() -> Floats:
        parts = [task.synthetic, task.real] if side == "both" else [getattr(task, side)]
        test = task.features.matrix(task.test)
        jobs = [
            (learn, stacked([_without(rows, left, task) for rows in parts]))
            for learn, left in zip(fits(learner), _LEFT_OUT, strict=True)
        ]
        return np.array(
            side_by_side(lambda job: job[0](task, job[1])(test), jobs, run, f"fits on {side}")
        )

    return tables.cached(("predictions", learner.__name__, side, *task.key), made)


_LEFT_OUT = (None, *range(REFITS))


def fits(learner: Learner) -> list[Learner]:
    """What learns from all rows, then from all but each group."""
    return [learner, *[again(learner)] * REFITS]


def _without(rows: Rows, left: int | None, task: Task) -> Rows:
    if left is None:
        return rows
    groups = task.seed.child("refits").rng().permutation(rows.height) % REFITS
    return rows.take(np.flatnonzero(groups != left))


def subsets(rows: Rows, task: Task) -> list[Rows]:
    """All rows, then all but each of `REFITS` groups."""
    return [_without(rows, left, task) for left in _LEFT_OUT]


def stacked(parts: list[Rows]) -> Rows:
    """Rows below each other."""
    if len(parts) == 1:
        return parts[0]
    return Rows(
        sum(rows.height for rows in parts),
        {name: np.concatenate([rows.numbers[name] for rows in parts]) for name in parts[0].numbers},
        {name: np.concatenate([rows.codes[name] for rows in parts]) for name in parts[0].codes},
    )


def score(task: Task, predicted: Floats, truth: Any, *, within: float | None = None) -> Score:
    """AUC for two classes, the mean of one-against-rest AUCs for more, R2 for a number.

    Args:
        predicted: (rows, classes) or (rows,)
        truth: (rows,)
        within: The variance that R2 is a share of; that of `truth` if None.
    """
    if task.target.classes:
        return _auc(truth, predicted)
    return _r2(truth, predicted, within)


def measure(task: Task) -> str:
    """What the score is called."""
    return "AUC" if task.target.classes else "R2"


def guess(task: Task) -> float:
    """What knowing nothing scores."""
    return 0.5 if task.target.classes else 0.0


def trained_variance(of: Floats) -> float:
    """From scores without each group, (REFITS,): the delete-a-group jackknife."""
    return (REFITS - 1) ** 2 / REFITS * float(np.var(of, ddof=1))


@dataclass(frozen=True, slots=True)
class Scored:
    """A model trained on other rows beside one trained on real rows, on the same unseen ones.

    Attributes:
        excess: 95 % interval of value - reference, which share the noise of the unseen rows.
    """

    value: float
    interval: tuple[float, float]
    reference: float
    reference_interval: tuple[float, float]
    excess: tuple[float, float]

    @classmethod
    def of(cls, task: Task, made: Floats, real: Floats) -> Self:
        """From `predictions` of both."""
        truth = task.answers(task.test)
        even = np.ones(len(truth))
        sides = [[score(task, one, truth) for one in side] for side in (made, real)]
        whole = np.array([[each(even) for each in side] for side in sides])  # (2, 1 + REFITS)
        rng = task.seed.child("bootstrap").rng()
        drawn = np.empty((RESAMPLES, 2))
        for i in range(RESAMPLES):
            rows = rng.integers(len(truth), size=len(truth))
            weights = np.bincount(rows, minlength=len(truth)).astype(np.float64)
            drawn[i] = [side[0](weights) for side in sides]
        spans = [
            normal(
                whole[k, 0],
                float(drawn[:, k].var(ddof=1)) + trained_variance(whole[k, 1:]),
                -1.0,
                1.0,
            )
            for k in range(2)
        ]
        gap = whole[0] - whole[1]
        noise = float((drawn[:, 0] - drawn[:, 1]).var(ddof=1)) + trained_variance(gap[1:])
        return cls(
            float(whole[0, 0]),
            spans[0],
            float(whole[1, 0]),
            spans[1],
            normal(float(gap[0]), noise, -2.0, 2.0),
        )


def auc_one_vs_rest(labels: Ints, scores: Floats) -> float:
    """Mean over classes of the area under the ROC curve of that class against the rest (macro average).

    Args:
        labels: (n,) classes as positions in the columns of `scores`; two or more of them occur.
        scores: (n, classes) a score for each class.

    >>> auc_one_vs_rest(np.array([0, 1, 1]), np.array([[0.9, 0.1], [0.3, 0.7], [0.6, 0.4]]))
    1.0
    """
    return _auc(labels, scores)(np.ones(len(labels)))


def _auc(truth: Any, scores: Floats) -> Score:
    """Mean over the classes of the area of that class against the rest."""
    classes = np.unique(truth)
    if len(classes) == 2:
        classes = classes[1:]  # the area of the other class is the same
    areas = [WeightedArea(truth == one, scores[:, one]) for one in classes]
    return lambda weights: float(np.mean([area(weights) for area in areas]))


def _r2(truth: Floats, predicted: Floats, within: float | None) -> Score:
    """Share of the variance explained; -1 stands for anything below."""

    def of(weights: Floats) -> float:
        if within is None:
            spread = (truth - np.average(truth, weights=weights)) ** 2
            total = float(weights @ spread)
        else:
            total = within * float(weights.sum())
        missed = float(weights @ (truth - predicted) ** 2)
        return max(-1.0, 1 - missed / total) if total else 0.0

    return of
