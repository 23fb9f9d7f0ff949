"""How far two samples put things into the same order, where some of them are as good as equal."""

from __future__ import annotations

import numpy as np

from artesian.metrics.common.arrays import Floats


def rank_agreement(real: Floats, other: Floats) -> float:
    """The share of the pairs in the same order, 0.5 where nothing has one; a tie counts half.

    A pair weighs as much as its real values differ: which of two that are as good comes first is
    chance, and says nothing. (things,) and (things,) -> 0 to 1.

    >>> round(rank_agreement(np.array([0.9, 0.8, 0.5]), np.array([0.7, 0.8, 0.1])), 3)
    0.875
    """
    gaps = real[:, None] - real
    same = np.sign(gaps * (other[:, None] - other))
    total = float(np.abs(gaps).sum())
    return float((np.abs(gaps) * (same + 1)).sum()) / (2 * total) if total else 0.5
