"""The density of a mixture of leaves within which columns are independent.

A leaf of ten rows has ten of the hundreds of codes of a number, so that its frequencies give most new
rows a probability of 0. Densities are therefore of distributions shrunken towards those of all rows
(`trees.leaf_distributions`), which spread over neighbouring codes; where Watson et al. (2023) fit
truncated normal distributions, for the same reason.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from artesian.core.run import Run
from artesian.encoding.segments import Codes, Floats
from artesian.synthesizers.protocol import MIN_PROBABILITY

STRENGTH = 3.0
"""Pseudo-rows with the distribution of all rows, in every leaf."""

LEAVES, ROWS = 2048, 512
"""Leaves and rows that are taken at once, which bounds memory."""


def log_densities(
    codes: Codes,
    leaf_codes: Codes,
    sizes: NDArray[np.int64],
    levels: NDArray[np.int64],
    ordered: NDArray[np.bool_],
    run: Run,
) -> Floats:
    """Log-probability of the codes of each row, in nats, shape (n,).

    Args:
        codes: Rows, shape (p, n).
        leaf_codes: Codes of the rows of each leaf, leaf by leaf, shape (p, m).
        sizes: Number of rows of each leaf, shape (leaves,).
        levels, ordered: Of each column, shape (p,).
    """
    total = np.full(codes.shape[1], -np.inf)
    ends = np.cumsum(sizes)
    for first in range(0, len(sizes), LEAVES):
        own = sizes[first : first + LEAVES]
        rows = slice(int(ends[first] - own[0]), int(ends[first + len(own) - 1]))
        tables = [
            _table(leaf_codes[j], rows, own, int(levels[j]), bool(ordered[j]))
            for j in range(len(codes))
        ]
        weights = np.log(own / sizes.sum()).astype(np.float32)
        for start in range(0, codes.shape[1], ROWS):
            run.check("density")
            part = slice(start, start + ROWS)
            total[part] = np.logaddexp(total[part], _mixed(codes[:, part], tables, weights))
    return total


def _mixed(
    codes: Codes, tables: Sequence[NDArray[np.float32]], weights: NDArray[np.float32]
) -> Floats:
    """The log of the sum over leaves of the probability of each row, shape (n,)."""
    joint = np.tile(weights, (codes.shape[1], 1))  # (n, leaves)
    for column, table in zip(codes, tables, strict=True):
        joint += table[column]
    highest = joint.max(axis=1)
    return np.asarray(highest + np.log(np.exp(joint - highest[:, None]).sum(axis=1)), np.float64)


def _table(
    column: Codes, rows: slice, sizes: NDArray[np.int64], levels: int, ordered: bool
) -> NDArray[np.float32]:
    """Log-probability of each code in each of some leaves, shape (levels, leaves)."""
    from artesian.trees import leaf_distributions as shrinkage

    everywhere = np.bincount(column, minlength=levels).astype(np.float64)
    plan = shrinkage.halvings(everywhere + 1e-3 if ordered else np.zeros(0))
    parent = np.append(-1, np.zeros(len(sizes), np.int64))
    leaf = np.repeat(np.arange(1, len(sizes) + 1), sizes)
    counts = shrinkage.node_counts(leaf, column[rows], parent, levels)
    counts[0] = everywhere  # leaves are shrunken towards all rows, not towards those of some leaves
    table = shrinkage.node_distributions(counts, parent, plan, STRENGTH, 1.0)[1:]
    return np.ascontiguousarray(np.log(np.maximum(table, MIN_PROBABILITY)).T, np.float32)
