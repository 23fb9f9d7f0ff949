"""Leaf distributions shrunken towards those of their parents (hierarchical shrinkage, Agarwal et al.
2022), so that small leaves neither copy rows nor lose the tail.

The probability of a category in a node is estimated from its counts and `strength` pseudo-rows with the
parent's distribution. Ordered codes use a Polya tree (Lavine 1992): codes are halved by mass, again and
again, and the probability of the left half is shrunken towards the parent's at every halving. A leaf of
twenty rows thus determines the first halvings and hardly affects single values, which keeps it from
copying them.
"""

from __future__ import annotations

import numba as nb
import numpy as np


@nb.njit(cache=True, nogil=True)
def halvings(counts):  # type: ignore[no-untyped-def]
    """Halve the codes by mass; (low, middle, high) of each halving, shape (K - 1, 3), parents first."""
    levels = counts.shape[0]
    plan = np.zeros((max(levels - 1, 0), 3), np.int64)
    if levels < 2:
        return plan
    cum = np.zeros(levels + 1)
    for k in range(levels):
        cum[k + 1] = cum[k] + counts[k]
    plan[0, 2] = levels
    count, at = 1, 0
    while at < count:
        low, high = plan[at, 0], plan[at, 2]
        half = (cum[low] + cum[high]) / 2
        middle = low + 1
        for q in range(low + 2, high):
            if abs(cum[q] - half) < abs(cum[middle] - half):
                middle = q
        plan[at, 1] = middle
        if middle - low > 1:
            plan[count, 0], plan[count, 2] = low, middle
            count += 1
        if high - middle > 1:
            plan[count, 0], plan[count, 2] = middle, high
            count += 1
        at += 1
    return plan


@nb.njit(cache=True, nogil=True)
def leaf_distributions(feature, left, parent, leaf, target, levels, plan, strength):  # type: ignore[no-untyped-def]
    """Shrunken distribution of every leaf.

    Args:
        feature, left, parent: The tree.
        leaf: Node number of each row's leaf, shape (n,).
        target: Code of each row, shape (n,).
        plan: `halvings` of an ordered target; empty for categories.
        strength: Number of pseudo-rows with the parent's distribution.

    Returns:
        Row of each node in the table (-1 if it is not a leaf), and the table, shape (leaves, levels).
    """
    nodes = feature.shape[0]
    counts = np.zeros((nodes, levels), np.float32)
    for i in range(leaf.shape[0]):
        counts[leaf[i], target[i]] += 1
    for t in range(nodes - 1, 0, -1):  # children are numbered after their parents
        for k in range(levels):
            counts[parent[t], k] += counts[t, k]
    halves = plan.shape[0]
    width = halves if halves > 0 else levels
    state = np.zeros((nodes, width), np.float32)
    row_of = np.full(nodes, -1, np.int32)
    leaves = 0
    for t in range(nodes):
        if feature[t] < 0:
            leaves += 1
    table = np.zeros((leaves, levels), np.float32)
    cum = np.zeros(levels + 1)
    at = 0
    for t in range(nodes):
        p = parent[t]
        if halves > 0:
            for k in range(levels):
                cum[k + 1] = cum[k] + counts[t, k]
            for j in range(halves):
                rows = cum[plan[j, 2]] - cum[plan[j, 0]]
                low = cum[plan[j, 1]] - cum[plan[j, 0]]
                if p < 0:
                    state[t, j] = (low + 0.5) / (rows + 1.0)
                else:
                    state[t, j] = (low + strength * state[p, j]) / (rows + strength)
        else:
            size = 0.0
            for k in range(levels):
                size += counts[t, k]
            for k in range(levels):
                if p < 0:
                    state[t, k] = counts[t, k] / max(size, 1.0)
                else:
                    state[t, k] = (counts[t, k] + strength * state[p, k]) / (size + strength)
        if feature[t] < 0:
            row_of[t] = at
            if halves > 0:
                table[at, :] = 1.0
                for j in range(halves):
                    for k in range(plan[j, 0], plan[j, 1]):
                        table[at, k] *= state[t, j]
                    for k in range(plan[j, 1], plan[j, 2]):
                        table[at, k] *= 1.0 - state[t, j]
            else:
                table[at, :] = state[t, :]
            at += 1
    return row_of, table
