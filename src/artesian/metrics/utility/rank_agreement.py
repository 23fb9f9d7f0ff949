"""Agreement of two rankings, weighted by the differences of their scores."""

from __future__ import annotations

import numpy as np

from artesian.metrics.common.arrays import Floats


def rank_agreement(real: Floats, other: Floats) -> float:
    """Weighted proportion of pairs in the same order; a tie counts half.

    A pair is weighted by the difference of its values in `real`, as the order of nearly equal
    values is due to chance.

    Args:
        real, other: (n,) values of the same items.

    Returns:
        A value in [0, 1]; 0.5 if all values in `real` are equal.

    >>> round(rank_agreement(np.array([0.9, 0.8, 0.5]), np.array([0.7, 0.8, 0.1])), 3)
    0.875
    """
    differences = real[:, None] - real
    agreement_sign = np.sign(differences * (other[:, None] - other))
    total = float(np.abs(differences).sum())
    return float((np.abs(differences) * (agreement_sign + 1)).sum()) / (2 * total) if total else 0.5
