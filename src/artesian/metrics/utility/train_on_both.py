"""Train on real and synthetic rows together: do the synthetic ones add something, or spoil it?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from artesian.core.run import Run
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.protocol import Better, Comparison, Result, Spec
from artesian.metrics.utility.learners import boosted, linear
from artesian.metrics.utility.prediction_task import TEST_ROWS, Task
from artesian.metrics.utility.scores import Scored, guess, measure, predictions


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainOnBoth(BaseMetric):
    """Gradient boosting on as many synthetic as real rows, beside the real rows alone; a linear model
    stands in the parts.

    Attributes:
        rows: Real training rows, at most, and as many synthetic ones.
        test_rows: Unseen rows to predict, at most.
        max_columns: Of more predictors, that many are drawn by the seed.
    """

    spec: ClassVar[Spec] = Spec(
        name="train_on_both",
        title="Real and synthetic rows together",
        family="utility",
        better=Better.HIGHER,
        low=-1.0,
        high=1.0,
        description="above the reference the synthetic rows add to the real ones, below "
        "they spoil them; 1 "
        "predicts unseen rows perfectly, a guess is 0.5 for classes and 0 for a number",
        source="Shorten and Khoshgoftaar 2019 (augmentation); Esteban et al. 2017 (the protocol)",
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
        of = {
            learner.__name__: Scored.of(
                task,
                *(predictions(task, tables, run, learner, side) for side in ("both", "real")),
            )
            for learner in (boosted, linear)
        }
        found = of["boosted"]
        return Result(
            value=found.value,
            interval=found.interval,
            reference=found.reference,
            reference_interval=found.reference_interval,
            excess_interval=found.excess,
            parts={
                f"{name}, {rows}": value
                for name, one in of.items()
                for rows, value in (("both", one.value), ("real alone", one.reference))
            },
            explanation=(
                f"A model trained on {task.real.height:,} real and as many synthetic rows predicts "
                f"{task.target.name!r} of unseen rows with {measure(task)} {found.value:.3f}; on "
                f"the real rows alone: {found.reference:.3f} (1 is perfect, a guess is "
                f"{guess(task):g})."
            ),
            baseline=guess(task),
            target=task.target.name,
            detail={
                "measure": measure(task),
                "train_rows": task.real.height,
                "linear_excess_interval": of["linear"].excess,
            },
        )
