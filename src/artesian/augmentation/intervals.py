"""Intervals of differences over the resamples of a repeated cross-validation.

Training rows overlap between resamples, so the variance of a mean over J of them is more than 1 / J of
that between them. Nadeau and Bengio (2003) correct it to (1 / J + test rows / training rows), and
Bouckaert and Frank (2004) use it for repeated cross-validation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from artesian.metrics.common.arrays import Floats


@dataclass(frozen=True, slots=True)
class Difference:
    """A mean difference with its 95 % interval."""

    mean: float
    low: float
    high: float

    @property
    def above(self) -> bool:
        """Whether the difference is more than 0 by more than chance."""
        return self.low > 0

    @property
    def below(self) -> bool:
        """Whether the difference is less than 0 by more than chance."""
        return self.high < 0

    def to_dict(self) -> dict[str, float]:
        """The three numbers."""
        return {"mean": self.mean, "low": self.low, "high": self.high}


def corrected_interval(differences: Floats, folds: int) -> Difference:
    """The mean of paired differences with its corrected 95 % interval.

    Args:
        differences: (J,) one for each resample of a cross-validation, two or more.
        folds: Its number of folds, so that there are 1 / (folds - 1) test rows per training row.
    """
    from scipy.stats import t

    resamples = len(differences)
    variance = float(differences.var(ddof=1)) * (1 / resamples + 1 / (folds - 1))
    half = float(t.ppf(0.975, resamples - 1)) * math.sqrt(variance)
    mean = float(differences.mean())
    return Difference(mean, mean - half, mean + half)
