"""Train on real and synthetic rows together: whether augmentation improves prediction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from artesian.core.run import Run
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.protocol import Better, Comparison, Result, Spec
from artesian.metrics.utility.learners import boosted, linear
from artesian.metrics.utility.prediction_task import TEST_ROWS, PredictionTask
from artesian.metrics.utility.scores import ScoreComparison, baseline, predictions, score_name


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainOnBoth(BaseMetric):
    """Score of gradient boosting trained on real rows and the same number of synthetic rows; the
    reference is trained on the real rows alone. A linear model is in the parts.

    Attributes:
        rows: Maximum number of real, and of synthetic, rows to train on.
        test_rows: Maximum number of holdout rows to test on.
        max_columns: Of more predictors, a random choice.
    """

    spec: ClassVar[Spec] = Spec(
        name="train_on_both",
        title="Train on real and synthetic, test on real",
        family="utility",
        better=Better.HIGHER,
        low=-1.0,
        high=1.0,
        description="above the reference: synthetic rows improve the model; below: they harm it; 1: "
        "perfect prediction of holdout rows; a guess: 0.5 for classes, 0 for a number",
        source="Shorten and Khoshgoftaar 2019 (augmentation); Esteban et al. 2017 (the protocol)",
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
        scores = {
            learner.__name__: ScoreComparison.from_predictions(
                task,
                *(predictions(task, tables, run, learner, side) for side in ("both", "real")),
            )
            for learner in (boosted, linear)
        }
        boosted_scores = scores["boosted"]
        return Result(
            value=boosted_scores.value,
            interval=boosted_scores.interval,
            reference=boosted_scores.reference,
            reference_interval=boosted_scores.reference_interval,
            excess_interval=boosted_scores.excess_interval,
            parts={
                f"{name}, {rows}": value
                for name, each in scores.items()
                for rows, value in (("both", each.value), ("real alone", each.reference))
            },
            explanation=(
                f"A model trained on {task.real.height:,} real and as many synthetic rows "
                f"predicts {task.target.name!r} of holdout rows with {score_name(task)} "
                f"{boosted_scores.value:.3f}; trained on the real rows alone, with "
                f"{boosted_scores.reference:.3f} (perfect: 1, a guess: {baseline(task):g})."
            ),
            baseline=baseline(task),
            target=task.target.name,
            detail={
                "measure": score_name(task),
                "train_rows": task.real.height,
                "linear_excess_interval": scores["linear"].excess_interval,
            },
        )
