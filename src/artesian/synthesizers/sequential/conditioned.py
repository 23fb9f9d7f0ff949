"""Rows of a chain of distributions under conditions.

Sequential importance resampling (Gordon, Salmond & Smith 1993) with systematic resampling (Kitagawa
1996).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from artesian.encoding.segments import Floats
from artesian.synthesizers.sequential.conditional import Conditional
from artesian.synthesizers.sequential.functional_dependencies import FunctionalDependency

Codes = NDArray[np.uint8]

Factor = Conditional | FunctionalDependency

CANDIDATES = 8
"""Candidate rows per returned row, until the last conditioned column is drawn."""


def propose(
    order: NDArray[np.int64],
    factors: Sequence[Factor],
    rng: np.random.Generator,
    rows: int,
    weights: Mapping[int, Floats],
    *,
    temperature: float = 1.0,
) -> Codes:
    """Sample by the chain rule, shape (columns, rows).

    A conditioned column is drawn from its admitted codes only. Each candidate row is weighted by
    the probability of these codes given its earlier columns, and rows are resampled by weight. The
    columns after the last condition are drawn after resampling, so that copies of a row differ.

    Args:
        order: All columns in the order they are drawn, shape (columns,).
        factors: The distribution of each column of `order` given those before it.
        weights: Admitted fraction of each code, shape (levels,), of each conditioned column.
        temperature: Below 1 sharpens the distributions, above 1 flattens them.
    """
    weights, implied = _propagated(order, factors, weights)
    conditioned = [at for at, j in enumerate(order) if int(j) in weights and int(j) not in implied]
    last = max(conditioned, default=-1)
    codes = np.zeros((len(order), rows * CANDIDATES if conditioned else rows), np.uint8)
    for at, factor in enumerate(factors):
        j = int(order[at])
        leaf = factor.leaves(codes, rng)  # (n,)
        cdf = _cdf(factor, weights.get(j), temperature)  # (leaves, levels of j)
        codes[j] = _draw(leaf, cdf, rng)
        if at in conditioned:
            count = rows if at == last else codes.shape[1]
            chosen = systematic_resample(cdf[leaf, -1], count, rng)
            codes = np.ascontiguousarray(codes[:, chosen])
    return codes


def _propagated(
    order: NDArray[np.int64], factors: Sequence[Factor], weights: Mapping[int, Floats]
) -> tuple[dict[int, Floats], set[int]]:
    """Conditions on determined columns carried over to their determining columns.

    Returns:
        The weights of all conditioned columns, and the columns whose condition is implied by that
        of their determining column.
    """
    weights = dict(weights)
    implied = set()
    for j, factor in reversed(list(zip(order.tolist(), factors, strict=True))):
        if j in weights and isinstance(factor, FunctionalDependency):
            admitted = factor.probabilities() @ weights[j]  # (levels of the source,)
            weights[factor.source] = weights.get(factor.source, 1.0) * admitted
            implied.add(j)
    return weights, implied


def _cdf(factor: Factor, weight: Floats | None, temperature: float) -> NDArray[Any]:
    """Cumulative weights of the codes in each leaf, tempered and restricted, (leaves, levels)."""
    if weight is None and temperature == 1.0:
        return factor.cdf
    probabilities = factor.probabilities()
    if temperature != 1.0:
        # Divided by their maximum, powers do not underflow at low temperatures.
        mode = probabilities.max(axis=1, keepdims=True)
        probabilities = (probabilities / mode) ** (1.0 / temperature)
        probabilities /= probabilities.sum(axis=1, keepdims=True)
    if weight is not None:
        probabilities = probabilities * weight
        # A leaf without admitted codes gets a negligible weight, so that rows can be drawn at all.
        probabilities[probabilities.sum(axis=1) <= 0] = weight * 1e-12
    return np.cumsum(probabilities, axis=1)


def _draw(leaf: NDArray[np.int32], cdf: NDArray[Any], rng: np.random.Generator) -> Codes:
    from artesian.trees import kernels

    return np.asarray(kernels.draw(leaf, cdf, rng.random(len(leaf))))


def systematic_resample(weights: Floats, rows: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Positions of `rows` rows resampled by `weights`, shuffled so that copies are not neighbours."""
    cum = np.cumsum(weights)
    at = (np.arange(rows) + rng.random()) / rows * cum[-1]
    chosen = np.minimum(np.searchsorted(cum, at, side="right"), len(cum) - 1)
    return rng.permutation(chosen)
