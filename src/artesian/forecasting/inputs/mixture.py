"""Mixture of distributions, and the type of every distribution of an input."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias, final

import numpy as np

from artesian.core.errors import UsageError
from artesian.forecasting.inputs.distributions import (
    Beta,
    Component,
    Fixed,
    LogNormal,
    Normal,
    Uniform,
    truncate,
    uniform_numbers,
)
from artesian.forecasting.inputs.intervals import check_finite
from artesian.forecasting.inputs.truncated_normal import Array
from artesian.forecasting.inputs.unset import Unset


@final
@dataclass(frozen=True, slots=True)
class Mixture:
    """Mixture: a sample comes from one of several distributions.

    Attributes:
        components: Two or more distributions.
        weights: Probability of each component, positive, sum 1.
    """

    components: tuple[Component, ...]
    weights: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.components) < 2 or len(self.components) != len(self.weights):
            raise UsageError(
                f"a mixture of {len(self.components)} distributions has {len(self.weights)} weights",
                hint="give at least two distributions, and one weight for each",
            )
        for weight in self.weights:
            check_finite("a weight", weight)
        total = sum(self.weights)
        if min(self.weights) <= 0 or abs(total - 1) > 1e-9:
            raise UsageError(
                f"the weights {', '.join(f'{weight:g}' for weight in self.weights)} of a mixture "
                f"sum to {total:g}",
                hint="give positive weights that sum to 1 (100 %)",
            )

    def quantile(self, q: float | Array) -> Array:
        """Return the quantiles at the probabilities `q` (0 to 1), in the shape of `q`."""
        return np.asarray(np.vectorize(self._quantile, otypes=[np.float64])(q))

    def _quantile(self, probability: float) -> float:
        ends = [float(one.quantile(probability)) for one in self.components]
        low, high = min(ends), max(ends)
        for _ in range(200):  # bisection
            middle = (low + high) / 2
            if not low < middle < high:
                break
            if self.cdf(middle) >= probability:
                high = middle
            else:
                low = middle
        return high

    def cdf(self, value: float) -> float:
        """Return the probability of values up to `value`."""
        parts = zip(self.components, self.weights, strict=True)
        return sum(weight * one.cdf(value) for one, weight in parts)

    def draw(self, rng: np.random.Generator, n: int) -> Array:
        """Sample `n` values, (n,). One uniform number selects the component and its quantile."""
        uniform = uniform_numbers(rng, n)
        values, start = np.empty(n), 0.0
        for position, (one, weight) in enumerate(zip(self.components, self.weights, strict=True)):
            is_last = position == len(self.weights) - 1
            chosen = (uniform >= start) & ((uniform < start + weight) | is_last)
            values[chosen] = one.quantile(
                np.clip((uniform[chosen] - start) / weight, 2.0**-54, 1 - 2.0**-53)
            )
            start += weight
        return values

    @property
    def median(self) -> float:
        """Median."""
        return float(self.quantile(0.5))

    def __str__(self) -> str:
        parts = zip(self.weights, self.components, strict=True)
        return f"mixture({', '.join(f'{weight!r}: {one}' for weight, one in parts)})"


Distribution: TypeAlias = Component | Mixture | Unset
DISTRIBUTIONS = (Fixed, Uniform, Normal, LogNormal, Beta, Mixture, Unset)


def truncate_any(
    distribution: Distribution, min_value: float | None, max_value: float | None
) -> Distribution:
    """Truncate a distribution or a mixture; see `truncate`.

    The components of a mixture are truncated, and weighted by their probability inside.

    Raises:
        UsageError: The remaining range is empty or has almost no probability.
    """
    if isinstance(distribution, Unset):
        return distribution
    if not isinstance(distribution, Mixture):
        return truncate(distribution, min_value, max_value)
    parts: list[tuple[Component, float]] = []
    for one, weight in zip(distribution.components, distribution.weights, strict=True):
        # A fixed value at the lower bound is inside.
        below = 0.0 if min_value is None else one.cdf(math.nextafter(min_value, -math.inf))
        inside = (1.0 if max_value is None else one.cdf(max_value)) - below
        if inside > 0:
            parts.append((truncate(one, min_value, max_value), weight * inside))
    if not parts:
        raise UsageError(
            f"{distribution} is outside the feasible range", hint="give values in that range"
        )
    if len(parts) == 1:
        return parts[0][0]
    total = sum(weight for _, weight in parts)
    return Mixture(tuple(one for one, _ in parts), tuple(weight / total for _, weight in parts))
