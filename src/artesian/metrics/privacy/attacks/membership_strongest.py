"""Membership inference by several attacks, and the strongest of them.

The holdout plays two parts: half of its rows are the reference rows of the attacker, the other half
are controls that the attacker cannot tell from training rows unless the synthetic rows memorised
these. Then the halves change places, against other training rows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import ClassVar

import numpy as np

from artesian.core.formatting import percent
from artesian.core.run import Run
from artesian.metrics.charts import RocCurves
from artesian.metrics.common.arrays import Floats
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.encoding import Rows, encode
from artesian.metrics.common.intervals import normal, upper_tail
from artesian.metrics.common.metric_space import MetricSpace
from artesian.metrics.common.parallel import fit_in_parallel
from artesian.metrics.common.roc import Truth, auc_delong, roc_curve
from artesian.metrics.privacy.attacks.density_chain import RowCoder
from artesian.metrics.privacy.attacks.row_attacks import (
    AttackRows,
    RowScores,
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

ISOLATED = 0.03
"""Fraction of the attacked rows that are the isolated ones."""

RATES = {0.001: "0.1 %", 0.01: "1 %", 0.1: "10 %"}
"""False positive rates at which the true positive rate is reported, and their text."""

PERMUTATIONS = 400
"""Random assignments of targets to both classes, for the correction of the best of many attacks."""

CHAIN = "chain ratio"
SOME = " on isolated rows"
"""Suffix of the name of an attack on the isolated rows."""


def _spec(name: str, title: str, *, worst: bool) -> Spec:
    return Spec(
        name=name,
        title=title,
        family="privacy",
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

    def attacked(self, tables: Comparison, run: Run) -> tuple[_Half, ...]:
        """Both halves of the attack; computed once for all metrics with the same settings."""
        key = ("membership attacks", self.targets, self.pool, self.max_columns, run.seed)
        return tables.cached(key, lambda: self._attack(tables, run))

    def _attack(self, tables: Comparison, run: Run) -> tuple[_Half, ...]:
        encoded = encode(tables)
        if encoded.holdout is None:
            raise NotMeasurable("it needs a holdout: real rows that no model was fitted on")
        if not encoded.columns:
            raise NotMeasurable("there are no columns but keys and free text")
        half_height = min(encoded.real.height, encoded.holdout.height) // 2
        if min(half_height, encoded.synthetic.height) < MIN_ROWS:
            raise NotMeasurable(
                f"there are {encoded.real.height} training, {encoded.holdout.height} holdout and "
                f"{encoded.synthetic.height} synthetic rows; {2 * MIN_ROWS} are needed"
            )
        seed = run.seed.child("membership attacks")
        names = [c.name for c in encoded.draw_columns(self.max_columns, seed.child("columns"))]
        synthetic = _select(encoded.synthetic.subsample(self.pool, seed.child("synthetic")), names)
        coder = RowCoder.fit(synthetic)
        chains = fit_chains(synthetic, coder, seed.child("chains"), run)
        space = MetricSpace.from_encoded(encoded, tuple(names)).scaled_to(
            encoded.real, encoded.holdout
        )
        halves = [
            [_select(rows.take(np.sort(at)), names) for at in np.array_split(order, 2)]
            for rows, order in (
                (rows, seed.child(name).rng().permutation(rows.height))
                for name, rows in (("train", encoded.real), ("holdout", encoded.holdout))
            )
        ]

        def attack(half: int) -> _Half:
            part = seed.child("half", half)
            size = max(self.targets // 2, MIN_ROWS)
            train = halves[0][half].subsample(size, part.child("train"))
            controls = halves[1][half].subsample(size, part.child("controls"))
            reference = halves[1][1 - half].subsample(self.pool, part.child("reference"))
            rows = AttackRows(
                train.concatenated(controls), synthetic, reference, space, coder, chains, part
            )
            is_train = np.repeat([True, False], [train.height, controls.height])
            return _Half(is_train, attack_rows(rows, run))

        return tuple(fit_in_parallel(attack, [0, 1], run, self.spec.name))


@dataclass(frozen=True, slots=True)
class _Half:
    """One half of the attack: whether each target is a training row, (m,), and its scores."""

    train: Truth
    outcome: RowScores

    @property
    def isolated(self) -> Truth:
        """The most isolated targets, (m,)."""
        return self.outcome.isolation >= np.quantile(self.outcome.isolation, 1 - ISOLATED)


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipChain(_Membership):
    """ROC AUC of the ratio of two densities: that of a row among the synthetic rows, and among real
    rows that the attacker knows. Each density is a chain of histogram trees over the columns, in
    several orders. Keys and free text are left out."""

    spec: ClassVar[Spec] = _spec("membership_chain", "Membership by density ratio", worst=False)

    def measure(self, tables: Comparison, run: Run) -> Result:
        attack = _Attack.from_halves(self.attacked(tables, run), CHAIN, isolated=False)
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
        attacks = {name: _Attack.from_halves(halves, name) for name in halves[0].outcome.scores}
        skipped = ""
        isolated = [
            sum(int((h.isolated & (h.train == side)).sum()) for h in halves)
            for side in (True, False)
        ]
        if min(isolated) >= MIN_ISOLATED:
            attacks |= {
                name + SOME: _Attack.from_halves(halves, name, isolated=True) for name in attacks
            }
        else:
            skipped = f"{min(isolated)} isolated rows of one kind; {MIN_ISOLATED} are needed"
        tries = _effective_tries(halves, list(attacks), run)
        limit = NormalDist().inv_cdf(1 - 0.025 / tries)
        worst = _strongest(attacks, limit)
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


@dataclass(frozen=True, slots=True)
class _Attack:
    """One attack on the targets of both halves.

    Attributes:
        train, scores: (m,) of each half.
        area, variance: ROC AUC, the mean over the halves, and its variance.
    """

    train: tuple[Truth, ...]
    scores: tuple[Floats, ...]
    area: float
    variance: float

    @classmethod
    def from_halves(cls, halves: Sequence[_Half], name: str, *, isolated: bool = False) -> _Attack:
        selected = [h.isolated if isolated else np.ones(len(h.train), bool) for h in halves]
        train = tuple(h.train[at] for h, at in zip(halves, selected, strict=True))
        scores = tuple(h.outcome.scores[name][at] for h, at in zip(halves, selected, strict=True))
        parts = [
            (*auc_delong(t, s), t.sum() * (~t).sum())
            for t, s in zip(train, scores, strict=True)
            if t.any() and not t.all()
        ]
        weights = np.array([pairs for *_, pairs in parts], float)
        weights /= weights.sum()
        area = float(sum(w * each for w, (each, *_) in zip(weights, parts, strict=True)))
        variance = float(sum(w**2 * each for w, (_, each, _) in zip(weights, parts, strict=True)))
        return cls(train, scores, area, max(variance, 1e-12))

    @property
    def z(self) -> float:
        """Standard errors above a guess."""
        return (self.area - 0.5) / math.sqrt(self.variance)

    def lower(self, limit: float) -> float:
        """The lower end of the interval of `limit` standard errors."""
        return self.area - limit * math.sqrt(self.variance)

    def sizes(self) -> dict[str, int]:
        """Numbers of attacked rows."""
        return {
            "trained": sum(int(t.sum()) for t in self.train),
            "holdout": sum(int((~t).sum()) for t in self.train),
        }

    def counts(self, rate: float) -> tuple[int, int]:
        """True and false positives at thresholds with a false positive rate of at most `rate`."""
        hits = alarms = 0
        for train, scores in zip(self.train, self.scores, strict=True):
            controls = np.sort(scores[~train])[::-1]
            if len(controls):
                threshold = controls[int(rate * len(controls))]
                hits += int((scores[train] > threshold).sum())
                alarms += int((controls > threshold).sum())
        return hits, alarms

    def rates(self) -> dict[str, float]:
        """True positive rates; the lowest false positive rates are left out with few controls."""
        sizes = self.sizes()
        return {
            f"true positives at {text} false positives": self.counts(rate)[0] / sizes["trained"]
            for rate, text in RATES.items()
            if sizes["holdout"] * rate >= 1
        }

    def epsilon(self, tries: float = 1.0) -> float:
        """Lower 97.5 % bound of the epsilon of differential privacy (Kairouz et al. 2015), or 0.

        An attack on a generator with epsilon has TPR <= exp(epsilon) FPR. The bounds of both rates
        are those of Clopper and Pearson, and allow for the choice of the rate and of the attack.
        """
        from scipy.stats import beta

        sizes, best = self.sizes(), 0.0
        level = 0.025 / (2 * len(RATES) * tries)
        for rate in RATES:
            hits, alarms = self.counts(rate)
            low = float(beta.ppf(level, hits, sizes["trained"] - hits + 1)) if hits else 0.0
            high = float(beta.ppf(1 - level, alarms + 1, max(sizes["holdout"] - alarms, 1)))
            if low > high:
                best = max(best, math.log(low / high))
        return best

    def curve(self) -> list[list[float]]:
        """ROC curve of both halves, whose scores are made comparable by the ranks of the controls."""
        levels = [
            np.searchsorted(np.sort(scores[~train]), scores, "left") / max((~train).sum(), 1)
            for train, scores in zip(self.train, self.scores, strict=True)
        ]
        return roc_curve(np.concatenate(self.train), np.concatenate(levels))


def _strongest(attacks: Mapping[str, _Attack], limit: float) -> str:
    """The largest significant AUC on all rows, unless isolated rows are significantly more exposed."""
    best = max(attacks, key=lambda name: attacks[name].z)
    for isolated in (False, True):
        bound = attacks[best].area if isolated and attacks[best].lower(limit) > 0.5 else 0.5
        beyond = [
            name
            for name, each in attacks.items()
            if name.endswith(SOME) == isolated and each.lower(limit) > bound
        ]
        best = max(beyond, key=lambda name: attacks[name].area, default=best)
    return best


def _effective_tries(halves: Sequence[_Half], names: list[str], run: Run) -> float:
    """Number of independent attacks whose best is as good by chance as that of the attacks `names`.

    From random assignments of the targets to both classes, which keep the dependence of the attacks.
    """
    rng = run.seed.child("membership attacks", "permutations").rng()
    areas = np.zeros((len(names), PERMUTATIONS))
    totals = np.zeros(len(names))
    for half in halves:
        labels = np.stack([rng.permutation(half.train) for _ in range(PERMUTATIONS)]).T
        for k, name in enumerate(names):
            chosen = half.isolated if name.endswith(SOME) else np.ones(len(half.train), bool)
            scores = half.outcome.scores[name.removesuffix(SOME)][chosen]
            areas[k] += len(scores) * _areas(scores, labels[chosen])
            totals[k] += len(scores)
    areas = areas / totals[:, None] - 0.5
    z = areas / np.maximum(areas.std(axis=1, keepdims=True), 1e-12)
    # The best of k independent ones exceeds z with probability 1 - (1 - tail)^k.
    tails = np.array(
        [upper_tail(each) for each in np.quantile(z.max(axis=0), (0.9, 0.95)).tolist()]
    )
    effective = np.log([0.9, 0.95]) / np.log1p(-tails)
    return float(np.clip(effective.max(), 1.0, len(names)))


def _areas(scores: Floats, labels: Truth) -> Floats:
    """ROC AUC of the scores, (m,), for each column of labels, (m, permutations)."""
    from scipy.stats import rankdata

    positives = labels.sum(axis=0).astype(float)
    negatives = len(scores) - positives
    above = rankdata(scores) @ labels - positives * (positives + 1) / 2
    pairs = positives * negatives
    return np.asarray(np.divide(above, pairs, out=np.full(len(pairs), 0.5), where=pairs > 0))


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
