"""A small vector for every code of a target, so that sums of vectors describe its distribution.

The mean vector of a group of rows is an empirical mean embedding of the target's distribution in that
group (Smola et al. 2007): it shows location, spread, shape and point masses. A split is judged by the
distance between such means.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

DIMENSIONS = 8

SCALE = 1000
"""Vectors are integers up to SCALE: their sums are exact, can be subtracted, do not depend on the order
of rows, and stay within 32 bits for a million rows."""

MIN_POINT_MASS = 0.04
"""Minimum fraction of rows with one ordered code for that code to get a dimension."""

MAX_POINT_MASSES = 3


def embed(counts: NDArray[np.float64], *, ordered: bool, missing: bool) -> NDArray[np.int16]:
    """Vectors of a column's codes, shape (K, DIMENSIONS).

    Ordered codes get cosines of their mid-rank, for location, spread and so on; codes with a point mass
    (zeros, caps) and missing values, the last code, get indicators. Categories get indicators, one
    dimension each if they are few, else random directions.

    Args:
        counts: Number of rows of each code, shape (K,).
    """
    levels = len(counts)
    total = max(counts.sum(), 1.0)
    frequency = counts / total
    vectors = np.zeros((levels, DIMENSIONS))
    if ordered:
        values = levels - int(missing)
        cum = np.cumsum(counts[:values])
        rank = (cum - counts[:values] / 2) / max(cum[-1], 1.0) if values else cum
        alone = _point_masses(counts, missing=missing)
        waves = DIMENSIONS - len(alone)
        for d in range(waves):
            vectors[:values, d] = np.sqrt(2 / (d + 1)) * np.cos(np.pi * (d + 1) * rank)
        for d, code in enumerate(alone):
            variance = max(frequency[code] * (1 - frequency[code]), 1e-4)
            vectors[code, waves + d] = variance**-0.25
    else:
        size = np.maximum(frequency, 1.0 / total) ** -0.25
        if levels <= DIMENSIONS:
            vectors[np.arange(levels), np.arange(levels)] = size
        else:  # more categories than dimensions: random directions, nearly orthogonal
            vectors[:] = np.random.default_rng(levels).standard_normal(vectors.shape)
            vectors *= (size / np.linalg.norm(vectors, axis=1))[:, None]
    scaled = vectors * (SCALE / max(np.abs(vectors).max(), 1e-9))
    return np.asarray(np.round(scaled), dtype=np.int16)


def _point_masses(counts: NDArray[np.float64], *, missing: bool) -> list[int]:
    """Ordered codes that get an indicator: the most frequent ones, and missing."""
    values = counts[: len(counts) - int(missing)]
    order = np.argsort(-values, kind="stable")[:MAX_POINT_MASSES]
    threshold = MIN_POINT_MASS * max(counts.sum(), 1.0)
    alone = [int(code) for code in order if values[code] >= threshold]
    return [*alone, len(counts) - 1] if missing else alone
