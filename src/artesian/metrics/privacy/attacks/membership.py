"""Membership inference: whether an attacker can tell if a given row was in the training data.

The attack scores a row by the ratio of the distances to its real neighbours and to its nearest
synthetic row, a density ratio as in DOMIAS (van Breugel et al. 2023) with nearest-neighbour density
estimates. Training and holdout rows are scored with the same tables, so without memorisation the
attack has a ROC AUC of 0.5.

An average over rows hides outliers: a generator can copy every isolated row while the average
attack still has an AUC of 0.5. The attack is therefore also run on isolated rows alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from artesian.core.run import Run, Seed
from artesian.metrics.charts import RocCurves
from artesian.metrics.common.arrays import Floats, Ints
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.encoding import Encoded, Rows, encode
from artesian.metrics.common.intervals import normal, tail_of_interval, wilson
from artesian.metrics.common.metric_space import MetricSpace, Singles, nearest_squares
from artesian.metrics.common.roc import Truth, auc_delong, roc_curve, true_positive_rate
from artesian.metrics.common.subjects import find_subjects, largest_by_subject, mean_by_subject
from artesian.metrics.privacy.outlier_scores import (
    Positions,
    neighbour_distances_of,
    outlier_scores,
)
from artesian.metrics.protocol import (
    Better,
    Comparison,
    Figure,
    Headline,
    NotMeasurable,
    Result,
    Spec,
)

MIN_ROWS = 50
MIN_TARGETS = 50
"""Minimum number of attacked training rows, and of holdout rows."""

MAX_CANDIDATES = 8_000
"""Maximum number of real rows for the density estimate."""

FALSE_POSITIVE_RATE = 0.01
_MAX_PRODUCTS = 1e11  # maximum multiplications of a matrix product: a few seconds on one core
_MAX_COORDINATES = 2e8  # maximum number of coordinates of the synthetic rows


def _spec(name: str, title: str, subject: str, *, headline: Headline | None, priority: int) -> Spec:
    return Spec(
        name=name,
        title=title,
        family="privacy",
        counts_entities=True,
        better=Better.LOWER,
        low=0.0,
        high=1.0,
        description="0.5: a guess; 1: every training row is distinguished from holdout rows",
        source="van Breugel et al. 2023 (DOMIAS); Carlini et al. 2022",
        needs_holdout=True,
        headline=headline,
        subject=subject,
        figure=Figure.ATTACK,
        priority=priority,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipAverage(BaseMetric):
    """ROC AUC of the attack on random rows. Keys and free text are left out.

    Attributes:
        rows: Maximum number of attacked training rows, and of holdout rows.
        pool: Maximum number of training rows, and of holdout rows, that are used.
        max_columns: Of more columns, a random choice.
    """

    spec: ClassVar[Spec] = _spec(
        "membership_average",
        "Membership inference",
        "training rows",
        headline=None,
        priority=3,
    )
    rows: int = 2_000
    pool: int = 20_000
    max_columns: int = 300

    def measure(self, tables: Comparison, run: Run) -> Result:
        setup = _AttackData.from_comparison(tables, self.spec, self.pool, self.max_columns, run)
        seed = setup.seed.child("targets")
        groups = [np.flatnonzero(setup.train), np.flatnonzero(~setup.train)]
        drawn = [
            group[seed.child(number).rng().permutation(len(group))[: self.rows]]
            for number, group in enumerate(groups)
        ]
        targets = np.sort(np.concatenate(drawn))
        to_real_neighbour = neighbour_distances_of(
            setup.points, targets, setup.candidates, run, self.spec.name
        )
        attack = _Attack.from_targets(setup, targets, to_real_neighbour, self.spec, run)
        return attack.to_result(self.spec, "random rows", "random rows")


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipOutliers(BaseMetric):
    """ROC AUC of the attack on the most isolated rows: the largest over three outlier scores. Keys
    and free text are left out.

    Attributes:
        fraction: Fraction of the real rows that are attacked, the most isolated ones, in (0, 1].
        pool: Maximum number of training rows, and of holdout rows, that are used.
        max_columns: Of more columns, a random choice.
    """

    spec: ClassVar[Spec] = _spec(
        "membership_outliers",
        "Membership inference on isolated rows",
        "isolated training rows",
        headline=Headline.MEMBERSHIP,
        priority=2,
    )
    fraction: float = 0.02
    pool: int = 20_000
    max_columns: int = 300

    def measure(self, tables: Comparison, run: Run) -> Result:
        setup = _AttackData.from_comparison(tables, self.spec, self.pool, self.max_columns, run)
        scores_by_embedding = outlier_scores(
            setup.points, setup.rows, setup.candidates, run, self.spec.name
        )
        to_real = scores_by_embedding["by ranks"]
        attacks = {}
        for embedding, scores in scores_by_embedding.items():
            rows = np.sort(largest_by_subject(setup.subjects, setup.train, scores))
            sides = [scores[rows[setup.train[rows] == side]] for side in (True, False)]
            # One threshold for training and holdout rows, low enough to have enough of each.
            largest = [np.sort(side)[-min(MIN_TARGETS, len(side))] for side in sides]
            threshold = min(np.quantile(scores[rows], 1 - self.fraction), *largest)
            targets = rows[scores[rows] >= threshold]
            attacks[embedding] = _Attack.from_targets(
                setup, targets, to_real[targets], self.spec, run
            )
        worst = max(attacks.values(), key=lambda attack: attack.area)
        areas = {f"isolated {embedding}": attack.area for embedding, attack in attacks.items()}
        return worst.to_result(
            self.spec,
            "the most isolated rows",
            "most isolated rows",
            tries=len(attacks),
            areas=areas,
        )


@dataclass(frozen=True, slots=True)
class _AttackData:
    """The data of the attack.

    Attributes:
        rows: Training and holdout rows.
        points: (rows, width) the same rows, embedded.
        train: (rows,) whether the row is a training row.
        subjects: (rows,) number of the entity of the row.
        is_copied: (rows,) whether the row occurs unchanged in the synthetic table.
        candidates: Positions of the real rows for the density estimate.
        synthetic: (synthetic rows, width) synthetic rows, embedded.
    """

    rows: Rows
    points: Singles
    train: Truth
    subjects: Ints
    is_copied: Truth
    candidates: Positions
    synthetic: Singles
    seed: Seed

    @classmethod
    def from_comparison(
        cls, tables: Comparison, spec: Spec, pool: int, max_columns: int, run: Run
    ) -> _AttackData:
        encoded = encode(tables)
        if encoded.holdout is None:
            raise NotMeasurable("it needs a holdout: real rows that no model was fitted on")
        if not encoded.columns:
            raise NotMeasurable("there are no columns but keys and free text")
        min_height = min(encoded.real.height, encoded.holdout.height, encoded.synthetic.height)
        if min_height < MIN_ROWS:
            raise NotMeasurable(f"a table has {min_height} rows, and {MIN_ROWS} are needed")
        seed = run.seed.child("membership")
        columns = encoded.draw_columns(max_columns, seed.child("columns"))
        space = MetricSpace.from_encoded(encoded, tuple(column.name for column in columns))
        pool = max(MIN_ROWS, min(pool, int(_MAX_PRODUCTS / space.width / MAX_CANDIDATES)))
        real = encoded.real.subsample(pool, seed.child("real"))
        holdout = encoded.holdout.subsample(pool, seed.child("holdout"))
        space = space.scaled_to(real, holdout)
        height = real.height + holdout.height
        subjects = find_subjects(tables)
        candidates = np.sort(seed.child("among").rng().permutation(height)[:MAX_CANDIDATES])
        max_rows = max(MIN_ROWS, int(_MAX_COORDINATES / space.width))
        synthetic = encoded.synthetic.subsample(max_rows, seed.child("synthetic"))
        return cls(
            rows=real.concatenated(holdout),
            points=np.concatenate([space.embed(real), space.embed(holdout)]),
            train=np.repeat([True, False], [real.height, holdout.height]),
            subjects=np.concatenate(
                [subjects.train[real.positions], subjects.holdout[holdout.positions]]
            ),
            is_copied=np.concatenate([_has_copy(encoded, rows) for rows in (real, holdout)]),
            candidates=candidates,
            synthetic=space.embed(synthetic),
            seed=seed,
        )


def _has_copy(encoded: Encoded, rows: Rows) -> Truth:
    """(rows,) whether the row occurs unchanged anywhere in the synthetic table."""
    return np.isin(rows.hashes(), encoded.synthetic.hashes(), kind="sort")


@dataclass(frozen=True, slots=True)
class _Attack:
    """The outcome of an attack.

    Attributes:
        train: (m,) whether the target is a training row or entity.
        scores: (m,) higher for those that the attacker takes for training rows; means of entities.
        area, variance: ROC AUC and its variance.
    """

    train: Truth
    scores: Floats
    area: float
    variance: float

    @classmethod
    def from_targets(
        cls, setup: _AttackData, targets: Positions, to_real: Floats, spec: Spec, run: Run
    ) -> _Attack:
        """Attack the rows at positions `targets`, (n,), given the squared distances `to_real` to
        their real neighbours. Rows of the same entity are one target."""
        to_synthetic = nearest_squares(setup.points[targets], setup.synthetic, run, spec.name)
        to_synthetic[setup.is_copied[targets]] = 0.0
        rows = np.log1p(to_real) - np.log1p(to_synthetic)
        train, (scores,) = mean_by_subject(setup.subjects[targets], setup.train[targets], [rows])
        if min(train.sum(), (~train).sum()) < MIN_ROWS:
            raise NotMeasurable(
                f"the attacked rows have {train.sum()} entities in the training data and "
                f"{(~train).sum()} in the holdout, and {MIN_ROWS} are needed"
            )
        return cls(train, scores, *auc_delong(train, scores))

    def to_result(
        self,
        spec: Spec,
        targets_text: str,
        label: str,
        *,
        tries: int = 1,
        areas: Mapping[str, float] | None = None,
    ) -> Result:
        """Convert to a result.

        Args:
            targets_text: The targets, for the explanation.
            label: The targets, for the chart.
            tries: Number of attacks that this is the most successful of (Bonferroni).
            areas: Further parts.
        """
        interval = normal(self.area, self.variance, spec.low, spec.high, tries=tries)
        alone = normal(self.area, self.variance, -math.inf, math.inf)
        true_positives, false_positives = true_positive_rate(
            self.train, self.scores, FALSE_POSITIVE_RATE
        )
        low, high = wilson(true_positives * self.train.sum(), int(self.train.sum()))
        significant = interval[0] > 0.5
        return Result(
            value=self.area,
            interval=interval,
            reference=0.5,
            p_value=min(1.0, tries * tail_of_interval(self.area - 0.5, self.area - alone[0])),
            parts={
                "advantage": 2 * self.area - 1,
                "true positives at 1 % false positives": true_positives,
                "true positives, low": low,
                "true positives, high": high,
                "false positives": false_positives,
                **(areas or {}),
            },
            explanation=(
                f"A membership inference attack on {targets_text} has a ROC AUC of "
                f"{100 * self.area:.0f} % (a guess: 50 %)"
                f"{', significantly better than a guess' if significant else ''}."
            ),
            baseline=0.5,
            chart=RocCurves(curves={label: roc_curve(self.train, self.scores)}),
            detail={
                "trained": int(self.train.sum()),
                "holdout": int((~self.train).sum()),
            },
        )
