"""The Kalman filter of the trend, run at once for every combination of noise on a grid.

State: frontier of tokens, frontier of compute, growth of tokens, growth of compute (log10, a year).
See `trend` for the model, Harvey, 'Forecasting, structural time series models and the Kalman filter'
(1989) for the recursions.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
COMPUTE_ELASTICITY = 0.5  # of the growth of compute goes into data (Hoffmann et al. 2022)
COMPUTE_GROWTH, COMPUTE_GROWTH_STD = 0.6, 0.3  # orders of magnitude a year, before any data
LEVEL_CORRELATION = 0.5  # a larger run is mostly one of more compute and of more data
MEASUREMENT_NOISE = 0.1  # of one size: words taken for tokens and roundings, log10
DIFFUSE_STD = 3.0  # standard deviation of the first level, log10: nothing is known of it
DEFAULT_LEVELS = (9.0, 20.0)  # where no year has a value; of no weight, the first one decides


@dataclass(frozen=True, slots=True, eq=False)
class NoiseGrid:
    """Combinations of noise, g of them, each for (tokens, compute); orders of magnitude.

    Attributes:
        shortfall: Mean of a year's shortfall, (g, 2).
        level: Standard deviation of the frontier's step, (g, 2).
        drift: Standard deviation of the growth's step for compute, (g,).
    """

    shortfall: Array
    level: Array
    drift: Array

    @classmethod
    def from_values(
        cls, shortfalls: tuple[float, ...], levels: tuple[float, ...], drifts: tuple[float, ...]
    ) -> NoiseGrid:
        rows = itertools.product(shortfalls, shortfalls, levels, levels, drifts)
        table = np.array(list(rows), dtype=np.float64)
        return cls(table[:, 0:2], table[:, 2:4], table[:, 4])

    def __len__(self) -> int:
        return len(self.drift)


def kalman_filter(
    largest: Array, shortfall_scale: Array, noise: NoiseGrid, slack: float
) -> tuple[Array, Array, Array]:
    """What the years say about the frontier at the end of the last.

    Args:
        largest: log10 of each year's largest tokens and compute, (2, years), nan where none.
        shortfall_scale: What the shortfalls of each year are multiplied by, (2, years).
        noise: The grid.
        slack: See `trend.Settings`.

    Returns:
        The weight of each combination (g,), mean (g, 4) and covariance (g, 4, 4) of the state.
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
            # An exponential shortfall has its mean as its deviation.
            variance = covariance[:, series, series] + shortfall**2 + MEASUREMENT_NOISE**2
            innovation = largest[series, year] + shortfall - mean[:, series]
            log_weight -= 0.5 * (np.log(variance) + innovation**2 / variance)
            gain = covariance[:, :, series] / variance[:, None]
            mean = mean + gain * innovation[:, None]
            covariance = covariance - gain[:, :, None] * covariance[:, None, series, :]
    weights = np.exp(log_weight - log_weight.max())
    # Rounding may leave a variance of zero a hair below it, which has no root.
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
    # The growth of tokens follows that of compute and has as much noise of its own.
    process_noise[:, 2:, 2:] = noise.drift[:, None, None] ** 2 * _coupled_covariance(
        1.0, COMPUTE_ELASTICITY**2
    )
    return process_noise


def _coupled_covariance(compute: float, residual: float) -> Array:
    """Covariance of (tokens, compute) where tokens follow compute and have a variance of their own."""
    return np.array(
        [
            [COMPUTE_ELASTICITY**2 * compute + residual, COMPUTE_ELASTICITY * compute],
            [COMPUTE_ELASTICITY * compute, compute],
        ]
    )
