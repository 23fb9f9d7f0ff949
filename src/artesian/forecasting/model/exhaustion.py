"""Dates at which demand first reaches the stock, and their distribution."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from artesian.core.errors import UsageError
from artesian.forecasting.inputs.truncated_normal import Array


@final
@dataclass(frozen=True, slots=True, eq=False)
class Exhaustion:
    """Sampled dates of exhaustion.

    Attributes:
        dates: Decimal years, (draws,): `first` if the stock is exhausted at or before the first year
            of the horizon, infinity if it is not exhausted by the last.
        first: First year of the horizon.
        last: Last year of the horizon.
    """

    dates: Array
    first: float
    last: float

    @classmethod
    def from_paths(cls, years: Array, demand: Array, stock: Array) -> Exhaustion:
        """Compute the dates at which demand first reaches the stock.

        Between two years both are assumed to grow at a constant rate, so the logarithm of their ratio
        is linear and the crossing is interpolated exactly.

        Args:
            years: Ascending decimal years, (years,).
            demand: Size of the largest training set in each year, (draws, years), not negative.
            stock: Stock in each year in the same unit, (draws, years), not negative.

        Raises:
            UsageError: The shapes do not match, the years are not ascending, there are no draws, or a
                value is NaN or negative.
        """
        check_ascending(years)
        if demand.shape != stock.shape or demand.ndim != 2 or demand.shape[1] != years.size:
            raise UsageError(
                f"demand is {demand.shape}, stock {stock.shape}, and there are {years.size} years",
                hint="give demand and stock as arrays of shape (draws, years)",
            )
        if len(demand) == 0:
            raise UsageError("there are no draws", hint="use at least one draw")
        for name, values in (("demand", demand), ("stock", stock)):
            # The minimum is NaN if any value is.
            if not values.min() >= 0:
                raise UsageError(f"{name} is negative or not a number", hint="check its inputs")
        reached = demand >= stock
        after = reached.argmax(axis=1)
        dates = np.where(reached[:, 0], years[0], np.inf)
        rows = np.flatnonzero(reached.any(axis=1) & ~reached[:, 0])
        after = after[rows]
        before = after - 1
        with np.errstate(divide="ignore"):
            log_ratio_before = np.log(demand[rows, before]) - np.log(stock[rows, before])
            log_ratio_after = np.log(demand[rows, after]) - np.log(stock[rows, after])
            # If demand starts at 0 or the stock drops to 0, the ratio jumps at the end of the year.
            fraction = np.where(
                np.isfinite(log_ratio_before - log_ratio_after),
                log_ratio_before / (log_ratio_before - log_ratio_after),
                1.0,
            )
        dates[rows] = years[before] + fraction * (years[after] - years[before])
        return cls(dates, float(years[0]), float(years[-1]))

    @property
    def median(self) -> float:
        """Median date; infinity if it is after `last`."""
        return self.quantile(0.5)

    def quantile(self, probability: float) -> float:
        """Return the year by which the stock is exhausted with the given probability."""
        # No interpolation: between a date and infinity there is none.
        return float(np.quantile(self.dates, probability, method="inverted_cdf"))

    def interval(self, level: float = 0.8) -> tuple[float, float]:
        """Return the central interval of dates with probability `level`, in decimal years.

        Raises:
            UsageError: `level` is not between 0 and 1.
        """
        if not 0 < level < 1:
            raise UsageError(f"the level is {level:g}", hint="give a level between 0 and 1")
        return self.quantile((1 - level) / 2), self.quantile((1 + level) / 2)

    def probability_by_year(self, years: Sequence[float] | Array) -> Array:
        """Return the probability of exhaustion by each of `years`, in their shape."""
        dates = np.sort(self.dates)
        return np.searchsorted(dates, np.asarray(years), side="right") / dates.size


def check_ascending(years: Array) -> None:
    """Raise if `years` is empty, not finite or not strictly ascending.

    Raises:
        UsageError: As above.
    """
    if (
        years.ndim != 1
        or years.size == 0
        or not np.isfinite(years).all()
        or (np.diff(years) <= 0).any()
    ):
        raise UsageError(
            "the years must be finite and ascending",
            hint="give for example numpy.arange(2024.0, 2064)",
        )
