"""Which earlier columns a column's model looks at: the cost of wide tables grows with what is kept."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from artesian.synthesizers.sequential.target_embedding import embed

Codes = NDArray[np.uint8]

SAMPLE = 5_000
"""Rows that the dependence measure looks at."""


def screen(
    codes: Codes,
    levels: NDArray[np.int64],
    ordered: NDArray[np.bool_],
    before: NDArray[np.int64],
    target: int,
    keep: int,
) -> NDArray[np.int64]:
    """The `keep` columns of `before` that move the target's distribution most, in their old order.

    The measure is the variance of the target's embedding that coarse bins of the column explain, less
    what as many random bins would.
    """
    if len(before) <= keep:
        return before
    from artesian.synthesizers.sequential import association

    step = max(1, codes.shape[1] // SAMPLE)
    sample = np.ascontiguousarray(codes[:, ::step]) if step > 1 else codes
    counts = np.bincount(sample[target], minlength=levels[target]).astype(float)
    vectors = embed(counts, ordered=bool(ordered[target]), missing=False)[sample[target]]
    explained = association.explained(sample, before, levels, ordered, vectors.astype(np.float32))
    best = np.argsort(-explained, kind="stable")[:keep]
    return before[np.sort(best)]
