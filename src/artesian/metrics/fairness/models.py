"""The two classifiers whose fairness is compared, one trained on synthetic and one on real rows.

Both are tested on holdout rows. A test on synthetic rows can make an unfair model look fair: other
columns are correlated with the group, and on real people the model uses that correlation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from artesian.core.run import Run
from artesian.metrics.common.arrays import Floats
from artesian.metrics.common.encoding import encode
from artesian.metrics.common.groups import MIN_ROWS, Groups
from artesian.metrics.common.roc import Truth
from artesian.metrics.protocol import Comparison, NotMeasurable
from artesian.metrics.utility.learners import boosted
from artesian.metrics.utility.prediction_task import PredictionTask
from artesian.metrics.utility.scores import predictions as predictions_of


@dataclass(frozen=True, slots=True)
class Predictions:
    """Predictions of both models for the holdout rows.

    Attributes:
        target, event: The predicted column and its positive class.
        truth: (rows,) the positives.
        synthetic, real: (1 + REFITS, rows) probability of the positive class by the model trained
            on such rows, then by refits without one group of training rows each.
        groups: Sensitive column -> its groups; columns with fewer than two groups are left out.
    """

    target: str
    event: str
    truth: Truth
    synthetic: Floats
    real: Floats
    groups: dict[str, Groups]


def predict(tables: Comparison, run: Run) -> Predictions:
    """Fit and predict; cached per comparison.

    Raises:
        NotMeasurable: no sensitive column has two groups, or the target is not binary.
    """
    return tables.cached(("fairness", run.seed.entropy, run.seed.path), lambda: _fit(tables, run))


def _fit(tables: Comparison, run: Run) -> Predictions:
    encoded = encode(tables)
    sensitive = [column.name for column in encoded.columns if column.sensitive]
    if encoded.holdout is not None and not sensitive:
        raise NotMeasurable("no column is marked as sensitive")
    task = PredictionTask.from_comparison(tables, run)
    name = task.target.name
    classes = np.unique(encoded.real.codes.get(name, np.empty(0, np.int64)))
    if not task.target.classes or (classes >= 0).sum() != 2:
        raise NotMeasurable(f"the target {name!r} does not have two classes")
    event = int(classes[-1])
    groups = {}
    for column in sensitive:
        if column in task.test.codes and column != name:
            column_groups = Groups.from_codes(task.test.codes[column], encoded.levels[column])
            if len(column_groups.names) > 1:
                groups[column] = column_groups
    if not groups:
        raise NotMeasurable(f"no sensitive column has two groups of {MIN_ROWS} holdout rows")
    synthetic, real = (
        predictions_of(task, tables, run, boosted, side)[:, :, event]
        for side in ("synthetic", "real")
    )
    truth = np.asarray(task.test.codes[name] == event)
    return Predictions(name, str(encoded.levels[name][event]), truth, synthetic, real, groups)
