"""The outcome of membership attacks: area, rates, epsilon, and which of several is the strongest."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from artesian.core.run import Run
from artesian.metrics.common.arrays import Floats, Ints
from artesian.metrics.common.intervals import upper_tail
from artesian.metrics.common.roc import Truth, auc_delong, roc_curve
from artesian.metrics.common.subjects import largest_by_subject, mean_by_subject
from artesian.metrics.privacy.attacks.row_attacks import RowScores

ISOLATED = 0.03
"""Fraction of the attacked rows that are the isolated ones."""

RATES = {0.001: "0.1 %", 0.01: "1 %", 0.1: "10 %"}
"""False positive rates at which the true positive rate is reported, and their text."""

PERMUTATIONS = 400
"""Random assignments of targets to both classes, for the correction of the best of many attacks."""

SOME = " on isolated rows"
"""Suffix of the name of an attack on the isolated rows."""


@dataclass(frozen=True, slots=True)
class AttackedHalf:
    """One half of the attack; its targets are rows, or entities with several rows.

    Attributes:
        train: (m,) whether the target is a training row or entity.
        scores: Name of the attack -> (m,) scores; of an entity, the mean over its rows.
        isolation, isolated_scores: The same of the most isolated row of each target.
        entity: The column of the entity; None if the targets are rows.
    """

    train: Truth
    scores: Mapping[str, Floats]
    isolation: Floats
    isolated_scores: Mapping[str, Floats]
    entity: str | None

    @classmethod
    def from_rows(
        cls, train: Truth, of: Ints, outcome: RowScores, entity: str | None
    ) -> AttackedHalf:
        """Summarise the scores of rows by their entities `of`, (rows,)."""
        names = list(outcome.scores)
        kind, means = mean_by_subject(of, train, [outcome.scores[name] for name in names])
        rows = largest_by_subject(of, train, outcome.isolation)
        isolated = {name: outcome.scores[name][rows] for name in names}
        scores = dict(zip(names, means, strict=True))
        return cls(kind, scores, outcome.isolation[rows], isolated, entity)

    def targets(self, name: str) -> tuple[Truth, Floats]:
        """The targets of the attack `name`: (m,) whether it attacks each, and their scores."""
        if not name.endswith(SOME):
            return np.ones(len(self.train), bool), self.scores[name]
        return self.isolated, self.isolated_scores[name.removesuffix(SOME)]

    @property
    def isolated(self) -> Truth:
        """The most isolated targets, (m,)."""
        return self.isolation >= np.quantile(self.isolation, 1 - ISOLATED)


@dataclass(frozen=True, slots=True)
class Attack:
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
    def from_halves(cls, halves: Sequence[AttackedHalf], name: str) -> Attack:
        selected = [half.targets(name) for half in halves]
        train = tuple(h.train[at] for h, (at, _) in zip(halves, selected, strict=True))
        scores = tuple(scores[at] for at, scores in selected)
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


def strongest(attacks: Mapping[str, Attack], limit: float) -> str:
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


def effective_tries(halves: Sequence[AttackedHalf], names: list[str], run: Run) -> float:
    """Number of independent attacks whose best is as good by chance as that of the attacks `names`.

    From random assignments of the targets to both classes, which keep the dependence of the attacks.
    """
    rng = run.seed.child("membership attacks", "permutations").rng()
    areas = np.zeros((len(names), PERMUTATIONS))
    totals = np.zeros(len(names))
    for half in halves:
        labels = np.stack([rng.permutation(half.train) for _ in range(PERMUTATIONS)]).T
        for k, name in enumerate(names):
            chosen, scores = half.targets(name)
            areas[k] += chosen.sum() * _areas(scores[chosen], labels[chosen])
            totals[k] += chosen.sum()
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
