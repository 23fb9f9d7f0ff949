"""Agreement of feature importances from synthetic and from real rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from artesian.core.run import Run
from artesian.metrics.common.arrays import Floats
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.encoding import Rows
from artesian.metrics.common.intervals import normal
from artesian.metrics.common.parallel import fit_in_parallel
from artesian.metrics.protocol import Better, Comparison, NotMeasurable, Result, Spec
from artesian.metrics.utility.learners import Learner, boosted
from artesian.metrics.utility.prediction_task import PredictionTask, ThreeSampleTask
from artesian.metrics.utility.rank_agreement import rank_agreement
from artesian.metrics.utility.scores import (
    jackknife_subsets,
    jackknife_variance,
    learner_with_refits,
    score,
)

_MIN_PREDICTORS = 3  # two columns agree in order by chance


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureRanking(BaseMetric):
    """Weighted proportion of pairs of columns in the same order of permutation importance; a tie
    counts half, and a pair is weighted by the difference of its importances from real rows.

    Gradient boosting is trained on the same number of synthetic, training and holdout rows, the
    last for the reference, and tested on other holdout rows with the same permutations.

    Attributes:
        rows: Maximum number of rows to train on.
        test_rows: Maximum number of holdout rows to test on.
        max_columns: Of more predictors, a random choice.
    """

    spec: ClassVar[Spec] = Spec(
        name="feature_ranking",
        title="Agreement of feature importances",
        family="utility",
        better=Better.HIGHER,
        low=0.0,
        high=1.0,
        description="1: the same order of columns by importance; 0.5: a random order; 0: reversed",
        source="Breiman 2001 (permutation importance); Jordon et al. 2018 (agreement), weighted",
        needs_holdout=True,
        slow=True,
    )
    rows: int = 5_000
    test_rows: int = 1_000
    max_columns: int = 30

    def measure(self, tables: Comparison, run: Run) -> Result:
        samples = ThreeSampleTask.from_comparison(
            tables, run, rows=self.rows, test_rows=self.test_rows, max_columns=self.max_columns
        )
        task = samples.task
        names = task.features.columns
        if len(names) < _MIN_PREDICTORS:
            raise NotMeasurable(f"there are {len(names)} predictors, {_MIN_PREDICTORS} are needed")
        shuffled = _shuffled(task)
        jobs = [
            job
            for side in samples.sides
            for job in zip(learner_with_refits(boosted), jackknife_subsets(side, task), strict=True)
        ]
        importances = np.array(
            fit_in_parallel(
                lambda job: _importances(task, *job, shuffled), jobs, run, self.spec.name
            )
        ).reshape(3, -1, len(names))
        synthetic, real, holdout = importances
        if not real[0].max() > 0:
            raise NotMeasurable(f"no column helps to predict {task.target.name!r}")
        values, references = (
            np.array([rank_agreement(b, a) for a, b in zip(side, real, strict=True)])
            for side in (synthetic, holdout)
        )
        value, reference = float(values[0]), float(references[0])
        excess = values - references
        top_columns = [[names[i] for i in np.argsort(-side[0])[:3]] for side in (synthetic, real)]
        return Result(
            value=value,
            interval=normal(value, jackknife_variance(values[1:]), 0.0, 1.0),
            reference=reference,
            reference_interval=normal(reference, jackknife_variance(references[1:]), 0.0, 1.0),
            excess_interval=normal(float(excess[0]), jackknife_variance(excess[1:]), -1.0, 1.0),
            parts={name: float(synthetic[0, i]) for i, name in enumerate(names)},
            explanation=(
                f"The most important columns for predicting {task.target.name!r} are "
                f"{_column_list(top_columns[0])} for a model trained on synthetic rows and "
                f"{_column_list(top_columns[1])} for one trained on real rows; the orders of "
                f"{len(names)} columns agree by {value:.2f} (training and holdout rows: "
                f"{reference:.2f})."
            ),
            target=task.target.name,
            detail={
                "real_importances": {name: float(real[0, i]) for i, name in enumerate(names)},
                "train_rows": task.real.height,
            },
        )


def _shuffled(task: PredictionTask) -> Floats:
    """(1 + columns, test rows, features): unchanged, then with each column permuted."""
    matrix = task.features.matrix(task.test)
    owners = np.array(task.features.owners)
    matrices = np.repeat(matrix[None], 1 + len(task.features.columns), axis=0)
    for at, name in enumerate(task.features.columns):
        permutation = task.seed.child("shuffle", at).rng().permutation(len(matrix))
        features = np.flatnonzero(owners == name)
        matrices[1 + at][:, features] = matrix[np.ix_(permutation, features)]
    return matrices


def _importances(task: PredictionTask, learner: Learner, train: Rows, shuffled: Floats) -> Floats:
    """(columns,) decreases of the score."""
    model = learner(task, train)
    copies, rows, features = shuffled.shape
    predicted = model(shuffled.reshape(copies * rows, features))
    truth, weights = task.labels(task.test), np.ones(rows)
    scores = np.array(
        [score(task, one, truth)(weights) for one in np.array_split(predicted, copies)]
    )
    decreases: Floats = scores[0] - scores[1:]
    return decreases


def _column_list(names: list[str]) -> str:
    return ", ".join(repr(name) for name in names)
