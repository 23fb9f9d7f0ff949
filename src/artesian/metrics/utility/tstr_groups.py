"""Train on synthetic, test on real, group by group: who is served worst?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from artesian.core.run import Run
from artesian.metrics.common.arrays import Floats, Ints
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.encoding import Encoded, encode
from artesian.metrics.common.groups import LEAST, Groups
from artesian.metrics.common.intervals import normal
from artesian.metrics.protocol import Better, Comparison, NotMeasurable, Result, Spec
from artesian.metrics.utility.learners import boosted
from artesian.metrics.utility.prediction_task import MAX_COLUMNS, ROWS, TEST_ROWS, Task
from artesian.metrics.utility.scores import (
    Score,
    guess,
    measure,
    predictions,
    score,
    trained_variance,
)

CLASS = 5
"""Fewest unseen rows of each class in a group."""

_MOST = 40  # groups, the largest
_LEVELS = 10  # of a column that is cut into groups where none is marked sensitive
_RESAMPLES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class TSTRGroups(BaseMetric):
    """The score of the group that a model trained on synthetic rows predicts worst, beside the score
    of the group that one trained on real rows predicts worst. Each group stands in the parts.

    Groups are those of the sensitive columns; where the schema marks none, of every category with
    up to 10 values. R2 is a share of the variance of all unseen rows, so that groups compare.
    """

    spec: ClassVar[Spec] = Spec(
        name="tstr_groups",
        title="Usefulness for the worst-served group",
        family="utility",
        better=Better.HIGHER,
        low=-1.0,
        high=1.0,
        description="1 predicts unseen rows of every group perfectly; a guess is 0.5 for "
        "classes and 0 for "
        "a number",
        source="Sagawa et al. 2020 (worst-group performance); Esteban et al. 2017",
        priority=2,
        needs_holdout=True,
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
        groups = _groups(task, encode(tables))
        if not groups:
            raise NotMeasurable(f"no group has {LEAST} unseen rows, of them {CLASS} of each class")
        truth = task.answers(task.test)
        within = None if task.target.classes else float(np.var(truth))
        sides = [predictions(task, tables, run, boosted, side) for side in ("synthetic", "real")]

        def of_groups(predicted: Floats) -> list[Score]:
            return [
                score(task, predicted[rows], truth[rows], within=within) for rows in groups.values()
            ]

        even = np.ones(len(truth))
        scores = [[of_groups(one) for one in side] for side in sides]
        whole = np.array([[_taken(one, groups, even) for one in side] for side in scores])
        worst = whole.min(axis=2)  # (2, 1 + REFITS)
        rng = task.seed.child("bootstrap").rng()
        drawn = np.empty((_RESAMPLES, 2))
        for i in run.track(range(_RESAMPLES), self.spec.name):
            rows = rng.integers(len(truth), size=len(truth))
            weights = np.bincount(rows, minlength=len(truth)).astype(np.float64)
            drawn[i] = [min(_taken(side[0], groups, weights)) for side in scores]
        spans = [
            normal(
                float(worst[k, 0]),
                float(drawn[:, k].var(ddof=1)) + trained_variance(worst[k, 1:]),
                -1.0,
                1.0,
            )
            for k in range(2)
        ]
        gap = worst[0] - worst[1]
        noise = float((drawn[:, 0] - drawn[:, 1]).var(ddof=1)) + trained_variance(gap[1:])
        names = list(groups)
        at = int(whole[0, 0].argmin())
        return Result(
            value=float(worst[0, 0]),
            interval=spans[0],
            reference=float(worst[1, 0]),
            reference_interval=spans[1],
            excess_interval=normal(float(gap[0]), noise, -2.0, 2.0),
            parts=dict(zip(names, whole[0, 0].tolist(), strict=True)),
            reference_parts=dict(zip(names, whole[1, 0].tolist(), strict=True)),
            explanation=(
                f"Of {len(names)} groups, a model trained on synthetic rows predicts "
                f"{task.target.name!r} worst where {names[at]}, with {measure(task)} "
                f"{worst[0, 0]:.3f} (trained on real rows: {whole[1, 0, at]:.3f} there, "
                f"{worst[1, 0]:.3f} in its own worst group; a guess is {guess(task):g})."
            ),
            baseline=guess(task),
            target=task.target.name,
            detail={
                "measure": measure(task),
                "rows": {name: len(rows) for name, rows in groups.items()},
            },
        )


def _taken(scores: list[Score], groups: dict[str, Ints], weights: Floats) -> list[float]:
    return [one(weights[rows]) for one, rows in zip(scores, groups.values(), strict=True)]


def _groups(task: Task, encoded: Encoded) -> dict[str, Ints]:
    """'column = value' -> positions of its unseen rows; only groups that can be scored."""
    columns = [
        c for c in encoded.columns if c.name in encoded.levels and c.name != task.target.name
    ]
    marked = [column.name for column in columns if column.sensitive]
    names = marked or [c.name for c in columns if len(encoded.levels[c.name]) <= _LEVELS]
    found: dict[str, Ints] = {}
    answers = task.answers(task.test)
    for name in names:
        groups = Groups.of_column(task.test.codes[name], encoded.levels[name])
        for at, value in enumerate(groups.names):
            rows = np.flatnonzero(groups.of == at)
            if task.target.classes:
                counts = np.unique(answers[rows], return_counts=True)[1]
                if len(counts) < 2 or counts.min() < CLASS:
                    continue
            found[f"{name} = {value}"] = rows
    largest = sorted(found, key=lambda name: -len(found[name]))[:_MOST]
    return {name: found[name] for name in found if name in set(largest)}
