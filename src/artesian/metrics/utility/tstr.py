"""Train on synthetic, test on real (TSTR, Esteban et al. 2017); the reference is train on real,
test on real. The same learner with the same number of rows predicts one column of the holdout rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from artesian.core.run import Run
from artesian.metrics.charts import PredictionScores
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.protocol import Axis, Better, Comparison, Figure, Headline, Result, Spec
from artesian.metrics.utility.learners import Learner, boosted, linear
from artesian.metrics.utility.prediction_task import MAX_COLUMNS, ROWS, TEST_ROWS, PredictionTask
from artesian.metrics.utility.scores import ScoreComparison, baseline, predictions, score_name

_DESCRIPTION = "1: perfect prediction of holdout rows; a guess: 0.5 for classes, 0 for a number"
_SOURCE = "Esteban, Hyland and Rätsch 2017"


@dataclass(frozen=True, slots=True, kw_only=True)
class TSTR(BaseMetric):
    """Score of gradient boosting trained on synthetic rows and tested on holdout rows: AUC for two
    classes, the mean of one-vs-rest AUCs for up to 20, R2 for a number.

    The interval covers the sampling of test and training rows. Keys and free text are not
    predictors; rows without the target are left out.

    Attributes:
        rows: Maximum number of synthetic, and of real, rows to train on.
        test_rows: Maximum number of holdout rows to test on.
        max_columns: Of more predictors, a random choice.
    """

    spec: ClassVar[Spec] = Spec(
        name="tstr",
        title="Train on synthetic, test on real",
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
        task = PredictionTask.from_comparison(
            tables,
            run,
            rows=self.rows,
            test_rows=self.test_rows,
            max_columns=self.max_columns,
        )
        return _result(self.spec, task, tables, run, boosted, "A model")


@dataclass(frozen=True, slots=True, kw_only=True)
class TSTRLinear(BaseMetric):
    """As `tstr`, with logistic or ridge regression."""

    spec: ClassVar[Spec] = Spec(
        name="tstr_linear",
        title="Train on synthetic, test on real: linear model",
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
        task = PredictionTask.from_comparison(
            tables,
            run,
            rows=self.rows,
            test_rows=self.test_rows,
            max_columns=self.max_columns,
        )
        return _result(self.spec, task, tables, run, linear, "A linear model")


def _result(
    spec: Spec, task: PredictionTask, tables: Comparison, run: Run, learner: Learner, model: str
) -> Result:
    synthetic, real = (
        predictions(task, tables, run, learner, side) for side in ("synthetic", "real")
    )
    scores = ScoreComparison.from_predictions(task, synthetic, real)
    return Result(
        value=scores.value,
        interval=scores.interval,
        reference=scores.reference,
        reference_interval=scores.reference_interval,
        excess_interval=scores.excess_interval,
        parts={"trained on synthetic": scores.value, "trained on real": scores.reference},
        explanation=(
            f"{model} trained on synthetic rows predicts {task.target.name!r} of holdout rows "
            f"with {score_name(task)} {scores.value:.3f}; trained on as many real rows, with "
            f"{scores.reference:.3f} ({task.target.reason}; perfect: 1, a guess: "
            f"{baseline(task):g}){task.features.drawn_note}."
        ),
        baseline=baseline(task),
        target=task.target.name,
        chart=PredictionScores(measure=score_name(task)),
        detail={
            "target_why": task.target.reason,
            "train_rows": task.real.height,
            "test_rows": task.test.height,
        },
    )
