"""Probability distributions of uncertain inputs: fixed, uniform, normal, log-normal and beta.

Intervals are central: `LogNormal(0.1, 0.4, level=0.9)` has its 5th percentile at 0.1 and its 95th at
0.4. The bounds `min_value` and `max_value` truncate the distribution: values outside are excluded and
the rest is renormalised, so no probability accumulates at a bound. The interval and its level describe
the distribution before truncation.

Sampling is by inverse transform. Two distributions sampled from the same random stream use the same
uniform numbers, so differences between scenarios contain no sampling noise (common random numbers).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias, final

import numpy as np

from artesian.core.errors import UsageError
from artesian.forecasting.inputs.intervals import (
    check_bounds,
    check_finite,
    check_interval,
    check_level,
    format_interval,
    format_number,
)
from artesian.forecasting.inputs.truncated_normal import Array, TruncatedNormal


@final
@dataclass(frozen=True, slots=True)
class Fixed:
    """A known value, without uncertainty."""

    value: float

    def __post_init__(self) -> None:
        check_finite("the value", self.value)

    def quantile(self, q: float | Array) -> Array:
        """Return the value, in the shape of `q`."""
        return np.full(np.shape(q), self.value, dtype=np.float64)

    def cdf(self, value: float) -> float:
        """Return the probability of values up to `value`."""
        return float(value >= self.value)

    def draw(self, rng: np.random.Generator, n: int) -> Array:
        """Return the value `n` times, (n,)."""
        return self.quantile(uniform_numbers(rng, n))

    @property
    def median(self) -> float:
        """The value."""
        return self.value

    def __str__(self) -> str:
        return format_number(self.value)


@final
@dataclass(frozen=True, slots=True)
class Uniform:
    """Uniform distribution on [`low`, `high`]."""

    low: float
    high: float

    def __post_init__(self) -> None:
        check_interval(self.low, self.high)

    def quantile(self, q: float | Array) -> Array:
        """Return the quantiles at the probabilities `q` (0 to 1), in the shape of `q`."""
        # low + width * q may exceed `high` by rounding.
        probabilities = np.asarray(q, dtype=np.float64)
        return np.clip(
            self.low * (1 - probabilities) + self.high * probabilities, self.low, self.high
        )

    def cdf(self, value: float) -> float:
        """Return the probability of values up to `value`."""
        return min(max((value - self.low) / (self.high - self.low), 0.0), 1.0)

    def draw(self, rng: np.random.Generator, n: int) -> Array:
        """Sample `n` values, (n,)."""
        return self.quantile(uniform_numbers(rng, n))

    @property
    def median(self) -> float:
        """Median."""
        return float(self.quantile(0.5))

    def __str__(self) -> str:
        return f"uniform {format_number(self.low)}..{format_number(self.high)}"


@final
@dataclass(frozen=True, slots=True)
class Normal:
    """Normal distribution with probability `level` in [`low`, `high`].

    Attributes:
        low, high: Ends of the central interval.
        level: Probability of the interval before truncation, between 0 and 1.
        min_value, max_value: Truncation bounds; None for none.
    """

    low: float
    high: float
    level: float = 0.95
    min_value: float | None = None
    max_value: float | None = None

    def __post_init__(self) -> None:
        check_interval(self.low, self.high)
        check_level(self.level)
        check_bounds(self.min_value, self.max_value)
        _ = self.truncated_normal

    @property
    def truncated_normal(self) -> TruncatedNormal:
        """The same distribution, parameterised by mean and standard deviation."""
        min_value, max_value = _limits(self.min_value, self.max_value)
        return TruncatedNormal.from_interval(self.low, self.high, self.level, min_value, max_value)

    def quantile(self, q: float | Array) -> Array:
        """Return the quantiles at the probabilities `q` (0 to 1), in the shape of `q`."""
        return self.truncated_normal.quantile(q)

    def cdf(self, value: float) -> float:
        """Return the probability of values up to `value`."""
        return self.truncated_normal.cdf(value)

    def draw(self, rng: np.random.Generator, n: int) -> Array:
        """Sample `n` values, (n,)."""
        return self.quantile(uniform_numbers(rng, n))

    @property
    def median(self) -> float:
        """Median after truncation."""
        return float(self.quantile(0.5))

    def __str__(self) -> str:
        interval = format_interval(self.low, self.high, self.level, self.min_value, self.max_value)
        return f"normal {interval}"


@final
@dataclass(frozen=True, slots=True)
class LogNormal:
    """Log-normal distribution with probability `level` in [`low`, `high`], both positive.

    Attributes:
        low, high: Ends of the central interval.
        level: Probability of the interval before truncation, between 0 and 1.
        min_value, max_value: Truncation bounds; None for none.

    >>> round(LogNormal(1, 100).median, 9)
    10.0
    """

    low: float
    high: float
    level: float = 0.95
    min_value: float | None = None
    max_value: float | None = None

    def __post_init__(self) -> None:
        check_interval(self.low, self.high)
        if self.low <= 0:
            raise UsageError(
                f"the low end of a log-normal interval must be positive, but is {self.low:g}",
                hint="raise the low end, or write 'normal' or 'uniform' before the interval",
            )
        check_level(self.level)
        check_bounds(self.min_value, self.max_value)
        truncated_normal = self.truncated_normal
        # Samples reach 8.3 standard deviations, and exp overflows a double above 709.
        if (
            self.max_value is None
            and truncated_normal.mean + 8.3 * truncated_normal.deviation > 709
        ):
            raise UsageError(
                f"{self} is too wide: its upper tail overflows a double",
                hint="narrow the interval, raise its level, or set max_value",
            )

    @property
    def truncated_normal(self) -> TruncatedNormal:
        """Distribution of the natural logarithm."""
        min_value, max_value = (
            math.log(end) if end > 0 else -math.inf
            for end in _limits(self.min_value, self.max_value)
        )
        return TruncatedNormal.from_interval(
            math.log(self.low), math.log(self.high), self.level, min_value, max_value
        )

    def quantile(self, q: float | Array) -> Array:
        """Return the quantiles at the probabilities `q` (0 to 1), in the shape of `q`."""
        return np.clip(
            np.exp(self.truncated_normal.quantile(q)), *_limits(self.min_value, self.max_value)
        )

    def cdf(self, value: float) -> float:
        """Return the probability of values up to `value`."""
        return self.truncated_normal.cdf(math.log(value)) if value > 0 else 0.0

    def draw(self, rng: np.random.Generator, n: int) -> Array:
        """Sample `n` values, (n,)."""
        return self.quantile(uniform_numbers(rng, n))

    @property
    def median(self) -> float:
        """Median after truncation."""
        return float(self.quantile(0.5))

    def __str__(self) -> str:
        return format_interval(self.low, self.high, self.level, self.min_value, self.max_value)


@final
@dataclass(frozen=True, slots=True)
class Beta:
    """Beta distribution on [0, 1], for fractions.

    Attributes:
        alpha, beta: Shape parameters, positive; the mean is alpha / (alpha + beta).
        min_value, max_value: Truncation bounds.

    >>> round(Beta(2, 8).median, 3)
    0.18
    """

    alpha: float
    beta: float
    min_value: float = 0.0
    max_value: float = 1.0

    def __post_init__(self) -> None:
        for name, value in (("alpha", self.alpha), ("beta", self.beta)):
            check_finite(name, value)
            if value <= 0:
                raise UsageError(f"{name} is {value:g}", hint="give a positive shape parameter")
        check_bounds(self.min_value, self.max_value)

    def quantile(self, q: float | Array) -> Array:
        """Return the quantiles at the probabilities `q` (0 to 1), in the shape of `q`."""
        from scipy.special import betainc, betaincinv

        low, high = (betainc(self.alpha, self.beta, end) for end in self.ends)
        probabilities = low + (high - low) * np.asarray(q, dtype=np.float64)
        values = np.clip(betaincinv(self.alpha, self.beta, probabilities), *self.ends)
        return np.asarray(values, dtype=np.float64)

    def cdf(self, value: float) -> float:
        """Return the probability of values up to `value`."""
        from scipy.special import betainc

        start, end = self.ends
        points = (min(max(value, start), end), start, end)
        at, low, high = (float(betainc(self.alpha, self.beta, point)) for point in points)
        return (at - low) / (high - low)

    def draw(self, rng: np.random.Generator, n: int) -> Array:
        """Sample `n` values, (n,)."""
        return self.quantile(uniform_numbers(rng, n))

    @property
    def median(self) -> float:
        """Median after truncation."""
        return float(self.quantile(0.5))

    @property
    def ends(self) -> tuple[float, float]:
        """Smallest and largest value after truncation."""
        return max(self.min_value, 0.0), min(self.max_value, 1.0)

    def __str__(self) -> str:
        text = f"beta({format_number(self.alpha)}, {format_number(self.beta)})"
        if self.ends == (0.0, 1.0):
            return text
        return f"{text} within {'..'.join(format_number(end) for end in self.ends)}"


Component: TypeAlias = Fixed | Uniform | Normal | LogNormal | Beta


def truncate(
    distribution: Component, min_value: float | None, max_value: float | None
) -> Component:
    """Truncate a distribution to [`min_value`, `max_value`], in addition to its own bounds.

    Args:
        distribution: Distribution to truncate.
        min_value: Lower bound; None for none.
        max_value: Upper bound; None for none.

    Raises:
        UsageError: The remaining range is empty or has almost no probability.
    """
    low, high = _limits(min_value, max_value)
    if isinstance(distribution, Beta):
        low, high = max(low, distribution.min_value), min(high, distribution.max_value)
        return Beta(distribution.alpha, distribution.beta, low, high)
    if isinstance(distribution, Fixed):
        if not low <= distribution.value <= high:
            raise UsageError(
                f"{distribution} is outside {low:g}..{high:g}", hint="give a value in that range"
            )
        return distribution
    if isinstance(distribution, Uniform):
        return Uniform(max(low, distribution.low), min(high, distribution.high))
    inner_low, inner_high = _limits(distribution.min_value, distribution.max_value)
    low, high = max(low, inner_low), min(high, inner_high)
    limits = (low if low > -math.inf else None, high if high < math.inf else None)
    return type(distribution)(distribution.low, distribution.high, distribution.level, *limits)


def _limits(min_value: float | None, max_value: float | None) -> tuple[float, float]:
    return (
        -math.inf if min_value is None else min_value,
        math.inf if max_value is None else max_value,
    )


def uniform_numbers(rng: np.random.Generator, n: int) -> Array:
    """Sample `n` uniform numbers in (0, 1), (n,)."""
    # A probability of 0 would give a quantile of minus infinity.
    return np.maximum(rng.random(n), 2.0**-54)
