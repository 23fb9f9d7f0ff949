"""Agreement of the ranking of models on synthetic and on real training rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from artesian.core.run import Run
from artesian.metrics.common.arrays import Floats
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.intervals import normal
from artesian.metrics.common.parallel import fit_in_parallel
from artesian.metrics.protocol import Better, Comparison, NotMeasurable, Result, Spec
from artesian.metrics.utility.learners import competitors
from artesian.metrics.utility.prediction_task import ThreeSampleTask
from artesian.metrics.utility.rank_agreement import rank_agreement
from artesian.metrics.utility.scores import RESAMPLES, score, score_name


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRanking(BaseMetric):
    """Weighted proportion of pairs of models in the same order when trained on synthetic as when
    trained on real rows; a tie counts half, and a pair is weighted by the difference of its real
    scores.

    Five or six diverse learners are each trained on the same number of synthetic, training and
    holdout rows, the last for the reference, and tested on other holdout rows.

    Attributes:
        rows: Maximum number of rows to train on.
        test_rows: Maximum number of holdout rows to test on.
        max_columns: Of more predictors, a random choice.
    """

    spec: ClassVar[Spec] = Spec(
        name="model_ranking",
        title="Agreement of model rankings",
        family="utility",
        better=Better.HIGHER,
        low=0.0,
        high=1.0,
        description="1: the same ranking of models; 0.5: a random ranking; 0: reversed",
        source="Jordon, Yoon and van der Schaar 2018 (synthetic ranking agreement), weighted",
        needs_holdout=True,
        slow=True,
    )
    rows: int = 2_000
    test_rows: int = 3_000
    max_columns: int = 30

    def measure(self, tables: Comparison, run: Run) -> Result:
        samples = ThreeSampleTask.from_comparison(
            tables, run, rows=self.rows, test_rows=self.test_rows, max_columns=self.max_columns
        )
        task = samples.task
        learners = competitors(task)
        test = task.features.matrix(task.test)
        jobs = [(learner, rows) for rows in samples.sides for learner in learners.values()]
        predicted = fit_in_parallel(
            lambda job: job[0](task, job[1])(test), jobs, run, self.spec.name
        )
        truth = task.labels(task.test)
        scores = [score(task, each, truth) for each in predicted]

        def agreement(weights: Floats) -> tuple[Floats, float, float]:
            model_scores = np.array([each(weights) for each in scores]).reshape(3, -1)
            return (
                model_scores,
                rank_agreement(model_scores[1], model_scores[0]),
                rank_agreement(model_scores[1], model_scores[2]),
            )

        model_scores, value, reference = agreement(np.ones(len(truth)))
        if not np.ptp(model_scores[1]) > 0:
            raise NotMeasurable(
                "all models have the same score on real rows, so there is no ranking"
            )
        rng = task.seed.child("bootstrap").rng()
        resampled = np.empty((RESAMPLES, 2))
        for i in range(RESAMPLES):
            rows = rng.integers(len(truth), size=len(truth))
            weights = np.bincount(rows, minlength=len(truth)).astype(np.float64)
            resampled[i] = agreement(weights)[1:]
        names = list(learners)
        best = [names[int(side.argmax())] for side in model_scores[:2]]
        excess = value - reference
        return Result(
            value=value,
            interval=normal(value, float(resampled[:, 0].var(ddof=1)), 0.0, 1.0),
            reference=reference,
            reference_interval=normal(reference, float(resampled[:, 1].var(ddof=1)), 0.0, 1.0),
            excess_interval=normal(
                excess, float((resampled[:, 0] - resampled[:, 1]).var(ddof=1)), -1.0, 1.0
            ),
            parts=dict(zip(names, model_scores[0].tolist(), strict=True)),
            explanation=(
                f"The rankings of {len(names)} models trained on synthetic and on real rows agree "
                f"by {value:.2f} (training and holdout rows: {reference:.2f}); the best model is "
                f"{best[0]!r} when trained on synthetic rows and {best[1]!r} when trained on real "
                "rows."
            ),
            target=task.target.name,
            detail={
                "measure": score_name(task),
                "real_scores": dict(zip(names, model_scores[1].tolist(), strict=True)),
                "train_rows": task.real.height,
            },
        )
