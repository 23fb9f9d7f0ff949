"""Self-references, such as the manager of an employee, as levels: cycles cannot occur."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MAX_DEPTH = 50

Ints = NDArray[np.int64]


def hierarchy(parents: Ints, *, own: bool) -> NDArray[np.float64]:
    """Fraction of the rows at each depth; rows without a parent have depth 0.

    Args:
        parents: Row of the parent of each row, -1 for none.
        own: Whether parents are rows of the same table; else every depth is 0 or 1.
    """
    depth = np.zeros(len(parents), np.int64)
    above = parents.copy()
    if own:
        for _ in range(MAX_DEPTH):
            there = above >= 0
            if not there.any():
                break
            depth[there] += 1
            above[there] = parents[above[there]]
    else:
        depth[parents >= 0] = 1
    counts = np.bincount(depth).astype(float)
    return np.asarray(counts / counts.sum())
