"""A small vector for every code of a target, so that a split can be judged by the target's whole
distribution: sums of these vectors say how a group's location, spread, shape and atoms differ."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

DIMENSIONS = 8
SCALE = 1000
"""Vectors are whole numbers up to SCALE, so that sums are exact, can be subtracted, and do not depend
on the order of rows; a million rows stay inside 32 bits."""


ATOM = 0.04
"""Share of rows from which a single ordered code is a direction of its own."""

ATOMS = 3


def embed(counts: NDArray[np.float64], *, ordered: bool, missing: bool) -> NDArray[np.int16]:
    """Vectors of a column's codes, shape (K, DIMENSIONS).

    Ordered codes get cosines of their mid-rank (location, spread, ...); heavy codes among them
    (zeros, caps) and missing, the last code, get indicators. Categories get indicators, the frequent
    ones one each.

    Args:
        counts: Rows of each code, shape (K,).
    """
    levels = len(counts)
    total = max(counts.sum(), 1.0)
    share = counts / total
    vectors = np.zeros((levels, DIMENSIONS))
    if ordered:
        values = levels - int(missing)
        cum = np.cumsum(counts[:values])
        rank = (cum - counts[:values] / 2) / max(cum[-1], 1.0) if values else cum
        alone = _heavy(counts, missing=missing)
        waves = DIMENSIONS - len(alone)
        for d in range(waves):
            vectors[:values, d] = np.sqrt(2 / (d + 1)) * np.cos(np.pi * (d + 1) * rank)
        for d, code in enumerate(alone):
            vectors[code, waves + d] = max(share[code] * (1 - share[code]), 1e-4) ** -0.25
    else:
        size = np.maximum(share, 1.0 / total) ** -0.25
        if levels <= DIMENSIONS:
            vectors[np.arange(levels), np.arange(levels)] = size
        else:  # more categories than directions: a random one each, nearly at right angles
            vectors[:] = np.random.default_rng(levels).standard_normal(vectors.shape)
            vectors *= (size / np.linalg.norm(vectors, axis=1))[:, None]
    scaled = vectors * (SCALE / max(np.abs(vectors).max(), 1e-9))
    return np.asarray(np.round(scaled), dtype=np.int16)


def _heavy(counts: NDArray[np.float64], *, missing: bool) -> list[int]:
    """Ordered codes that get an indicator: the heaviest values, and missing."""
    values = counts[: len(counts) - int(missing)]
    order = np.argsort(-values, kind="stable")[:ATOMS]
    alone = [int(code) for code in order if values[code] >= ATOM * max(counts.sum(), 1.0)]
    return [*alone, len(counts) - 1] if missing else alone
