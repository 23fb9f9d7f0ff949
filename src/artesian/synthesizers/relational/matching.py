"""Which parent row a child row refers to: one with the values drawn for it, as often as drawn for it.

Children and parents are sorted by the same values, and matched by rank, so that each parent gets a
number of children proportional to its drawn degree.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Codes = NDArray[np.uint8] | Ints


def match(
    wanted: Codes,
    offered: Codes,
    degrees: Ints | NDArray[np.float64],
    groups: tuple[Ints, Ints],
    rng: np.random.Generator,
) -> Ints:
    """A parent row for each child row, -1 where its group has no parent.

    Args:
        wanted: Codes of the parent's columns drawn for each child, most important first, shape (m, n).
        offered: The codes of each parent, shape (m, parents).
        degrees: Drawn number of children of each parent, or a weight in proportion to it, shape
            (parents,).
        groups: Group of each child and of each parent; a child gets a parent of its own group.

    Returns:
        Shape (n,).
    """
    n, parents = wanted.shape[1], offered.shape[1]
    assigned = np.full(n, -1, np.int64)
    if not n or not parents:
        return assigned
    own, their = _numbered(*groups)
    child_order = np.lexsort((rng.random(n), *wanted[::-1], own))
    parent_order = np.lexsort((rng.random(parents), *offered[::-1], their))
    count = max(int(own.max()), int(their.max())) + 1
    sizes = np.bincount(own, minlength=count)
    weights = degrees[parent_order].astype(float)
    totals = np.bincount(their[parent_order], weights, count)
    # Where no parent of a group has a child, all are equally likely.
    weights = np.where(totals[their[parent_order]] > 0, weights, 1.0)
    totals = np.bincount(their[parent_order], weights, count)
    before = np.concatenate([[0.0], np.cumsum(totals)])[:-1]
    ranks = np.arange(n) - np.concatenate([[0], np.cumsum(sizes)])[own[child_order]]
    start = rng.random(count)
    sorted_groups = own[child_order]
    proportion = (ranks + start[sorted_groups]) / np.maximum(sizes[sorted_groups], 1)
    at = before[sorted_groups] + proportion * totals[sorted_groups]
    chosen = np.searchsorted(np.cumsum(weights), at, side="right")
    chosen = np.minimum(chosen, parents - 1)
    rows = parent_order[chosen]
    rows = np.where(totals[sorted_groups] > 0, rows, -1)
    rows = np.where((rows >= 0) & (their[rows] == sorted_groups), rows, -1)
    assigned[child_order] = rows
    return assigned


def spread(
    rows: Ints,
    owners: Ints,
    groups: Ints,
    rng: np.random.Generator,
    *,
    distinct: bool,
    others: bool,
    rounds: int = 200,
) -> Ints:
    """Exchange parents between children of one group until they fit to their owners.

    Args:
        rows: Parent row of each child, -1 for none.
        owners: Owner of each child.
        groups: Group of each child; all of shape (n,).
        distinct: Whether no owner may have two children with the same parent.
        others: Whether a child must not refer to its owner, a row of the same table.
    """
    rows = rows.copy()
    n = len(rows)
    order = np.argsort(groups, kind="stable")
    place = np.empty(n, np.int64)
    place[order] = np.arange(n)
    _, first, counts = np.unique(groups[order], return_index=True, return_counts=True)
    start, size = np.repeat(first, counts)[place], np.repeat(counts, counts)[place]
    width = int(rows.max(initial=0)) + 2
    for _ in range(rounds):
        pairs = owners * width + rows
        ordered = np.sort(pairs)
        wrong = np.zeros(n, bool)
        if distinct:
            wrong[:] = True
            wrong[np.unique(pairs, return_index=True)[1]] = False
        if others:
            wrong |= rows == owners
        again = rng.permutation(np.flatnonzero(wrong & (rows >= 0)))
        if not len(again):
            break
        partner = order[start[again] + (rng.random(len(again)) * size[again]).astype(np.int64)]
        _, once = np.unique(partner, return_index=True)
        again, partner = again[once], partner[once]
        free = (rows[partner] >= 0) & ~np.isin(partner, again)
        if distinct:  # neither of the two may get a parent that its owner has already
            for one, other in ((again, partner), (partner, again)):
                new = owners[one] * width + rows[other]
                at = np.minimum(np.searchsorted(ordered, new), n - 1)
                free &= ordered[at] != new
        again, partner = again[free], partner[free]
        rows[again], rows[partner] = rows[partner].copy(), rows[again].copy()
    return rows


def _numbered(own: Ints, their: Ints) -> tuple[Ints, Ints]:
    """Groups numbered from 0, the same number for the same group."""
    _, numbers = np.unique(np.concatenate([own, their]), return_inverse=True)
    return numbers[: len(own)], numbers[len(own) :]
