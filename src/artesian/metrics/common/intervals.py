"""95 % intervals that cost next to nothing: closed forms, and the delete-a-group jackknife."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np

from artesian.core.run import Seed
from artesian.metrics.common.arrays import Floats, Ints

GROUPS = 20
"""Groups of rows for the jackknife."""

_Z = 1.959964  # the 97.5 % point of the normal law
_T = 2.093024  # and of Student's t with GROUPS - 1 degrees of freedom


def groups_of(rows: int, seed: Seed) -> Ints:
    """A random group in 0..GROUPS-1 for each of `rows` rows; sizes differ by one at most."""
    return seed.rng().permutation(rows) % GROUPS


def jackknife(value: float, left_out: Floats, low: float, high: float) -> tuple[float, float]:
    """Interval of `value` from its replicates with one group of rows left out (Kott 2001).

    Rows stay whole, so columns may depend on each other; no distribution is assumed.

    Args:
        left_out: (GROUPS,) the same statistic without each group.
    """
    return around(value, jackknife_spread(left_out), low, high)


def jackknife_spread(left_out: Floats) -> float:
    """Half the width of that interval, not cut to any range."""
    return _T * math.sqrt((GROUPS - 1) / GROUPS * float(((left_out - left_out.mean()) ** 2).sum()))


def wilson(successes: float, trials: float, *, tries: int = 1) -> tuple[float, float]:
    """Interval of a share (Wilson 1927). `successes` may be half of a count, for ties; both may be a
    fraction of the counts, where several trials tell no more than one.

    Args:
        tries: Shares that this is the most extreme of (Bonferroni).

    >>> [round(end, 3) for end in wilson(50, 100)]
    [0.404, 0.596]
    """
    z = _Z if tries == 1 else NormalDist().inv_cdf(1 - 0.025 / tries)
    share, z2 = successes / trials, z**2
    middle = (share + z2 / (2 * trials)) / (1 + z2 / trials)
    half = z / (1 + z2 / trials) * math.sqrt(share * (1 - share) / trials + z2 / (4 * trials**2))
    low, high = max(0.0, middle - half), min(1.0, middle + half)
    return min(low, share), max(high, share)  # rounding must not leave the share outside


def newcombe(hits: int, trials: int, other: int, other_trials: int) -> tuple[float, float]:
    """Interval of the difference of two shares (Newcombe 1998, the hybrid score interval).

    >>> [round(end, 3) for end in newcombe(56, 70, 48, 80)]  # his example
    [0.052, 0.334]
    """
    return difference(
        hits / trials, wilson(hits, trials), other / other_trials, wilson(other, other_trials)
    )


def difference(
    value: float, interval: tuple[float, float], other: float, other_interval: tuple[float, float]
) -> tuple[float, float]:
    """Interval of `value - other` from the intervals of both (Zou and Donner 2008)."""
    gap = value - other
    return (
        gap - math.hypot(value - interval[0], other_interval[1] - other),
        gap + math.hypot(interval[1] - value, other - other_interval[0]),
    )


def normal(
    value: float, variance: float, low: float, high: float, *, tries: int = 1
) -> tuple[float, float]:
    """Interval of an estimate that is nearly normal, cut to the range of the measure.

    Args:
        tries: Estimates that this is the most extreme of (Bonferroni).

    >>> [round(end, 2) for end in normal(0.5, 0.01, 0.0, 1.0)]
    [0.3, 0.7]
    """
    points = NormalDist().inv_cdf(1 - 0.025 / tries)
    return around(value, points * math.sqrt(max(variance, 0.0)), low, high)


def from_resamples(value: float, resamples: Floats, low: float, high: float) -> tuple[float, float]:
    """Percentile interval of a bootstrap, widened to `value` where it should lie outside."""
    below, above = np.percentile(resamples, (2.5, 97.5))
    return max(low, min(float(below), value)), min(high, max(float(above), value))


def around(value: float, half: float, low: float, high: float) -> tuple[float, float]:
    """`value` plus and minus `half`, cut to the range of the measure."""
    return max(low, float(value - half)), min(high, float(value + half))
