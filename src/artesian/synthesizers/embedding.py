"""A small vector for every code of a target, so that a split can be judged by the target's whole
distribution: sums of these vectors say how a group's location, spread, shape and atoms differ."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

DIMENSIONS = 8
SCALE = 1000
"""Vectors are whole numbers up to SCALE, so that sums are exact, can be subtracted, and do not depend
on the order of rows; a million rows stay inside 32 bits."""


def embed(counts: NDArray[np.float64], *, ordered: bool, missing: bool) -> NDArray[np.int16]:
    """Vectors of a column's codes, shape (K, DIMENSIONS).

    Ordered codes get cosines of their mid-rank (the first is location, the second spread, ...),
    categories get indicators scaled up for rarer ones. A missing code, the last, is a direction of
    its own.

    Args:
        counts: Rows of each code, shape (K,).
    """
    levels = len(counts)
    vectors = np.zeros((levels, DIMENSIONS))
    total = max(counts.sum(), 1.0)
    if ordered:
        values = levels - int(missing)
        cum = np.cumsum(counts[:values])
        rank = (cum - counts[:values] / 2) / max(cum[-1], 1.0) if values else cum
        for d in range(1, DIMENSIONS + 1 - int(missing)):
            vectors[:values, d - 1] = np.sqrt(2 / d) * np.cos(np.pi * d * rank)
        if missing:
            share = counts[-1] / total
            vectors[-1, -1] = max(share * (1 - share), 1e-4) ** -0.25
    else:
        frequent = np.argsort(-counts, kind="stable")
        for d, code in enumerate(frequent[:DIMENSIONS]):
            vectors[code, d] = (max(counts[code], 1.0) / total) ** -0.25
        if levels > DIMENSIONS:  # the rest share the last direction
            rest = frequent[DIMENSIONS - 1 :]
            vectors[rest, -1] = (max(counts[rest].sum(), 1.0) / total) ** -0.25
    return np.round(vectors * (SCALE / max(np.abs(vectors).max(), 1e-9))).astype(np.int16)


def focus(*, ordered: bool) -> NDArray[np.float32]:
    """How much a boosted score cares about each direction, shape (DIMENSIONS,): location above all."""
    if not ordered:
        return np.ones(DIMENSIONS, np.float32)
    return (np.arange(1, DIMENSIONS + 1, dtype=float) ** -2.0).astype(np.float32)
