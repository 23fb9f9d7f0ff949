"""Discrete distributions in compact form: cumulative probabilities in sixteen bits."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

CDF_SCALE = 65_535
"""The stored value of cumulative probability 1."""


def cumulative(weights: NDArray[Any]) -> NDArray[np.uint16]:
    """Cumulative probabilities of rows of weights, shape (m, K), in units of 1 / CDF_SCALE."""
    cum = np.cumsum(weights.astype(float), axis=1)
    cum /= cum[:, -1:]
    # Rounding the cumulative sums, not the probabilities, keeps the total of a rare code over leaves.
    return np.asarray(np.round(cum * CDF_SCALE).astype(np.uint16))


def probabilities(cdf: NDArray[np.uint16]) -> NDArray[np.float64]:
    """The probabilities whose sums `cumulative` gave, shape (m, K)."""
    return np.asarray(np.diff(cdf.astype(float), axis=1, prepend=0.0) / CDF_SCALE)
