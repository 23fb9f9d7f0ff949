"""Leaf distributions shrunken towards those of their parents (hierarchical shrinkage, Agarwal et al.
2022), so that small leaves neither copy rows nor lose the tail.

The probability of a category in a node is estimated from its counts and `strength` pseudo-rows with the
parent's distribution. Ordered codes use a Polya tree (Lavine 1992): codes are halved by mass, again and
again, and the probability of the left half is shrunken towards the parent's at every halving. A leaf of
twenty rows thus determines the first halvings and hardly affects single values, which keeps it from
copying them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from artesian.core.kernels import kernel


@kernel()
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


@kernel()
def halving_strengths(plan, strength, growth):  # type: ignore[no-untyped-def]
    """Pseudo-rows of each halving of `plan`: `strength`, times `growth` per level below the first."""
    prior = np.full(plan.shape[0], strength, np.float64)
    count = 1
    for j in range(plan.shape[0]):
        low, middle, high = plan[j]
        for size in (middle - low, high - middle):
            if size > 1:
                prior[count] = growth * prior[j]
                count += 1
    return prior


@kernel()
def node_counts(leaf, target, parent, levels):  # type: ignore[no-untyped-def]
    """Number of rows with each code of the target in every node, shape (nodes, levels), float32.

    Args:
        leaf: Node number of each row's leaf, shape (n,).
        target: Code of each row, shape (n,).
        parent: Parent of each node, shape (nodes,).
    """
    nodes = parent.shape[0]
    counts = np.zeros((nodes, levels), np.float32)
    for i in range(leaf.shape[0]):
        counts[leaf[i], target[i]] += 1
    for t in range(nodes - 1, 0, -1):  # children are numbered after their parents
        for k in range(levels):
            counts[parent[t], k] += counts[t, k]
    return counts


@kernel()
def node_distributions(counts, parent, plan, strength, growth):  # type: ignore[no-untyped-def]
    """Shrunken distribution of every node, shape (nodes, levels), float32.

    That of a node depends on those of its ancestors alone, so it stays as it is when the tree is
    pruned.

    Args:
        counts: `node_counts`.
        plan: `halvings` of an ordered target; empty for categories.
        strength: Number of pseudo-rows with the parent's distribution.
        growth: Factor of `strength` at every level of halving below the first.
    """
    nodes, levels = counts.shape
    halves = plan.shape[0]
    prior = halving_strengths(plan, strength, growth)
    state = np.zeros((nodes, halves if halves > 0 else levels), np.float32)
    table = np.ones((nodes, levels), np.float32)
    cum = np.zeros(levels + 1)
    mass = np.ones(max(halves, 1), np.float32)  # of the codes that each halving divides
    for t in range(nodes):
        p = parent[t]
        if halves > 0:
            for k in range(levels):
                cum[k + 1] = cum[k] + counts[t, k]
            child = 1
            for j in range(halves):
                start, middle, end = plan[j]
                rows = cum[end] - cum[start]
                low = cum[middle] - cum[start]
                if p < 0:
                    state[t, j] = (low + 0.5) / (rows + 1.0)
                else:
                    state[t, j] = (low + prior[j] * state[p, j]) / (rows + prior[j])
                below = np.float32(mass[j] * state[t, j])
                above = np.float32(mass[j] * (1.0 - state[t, j]))
                if middle - start > 1:
                    mass[child] = below
                    child += 1
                else:
                    table[t, start] = below
                if end - middle > 1:
                    mass[child] = above
                    child += 1
                else:
                    table[t, middle] = above
        else:
            size = 0.0
            for k in range(levels):
                size += counts[t, k]
            for k in range(levels):
                if p < 0:
                    state[t, k] = counts[t, k] / max(size, 1.0)
                else:
                    state[t, k] = (counts[t, k] + strength * state[p, k]) / (size + strength)
                table[t, k] = state[t, k]
    return table


def leaf_distributions(
    feature: NDArray[np.int32],
    parent: NDArray[np.int32],
    leaf: NDArray[np.int32],
    target: NDArray[np.uint8],
    levels: int,
    plan: NDArray[np.int64],
    strength: float,
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Shrunken distribution of every leaf.

    Returns:
        Row of each node in the table (-1 if it is not a leaf), and the table, shape (leaves, levels).
    """
    counts = node_counts(leaf, target, parent, levels)
    is_leaf = feature < 0
    row_of = np.where(is_leaf, np.cumsum(is_leaf) - 1, -1).astype(np.int32)
    return row_of, node_distributions(counts, parent, plan, strength, 1.0)[is_leaf]


@kernel()
def path_margins(margin, parent):  # type: ignore[no-untyped-def]
    """Minimum of `margin` over each node and its ancestors, shape (nodes,): a split remains at a
    higher minimum gain if its own and all splits above it remain."""
    path = margin.copy()
    for t in range(1, path.shape[0]):
        path[t] = min(path[t], path[parent[t]])
    return path


@kernel()
def path_likelihoods(counts, table, path, parent, extra, floor):  # type: ignore[no-untyped-def]
    """Log-likelihood of the rows of `counts` in the leaves that remain at each minimum gain.

    Args:
        counts: Rows that are evaluated, see `node_counts`, shape (nodes, levels).
        table: `node_distributions`.
        path: `path_margins`.
        extra: Additions to the minimum gain, shape (m,).
        floor: Minimum probability.

    Returns:
        Sum over the rows for each of `extra`, shape (m,).
    """
    nodes, levels = counts.shape
    out = np.zeros(extra.shape[0])
    for t in range(nodes):
        above = np.inf if parent[t] < 0 else path[parent[t]]
        total, computed = 0.0, False
        for e in range(extra.shape[0]):
            if path[t] < extra[e] <= above:
                if not computed:
                    computed = True
                    for k in range(levels):
                        if counts[t, k] > 0:
                            total += counts[t, k] * np.log(max(table[t, k], floor))
                out[e] += total
    return out
