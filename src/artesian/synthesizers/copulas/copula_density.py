"""The density of a Gaussian copula of observed scores and of intervals of latent variables.

Scores come first: their density is exact. The probability that the others are in their intervals is
simulated one variable after the other, each within its interval given those before (the simulator of
Geweke, Hajivassiliou and Keane: Hajivassiliou, McFadden and Ruud 1996), which is right on average.
"""

from __future__ import annotations

import numpy as np

from artesian.encoding.segments import Floats
from artesian.synthesizers.latent import Latent
from artesian.synthesizers.matrix_density import Density, Mask

DRAWS = 64
"""Draws over which the simulated density is averaged."""

MIN_INTERVAL = 1e-12
"""Minimum probability of an interval."""


def gaussian_log_density(variables: list[Latent], root: Floats) -> Density:
    """The log-density of rows under the correlations `root @ root.T`."""
    is_score = np.array([one.kind == "score" for one in variables], bool)
    order = np.argsort(~is_score, kind="stable")
    correlations = (root @ root.T)[np.ix_(order, order)]
    factor = np.linalg.cholesky(correlations) if len(order) else correlations

    def density(matrix: Floats, missing: Mask, rng: np.random.Generator) -> Floats:
        from scipy.special import ndtr, ndtri

        n = len(matrix)
        total = np.zeros(n)
        white = np.zeros((n, len(order)))
        for k, j in enumerate(order):
            one = variables[j]
            mean, deviation = white[:, :k] @ factor[k, :k], factor[k, k]
            if one.kind == "score":
                score, absent = matrix[:, one.columns.start], missing[:, k]
                at = (score - mean) / deviation
                own = (score**2 - at**2) / 2 - np.log(deviation)
                total += np.where(absent, 0.0, own)
                white[:, k] = np.where(absent, rng.standard_normal(n), at)
                continue
            low, high = ((end - mean) / deviation for end in one.bounds(matrix))
            # In the upper half, probabilities are differences of small numbers only from above.
            flipped = low > 0
            low, high = np.where(flipped, -high, low), np.where(flipped, -low, high)
            below = ndtr(low)
            probability = np.maximum(ndtr(high) - below, MIN_INTERVAL)
            total += np.log(probability)
            drawn = ndtri(
                np.clip(below + rng.random(n) * probability, MIN_INTERVAL, 1 - MIN_INTERVAL)
            )
            white[:, k] = np.where(flipped, -drawn, drawn)
        return total

    return density
