"""Kalman filter of the trend, vectorised over a grid of noise parameters.

State: frontier of tokens, frontier of compute, growth of tokens, growth of compute (log10, per year).
The model is stated in `trend`; recursions as in Harvey, 'Forecasting, structural time series models and
the Kalman filter' (1989).
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
COMPUTE_ELASTICITY = 0.5  # of compute-optimal tokens with respect to compute (Hoffmann et al. 2022)
COMPUTE_GROWTH, COMPUTE_GROWTH_STD = 0.6, 0.3  # prior, orders of magnitude a year
LEVEL_CORRELATION = 0.5  # a larger run usually has both more compute and more data
MEASUREMENT_NOISE = (
    0.1  # standard deviation of a reported size: words mistaken for tokens, rounding; log10
)
DIFFUSE_STD = 3.0  # prior standard deviation of the initial level, log10: uninformative
DEFAULT_LEVELS = (
    9.0,
    20.0,
)  # initial levels without any observation; irrelevant after the first one


@dataclass(frozen=True, slots=True, eq=False)
class NoiseGrid:
    """Grid of g combinations of noise parameters for tokens and compute, in orders of magnitude.

    Attributes:
        shortfall: Mean shortfall of a year with the reference number of models, (g, 2).
        level: Standard deviation of the level noise, (g, 2).
        drift: Standard deviation of the drift noise of compute, (g,).
    """

    shortfall: Array
    level: Array
    drift: Array

    @classmethod
    def from_values(
        cls, shortfalls: tuple[float, ...], levels: tuple[float, ...], drifts: tuple[float, ...]
    ) -> NoiseGrid:
        """Build the Cartesian product; tokens and compute vary independently."""
        rows = itertools.product(shortfalls, shortfalls, levels, levels, drifts)
        table = np.array(list(rows), dtype=np.float64)
        return cls(table[:, 0:2], table[:, 2:4], table[:, 4])

    def __len__(self) -> int:
        return len(self.drift)


def kalman_filter(
    largest: Array, shortfall_scale: Array, noise: NoiseGrid, slack: float
) -> tuple[Array, Array, Array]:
    """Filter the yearly maxima under every combination of noise parameters.

    Args:
        largest: log10 of the largest tokens and compute of each year, (2, years), NaN if none.
        shortfall_scale: Factor of the mean shortfalls in each year, (2, years).
        noise: Grid of noise parameters.
        slack: Prior standard deviation of the growth of tokens, see `trend.Settings`.

    Returns:
        Posterior probability of each combination, (g,); mean, (g, 4), and covariance, (g, 4, 4), of
        the state after the last year.
    """
    size = len(noise)
    mean, covariance = _initial_state(largest, size, slack)
    transition = np.eye(4)
    transition[0, 2] = transition[1, 3] = 1.0
    process_noise = _process_noise(noise)
    log_weight = np.zeros(size)
    for year in range(largest.shape[1]):
        if year:
            mean = mean @ transition.T
            covariance = transition @ covariance @ transition.T + process_noise
        for series in (0, 1):
            if np.isnan(largest[series, year]):
                continue
            shortfall = noise.shortfall[:, series] * shortfall_scale[series, year]
            # The standard deviation of an exponential distribution equals its mean.
            variance = covariance[:, series, series] + shortfall**2 + MEASUREMENT_NOISE**2
            innovation = largest[series, year] + shortfall - mean[:, series]
            log_weight -= 0.5 * (np.log(variance) + innovation**2 / variance)
            gain = covariance[:, :, series] / variance[:, None]
            mean = mean + gain * innovation[:, None]
            covariance = covariance - gain[:, :, None] * covariance[:, None, series, :]
    weights = np.exp(log_weight - log_weight.max())
    # Rounding may make a variance slightly negative; Cholesky needs it positive.
    return weights / weights.sum(), mean, covariance + 1e-10 * np.eye(4)


def _initial_state(largest: Array, size: int, slack: float) -> tuple[Array, Array]:
    levels = [
        float(np.nanmean(row)) if np.any(np.isfinite(row)) else level
        for row, level in zip(largest, DEFAULT_LEVELS, strict=True)
    ]
    mean = np.array([*levels, COMPUTE_ELASTICITY * COMPUTE_GROWTH, COMPUTE_GROWTH])
    covariance = np.zeros((4, 4))
    covariance[0, 0] = covariance[1, 1] = DIFFUSE_STD**2
    covariance[2:, 2:] = _coupled_covariance(COMPUTE_GROWTH_STD**2, slack**2)
    return np.tile(mean, (size, 1)), np.tile(covariance, (size, 1, 1))


def _process_noise(noise: NoiseGrid) -> Array:
    process_noise = np.zeros((len(noise), 4, 4))
    process_noise[:, 0, 0], process_noise[:, 1, 1] = noise.level[:, 0] ** 2, noise.level[:, 1] ** 2
    process_noise[:, 0, 1] = process_noise[:, 1, 0] = LEVEL_CORRELATION * noise.level.prod(axis=1)
    # The drift of tokens is half that of compute plus an independent part of equal variance.
    process_noise[:, 2:, 2:] = noise.drift[:, None, None] ** 2 * _coupled_covariance(
        1.0, COMPUTE_ELASTICITY**2
    )
    return process_noise


def _coupled_covariance(compute: float, residual: float) -> Array:
    """Covariance of (tokens, compute) if tokens = elasticity x compute + an independent residual."""
    return np.array(
        [
            [COMPUTE_ELASTICITY**2 * compute + residual, COMPUTE_ELASTICITY * compute],
            [COMPUTE_ELASTICITY * compute, compute],
        ]
    )
