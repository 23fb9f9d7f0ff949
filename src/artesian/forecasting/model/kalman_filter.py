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
COMPUTE_SHARE = 0.5  # of the growth of compute goes into data (Hoffmann et al. 2022)
COMPUTE_GROWTH, COMPUTE_GROWTH_DEVIATION = 0.6, 0.3  # orders of magnitude a year, before any data
LEVEL_CORRELATION = 0.5  # a larger run is mostly one of more compute and of more data
MEASURE_NOISE = 0.1  # of one size: words taken for tokens and roundings, log10
DIFFUSE = 3.0  # standard deviation of the first level, log10: nothing is known of it
FIRST_LEVELS = (9.0, 20.0)  # where no year has a value; of no weight, the first one decides


@dataclass(frozen=True, slots=True, eq=False)
class Noise:
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
    def grid(
        cls, shortfalls: tuple[float, ...], levels: tuple[float, ...], drifts: tuple[float, ...]
    ) -> Noise:
        rows = itertools.product(shortfalls, shortfalls, levels, levels, drifts)
        table = np.array(list(rows), dtype=np.float64)
        return cls(table[:, 0:2], table[:, 2:4], table[:, 4])

    def __len__(self) -> int:
        return len(self.drift)


def filtered(
    largest: Array, thinness: Array, noise: Noise, slack: float
) -> tuple[Array, Array, Array]:
    """What the years say about the frontier at the end of the last.

    Args:
        largest: log10 of each year's largest tokens and compute, (2, years), nan where none.
        thinness: What the shortfalls of each year are multiplied by, (2, years).
        noise: The grid.
        slack: See `trend.Settings`.

    Returns:
        The weight of each combination (g,), mean (g, 4) and covariance (g, 4, 4) of the state.
    """
    size = len(noise)
    mean, covariance = _start(largest, size, slack)
    move = np.eye(4)
    move[0, 2] = move[1, 3] = 1.0
    steps = _step_covariance(noise)
    log_weight = np.zeros(size)
    for year in range(largest.shape[1]):
        if year:
            mean = mean @ move.T
            covariance = move @ covariance @ move.T + steps
        for which in (0, 1):
            if np.isnan(largest[which, year]):
                continue
            short = noise.shortfall[:, which] * thinness[which, year]
            # An exponential shortfall has its mean as its deviation.
            variance = covariance[:, which, which] + short**2 + MEASURE_NOISE**2
            surprise = largest[which, year] + short - mean[:, which]
            log_weight -= 0.5 * (np.log(variance) + surprise**2 / variance)
            gain = covariance[:, :, which] / variance[:, None]
            mean = mean + gain * surprise[:, None]
            covariance = covariance - gain[:, :, None] * covariance[:, None, which, :]
    weights = np.exp(log_weight - log_weight.max())
    # Rounding may leave a variance of zero a hair below it, which has no root.
    return weights / weights.sum(), mean, covariance + 1e-10 * np.eye(4)


def _start(largest: Array, size: int, slack: float) -> tuple[Array, Array]:
    levels = [
        float(np.nanmean(row)) if np.any(np.isfinite(row)) else level
        for row, level in zip(largest, FIRST_LEVELS, strict=True)
    ]
    mean = np.array([*levels, COMPUTE_SHARE * COMPUTE_GROWTH, COMPUTE_GROWTH])
    covariance = np.zeros((4, 4))
    covariance[0, 0] = covariance[1, 1] = DIFFUSE**2
    covariance[2:, 2:] = _tied(COMPUTE_GROWTH_DEVIATION**2, slack**2)
    return np.tile(mean, (size, 1)), np.tile(covariance, (size, 1, 1))


def _step_covariance(noise: Noise) -> Array:
    steps = np.zeros((len(noise), 4, 4))
    steps[:, 0, 0], steps[:, 1, 1] = noise.level[:, 0] ** 2, noise.level[:, 1] ** 2
    steps[:, 0, 1] = steps[:, 1, 0] = LEVEL_CORRELATION * noise.level.prod(axis=1)
    # The growth of tokens follows that of compute and has as much noise of its own.
    steps[:, 2:, 2:] = noise.drift[:, None, None] ** 2 * _tied(1.0, COMPUTE_SHARE**2)
    return steps


def _tied(compute: float, own: float) -> Array:
    """Covariance of (tokens, compute) where tokens follow compute and have a variance of their own."""
    return np.array(
        [
            [COMPUTE_SHARE**2 * compute + own, COMPUTE_SHARE * compute],
            [COMPUTE_SHARE * compute, compute],
        ]
    )
