"""Distributions as they are kept: cumulative shares in sixteen bits."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

WHOLE = 65_535
"""Cumulative distributions are kept as 16-bit shares of WHOLE."""


def cumulative(table: NDArray[Any]) -> NDArray[np.uint16]:
    """Rows of weights, shape (m, K), as cumulative shares in 1 / WHOLE."""
    cum = np.cumsum(table.astype(float), axis=1)
    cum /= cum[:, -1:]
    # Rounding the cumulated shares, not the shares, keeps a rare code's total across leaves.
    return np.asarray(np.round(cum * WHOLE).astype(np.uint16))


def shares(cdf: NDArray[np.uint16]) -> NDArray[np.float64]:
    """The shares behind `cumulative`, shape (m, K)."""
    return np.asarray(np.diff(cdf.astype(float), axis=1, prepend=0.0) / WHOLE)
