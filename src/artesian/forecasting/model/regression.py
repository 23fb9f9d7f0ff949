"""Growth by least squares on the logarithm, with its uncertainty by resampling the observations."""

from __future__ import annotations

import numpy as np

from artesian.core.errors import DataError
from artesian.core.run import Seed
from artesian.forecasting.inputs.truncated_normal import Array


def fit_growth(years: Array, sizes: Array) -> float:
    """Growth in orders of magnitude a year by ordinary least squares.

    Args:
        years: Decimal years, (n,).
        sizes: Positive sizes, (n,).
    """
    return float(_slopes(years, sizes, np.ones((1, years.size)))[0])


def bootstrap_growth(years: Array, sizes: Array, resamples: int, seed: Seed) -> Array:
    """The same for observations drawn anew with replacement (pairs bootstrap).

    Args:
        years: Decimal years, (n,).
        sizes: Positive sizes, (n,).
        resamples: How many times to draw.
        seed: Of the draws.

    Returns:
        Orders of magnitude a year, (resamples,).
    """
    rng = seed.child("bootstrap").rng()
    counts = rng.multinomial(years.size, np.full(years.size, 1 / years.size), size=resamples)
    return _slopes(years, sizes, counts.astype(np.float64))


def _slopes(years: Array, sizes: Array, weights: Array) -> Array:
    if years.size != sizes.size or years.size < 3 or np.ptp(years) == 0 or not (sizes > 0).all():
        raise DataError(
            f"no growth follows from {years.size} dates and {sizes.size} sizes",
            hint="give at least three positive sizes, not all of one date",
        )
    x, y = years - years.mean(), np.log10(sizes)
    total = weights.sum(axis=1)
    x_mean, y_mean = weights @ x / total, weights @ y / total
    covariance = weights @ (x * y) / total - x_mean * y_mean
    return np.asarray(covariance / (weights @ (x * x) / total - x_mean**2), dtype=np.float64)
