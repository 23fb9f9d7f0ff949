"""Which earlier columns a column's model looks at: the cost of wide tables grows with what is kept."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from artesian.encoding.coded_table import CodedTable
from artesian.synthesizers.sequential.target_embedding import embed

SAMPLE = 5_000
"""Rows that the dependence measure looks at."""


def screen(
    coded: CodedTable,
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

    step = max(1, coded.rows // SAMPLE)
    codes = np.ascontiguousarray(coded.codes[:, ::step]) if step > 1 else coded.codes
    counts = coded.with_codes(codes).counts(target)
    vectors = embed(counts, ordered=bool(coded.ordered[target]), missing=False)[codes[target]]
    explained = association.explained(
        codes, before, coded.levels, coded.ordered, vectors.astype(np.float32)
    )
    best = np.argsort(-explained, kind="stable")[:keep]
    return before[np.sort(best)]
