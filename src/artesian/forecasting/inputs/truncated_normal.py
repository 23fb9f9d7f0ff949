"""The normal distribution, possibly truncated, by its central interval."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import TypeAlias, final

import numpy as np
from numpy.typing import NDArray

from artesian.core.errors import UsageError

Array: TypeAlias = NDArray[np.float64]

# Of a truncation that leaves less than this share, doubles have no digits for the quantiles.
MIN_MASS = 1e-9


@final
@dataclass(frozen=True, slots=True)
class TruncatedNormal:
    """A normal distribution of which only the part from `min_value` to `max_value` is kept."""

    mean: float
    deviation: float
    min_value: float = -math.inf
    max_value: float = math.inf

    def __post_init__(self) -> None:
        low, high, _ = self._standard_limits()
        if NormalDist().cdf(high) - NormalDist().cdf(low) < MIN_MASS:
            raise UsageError(
                "the bounds cut off all but nothing of the interval",
                hint="move the bounds or the interval",
            )

    @classmethod
    def from_interval(
        cls, low: float, high: float, level: float, min_value: float, max_value: float
    ) -> TruncatedNormal:
        """With the share `level` between `low` and `high` before truncation."""
        deviation = (high - low) / 2 / NormalDist().inv_cdf((1 + level) / 2)
        return cls((low + high) / 2, deviation, min_value, max_value)

    def quantile(self, q: float | Array) -> Array:
        """Values below which the shares `q` (0 to 1) lie, in the shape of `q`."""
        from scipy.special import ndtr, ndtri

        probabilities = np.asarray(q, dtype=np.float64)
        low, high, sign = self._standard_limits()
        z = sign * ndtri(
            ndtr(low)
            + (ndtr(high) - ndtr(low)) * (probabilities if sign > 0 else 1 - probabilities)
        )
        # Rounding may step over a bound by the last digit.
        values = np.clip(self.mean + self.deviation * z, self.min_value, self.max_value)
        return np.asarray(values, dtype=np.float64)

    def _standard_limits(self) -> tuple[float, float, float]:
        low, high = (
            (self.min_value - self.mean) / self.deviation,
            (self.max_value - self.mean) / self.deviation,
        )
        # A part above the mean is computed as its mirror image: close to 1 no digits are left.
        return (-high, -low, -1.0) if low > 0 else (low, high, 1.0)
