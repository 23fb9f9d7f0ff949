"""Truncated normal distribution, parameterised by a central interval."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import TypeAlias, final

import numpy as np
from numpy.typing import NDArray

from artesian.core.errors import UsageError

Array: TypeAlias = NDArray[np.float64]

# With less probability than this inside the bounds, doubles cannot resolve the quantiles.
MIN_MASS = 1e-9


@final
@dataclass(frozen=True, slots=True)
class TruncatedNormal:
    """Normal distribution truncated to [`min_value`, `max_value`].

    `mean` and `deviation` are those of the distribution before truncation.

    Raises:
        UsageError: The truncated range has a probability below `MIN_MASS`.
    """

    mean: float
    deviation: float
    min_value: float = -math.inf
    max_value: float = math.inf

    def __post_init__(self) -> None:
        low, high, _ = self._standard_limits()
        if NormalDist().cdf(high) - NormalDist().cdf(low) < MIN_MASS:
            raise UsageError(
                "the bounds leave almost no probability inside",
                hint="widen the bounds, or move the interval towards them",
            )

    @classmethod
    def from_interval(
        cls, low: float, high: float, level: float, min_value: float, max_value: float
    ) -> TruncatedNormal:
        """Fit to a central interval.

        Args:
            low: Lower end of the interval.
            high: Upper end of the interval.
            level: Probability of the interval before truncation, between 0 and 1.
            min_value: Lower truncation bound; minus infinity for none.
            max_value: Upper truncation bound; infinity for none.
        """
        deviation = (high - low) / 2 / NormalDist().inv_cdf((1 + level) / 2)
        return cls((low + high) / 2, deviation, min_value, max_value)

    def quantile(self, q: float | Array) -> Array:
        """Return the quantiles at the probabilities `q`.

        Args:
            q: Probabilities, 0 to 1, of any shape.

        Returns:
            Quantiles, in the shape of `q`.
        """
        from scipy.special import ndtr, ndtri

        probabilities = np.asarray(q, dtype=np.float64)
        low, high, sign = self._standard_limits()
        z = sign * ndtri(
            ndtr(low)
            + (ndtr(high) - ndtr(low)) * (probabilities if sign > 0 else 1 - probabilities)
        )
        # Rounding may exceed a bound in the last digit.
        values = np.clip(self.mean + self.deviation * z, self.min_value, self.max_value)
        return np.asarray(values, dtype=np.float64)

    def cdf(self, value: float) -> float:
        """Return the probability of values up to `value`."""
        from scipy.special import ndtr

        low, high, sign = self._standard_limits()
        z = min(max(sign * (value - self.mean) / self.deviation, low), high)
        below = float((ndtr(z) - ndtr(low)) / (ndtr(high) - ndtr(low)))
        return below if sign > 0 else 1 - below

    def _standard_limits(self) -> tuple[float, float, float]:
        low, high = (
            (self.min_value - self.mean) / self.deviation,
            (self.max_value - self.mean) / self.deviation,
        )
        # A range above the mean is mirrored: near a probability of 1 doubles lose precision.
        return (-high, -low, -1.0) if low > 0 else (low, high, 1.0)
