"""Train on synthetic, test on real by group: the score of the worst group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from artesian.core.run import Run
from artesian.metrics.common.arrays import Floats, Ints
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.encoding import Encoded, encode
from artesian.metrics.common.groups import MIN_ROWS, Groups
from artesian.metrics.common.intervals import normal
from artesian.metrics.protocol import Better, Comparison, NotMeasurable, Result, Spec
from artesian.metrics.utility.learners import boosted
from artesian.metrics.utility.prediction_task import MAX_COLUMNS, ROWS, TEST_ROWS, PredictionTask
from artesian.metrics.utility.scores import (
    Score,
    baseline,
    jackknife_variance,
    predictions,
    score,
    score_name,
)

MIN_CLASS_ROWS = 5
"""Minimum number of holdout rows of each class in a group."""

_MAX_GROUPS = 40  # maximum number of groups, the largest
_MAX_LEVELS = (
    10  # maximum number of values of a column that forms groups if none is marked sensitive
)
_RESAMPLES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class TSTRGroups(BaseMetric):
    """Score of the group that a model trained on synthetic rows predicts worst; the reference is
    the score of the group that a model trained on real rows predicts worst. The parts are the
    scores of all groups.

    Groups are those of the sensitive columns or, if none is marked, of every category column with
    up to 10 values. R2 is relative to the variance of all holdout rows, so that groups are
    comparable.
    """

    spec: ClassVar[Spec] = Spec(
        name="tstr_groups",
        title="Train on synthetic, test on real: worst group",
        family="utility",
        better=Better.HIGHER,
        low=-1.0,
        high=1.0,
        description="1: perfect prediction of the holdout rows of every group; a guess: 0.5 for "
        "classes, 0 for a number",
        source="Sagawa et al. 2020 (worst-group performance); Esteban et al. 2017",
        priority=2,
        needs_holdout=True,
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
        groups = _groups(task, encode(tables))
        if not groups:
            raise NotMeasurable(
                f"no group has {MIN_ROWS} holdout rows, of them {MIN_CLASS_ROWS} of each class"
            )
        truth = task.labels(task.test)
        total_variance = None if task.target.classes else float(np.var(truth))
        sides = [predictions(task, tables, run, boosted, side) for side in ("synthetic", "real")]

        def group_scores(predicted: Floats) -> list[Score]:
            return [
                score(task, predicted[rows], truth[rows], total_variance=total_variance)
                for rows in groups.values()
            ]

        uniform = np.ones(len(truth))
        scores = [[group_scores(each) for each in side] for side in sides]
        scores_by_group = np.array(
            [[_weighted_scores(each, groups, uniform) for each in side] for side in scores]
        )
        worst = scores_by_group.min(axis=2)  # (2, 1 + REFITS)
        rng = task.seed.child("bootstrap").rng()
        resampled = np.empty((_RESAMPLES, 2))
        for i in run.track(range(_RESAMPLES), self.spec.name):
            rows = rng.integers(len(truth), size=len(truth))
            weights = np.bincount(rows, minlength=len(truth)).astype(np.float64)
            resampled[i] = [min(_weighted_scores(side[0], groups, weights)) for side in scores]
        intervals = [
            normal(
                float(worst[k, 0]),
                float(resampled[:, k].var(ddof=1)) + jackknife_variance(worst[k, 1:]),
                -1.0,
                1.0,
            )
            for k in range(2)
        ]
        excess = worst[0] - worst[1]
        noise = float((resampled[:, 0] - resampled[:, 1]).var(ddof=1)) + jackknife_variance(
            excess[1:]
        )
        names = list(groups)
        worst_position = int(scores_by_group[0, 0].argmin())
        return Result(
            value=float(worst[0, 0]),
            interval=intervals[0],
            reference=float(worst[1, 0]),
            reference_interval=intervals[1],
            excess_interval=normal(float(excess[0]), noise, -2.0, 2.0),
            parts=dict(zip(names, scores_by_group[0, 0].tolist(), strict=True)),
            reference_parts=dict(zip(names, scores_by_group[1, 0].tolist(), strict=True)),
            explanation=(
                f"Of {len(names)} groups, a model trained on synthetic rows predicts "
                f"{task.target.name!r} worst for '{names[worst_position]}', with "
                f"{score_name(task)} {worst[0, 0]:.3f} (trained on real rows: "
                f"{scores_by_group[1, 0, worst_position]:.3f} for this group, {worst[1, 0]:.3f} "
                f"for its own worst group; a guess: {baseline(task):g})."
            ),
            baseline=baseline(task),
            target=task.target.name,
            detail={
                "measure": score_name(task),
                "rows": {name: len(rows) for name, rows in groups.items()},
            },
        )


def _weighted_scores(scores: list[Score], groups: dict[str, Ints], weights: Floats) -> list[float]:
    return [each(weights[rows]) for each, rows in zip(scores, groups.values(), strict=True)]


def _groups(task: PredictionTask, encoded: Encoded) -> dict[str, Ints]:
    """'column = value' -> positions of its holdout rows, for groups that can be scored."""
    columns = [
        c for c in encoded.columns if c.name in encoded.levels and c.name != task.target.name
    ]
    sensitive = [column.name for column in columns if column.sensitive]
    names = sensitive or [c.name for c in columns if len(encoded.levels[c.name]) <= _MAX_LEVELS]
    positions: dict[str, Ints] = {}
    labels = task.labels(task.test)
    for name in names:
        groups = Groups.from_codes(task.test.codes[name], encoded.levels[name])
        for worst_position, value in enumerate(groups.names):
            rows = np.flatnonzero(groups.codes == worst_position)
            if task.target.classes:
                counts = np.unique(labels[rows], return_counts=True)[1]
                if len(counts) < 2 or counts.min() < MIN_CLASS_ROWS:
                    continue
            positions[f"{name} = {value}"] = rows
    kept = sorted(positions, key=lambda name: -len(positions[name]))[:_MAX_GROUPS]
    return {name: positions[name] for name in positions if name in set(kept)}
