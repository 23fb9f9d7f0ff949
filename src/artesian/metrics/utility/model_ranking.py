"""Would the same model be chosen if all that one had were the synthetic rows?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from artesian.core.run import Run
from artesian.metrics.common.arrays import Floats
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.intervals import normal
from artesian.metrics.common.parallel import side_by_side
from artesian.metrics.protocol import Better, Comparison, NotMeasurable, Result, Spec
from artesian.metrics.utility.learners import competitors
from artesian.metrics.utility.prediction_task import Trio
from artesian.metrics.utility.rank_agreement import rank_agreement
from artesian.metrics.utility.scores import RESAMPLES, measure, score


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRanking(BaseMetric):
    """The share of pairs of models that stand in the same order when trained on synthetic rows as when
    trained on real ones; a tie counts half. A pair weighs as much as its real scores differ: which of
    two models that are as good comes first says nothing.

    Five or six learners as unlike each other as they come, each trained on as many synthetic, real,
    and unseen real rows, which give the reference; all predict the same other unseen rows.

    Attributes:
        rows: Training rows, at most.
        test_rows: Unseen rows to predict, at most.
        max_columns: Of more predictors, that many are drawn by the seed.
    """

    spec: ClassVar[Spec] = Spec(
        name="model_ranking",
        title="Order of the best models",
        family="utility",
        better=Better.HIGHER,
        low=0.0,
        high=1.0,
        description="1 is the same order of models, 0.5 is a guess, 0 is the order reversed",
        source="Jordon, Yoon and van der Schaar 2018 (synthetic ranking agreement), weighted",
        needs_holdout=True,
        slow=True,
    )
    rows: int = 2_000
    test_rows: int = 3_000
    max_columns: int = 30

    def measure(self, tables: Comparison, run: Run) -> Result:
        trio = Trio.of(
            tables, run, rows=self.rows, test_rows=self.test_rows, max_columns=self.max_columns
        )
        task = trio.task
        learners = competitors(task)
        test = task.features.matrix(task.test)
        jobs = [(learner, rows) for rows in trio.sides for learner in learners.values()]
        predicted = side_by_side(lambda job: job[0](task, job[1])(test), jobs, run, self.spec.name)
        truth = task.answers(task.test)
        scores = [score(task, one, truth) for one in predicted]

        def agreed(weights: Floats) -> tuple[Floats, float, float]:
            found = np.array([one(weights) for one in scores]).reshape(3, -1)
            return found, rank_agreement(found[1], found[0]), rank_agreement(found[1], found[2])

        found, value, reference = agreed(np.ones(len(truth)))
        if not np.ptp(found[1]) > 0:
            raise NotMeasurable("all models do as well on real rows, so there is no order")
        rng = task.seed.child("bootstrap").rng()
        again = np.empty((RESAMPLES, 2))
        for i in range(RESAMPLES):
            rows = rng.integers(len(truth), size=len(truth))
            weights = np.bincount(rows, minlength=len(truth)).astype(np.float64)
            again[i] = agreed(weights)[1:]
        names = list(learners)
        best = [names[int(side.argmax())] for side in found[:2]]
        gap = value - reference
        return Result(
            value=value,
            interval=normal(value, float(again[:, 0].var(ddof=1)), 0.0, 1.0),
            reference=reference,
            reference_interval=normal(reference, float(again[:, 1].var(ddof=1)), 0.0, 1.0),
            excess_interval=normal(gap, float((again[:, 0] - again[:, 1]).var(ddof=1)), -1.0, 1.0),
            parts=dict(zip(names, found[0].tolist(), strict=True)),
            explanation=(
                f"Trained on synthetic rows, {len(names)} models stand in the order that real rows "
                f"give them by {value:.2f} (another sample of real rows: {reference:.2f}); the best "
                f"is {best[0]!r} there, and {best[1]!r} on real rows."
            ),
            target=task.target.name,
            detail={
                "measure": measure(task),
                "real_scores": dict(zip(names, found[1].tolist(), strict=True)),
                "train_rows": task.real.height,
            },
        )
