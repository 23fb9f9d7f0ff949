"""Survival of categories and tails over generations, and the generation of the first loss."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from artesian.collapse import theory
from artesian.collapse.policies import Policy
from artesian.collapse.stress.control import Control
from artesian.collapse.stress.profile import TAIL, Floats, Ints, Profile
from artesian.core.formatting import count
from artesian.metrics.common.intervals import wilson

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Chains:
    """All replicates of one policy.

    Attributes:
        policy: The policy.
        counts, train: (replicates, generations, categories) generated and training rows of each.
        tails: (replicates, generations, tails).
        measures: Name -> (replicates, generations).
        suppressed_below: Categories with fewer training rows were suppressed; 0 for none.
    """

    policy: Policy
    counts: Ints
    train: Ints
    tails: Ints
    measures: Mapping[str, Floats]
    suppressed_below: int

    @classmethod
    def from_records(cls, policy: Policy, records: Sequence[Sequence[dict[str, Any]]]) -> Chains:
        """The chains of what was kept of each replicate and generation."""

        def stacked(key: str) -> Ints:
            return np.array([[one[key] for one in chain] for chain in records], np.int64)

        names = records[0][0]["measures"]
        measures = {
            name: np.array(
                [[one["measures"].get(name, np.nan) for one in chain] for chain in records]
            )
            for name in names
        }
        below = max(int(one["suppressed_below"]) for chain in records for one in chain)
        return cls(policy, stacked("counts"), stacked("train"), stacked("tails"), measures, below)

    @property
    def generations(self) -> int:
        """Number of generations."""
        return int(self.counts.shape[1])


def alive(counts: Ints, inside: Any) -> tuple[Floats, list[Interval]]:
    """Proportion of categories alive in each generation, over replicates, with its Wilson interval.

    Args:
        counts: (replicates, generations, categories).
        inside: (categories,) which ones.
    """
    living = counts[..., inside] > 0
    trials = living.shape[0] * living.shape[2]
    hits = living.sum(axis=(0, 2))
    return hits / trials, [wilson(float(hit), trials) for hit in hits]


def tail_ratio(tails: Ints, profile: Profile, inside: Any) -> tuple[Floats, list[Interval]]:
    """Mass of tails relative to the source in each generation, with its interval over replicates."""
    expected = profile.tail_rows[inside].sum()
    ratios = tails[..., inside].sum(axis=2) / expected
    mean = ratios.mean(axis=0)
    return mean, [_mean_interval(values, expected) for values in ratios.T]


def _mean_interval(values: Floats, expected: float) -> Interval:
    """Student's interval; of one replicate that of a Poisson count."""
    from scipy.stats import t

    mean, n = float(values.mean()), len(values)
    # Sampling noise alone; few replicates can agree by chance.
    poisson = math.sqrt(max(mean, 1 / expected) / expected / n)
    if n == 1:
        half = 1.96 * poisson
    else:
        spread = float(values.std(ddof=1)) / math.sqrt(n)
        half = max(float(t.ppf(0.975, n - 1)) * spread, 1.96 * poisson)
    return max(0.0, mean - half), mean + half


def survival_rows(profile: Profile, chains: Chains, control: Control) -> list[dict[str, Any]]:
    """Survival of every stratum in every generation, beside the control and theory."""
    rows: list[dict[str, Any]] = []
    for label in (*profile.strata, *profile.tail_strata):
        inside = profile.in_stratum(label)
        expected: Floats | None = None
        if label in profile.strata:
            values, intervals = alive(chains.counts, inside)
            reference, around = alive(control.counts, inside)
            expected = expected_survival(profile, chains.policy, chains.generations, inside)
        else:
            values, intervals = tail_ratio(chains.tails, profile, inside)
            reference, around = tail_ratio(control.tails, profile, inside)
        for g in range(chains.generations):
            rows.append(
                {
                    "policy": chains.policy.label,
                    "stratum": label,
                    "measure": "alive" if label in profile.strata else "tail mass",
                    "items": int(inside.sum()),
                    "generation": g + 1,
                    "value": float(values[g]),
                    "interval": list(intervals[g]),
                    "control": float(reference[g]),
                    "control_interval": list(around[g]),
                    "theory": None if expected is None else float(expected[g]),
                }
            )
    return rows


