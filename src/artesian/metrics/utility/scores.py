"""Scores of predictions for holdout rows, AUC or R2, with intervals that cover the sampling of
training and test rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from artesian.core.run import Run
from artesian.metrics.common.arrays import Floats, Ints
from artesian.metrics.common.encoding import Rows
from artesian.metrics.common.intervals import normal
from artesian.metrics.common.parallel import fit_in_parallel
from artesian.metrics.common.roc import WeightedArea
from artesian.metrics.protocol import Comparison
from artesian.metrics.utility.learners import Learner, refit_learner
from artesian.metrics.utility.prediction_task import PredictionTask

Score = Callable[[Floats], float]
"""The score of predictions as a function of row weights."""

REFITS = 5
"""Number of groups of training rows; a refit without each is a jackknife of the training sample."""

RESAMPLES = 200
"""Number of bootstrap resamples of the test rows."""


def predictions(
    task: PredictionTask, tables: Comparison, run: Run, learner: Learner, side: str
) -> Floats:
    """Predict the test rows by a model of all training rows, then by refits without each group;
    cached.

    Args:
        side: The training rows: 'synthetic', 'real', or 'both' concatenated.

    Returns:
        (1 + REFITS, test rows[, classes])
    """

    def compute() -> Floats:
        parts = [task.synthetic, task.real] if side == "both" else [getattr(task, side)]
        test = task.features.matrix(task.test)
        jobs = [
            (learn, concatenated([_without_group(rows, group, task) for rows in parts]))
            for learn, group in zip(learner_with_refits(learner), _LEFT_OUT, strict=True)
        ]
        return np.array(
            fit_in_parallel(lambda job: job[0](task, job[1])(test), jobs, run, f"fits on {side}")
        )

    return tables.cached(("predictions", learner.__name__, side, *task.key), compute)


_LEFT_OUT = (None, *range(REFITS))


def learner_with_refits(learner: Learner) -> list[Learner]:
    """The learner for all rows, then those for the refits."""
    return [learner, *[refit_learner(learner)] * REFITS]


def _without_group(rows: Rows, group: int | None, task: PredictionTask) -> Rows:
    if group is None:
        return rows
    groups = task.seed.child("refits").rng().permutation(rows.height) % REFITS
    return rows.take(np.flatnonzero(groups != group))


def jackknife_subsets(rows: Rows, task: PredictionTask) -> list[Rows]:
    """All rows, then all but each of `REFITS` groups."""
    return [_without_group(rows, group, task) for group in _LEFT_OUT]


def concatenated(parts: list[Rows]) -> Rows:
    """Concatenate rows."""
    if len(parts) == 1:
        return parts[0]
    return Rows(
        sum(rows.height for rows in parts),
        {name: np.concatenate([rows.numbers[name] for rows in parts]) for name in parts[0].numbers},
        {name: np.concatenate([rows.codes[name] for rows in parts]) for name in parts[0].codes},
        np.concatenate([rows.positions for rows in parts]),
    )


def score(
    task: PredictionTask, predicted: Floats, truth: Any, *, total_variance: float | None = None
) -> Score:
    """AUC for two classes, the mean of one-vs-rest AUCs for more, R2 for a number.

    Args:
        predicted: (rows, classes) or (rows,)
        truth: (rows,)
        total_variance: The total variance of R2; that of `truth` if None.
    """
    if task.target.classes:
        return _auc(truth, predicted)
    return _r2(truth, predicted, total_variance)


def score_name(task: PredictionTask) -> str:
    """Name of the score."""
    return "AUC" if task.target.classes else "R2"


def baseline(task: PredictionTask) -> float:
    """Score of a guess."""
    return 0.5 if task.target.classes else 0.0


def jackknife_variance(scores: Floats) -> float:
    """Delete-a-group jackknife variance from the scores without each group, (REFITS,)."""
    return (REFITS - 1) ** 2 / REFITS * float(np.var(scores, ddof=1))


@dataclass(frozen=True, slots=True)
class ScoreComparison:
    """Scores of a model trained on other rows and of one trained on real rows, on the same holdout
    rows.

    Attributes:
        excess_interval: 95 % interval of value - reference, whose errors correlate through the test
            rows.
    """

    value: float
    interval: tuple[float, float]
    reference: float
    reference_interval: tuple[float, float]
    excess_interval: tuple[float, float]

    @classmethod
    def from_predictions(cls, task: PredictionTask, other: Floats, real: Floats) -> Self:
        """From the `predictions` of both models."""
        truth = task.labels(task.test)
        uniform = np.ones(len(truth))
        models = [[score(task, predicted, truth) for predicted in side] for side in (other, real)]
        values = np.array([[each(uniform) for each in side] for side in models])  # (2, 1 + REFITS)
        rng = task.seed.child("bootstrap").rng()
        resampled = np.empty((RESAMPLES, 2))
        for i in range(RESAMPLES):
            rows = rng.integers(len(truth), size=len(truth))
            weights = np.bincount(rows, minlength=len(truth)).astype(np.float64)
            resampled[i] = [side[0](weights) for side in models]
        intervals = [
            normal(
                values[k, 0],
                float(resampled[:, k].var(ddof=1)) + jackknife_variance(values[k, 1:]),
                -1.0,
                1.0,
            )
            for k in range(2)
        ]
        differences = values[0] - values[1]
        noise = float((resampled[:, 0] - resampled[:, 1]).var(ddof=1)) + jackknife_variance(
            differences[1:]
        )
        return cls(
            float(values[0, 0]),
            intervals[0],
            float(values[1, 0]),
            intervals[1],
            normal(float(differences[0]), noise, -2.0, 2.0),
        )


def auc_one_vs_rest(labels: Ints, scores: Floats) -> float:
    """Mean over classes of the area under the ROC curve of that class against the rest (macro
    average).

    Args:
        labels: (n,) classes as positions in the columns of `scores`; two or more of them occur.
        scores: (n, classes) a score for each class.

    >>> auc_one_vs_rest(np.array([0, 1, 1]), np.array([[0.9, 0.1], [0.3, 0.7], [0.6, 0.4]]))
    1.0
    """
    return _auc(labels, scores)(np.ones(len(labels)))


def _auc(truth: Any, scores: Floats) -> Score:
    """Mean over classes of the one-vs-rest AUC."""
    classes = np.unique(truth)
    if len(classes) == 2:
        classes = classes[1:]  # the AUC of the other class is the same
    areas = [WeightedArea(truth == each_class, scores[:, each_class]) for each_class in classes]
    return lambda weights: float(np.mean([area(weights) for area in areas]))


def _r2(truth: Floats, predicted: Floats, total_variance: float | None) -> Score:
    """Coefficient of determination, clipped below at -1."""

    def of(weights: Floats) -> float:
        if total_variance is None:
            deviations = (truth - np.average(truth, weights=weights)) ** 2
            total = float(weights @ deviations)
        else:
            total = total_variance * float(weights.sum())
        residual = float(weights @ (truth - predicted) ** 2)
        return max(-1.0, 1 - residual / total) if total else 0.0

    return of
