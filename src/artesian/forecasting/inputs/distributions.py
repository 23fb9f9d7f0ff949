"""What is known about a number: a value, or an interval and how often the truth lies in it.

An interval is central: `LogNormal(0.1, 0.4, level=0.9)` has its 5th percentile at 0.1 and its 95th
at 0.4. Bounds (`min_value`, `max_value`) truncate: what lies outside is left out and the rest scaled up, so
nothing piles up at a bound, and the stated interval is that of the distribution before truncation.

Draws turn uniform numbers into quantiles: from the same random stream another interval gives values
that belong to the former draw by draw, so the difference between two scenarios is not noise.
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
    """A number taken as known."""

    value: float

    def __post_init__(self) -> None:
        check_finite("the value", self.value)

    def quantile(self, q: float | Array) -> Array:
        """The value, in the shape of `q`."""
        return np.full(np.shape(q), self.value, dtype=np.float64)

    def draw(self, rng: np.random.Generator, n: int) -> Array:
        """The value `n` times, (n,)."""
        return self.quantile(_uniform(rng, n))

    @property
    def median(self) -> float:
        return self.value

    def __str__(self) -> str:
        return format_number(self.value)


@final
@dataclass(frozen=True, slots=True)
class Uniform:
    """Every value from `low` to `high` is as likely as any other."""

    low: float
    high: float

    def __post_init__(self) -> None:
        check_interval(self.low, self.high)

    def quantile(self, q: float | Array) -> Array:
        """Values below which the shares `q` (0 to 1) lie, in the shape of `q`."""
        # Not low + width x share, which may step over the high end by rounding.
        probabilities = np.asarray(q, dtype=np.float64)
        return np.clip(
            self.low * (1 - probabilities) + self.high * probabilities, self.low, self.high
        )

    def draw(self, rng: np.random.Generator, n: int) -> Array:
        """Random values, (n,)."""
        return self.quantile(_uniform(rng, n))

    @property
    def median(self) -> float:
        return float(self.quantile(0.5))

    def __str__(self) -> str:
        return f"uniform {format_number(self.low)}..{format_number(self.high)}"


@final
@dataclass(frozen=True, slots=True)
class Normal:
    """A bell curve with the share `level` between `low` and `high`, truncated to `min_value`..`max_value`."""

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
        min_value, max_value = _limits(self.min_value, self.max_value)
        return TruncatedNormal.from_interval(self.low, self.high, self.level, min_value, max_value)

    def quantile(self, q: float | Array) -> Array:
        """Values below which the shares `q` (0 to 1) lie, in the shape of `q`."""
        return self.truncated_normal.quantile(q)

    def draw(self, rng: np.random.Generator, n: int) -> Array:
        """Random values, (n,)."""
        return self.quantile(_uniform(rng, n))

    @property
    def median(self) -> float:
        return float(self.quantile(0.5))

    def __str__(self) -> str:
        interval = format_interval(self.low, self.high, self.level, self.min_value, self.max_value)
        return f"normal {interval}"


@final
@dataclass(frozen=True, slots=True)
class LogNormal:
    """A bell curve of the logarithm with the share `level` between `low` and `high`, both above zero.

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
                f"a log-normal interval lies above zero, and {self.low:g}..{self.high:g} does not",
                hint="raise the low end, or write 'normal' or 'uniform' before the interval",
            )
        check_level(self.level)
        check_bounds(self.min_value, self.max_value)
        truncated_normal = self.truncated_normal
        # Draws reach 8.3 deviations, and a double ends at exp(709).
        if (
            self.max_value is None
            and truncated_normal.mean + 8.3 * truncated_normal.deviation > 709
        ):
            raise UsageError(
                f"{self} is too wide: its upper tail is beyond what a number can hold",
                hint="narrow the interval, raise its level, or bound it from above",
            )

    @property
    def truncated_normal(self) -> TruncatedNormal:
        """The normal distribution of the natural logarithm."""
        min_value, max_value = (
            math.log(end) if end > 0 else -math.inf
            for end in _limits(self.min_value, self.max_value)
        )
        return TruncatedNormal.from_interval(
            math.log(self.low), math.log(self.high), self.level, min_value, max_value
        )

    def quantile(self, q: float | Array) -> Array:
        """Values below which the shares `q` (0 to 1) lie, in the shape of `q`."""
        return np.clip(
            np.exp(self.truncated_normal.quantile(q)), *_limits(self.min_value, self.max_value)
        )

    def draw(self, rng: np.random.Generator, n: int) -> Array:
        """Random values, (n,)."""
        return self.quantile(_uniform(rng, n))

    @property
    def median(self) -> float:
        return float(self.quantile(0.5))

    def __str__(self) -> str:
        return format_interval(self.low, self.high, self.level, self.min_value, self.max_value)


Distribution: TypeAlias = Fixed | Uniform | Normal | LogNormal


def truncate(
    distribution: Distribution, min_value: float | None, max_value: float | None
) -> Distribution:
    """The same knowledge, truncated to `min_value`..`max_value` too.

    Raises:
        UsageError: nothing, or next to nothing, is left.
    """
    low, high = _limits(min_value, max_value)
    if isinstance(distribution, Fixed):
        if not low <= distribution.value <= high:
            raise UsageError(
                f"{distribution} is outside {low:g}..{high:g}", hint="give a value inside"
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


def _uniform(rng: np.random.Generator, n: int) -> Array:
    # Zero itself would become minus infinity.
    return np.maximum(rng.random(n), 2.0**-54)
