"""An input that has no value unless the user gives one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from artesian.forecasting.inputs.truncated_normal import Array

NONE = "none"
"""Text that removes the value of such an input, besides its own words."""


@final
@dataclass(frozen=True, slots=True)
class Unset:
    """No value. The quantiles are NaN, so that a use without a check is noticed.

    Attributes:
        meaning: What applies instead, such as 'no limit'.
    """

    meaning: str

    def quantile(self, q: float | Array) -> Array:
        """Return NaN, in the shape of `q`."""
        return np.full(np.shape(q), np.nan)

    def draw(self, rng: np.random.Generator, n: int) -> Array:
        """Return NaN `n` times, (n,)."""
        return self.quantile(rng.random(n))

    @property
    def median(self) -> float:
        """NaN."""
        return float("nan")

    def __str__(self) -> str:
        return self.meaning
