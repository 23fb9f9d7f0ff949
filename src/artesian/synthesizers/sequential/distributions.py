"""Discrete distributions in compact form: cumulative probabilities in sixteen bits."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from artesian.core.validated import require, require_shape

CDF_SCALE = 65_535
"""The stored value of cumulative probability 1."""


def cumulative(weights: NDArray[Any]) -> NDArray[np.uint16]:
    """Cumulative probabilities of rows of weights, shape (m, K), in units of 1 / CDF_SCALE."""
    cum = np.cumsum(weights.astype(float), axis=1)
    cum /= cum[:, -1:]
    # Rounding the cumulative sums, not the probabilities, keeps the total of a rare code over leaves.
    return np.asarray(np.round(cum * CDF_SCALE).astype(np.uint16))


def require_cdf(cdf: NDArray[np.uint16]) -> None:
    """Refuse what `cumulative` does not return.

    Raises:
        InvalidValue: no rows, not 1 to 256 codes, or probabilities that do not add up.
    """
    require_shape(cdf, (None, None), "cdf")
    require(len(cdf) and 1 <= cdf.shape[1] <= 256, f"cdf has the shape {cdf.shape}")
    require((cdf[:, -1] == CDF_SCALE).all(), "probabilities do not add up to 1")
    require((cdf[:, 1:] >= cdf[:, :-1]).all(), "a probability is negative")


def probabilities(cdf: NDArray[np.uint16]) -> NDArray[np.float64]:
    """The probabilities whose sums `cumulative` gave, shape (m, K)."""
    return np.asarray(np.diff(cdf.astype(float), axis=1, prepend=0.0) / CDF_SCALE)
