"""Predictor screening: which earlier columns a conditional is fitted on, to limit cost.

Columns are ranked by marginal association with the target (sure independence screening, Fan & Lv 2008).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from artesian.encoding.coded_table import CodedTable
from artesian.trees.target_embedding import embed

MAX_ROWS = 5_000
"""Approximate number of rows that the association is measured on."""


def screen(
    coded: CodedTable, candidates: NDArray[np.int64], target: int, keep: int
) -> NDArray[np.int64]:
    """The `keep` columns of `candidates` most associated with the target, in their given order.

    The association is the fraction of the variance of the target's embedding that coarse bins of the
    column explain, less the fraction that as many random bins would.
    """
    if len(candidates) <= keep:
        return candidates
    from artesian.synthesizers.sequential import association

    step = max(1, coded.rows // MAX_ROWS)
    codes = np.ascontiguousarray(coded.codes[:, ::step]) if step > 1 else coded.codes
    counts = coded.with_codes(codes).counts(target)
    vectors = embed(counts, ordered=bool(coded.ordered[target]), missing=False)[codes[target]]
    explained = association.explained(
        codes, candidates, coded.levels, coded.ordered, vectors.astype(np.float32)
    )
    best = np.argsort(-explained, kind="stable")[:keep]
    return candidates[np.sort(best)]
