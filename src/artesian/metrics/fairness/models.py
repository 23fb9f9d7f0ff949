"""The two classifiers whose fairness is compared: one learned from synthetic rows, one from real ones.

Both are tested on unseen real rows. Tested on synthetic rows a model may look fair that is not: rows
made fair leave traces of the group in other columns, and on real people the model finds them again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from artesian.core.run import Run
from artesian.metrics.common.arrays import Floats
from artesian.metrics.common.encoding import encode
from artesian.metrics.common.groups import LEAST, Groups
from artesian.metrics.common.roc import Truth
from artesian.metrics.protocol import Comparison, NotMeasurable
from artesian.metrics.utility.learners import boosted
from artesian.metrics.utility.prediction_task import Task
from artesian.metrics.utility.scores import predictions as predictions_of


@dataclass(frozen=True, slots=True)
class Predictions:
    """What both models say of unseen rows.

    Attributes:
        target, event: The column that is predicted, and the class that counts as the event.
        truth: (rows,) whether the event is so.
        synthetic, real: (1 + REFITS, rows) its probability by the model trained on such rows, then by
            models trained without one group of them each: how much the draw of the rows matters.
        groups: Sensitive column -> its groups; columns with fewer than two are left out.
    """

    target: str
    event: str
    truth: Truth
    synthetic: Floats
    real: Floats
    groups: dict[str, Groups]


def predictions(tables: Comparison, run: Run) -> Predictions:
    """Fitted once for a comparison; or the reason why there are none."""
    return tables.cached(
        ("fairness", run.seed.entropy, run.seed.path), lambda: _fitted(tables, run)
    )


def _fitted(tables: Comparison, run: Run) -> Predictions:
    encoded = encode(tables)
    sensitive = [column.name for column in encoded.columns if column.sensitive]
    if encoded.holdout is not None and not sensitive:
        raise NotMeasurable("no column is marked as sensitive")
    task = Task.of(tables, run)
    name = task.target.name
    known = np.unique(encoded.real.codes.get(name, np.empty(0, np.int64)))
    if not task.target.classes or (known >= 0).sum() != 2:
        raise NotMeasurable(f"the target {name!r} has not two classes")
    event = int(known[-1])
    groups = {}
    for column in sensitive:
        if column in task.test.codes and column != name:
            found = Groups.of_column(task.test.codes[column], encoded.levels[column])
            if len(found.names) > 1:
                groups[column] = found
    if not groups:
        raise NotMeasurable(f"no sensitive column has two groups of {LEAST} unseen rows")
    synthetic, real = (
        predictions_of(task, tables, run, boosted, side)[:, :, event]
        for side in ("synthetic", "real")
    )
    truth = np.asarray(task.test.codes[name] == event)
    return Predictions(name, str(encoded.levels[name][event]), truth, synthetic, real, groups)
