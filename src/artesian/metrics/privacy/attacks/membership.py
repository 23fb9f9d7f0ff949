"""Membership inference: can somebody who holds a row tell whether it was trained on?

The attack scores a row by how much nearer a synthetic row lies to it than real ones usually do: a
density ratio in the manner of DOMIAS (van Breugel et al. 2023), with nearest neighbours as densities.
Training rows and unseen rows get the same score from the same tables, so on rows that copy nothing the
attack guesses, and its area under the ROC curve is 0.5.

Averages hide people who stand alone: a generator may copy every isolated person and still leave the
average attack at a guess. So the attack is also aimed at them alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from artesian.core.run import Run, Seed
from artesian.metrics.charts import RocCurves
from artesian.metrics.common.arrays import Floats
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.encoding import Encoded, Rows, encode
from artesian.metrics.common.intervals import normal, wilson
from artesian.metrics.common.metric_space import MetricSpace, Singles, nearest
from artesian.metrics.common.roc import Truth, auc_delong, curve, true_positive_rate
from artesian.metrics.privacy.outlier_scores import Positions, isolations, to_neighbour
from artesian.metrics.protocol import (
    Axis,
    Better,
    Comparison,
    Figure,
    Headline,
    NotMeasurable,
    Result,
    Spec,
)

MIN_ROWS = 50
SIDE = 50
"""Fewest rows of either kind that are attacked: below that the area tells little."""

AMONG = 8_000
"""Real rows that density is taken from, at most."""

ALARMS = 0.01
_PRODUCTS = 1e11  # multiplications of a matrix product, at most: some seconds of one core
_CELLS = 2e8  # coordinates of the synthetic rows held at a time


def _spec(name: str, title: str, subject: str, *, axis: Axis | None, priority: int) -> Spec:
    return Spec(
        name=name,
        title=title,
        family="privacy",
        better=Better.LOWER,
        low=0.0,
        high=1.0,
        description="0.5 is a guess, 1 tells every training row from unseen rows",
        source="van Breugel et al. 2023 (DOMIAS); Carlini et al. 2022",
        needs_holdout=True,
        headline=Headline.MEMBERSHIP,
        subject=subject,
        figure=Figure.ATTACK,
        axis=axis,
        priority=priority,
        benchmark=axis is not None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipAverage(BaseMetric):
    """The attack on randomly chosen rows. Keys and free text are left out.

    Attributes:
        rows: Training rows, and unseen rows, that are attacked, at most.
        pool: Training rows, and unseen rows, that are looked at, at most.
        max_columns: Of more columns, that many are drawn by the seed.
    """

    spec: ClassVar[Spec] = _spec(
        "membership_average",
        "Membership inference",
        "training rows",
        axis=Axis.PRIVACY,
        priority=1,
    )
    rows: int = 2_000
    pool: int = 20_000
    max_columns: int = 300

    def measure(self, tables: Comparison, run: Run) -> Result:
        ground = _Ground.of(tables, self.spec, self.pool, self.max_columns, run)
        seed = ground.seed.child("targets")
        sides = [np.flatnonzero(ground.trained), np.flatnonzero(~ground.trained)]
        chosen = [
            side[seed.child(number).rng().permutation(len(side))[: self.rows]]
            for number, side in enumerate(sides)
        ]
        targets = np.sort(np.concatenate(chosen))
        found = to_neighbour(ground.points, targets, ground.among, run, self.spec.name)
        attack = _Attack.on(ground, targets, found, self.spec, run)
        return attack.told(self.spec, "of randomly chosen rows", "any training rows")


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipOutliers(BaseMetric):
    """The attack on the rows that lie furthest from other real rows, told by the worst of three ways to
    measure that. Keys and free text are left out.

    Attributes:
        share: Share of the real rows that are attacked, the most isolated ones, in (0, 1].
        pool: Training rows, and unseen rows, that are looked at, at most.
        max_columns: Of more columns, that many are drawn by the seed.
    """

    spec: ClassVar[Spec] = _spec(
        "membership_outliers",
        "Membership inference on isolated rows",
        "isolated training rows",
        axis=None,
        priority=2,
    )
    share: float = 0.02
    pool: int = 20_000
    max_columns: int = 300

    def measure(self, tables: Comparison, run: Run) -> Result:
        ground = _Ground.of(tables, self.spec, self.pool, self.max_columns, run)
        ways = isolations(ground.points, ground.rows, ground.among, run, self.spec.name)
        to_real = ways["by ranks"]
        attacks = {}
        for way, alone in ways.items():
            # One bound for both kinds of rows; so low that there are enough of either.
            enough = [np.sort(alone[kind])[-SIDE] for kind in (ground.trained, ~ground.trained)]
            bound = min(np.quantile(alone, 1 - self.share), *enough)
            targets = np.flatnonzero(alone >= bound)
            attacks[way] = _Attack.on(ground, targets, to_real[targets], self.spec, run)
        worst = max(attacks.values(), key=lambda attack: attack.area)
        areas = {f"isolated {way}": attack.area for way, attack in attacks.items()}
        return worst.told(
            self.spec,
            "of the most isolated rows",
            "the most isolated ones",
            tries=len(attacks),
            areas=areas,
        )


@dataclass(frozen=True, slots=True)
class _Ground:
    """What the attacker sees, and what is known of the truth.

    Attributes:
        rows: Real rows, trained on or not.
        points: The same as points, (rows, width).
        trained: Which of them were trained on.
        copied: Which of them stand in the synthetic table as they are.
        among: Positions of the real rows that density is taken from.
        made: Synthetic rows, (rows, width).
    """

    rows: Rows
    points: Singles
    trained: Truth
    copied: Truth
    among: Positions
    made: Singles
    seed: Seed

    @classmethod
    def of(cls, tables: Comparison, spec: Spec, pool: int, max_columns: int, run: Run) -> _Ground:
        encoded = encode(tables)
        if encoded.holdout is None:
            raise NotMeasurable("it needs a holdout: rows that no model was fitted on")
        if not encoded.columns:
            raise NotMeasurable("there are no columns but keys and free text")
        least = min(encoded.real.height, encoded.holdout.height, encoded.synthetic.height)
        if least < MIN_ROWS:
            raise NotMeasurable(f"a table has {least} rows, and {MIN_ROWS} are needed")
        seed = run.seed.child("membership")
        chosen = encoded.draw_columns(max_columns, seed.child("columns"))
        space = MetricSpace.of(encoded, tuple(column.name for column in chosen))
        pool = max(MIN_ROWS, min(pool, int(_PRODUCTS / space.width / AMONG)))
        real = encoded.real.at_most(pool, seed.child("real"))
        unseen = encoded.holdout.at_most(pool, seed.child("holdout"))
        space = space.scaled_to(real, unseen)
        height = real.height + unseen.height
        among = np.sort(seed.child("among").rng().permutation(height)[:AMONG])
        most = max(MIN_ROWS, int(_CELLS / space.width))
        made = encoded.synthetic.at_most(most, seed.child("synthetic"))
        return cls(
            rows=_joined(real, unseen),
            points=np.concatenate([space.place(real), space.place(unseen)]),
            trained=np.repeat([True, False], [real.height, unseen.height]),
            copied=np.concatenate([_copied(encoded, rows) for rows in (real, unseen)]),
            among=among,
            made=space.place(made),
            seed=seed,
        )


def _copied(encoded: Encoded, rows: Rows) -> Truth:
    """Rows that the synthetic table holds as they are; looked for in all of it."""
    return np.isin(rows.hashes(), encoded.synthetic.hashes(), kind="sort")


def _joined(one: Rows, other: Rows) -> Rows:
    def both(name: str, side: str) -> npt.NDArray[Any]:
        return np.concatenate([getattr(rows, side)[name] for rows in (one, other)])

    return Rows(
        one.height + other.height,
        {name: both(name, "numbers") for name in one.numbers},
        {name: both(name, "codes") for name in one.codes},
    )


@dataclass(frozen=True, slots=True)
class _Attack:
    """What an attack on some rows gave.

    Attributes:
        trained: Which of the rows were trained on, shape (m,).
        scores: Higher where the attacker takes a row for trained on, shape (m,).
    """

    trained: Truth
    scores: Floats
    area: float
    variance: float

    @classmethod
    def on(
        cls, ground: _Ground, targets: Positions, to_real: Floats, spec: Spec, run: Run
    ) -> _Attack:
        """Attack `targets`, shape (m,), of squared distance `to_real` to their real neighbour."""
        trained = ground.trained[targets]
        to_made = nearest(ground.points[targets], ground.made, run, spec.name)
        to_made[ground.copied[targets]] = 0.0
        scores = np.log1p(to_real) - np.log1p(to_made)
        return cls(trained, scores, *auc_delong(trained, scores))

    def told(
        self,
        spec: Spec,
        which: str,
        label: str,
        *,
        tries: int = 1,
        areas: Mapping[str, float] | None = None,
    ) -> Result:
        """The result.

        Args:
            which: The targets in words.
            label: The targets in the chart.
            tries: Attacks that this is the worst of; the interval is widened for them (Bonferroni).
            areas: Further parts.
        """
        interval = normal(self.area, self.variance, spec.low, spec.high, tries=tries)
        caught, alarms = true_positive_rate(self.trained, self.scores, ALARMS)
        low, high = wilson(caught * self.trained.sum(), int(self.trained.sum()))
        surely = interval[0] > 0.5
        return Result(
            value=self.area,
            interval=interval,
            reference=0.5,
            parts={
                "advantage": 2 * self.area - 1,
                "true positives at 1 % false positives": caught,
                "true positives, low": low,
                "true positives, high": high,
                "false positives": alarms,
                **(areas or {}),
            },
            explanation=(
                f"Shown one training row and one unseen row {which}, an attacker with the synthetic "
                f"rows picks the training row in {100 * self.area:.0f} % of the cases (a guess: 50 %)"
                f"{', more than by chance' if surely else ''}."
            ),
            baseline=0.5,
            chart=RocCurves(curves={label: curve(self.trained, self.scores)}),
            detail={
                "trained": int(self.trained.sum()),
                "unseen": int((~self.trained).sum()),
            },
        )
