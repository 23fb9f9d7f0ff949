"""The test for bias in one generation: rows of each stratum against the noise of resampling.

An unbiased generator draws rows from the distribution of its training rows. The number of rows of a
stratum then has the distribution of a bootstrap of the source's rows, which is simulated jointly over
columns; for one category it is binomial. Bias kills faster than noise, since it repeats in every
generation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from artesian.collapse.stress.profile import Coded, Profile
from artesian.core.run import Seed

FALSE_ALARM = 0.05
"""Probability that an unbiased generator is reported, over all strata jointly (Bonferroni)."""

DRAWS = 10_000

MIN_EFFECT = 0.01
"""Relative difference below which a significant one is no bias that matters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StratumBias:
    """One stratum.

    Attributes:
        stratum: Its name.
        observed: Mean number of its categories, or tails, in a generated row.
        expected: The same in the source.
        interval: Range of `observed` for an unbiased generator, jointly over strata.
    """

    stratum: str
    observed: float
    expected: float
    interval: tuple[float, float]

    @property
    def biased(self) -> bool:
        """Whether `observed` is outside of the interval, by 1 % of the expected rows or more."""
        inside = self.interval[0] <= self.observed <= self.interval[1]
        return not inside and abs(self.observed - self.expected) >= MIN_EFFECT * self.expected

    def to_dict(self) -> dict[str, Any]:
        """JSON types."""
        return {
            "stratum": self.stratum,
            "observed": self.observed,
            "expected": self.expected,
            "interval": list(self.interval),
            "ratio": self.observed / self.expected,
            "biased": self.biased,
        }


def bias_counts(profile: Profile, coded: Coded) -> dict[str, Any]:
    """Counts of generated rows for the bias test, as JSON types."""
    return {
        "rows": len(coded),
        "counts": profile.category_counts(coded.codes).tolist(),
        "tails": profile.tail_counts(coded.numbers).tolist(),
    }


def bias_by_stratum(
    profile: Profile, records: Sequence[Mapping[str, Any]], seed: Seed
) -> tuple[StratumBias, ...]:
    """Test the first generation.

    Args:
        records: `bias_counts` of each replicate.
    """
    names = (*profile.strata, *profile.tail_strata)
    if not names:
        return ()
    members, total = profile.members(), sum(one["rows"] for one in records)
    counts, tails = (
        np.array([one[key] for one in records], np.int64).sum(axis=0) for key in ("counts", "tails")
    )
    # What is resampled is a row, or a family of rows; its last entry is its number of rows.
    units = profile.by_family(np.hstack([members, np.ones((len(members), 1))]))
    patterns, repeats = np.unique(units, axis=0, return_counts=True)
    size = round(total * len(units) / len(members))
    sums = seed.rng().multinomial(size, repeats / repeats.sum(), size=DRAWS) @ patterns
    drawn = sums[:, :-1] / np.maximum(sums[:, -1:], 1)
    tail = FALSE_ALARM / (2 * len(names))
    results = []
    for s, name in enumerate(names):
        kind = counts if s < len(profile.strata) else tails
        observed = float(kind[profile.in_stratum(name)].sum()) / total
        # Discrete: the quantiles are those that leave at most `tail` beyond them.
        low = float(np.quantile(drawn[:, s], tail, method="inverted_cdf"))
        high = float(np.quantile(drawn[:, s], 1 - tail, method="inverted_cdf"))
        results.append(
            StratumBias(
                stratum=name,
                observed=observed,
                expected=float(members[:, s].mean()),
                interval=(low, high),
            )
        )
    return tuple(results)
