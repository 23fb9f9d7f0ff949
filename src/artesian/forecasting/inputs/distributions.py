"""What is known about a number: a value, or an interval and how often the truth lies in it.

An interval is central: `LogNormal(0.1, 0.4, level=0.9)` has its 5th percentile at 0.1 and its 95th
at 0.4. Bounds (`least`, `most`) truncate: what lies outside is left out and the rest scaled up, so
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
    bounds,
    finite,
    interval_text,
    number_text,
    ordered,
    share,
)
from artesian.forecasting.inputs.truncated_normal import Array, Bell


@final
@dataclass(frozen=True, slots=True)
class Fixed:
    """A number taken as known."""

    value: float

    def __post_init__(self) -> None:
        finite("the value", self.value)

    def quantile(self, q: float | Array) -> Array:
        """The value, in the shape of `q`."""
        return np.full(np.shape(q), self.value, dtype=np.float64)

    def draw(self, rng: np.random.Generator, n: int) -> Array:
        """The value `n` times, (n,)."""
        return self.quantile(_shares(rng, n))

    @property
    def median(self) -> float:
        return self.value

    def __str__(self) -> str:
        return number_text(self.value)


@final
@dataclass(frozen=True, slots=True)
class Uniform:
    """Every value from `low` to `high` is as likely as any other."""

    low: float
    high: float

    def __post_init__(self) -> None:
        ordered(self.low, self.high)

    def quantile(self, q: float | Array) -> Array:
        """Values below which the shares `q` (0 to 1) lie, in the shape of `q`."""
        # Not low + width x share, which may step over the high end by rounding.
        shares = np.asarray(q, dtype=np.float64)
        return np.clip(self.low * (1 - shares) + self.high * shares, self.low, self.high)

    def draw(self, rng: np.random.Generator, n: int) -> Array:
        """Random values, (n,)."""
        return self.quantile(_shares(rng, n))

    @property
    def median(self) -> float:
        return float(self.quantile(0.5))

    def __str__(self) -> str:
        return f"uniform {number_text(self.low)}..{number_text(self.high)}"


@final
@dataclass(frozen=True, slots=True)
class Normal:
    """A bell curve with the share `level` between `low` and `high`, truncated to `least`..`most`."""

    low: float
    high: float
    level: float = 0.95
    least: float | None = None
    most: float | None = None

    def __post_init__(self) -> None:
        ordered(self.low, self.high)
        share(self.level)
        bounds(self.least, self.most)
        _ = self.bell

    @property
    def bell(self) -> Bell:
        least, most = _open(self.least, self.most)
        return Bell.of(self.low, self.high, self.level, least, most)

    def quantile(self, q: float | Array) -> Array:
        """Values below which the shares `q` (0 to 1) lie, in the shape of `q`."""
        return self.bell.quantile(q)

    def draw(self, rng: np.random.Generator, n: int) -> Array:
        """Random values, (n,)."""
        return self.quantile(_shares(rng, n))

    @property
    def median(self) -> float:
        return float(self.quantile(0.5))

    def __str__(self) -> str:
        return f"normal {interval_text(self.low, self.high, self.level, self.least, self.most)}"


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
    least: float | None = None
    most: float | None = None

    def __post_init__(self) -> None:
        ordered(self.low, self.high)
        if self.low <= 0:
            raise UsageError(
                f"a log-normal interval lies above zero, and {self.low:g}..{self.high:g} does not",
                hint="raise the low end, or write 'normal' or 'uniform' before the interval",
            )
        share(self.level)
        bounds(self.least, self.most)
        bell = self.bell
        # Draws reach 8.3 deviations, and a double ends at exp(709).
        if self.most is None and bell.mean + 8.3 * bell.deviation > 709:
            raise UsageError(
                f"{self} is too wide: its upper tail is beyond what a number can hold",
                hint="narrow the interval, raise its level, or bound it from above",
            )

    @property
    def bell(self) -> Bell:
        """The normal distribution of the natural logarithm."""
        least, most = (
            math.log(end) if end > 0 else -math.inf for end in _open(self.least, self.most)
        )
        return Bell.of(math.log(self.low), math.log(self.high), self.level, least, most)

    def quantile(self, q: float | Array) -> Array:
        """Values below which the shares `q` (0 to 1) lie, in the shape of `q`."""
        return np.clip(np.exp(self.bell.quantile(q)), *_open(self.least, self.most))

    def draw(self, rng: np.random.Generator, n: int) -> Array:
        """Random values, (n,)."""
        return self.quantile(_shares(rng, n))

    @property
    def median(self) -> float:
        return float(self.quantile(0.5))

    def __str__(self) -> str:
        return interval_text(self.low, self.high, self.level, self.least, self.most)


Distribution: TypeAlias = Fixed | Uniform | Normal | LogNormal


def within(known: Distribution, least: float | None, most: float | None) -> Distribution:
    """The same knowledge, truncated to `least`..`most` too.

    Raises:
        UsageError: nothing, or next to nothing, is left.
    """
    low, high = _open(least, most)
    if isinstance(known, Fixed):
        if not low <= known.value <= high:
            raise UsageError(f"{known} is outside {low:g}..{high:g}", hint="give a value inside")
        return known
    if isinstance(known, Uniform):
        return Uniform(max(low, known.low), min(high, known.high))
    inner_low, inner_high = _open(known.least, known.most)
    low, high = max(low, inner_low), min(high, inner_high)
    kept = (low if low > -math.inf else None, high if high < math.inf else None)
    return type(known)(known.low, known.high, known.level, *kept)


def _open(least: float | None, most: float | None) -> tuple[float, float]:
    return (-math.inf if least is None else least, math.inf if most is None else most)


def _shares(rng: np.random.Generator, n: int) -> Array:
    # Zero itself would become minus infinity.
    return np.maximum(rng.random(n), 2.0**-54)
