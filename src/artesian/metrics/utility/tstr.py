"""Train on synthetic, test on real (Esteban et al. 2017), beside train on real, test on real.

The same learner with the same number of rows predicts one column of unseen real rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from artesian.core.run import Run
from artesian.metrics.charts import PredictionScores
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.protocol import Axis, Better, Comparison, Figure, Headline, Result, Spec
from artesian.metrics.utility.learners import Learner, boosted, linear
from artesian.metrics.utility.prediction_task import MAX_COLUMNS, ROWS, TEST_ROWS, Task
from artesian.metrics.utility.scores import Scored, guess, measure, predictions

_DESCRIPTION = "1 predicts unseen rows perfectly; a guess is 0.5 for classes and 0 for a number"
_SOURCE = "Esteban, Hyland and Rätsch 2017"


@dataclass(frozen=True, slots=True, kw_only=True)
class TSTR(BaseMetric):
    """Gradient boosting; AUC for two classes, the mean of one-against-rest AUCs for up to 20, R2 for
    a number. The interval covers the draw of the unseen and of the training rows.

    Keys and free text are no predictors; rows without the target are left out.

    Attributes:
        rows: Training rows, at most; the same number of synthetic and of real ones.
        test_rows: Unseen rows to predict, at most.
        max_columns: Of more predictors, that many are drawn by the seed.
    """

    spec: ClassVar[Spec] = Spec(
        name="tstr",
        title="Usefulness",
        family="utility",
        better=Better.HIGHER,
        low=-1.0,
        high=1.0,
        description=_DESCRIPTION,
        source=_SOURCE,
        needs_holdout=True,
        headline=Headline.USEFULNESS,
        figure=Figure.UTILITY,
        axis=Axis.USEFULNESS,
        priority=1,
        benchmark=True,
    )
    rows: int = ROWS
    test_rows: int = TEST_ROWS
    max_columns: int = MAX_COLUMNS

    def measure(self, tables: Comparison, run: Run) -> Result:
        task = Task.of(
            tables,
            run,
            rows=self.rows,
            test_rows=self.test_rows,
            max_columns=self.max_columns,
        )
        return _result(self.spec, task, tables, run, boosted, "A model")


@dataclass(frozen=True, slots=True, kw_only=True)
class TSTRLinear(BaseMetric):
    """As `tstr`, with logistic or ridge regression: what a plain model learns."""

    spec: ClassVar[Spec] = Spec(
        name="tstr_linear",
        title="Usefulness to a linear model",
        family="utility",
        better=Better.HIGHER,
        low=-1.0,
        high=1.0,
        description=_DESCRIPTION,
        source=_SOURCE,
        needs_holdout=True,
        slow=True,
    )
    rows: int = 10_000
    test_rows: int = TEST_ROWS
    max_columns: int = 100

    def measure(self, tables: Comparison, run: Run) -> Result:
        task = Task.of(
            tables,
            run,
            rows=self.rows,
            test_rows=self.test_rows,
            max_columns=self.max_columns,
        )
        return _result(self.spec, task, tables, run, linear, "A linear model")


def _result(
    spec: Spec, task: Task, tables: Comparison, run: Run, learner: Learner, called: str
) -> Result:
    made, real = (predictions(task, tables, run, learner, s) for s in ("synthetic", "real"))
    found = Scored.of(task, made, real)
    return Result(
        value=found.value,
        interval=found.interval,
        reference=found.reference,
        reference_interval=found.reference_interval,
        excess_interval=found.excess,
        parts={"trained on synthetic": found.value, "trained on real": found.reference},
        explanation=(
            f"{called} trained on synthetic rows predicts {task.target.name!r} of unseen real rows "
            f"with {measure(task)} {found.value:.3f}; trained on as many real rows: "
            f"{found.reference:.3f} ({task.target.why}; 1 is perfect, a guess is {guess(task):g})"
            f"{task.features.said}."
        ),
        baseline=guess(task),
        target=task.target.name,
        chart=PredictionScores(measure=measure(task)),
        detail={
            "target_why": task.target.why,
            "train_rows": task.real.height,
            "test_rows": task.test.height,
        },
    )
