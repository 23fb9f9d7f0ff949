"""Global utility: every column in turn is the target (Jiang, Simidjievski and Jamnik 2026, "TabStruct:
Measuring Structural Fidelity of Tabular Data", arXiv:2509.11950).

A generator can be useful for one target and lose what ties the other columns together. The paper has
an ensemble of tuned models, balanced accuracy and RMSE; this has one decision tree a column, AUC and
RMSE, at about a thousandth of the cost.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from artesian.core.run import Run
from artesian.metrics.common.arrays import Floats
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.encoding import DISCRETE, Encoded, Rows, encode
from artesian.metrics.common.intervals import normal
from artesian.metrics.common.parallel import fit_in_parallel
from artesian.metrics.common.roc import WeightedArea
from artesian.metrics.protocol import Better, Comparison, NotMeasurable, Result, Spec
from artesian.metrics.utility.learners import one_tree
from artesian.metrics.utility.prediction_task import PredictionTask, ThreeSampleTask
from artesian.metrics.utility.scores import REFITS, jackknife_subsets, jackknife_variance
from artesian.metrics.utility.target import MAX_CLASSES, Target

_MAX_RATIO = 2.0
_MIN_CLASS_ROWS = 10  # of the test rows, so that each jackknife replicate has the class
_ERROR_FLOOR = 1e-3  # standard deviations, for columns that others determine


@dataclass(frozen=True, slots=True, kw_only=True)
class GlobalUtility(BaseMetric):
    """Mean over all columns of how well a model trained on synthetic rows predicts the column in the
    holdout, relative to a model trained on as many real rows.

    The ratio of AUCs for categories, of inverse root mean square errors for numbers and dates. The
    model is a decision tree of depth 8. Columns of more than 20 categories are
    predictors only. For the reference, half of the holdout replaces the synthetic rows; the other half
    is tested on.

    Attributes:
        rows: Maximum number of rows to train on.
        test_rows: Maximum number of holdout rows to test on.
        max_columns: Of more predictors, a random choice.
        max_targets: Of more columns to predict, a random choice.
    """

    spec: ClassVar[Spec] = Spec(
        name="global_utility",
        title="Global utility",
        family="utility",
        better=Better.HIGHER,
        low=0.0,
        high=_MAX_RATIO,
        description="1: every column is predicted as well as from real rows; 0.5: AUC 0.5 instead of 1",
        source="Jiang, Simidjievski and Jamnik 2026 (TabStruct)",
        needs_holdout=True,
        slow=True,
    )
    rows: int = 1_500
    test_rows: int = 1_500
    max_columns: int = 30
    max_targets: int = 20

    def measure(self, tables: Comparison, run: Run) -> Result:
        encoded = encode(tables)
        seed = run.seed.child(self.spec.name)
        samples = self._samples(encoded, run)
        if not samples:
            raise NotMeasurable("no column can be predicted from the others")
        chosen = [samples[at] for at in seed.rng().permutation(len(samples))[: self.max_targets]]
        chosen.sort(key=lambda sample: sample.task.target.name)
        jobs = [
            (sample.task, train)
            for sample in chosen
            for side in sample.sides
            for train in jackknife_subsets(side, sample.task)
        ]
        predicted = iter(fit_in_parallel(_predict, jobs, run, self.spec.name))
        scores = np.array(
            [
                [
                    _scores(sample.task, [next(predicted) for _ in range(1 + REFITS)])
                    for _ in range(3)
                ]
                for sample in chosen
            ]
        )  # (targets, synthetic, training or holdout rows, 1 + REFITS)
        ratios = np.clip(scores[:, [0, 2]] / scores[:, [1]], 0.0, _MAX_RATIO)
        values, references = ratios.mean(axis=0)
        value, reference = float(values[0]), float(references[0])
        excess = values - references
        names = [sample.task.target.name for sample in chosen]
        worst = int(ratios[:, 0, 0].argmin())
        return Result(
            value=value,
            interval=normal(value, jackknife_variance(values[1:]), 0.0, _MAX_RATIO),
            reference=reference,
            reference_interval=normal(
                reference, jackknife_variance(references[1:]), 0.0, _MAX_RATIO
            ),
            excess_interval=normal(
                float(excess[0]), jackknife_variance(excess[1:]), -_MAX_RATIO, _MAX_RATIO
            ),
            parts=dict(zip(names, ratios[:, 0, 0].tolist(), strict=True)),
            reference_parts=dict(zip(names, ratios[:, 1, 0].tolist(), strict=True)),
            explanation=(
                f"Models trained on synthetic rows predict a column of the holdout {value:.3f} times "
                f"as well as models trained on as many real rows, on average over {len(names)} "
                f"columns (models trained on other real rows: {reference:.3f}); least for "
                f"{names[worst]!r}, {ratios[worst, 0, 0]:.3f} times."
            ),
            detail={
                "targets": len(names),
                "measure": "AUC of categories, inverse RMSE of numbers",
                "train_rows": max(sample.task.real.height for sample in chosen),
            },
        )

    def _samples(self, encoded: Encoded, run: Run) -> list[ThreeSampleTask]:
        """The tasks of all columns that can be predicted."""
        seed = run.seed.child(self.spec.name)
        samples = []
        refusal = None
        for column in sorted(encoded.columns, key=lambda each: each.name):
            classes = column.kind in DISCRETE
            if classes and len(np.unique(encoded.real.codes[column.name])) > MAX_CLASSES + 1:
                continue
            try:
                task = PredictionTask.from_target(
                    encoded,
                    Target(column.name, classes, "every column is a target"),
                    seed,
                    rows=self.rows,
                    max_columns=self.max_columns,
                )
                sample = ThreeSampleTask.from_task(task, encoded, test_rows=self.test_rows)
            except NotMeasurable as problem:
                refusal = refusal or problem
                continue
            if not classes or len(_scored_classes(sample.task)) >= 2:
                samples.append(sample)
        if not samples and refusal is not None:
            raise refusal
        return samples


def _predict(job: tuple[PredictionTask, Rows]) -> Floats:
    task, train = job
    return one_tree(task, train)(task.features.matrix(task.test))


def _scored_classes(task: PredictionTask) -> Floats:
    """Classes with enough test rows, and enough of other classes, for an AUC."""
    classes, counts = np.unique(task.labels(task.test), return_counts=True)
    rows = task.test.height
    enough: Floats = classes[(counts >= _MIN_CLASS_ROWS) & (rows - counts >= _MIN_CLASS_ROWS)]
    return enough


def _scores(task: PredictionTask, predicted: list[Floats]) -> Floats:
    """(1 + REFITS,) AUC or inverse RMSE of the model of all training rows, then of each refit, on the
    test rows without one group: the jackknife leaves out test rows as well."""
    truth = task.labels(task.test)
    groups = task.seed.child("test groups").rng().permutation(len(truth)) % REFITS
    masks = [np.ones(len(truth), bool), *(groups != group for group in range(REFITS))]
    if not task.target.classes:
        squares = [(truth - one)[mask] ** 2 for one, mask in zip(predicted, masks, strict=True)]
        return np.array([1 / (_ERROR_FLOOR + np.sqrt(each.mean())) for each in squares])
    classes = _scored_classes(task).astype(int)
    return np.array(
        [
            np.mean(
                [WeightedArea(truth == code, one[:, code])(mask.astype(float)) for code in classes]
            )
            for one, mask in zip(predicted, masks, strict=True)
        ]
    )
