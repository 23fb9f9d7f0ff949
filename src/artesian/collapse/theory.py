"""Exact results for training on one's own samples.

Gaussian by maximum likelihood on n rows in each generation (Shumailov et al. 2024; Alemohammad et al.
2023): E[variance] = (1 - 1/n)^t. With accumulation the squared error of the mean stays below pi^2/6
times that of real data alone (Gerstgrasser et al. 2024; Kazdan et al. 2024). The recursions for the
other policies follow from the first two moments and are exact.

A category with c rows is a branching process with Poisson offspring (the limit of the Wright-Fisher
model for c much smaller than n): P(alive at t) = 1 - q_t^c with q_0 = 0, q_{k+1} = exp(q_k - 1).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from artesian.collapse.policies import Policy

Floats = npt.NDArray[np.float64]

ACCUMULATION_BOUND = math.pi**2 / 6
"""Upper bound of the squared error of the mean with accumulation, in units of that of real data."""


@dataclass(frozen=True, slots=True)
class GaussianMoments:
    """Expected moments of the fitted Gaussian; real data have mean 0 and variance 1.

    Attributes:
        variance: (generations,) expected variance of fit 1, 2, ...
        mean_square: (generations,) expected square of the mean.
    """

    variance: Floats
    mean_square: Floats


def gaussian_moments(policy: Policy, rows: int, generations: int) -> GaussianMoments | None:
    """Expected moments of the Gaussian fitted in each generation; None without a closed form.

    Args:
        policy: The policy; the first generation is fitted on `rows` real rows.
        rows: Rows of each generation, n.
    """
    n, t = rows, np.arange(1, generations + 1, dtype=np.float64)
    if policy.name == "replace":
        return _replace_moments(n, generations)
    if policy.name == "accumulate":
        variance = np.cumprod(1 - 1 / (n * t**2), dtype=np.float64)
        before = np.concatenate([[1.0], variance[:-1]])
        return GaussianMoments(variance, np.cumsum(before / t**2) / n)
    if policy.name == "subsample":
        return _subsample_moments(n, generations)
    if policy.name == "mix":
        return _mix_moments(n, policy.real_rows(n), generations)
    return None


def _replace_moments(n: int, generations: int) -> GaussianMoments:
    variance: Floats = np.cumprod(np.full(generations, 1 - 1 / n))
    return GaussianMoments(variance, 1 - variance)


def _mix_moments(n: int, real: int, generations: int) -> GaussianMoments:
    """`real` of n rows come from the real distribution, the others from the fit before."""
    synthetic = n - real
    variance, square = np.empty(generations), np.empty(generations)
    variance[0], square[0] = 1 - 1 / n, 1 / n
    for t in range(1, generations):
        v, m = variance[t - 1], square[t - 1]
        square[t] = (synthetic / n) ** 2 * m + real / n**2 + synthetic * v / n**2
        variance[t] = (real + synthetic * (v + m)) / n - square[t]
    return GaussianMoments(variance, square)


def _subsample_moments(n: int, generations: int) -> GaussianMoments:
    """n rows without replacement from the pool of real rows and all generations.

    The raw second moment of the pool is a martingale with value 1, so only the square of its mean
    changes.
    """
    variance, square = np.empty(generations), np.empty(generations)
    pool_square = 1 / n
    for t in range(generations):
        pool = (t + 1) * n
        spread = 1 - pool_square
        error = spread * pool / (pool - 1) / n * (1 - n / pool)
        variance[t], square[t] = spread - error, pool_square + error
        pool_square += (n / (pool + n)) ** 2 * (error + variance[t] / n)
    return GaussianMoments(variance, square)


def replace_variance_deviation(rows: int, generations: int) -> Floats:
    """Standard deviation of the fitted variance under 'replace'. (generations,)"""
    n, t = rows, np.arange(1, generations + 1, dtype=np.float64)
    second: Floats = (1 - 1 / n**2) ** t
    deviation: Floats = np.sqrt(second - (1 - 1 / n) ** (2 * t))
    return deviation


def mean_log_variance(rows: int, generations: int) -> tuple[Floats, Floats]:
    """Mean and standard deviation of the log variance under 'replace'. 2 x (generations,)

    The log of a chi-square variable with k degrees of freedom has the mean psi(k/2) + log 2.
    """
    from scipy.special import polygamma, psi

    n, t = rows, np.arange(1, generations + 1, dtype=np.float64)
    mean: Floats = t * (psi((n - 1) / 2) + math.log(2 / n))
    deviation: Floats = np.sqrt(t * polygamma(1, (n - 1) / 2))
    return mean, deviation


def survival(count: float, generations: int, *, real: float = 0.0) -> Floats:
    """Probability that a category of `count` rows occurs in generation 1, 2, ... (generations,)

    Branching with immigration: each row before is kept with probability 1 - real, Poisson(real x count)
    fresh rows are added, and a generation has Poisson(these) rows of the category. The first is drawn
    from the real rows.

    Args:
        count: Rows of the category in the real rows of the first fit.
        real: Proportion of fresh real rows.

    >>> survival(5, 5).round(2).tolist()
    [0.99, 0.96, 0.9, 0.85, 0.79]
    """
    alive = np.empty(generations)
    log_factor, s = 0.0, 0.0  # the generating function of the latest generation, at 0
    for t in range(generations):
        s = math.exp(s - 1)
        alive[t] = -math.expm1(log_factor + count * math.log(s))
        log_factor += real * count * (s - 1)
        s = real + (1 - real) * s
    return alive


def median_life(count: float) -> float:
    """Approximate median number of generations that a category of `count` rows survives, 2.9 count.

    From P(alive at t) = 1 - exp(-2 count / t) for large t.
    """
    return 2 * count / math.log(2)