def expected_survival(
    profile: Profile, policy: Policy, generations: int, inside: Any
) -> Floats | None:
    """Mean survival of an unbiased generator by theory; None for policies, and for rows that are not
    independent, without a closed form.
    """
    if policy.name not in ("replace", "mix") or profile.families is not None:
        return None
    counts, repeats = np.unique(profile.rows[inside], return_counts=True)
    curves = [theory.survival(float(c), generations, real=policy.real) for c in counts]
    return np.average(np.stack(curves), axis=0, weights=repeats)


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstLoss:
    """The first generation without one of the categories.

    Attributes:
        median: Median over replicates; None if it is after the last generation.
        interval: Smallest and largest of the replicates; None for 'after the last'.
        generations: Number of generations.
    """

    median: float | None
    interval: tuple[float | None, float | None]
    generations: int

    @classmethod
    def from_counts(cls, counts: Ints) -> FirstLoss | None:
        """From (replicates, generations, categories) counts; None without categories."""
        if not counts.shape[2]:
            return None
        lost = (counts == 0).any(axis=2)
        first = np.where(lost.any(axis=1), lost.argmax(axis=1) + 1.0, np.inf)
        ends = [float(x) if math.isfinite(x) else None for x in (first.min(), first.max())]
        middle = float(np.quantile(first, 0.5, method="inverted_cdf"))
        return cls(
            median=middle if math.isfinite(middle) else None,
            interval=(ends[0], ends[1]),
            generations=counts.shape[1],
        )

    @property
    def text(self) -> str:
        """The median in words."""
        if self.median is None:
            return f"after more than {count(self.generations, 'generation')}"
        return f"in generation {self.median:.0f}"

    def to_dict(self) -> dict[str, Any]:
        """JSON types; None is 'after the last generation'."""
        return {"median": self.median, "interval": list(self.interval)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """How much of the rare categories and of the tails is left: the smaller of both.

    Attributes:
        value: The proportion.
        low, high: Ends of its interval.
    """

    value: float
    low: float
    high: float

    @classmethod
    def from_counts(cls, profile: Profile, counts: Ints, tails: Ints) -> list[Level]:
        """One for each generation; (replicates, generations, ...) counts. Empty without either."""
        sides = []
        if profile.rare.any():
            sides.append(alive(counts, profile.rare))
        if TAIL in profile.tail_strata:
            sides.append(tail_ratio(tails, profile, profile.in_stratum(TAIL)))
        if not sides:
            return []
        return [
            cls(
                value=min(float(values[g]) for values, _ in sides),
                low=min(intervals[g][0] for _, intervals in sides),
                high=min(intervals[g][1] for _, intervals in sides),
            )
            for g in range(counts.shape[1])
        ]


def lost_categories(profile: Profile, chains: Chains) -> list[int]:
    """Categories without a row in the last generation of more than half of the replicates, those with
    the most rows in the source first.
    """
    absent = (chains.counts[:, -1] == 0).mean(axis=0) > 0.5
    lost = np.flatnonzero(absent)
    return [int(k) for k in lost[np.argsort(-profile.rows[lost], kind="stable")]]


def causes_of_loss(chains: Chains) -> dict[str, int]:
    """Losses by cause, over replicates: 'suppressed' had training rows, but fewer than the method
    keeps; 'not generated' had enough.
    """
    before = np.concatenate([np.ones_like(chains.counts[:, :1]), chains.counts[:, :-1]], axis=1)
    died = (chains.counts == 0) & (before > 0) & (chains.train > 0)
    few = chains.train < chains.suppressed_below
    return {"suppressed": int((died & few).sum()), "not generated": int((died & ~few).sum())}
