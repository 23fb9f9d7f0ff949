"""Membership inference by several attacks, and the strongest of them.

The holdout plays two parts: half of its rows are the reference rows of the attacker, the other half
are controls that the attacker cannot tell from training rows unless the synthetic rows memorised
these. Then the halves change places, against other training rows. Where several rows have the same
entity, entities are halved, and attacked as a whole: their rows depend on each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import ClassVar

import numpy as np

from artesian.core.formatting import percent
from artesian.core.run import Run
from artesian.metrics.charts import RocCurves
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.encoding import Rows, encode
from artesian.metrics.common.intervals import normal, upper_tail
from artesian.metrics.common.metric_space import MetricSpace
from artesian.metrics.common.parallel import fit_in_parallel
from artesian.metrics.common.subjects import find_subjects
from artesian.metrics.privacy.attacks.attack_outcomes import (
    SOME,
    Attack,
    AttackedHalf,
    effective_tries,
    strongest,
)
from artesian.metrics.privacy.attacks.density_chain import RowCoder
from artesian.metrics.privacy.attacks.row_attacks import (
    AttackRows,
    attack_rows,
    fit_chains,
)
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

MIN_ROWS = 25
"""Minimum number of training rows, controls and reference rows in each half."""

MIN_ISOLATED = 50
"""Minimum number of isolated training rows, and of isolated controls, in both halves together."""


CHAIN = "chain ratio"


def _spec(name: str, title: str, *, worst: bool) -> Spec:
    return Spec(
        name=name,
        title=title,
        family="privacy",
        counts_entities=True,
        better=Better.LOWER,
        low=0.0,
        high=1.0,
        description="0.5: a guess; 1: every training row is distinguished from holdout rows",
        source="density ratio of fitted chains, after van Breugel et al. 2023 (DOMIAS)"
        if not worst
        else "Carlini et al. 2022 (rates and isolated rows); Kairouz et al. 2015 (epsilon)",
        needs_holdout=True,
        headline=Headline.MEMBERSHIP if worst else None,
        subject="training rows",
        figure=Figure.ATTACK,
        axis=None if worst else Axis.PRIVACY,
        priority=1 if worst else 2,
        benchmark=not worst,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Membership(BaseMetric):
    """Settings that the metrics of this module share.

    Attributes:
        targets: Maximum number of attacked training rows, and of attacked holdout rows.
        pool: Maximum number of synthetic rows, and of reference rows, that the attacker uses.
        max_columns: Of more columns, a random choice.
    """

    targets: int = 4_000
    pool: int = 20_000
    max_columns: int = 100

    def attacked(self, tables: Comparison, run: Run) -> tuple[AttackedHalf, ...]:
        """Both halves of the attack; computed once for all metrics with the same settings."""
        key = ("membership attacks", self.targets, self.pool, self.max_columns, run.seed)
        return tables.cached(key, lambda: self._attack(tables, run))

    def _attack(self, tables: Comparison, run: Run) -> tuple[AttackedHalf, ...]:
        encoded = encode(tables)
        if encoded.holdout is None:
            raise NotMeasurable("it needs a holdout: real rows that no model was fitted on")
        if not encoded.columns:
            raise NotMeasurable("there are no columns but keys and free text")
        subjects = find_subjects(tables)
        units = len(np.unique(subjects.train)), len(np.unique(subjects.holdout))
        if min(*units, 2 * encoded.synthetic.height) < 2 * MIN_ROWS:
            same = (
                f" (those with the same {subjects.entity!r} count once)" if subjects.entity else ""
            )
            raise NotMeasurable(
                f"there are {units[0]} training, {units[1]} holdout and "
                f"{encoded.synthetic.height} synthetic rows{same}; {2 * MIN_ROWS} are needed"
            )
        seed = run.seed.child("membership attacks")
        names = [c.name for c in encoded.draw_columns(self.max_columns, seed.child("columns"))]
        synthetic = _select(encoded.synthetic.subsample(self.pool, seed.child("synthetic")), names)
        coder = RowCoder.fit(synthetic)
        chains = fit_chains(synthetic, coder, seed.child("chains"), run)
        space = MetricSpace.from_encoded(encoded, tuple(names)).scaled_to(
            encoded.real, encoded.holdout
        )
        second = subjects.halved(seed.child("halves"))
        train, holdout = (
            [_select(rows.take(np.flatnonzero(second[of] == half)), names) for half in (0, 1)]
            for rows, of in (
                (encoded.real, subjects.train[encoded.real.positions]),
                (encoded.holdout, subjects.holdout[encoded.holdout.positions]),
            )
        )

        def attack(half: int) -> AttackedHalf:
            part = seed.child("half", half)
            size = max(self.targets // 2, MIN_ROWS)
            attacked = train[half].subsample(size, part.child("train"))
            controls = holdout[half].subsample(size, part.child("controls"))
            reference = holdout[1 - half].subsample(self.pool, part.child("reference"))
            rows = AttackRows(
                attacked.concatenated(controls), synthetic, reference, space, coder, chains, part
            )
            is_train = np.repeat([True, False], [attacked.height, controls.height])
            of = np.concatenate(
                [subjects.train[attacked.positions], subjects.holdout[controls.positions]]
            )
            return AttackedHalf.from_rows(is_train, of, attack_rows(rows, run), subjects.entity)

        return tuple(fit_in_parallel(attack, [0, 1], run, self.spec.name))


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipChain(_Membership):
    """ROC AUC of the ratio of two densities: that of a row among the synthetic rows, and among real
    rows that the attacker knows. Each density is a chain of histogram trees over the columns, in
    several orders. Keys and free text are left out."""

    spec: ClassVar[Spec] = _spec("membership_chain", "Membership by density ratio", worst=False)

    def measure(self, tables: Comparison, run: Run) -> Result:
        attack = Attack.from_halves(self.attacked(tables, run), CHAIN)
        rates, epsilon = attack.rates(), attack.epsilon()
        return Result(
            value=attack.area,
            interval=normal(attack.area, attack.variance, 0.0, 1.0),
            reference=0.5,
            p_value=upper_tail(attack.z),
            parts={**rates, "epsilon at least": epsilon},
            explanation=f"An attack by the ratio of fitted densities {_outcome(attack.area)}"
            f"{_rates_text(rates)}.",
            baseline=0.5,
            chart=RocCurves(curves={CHAIN: attack.curve()}),
            detail=attack.sizes(),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipWorst(_Membership):
    """ROC AUC of the strongest of several membership attacks, on all rows or on the 3 % most
    isolated. The interval and the p-value allow for the choice of the best. Keys and free text are
    left out."""

    spec: ClassVar[Spec] = _spec("membership_worst", "Strongest membership attack", worst=True)

    def measure(self, tables: Comparison, run: Run) -> Result:
        halves = self.attacked(tables, run)
        attacks = {name: Attack.from_halves(halves, name) for name in halves[0].scores}
        skipped = ""
        isolated = [
            sum(int((h.isolated & (h.train == side)).sum()) for h in halves)
            for side in (True, False)
        ]
        if min(isolated) >= MIN_ISOLATED:
            attacks |= {name + SOME: Attack.from_halves(halves, name + SOME) for name in attacks}
        else:
            skipped = f"{min(isolated)} isolated rows of one kind; {MIN_ISOLATED} are needed"
        tries = effective_tries(halves, list(attacks), run)
        limit = NormalDist().inv_cdf(1 - 0.025 / tries)
        worst = strongest(attacks, limit)
        attack = attacks[worst]
        interval = normal(attack.area, attack.variance, 0.0, 1.0, tries=tries)
        rates, epsilon = attack.rates(), attack.epsilon(tries)
        return Result(
            value=attack.area,
            interval=interval,
            reference=0.5,
            p_value=min(1.0, tries * upper_tail(max(each.z for each in attacks.values()))),
            parts={
                **{name: each.area for name, each in attacks.items()},
                **rates,
                "epsilon at least": epsilon,
            },
            explanation=f"Of {len(attacks)} membership inference attacks, the strongest, "
            f"{worst!r}, {_outcome(attack.area)}{_rates_text(rates)}"
            + (f", which proves an epsilon of at least {epsilon:.1f}" if epsilon > 0 else "")
            + ".",
            baseline=0.5,
            chart=RocCurves(curves={worst: attack.curve()}),
            detail={
                **attack.sizes(),
                "strongest": worst,
                "effective number of attacks": round(tries, 2),
                **({"isolated rows": f"left out: {skipped}"} if skipped else {}),
            },
        )


def _select(rows: Rows, names: Sequence[str]) -> Rows:
    """Only the columns `names`."""
    numbers = {name: rows.numbers[name] for name in names if name in rows.numbers}
    codes = {name: rows.codes[name] for name in names if name in rows.codes}
    return Rows(rows.height, numbers, codes, rows.positions)


def _outcome(area: float) -> str:
    return f"has a ROC AUC of {100 * area:.0f} % (a guess: 50 %)"


def _rates_text(rates: Mapping[str, float]) -> str:
    rate = rates.get("true positives at 1 % false positives")
    if rate is None:
        return ""
    return f" and finds {percent(rate)} of the training rows at 1 % false alarms"
