"""95 % confidence intervals: closed forms, and the delete-a-group jackknife."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np

from artesian.core.run import Seed
from artesian.metrics.common.arrays import Floats, Ints

GROUPS = 20
"""Number of groups of rows of the jackknife."""

_Z = 1.959964  # the 97.5 % quantile of the normal distribution
_T = 2.093024  # and of Student's t with GROUPS - 1 degrees of freedom


def groups_of(rows: int, seed: Seed) -> Ints:
    """Assign each row to a random group in 0..GROUPS-1; sizes differ by at most one. (rows,)"""
    return seed.rng().permutation(rows) % GROUPS


def jackknife(value: float, left_out: Floats, low: float, high: float) -> tuple[float, float]:
    """Delete-a-group jackknife interval (Kott 2001), which assumes no distribution.

    Args:
        left_out: (GROUPS,) the statistic without each group of rows.
        low, high: Range of the statistic, which the interval is cut to.
    """
    return symmetric_interval(value, jackknife_spread(left_out), low, high)


def jackknife_spread(left_out: Floats) -> float:
    """Half the width of the jackknife interval, not cut to a range."""
    return _T * math.sqrt((GROUPS - 1) / GROUPS * float(((left_out - left_out.mean()) ** 2).sum()))


def wilson(successes: float, trials: float, *, tries: int = 1) -> tuple[float, float]:
    """Score interval of a proportion (Wilson 1927).

    Args:
        successes: May be fractional, for ties that count half.
        trials: May be an effective number, where trials depend on each other.
        tries: Number of proportions that this is the largest of (Bonferroni).

    >>> [round(end, 3) for end in wilson(50, 100)]
    [0.404, 0.596]
    """
    z = _Z if tries == 1 else NormalDist().inv_cdf(1 - 0.025 / tries)
    proportion, z2 = successes / trials, z**2
    middle = (proportion + z2 / (2 * trials)) / (1 + z2 / trials)
    half = (
        z
        / (1 + z2 / trials)
        * math.sqrt(proportion * (1 - proportion) / trials + z2 / (4 * trials**2))
    )
    low, high = max(0.0, middle - half), min(1.0, middle + half)
    return min(low, proportion), max(high, proportion)  # rounding must not exclude the estimate


def newcombe(hits: int, trials: int, other: int, other_trials: int) -> tuple[float, float]:
    """Interval of the difference of two proportions (Newcombe 1998, the hybrid score interval).

    >>> [round(end, 3) for end in newcombe(56, 70, 48, 80)]  # an example of the paper
    [0.052, 0.334]
    """
    return difference(
        hits / trials, wilson(hits, trials), other / other_trials, wilson(other, other_trials)
    )


def difference(
    value: float, interval: tuple[float, float], other: float, other_interval: tuple[float, float]
) -> tuple[float, float]:
    """Interval of `value - other` from the intervals of both, independent (Zou and Donner 2008)."""
    estimate = value - other
    return (
        estimate - math.hypot(value - interval[0], other_interval[1] - other),
        estimate + math.hypot(interval[1] - value, other - other_interval[0]),
    )


def normal(
    value: float, variance: float, low: float, high: float, *, tries: float = 1
) -> tuple[float, float]:
    """Normal interval of an estimate, cut to the range of the measure.

    Args:
        tries: Number of estimates that this is the largest of (Bonferroni), or an effective number.

    >>> [round(end, 2) for end in normal(0.5, 0.01, 0.0, 1.0)]
    [0.3, 0.7]
    """
    points = NormalDist().inv_cdf(1 - 0.025 / tries)
    return symmetric_interval(value, points * math.sqrt(max(variance, 0.0)), low, high)


def upper_tail(z: float) -> float:
    """Probability that a standard normal variable exceeds `z`.

    >>> round(upper_tail(1.959964), 3)
    0.025
    """
    return 0.5 * math.erfc(z / math.sqrt(2))


def tail_of_interval(value: float, half: float) -> float:
    """One-sided p-value of an estimate above 0, from half the width of its 95 % interval."""
    if half <= 0:
        return 0.0 if value > 0 else 1.0
    return upper_tail(value / half * _Z)


def percentile_interval(
    value: float, resamples: Floats, low: float, high: float
) -> tuple[float, float]:
    """Bootstrap percentile interval, widened to include `value`."""
    below, above = np.percentile(resamples, (2.5, 97.5))
    return max(low, min(float(below), value)), min(high, max(float(above), value))


def symmetric_interval(value: float, half: float, low: float, high: float) -> tuple[float, float]:
    """`value` plus or minus `half`, cut to the range of the measure."""
    return max(low, float(value - half)), min(high, float(value + half))
