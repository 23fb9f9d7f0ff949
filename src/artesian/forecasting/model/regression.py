"""Growth rates by log-linear least squares, with pairs-bootstrap uncertainty."""

from __future__ import annotations

import numpy as np

from artesian.core.errors import DataError
from artesian.core.run import Seed
from artesian.forecasting.inputs.truncated_normal import Array


def fit_growth(years: Array, sizes: Array) -> float:
    """Estimate growth by ordinary least squares on log10 sizes.

    Args:
        years: Decimal years, (n,).
        sizes: Positive sizes, (n,).

    Returns:
        Growth in orders of magnitude a year.

    Raises:
        DataError: Fewer than three observations, all of the same date, or a size that is not positive.
    """
    return float(_slopes(years, sizes, np.ones((1, years.size)))[0])


def bootstrap_growth(years: Array, sizes: Array, resamples: int, seed: Seed) -> Array:
    """Sample the growth estimate by the pairs bootstrap.

    Args:
        years: Decimal years, (n,).
        sizes: Positive sizes, (n,).
        resamples: Number of bootstrap samples.
        seed: Parent of the random stream.

    Returns:
        Growth in orders of magnitude a year, (resamples,).

    Raises:
        DataError: As in `fit_growth`.
    """
    rng = seed.child("bootstrap").rng()
    counts = rng.multinomial(years.size, np.full(years.size, 1 / years.size), size=resamples)
    return _slopes(years, sizes, counts.astype(np.float64))


def _slopes(years: Array, sizes: Array, weights: Array) -> Array:
    if years.size != sizes.size or years.size < 3 or np.ptp(years) == 0 or not (sizes > 0).all():
        raise DataError(
            f"growth cannot be estimated from {years.size} dates and {sizes.size} sizes",
            hint="give at least three positive sizes with different dates",
        )
    x, y = years - years.mean(), np.log10(sizes)
    total = weights.sum(axis=1)
    x_mean, y_mean = weights @ x / total, weights @ y / total
    covariance = weights @ (x * y) / total - x_mean * y_mean
    return np.asarray(covariance / (weights @ (x * x) / total - x_mean**2), dtype=np.float64)
