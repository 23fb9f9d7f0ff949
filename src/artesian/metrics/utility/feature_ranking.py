"""Are the same columns important to a model trained on synthetic rows?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from artesian.core.run import Run
from artesian.metrics.common.arrays import Floats
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.encoding import Rows
from artesian.metrics.common.intervals import normal
from artesian.metrics.common.parallel import side_by_side
from artesian.metrics.protocol import Better, Comparison, NotMeasurable, Result, Spec
from artesian.metrics.utility.learners import Learner, boosted
from artesian.metrics.utility.prediction_task import Task, Trio
from artesian.metrics.utility.rank_agreement import rank_agreement
from artesian.metrics.utility.scores import fits, score, subsets, trained_variance

_LEAST = 3  # columns: two have an order by chance


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureRanking(BaseMetric):
    """The share of pairs of columns that stand in the same order of importance; a tie counts half,
    and a pair weighs as much as its importances in real rows differ. A column is as important as the
    score of unseen rows falls when it is shuffled.

    Gradient boosting, trained on as many synthetic, real, and unseen real rows, which give the
    reference; all are asked about the same other unseen rows with the same shuffles.

    Attributes:
        rows: Training rows, at most.
        test_rows: Unseen rows that are shuffled, at most.
        max_columns: Of more predictors, that many are drawn by the seed.
    """

    spec: ClassVar[Spec] = Spec(
        name="feature_ranking",
        title="Order of the important columns",
        family="utility",
        better=Better.HIGHER,
        low=0.0,
        high=1.0,
        description="1 is the same order of columns by importance, 0.5 is a guess, 0 is "
        "the order reversed",
        source="Breiman 2001 (permutation importance); Jordon et al. 2018 (agreement), weighted",
        needs_holdout=True,
        slow=True,
    )
    rows: int = 5_000
    test_rows: int = 1_000
    max_columns: int = 30

    def measure(self, tables: Comparison, run: Run) -> Result:
        trio = Trio.of(
            tables, run, rows=self.rows, test_rows=self.test_rows, max_columns=self.max_columns
        )
        task = trio.task
        names = task.features.columns
        if len(names) < _LEAST:
            raise NotMeasurable(f"there are {len(names)} predictors, {_LEAST} are needed")
        shuffled = _shuffled(task)
        jobs = [
            job
            for side in trio.sides
            for job in zip(fits(boosted), subsets(side, task), strict=True)
        ]
        found = np.array(
            side_by_side(lambda job: _importances(task, *job, shuffled), jobs, run, self.spec.name)
        ).reshape(3, -1, len(names))
        synthetic, real, unseen = found
        if not real[0].max() > 0:
            raise NotMeasurable(f"no column helps to predict {task.target.name!r}")
        values, references = (
            np.array([rank_agreement(b, a) for a, b in zip(side, real, strict=True)])
            for side in (synthetic, unseen)
        )
        value, reference = float(values[0]), float(references[0])
        gaps = values - references
        orders = [[names[i] for i in np.argsort(-side[0])[:3]] for side in (synthetic, real)]
        return Result(
            value=value,
            interval=normal(value, trained_variance(values[1:]), 0.0, 1.0),
            reference=reference,
            reference_interval=normal(reference, trained_variance(references[1:]), 0.0, 1.0),
            excess_interval=normal(float(gaps[0]), trained_variance(gaps[1:]), -1.0, 1.0),
            parts={name: float(synthetic[0, i]) for i, name in enumerate(names)},
            explanation=(
                f"To predict {task.target.name!r}, a model trained on synthetic rows leans most on "
                f"{_listed(orders[0])}, one trained on real rows on {_listed(orders[1])}; the "
                f"orders of all {len(names)} columns agree by {value:.2f} (two samples of real rows: "
                f"{reference:.2f})."
            ),
            target=task.target.name,
            detail={
                "real_importances": {name: float(real[0, i]) for i, name in enumerate(names)},
                "train_rows": task.real.height,
            },
        )


def _shuffled(task: Task) -> Floats:
    """(1 + columns, test rows, features): as they are, then with each column shuffled."""
    matrix = task.features.matrix(task.test)
    owners = np.array(task.features.owners)
    made = np.repeat(matrix[None], 1 + len(task.features.columns), axis=0)
    for at, name in enumerate(task.features.columns):
        order = task.seed.child("shuffle", at).rng().permutation(len(matrix))
        own = np.flatnonzero(owners == name)
        made[1 + at][:, own] = matrix[np.ix_(order, own)]
    return made


def _importances(task: Task, learner: Learner, train: Rows, shuffled: Floats) -> Floats:
    """(columns,) falls of the score."""
    model = learner(task, train)
    copies, rows, features = shuffled.shape
    predicted = model(shuffled.reshape(copies * rows, features))
    truth, even = task.answers(task.test), np.ones(rows)
    scores = np.array([score(task, one, truth)(even) for one in np.array_split(predicted, copies)])
    falls: Floats = scores[0] - scores[1:]
    return falls


def _listed(names: list[str]) -> str:
    return ", ".join(repr(name) for name in names)
