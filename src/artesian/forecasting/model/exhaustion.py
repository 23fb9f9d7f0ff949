"""When demand first reaches the stock: one date for each draw, and what the dates say together."""

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
    """Dates of exhaustion.

    Attributes:
        dates: Decimal years, (draws,): `first` where the stock is exhausted at the first year looked at
            or before, infinity where it is not by the last.
        first: First year looked at.
        last: Last year looked at.
    """

    dates: Array
    first: float
    last: float

    @classmethod
    def from_paths(cls, years: Array, demand: Array, stock: Array) -> Exhaustion:
        """Dates at which demand first reaches the stock.

        Between two years both are taken to grow at a constant rate, so the logarithm of their ratio is
        a straight line and the crossing inside the year exact.

        Args:
            years: Ascending decimal years, (years,).
            demand: Size of the largest training set in each year, (draws, years), not negative.
            stock: What there is in each year in the same unit, (draws, years), not negative.

        Raises:
            UsageError: the shapes do not fit, the years do not ascend, there are no draws, or a value
                is NaN or negative.
        """
        check_ascending(years)
        if demand.shape != stock.shape or demand.ndim != 2 or demand.shape[1] != years.size:
            raise UsageError(
                f"demand is {demand.shape}, stock {stock.shape}, and there are {years.size} years",
                hint="give demand and stock by draws and years",
            )
        if len(demand) == 0:
            raise UsageError("there are no draws, so no date", hint="ask for at least one draw")
        for name, values in (("demand", demand), ("stock", stock)):
            # The smallest is NaN if any is.
            if not values.min() >= 0:
                raise UsageError(f"{name} is negative or not a number", hint="look at its inputs")
        reached = demand >= stock
        after = reached.argmax(axis=1)
        dates = np.where(reached[:, 0], years[0], np.inf)
        rows = np.flatnonzero(reached.any(axis=1) & ~reached[:, 0])
        after = after[rows]
        before = after - 1
        with np.errstate(divide="ignore"):
            log_ratio_before = np.log(demand[rows, before]) - np.log(stock[rows, before])
            log_ratio_after = np.log(demand[rows, after]) - np.log(stock[rows, after])
            # From nothing, or to no stock, in one year: the ratio jumps at the year's end.
            fraction = np.where(
                np.isfinite(log_ratio_before - log_ratio_after),
                log_ratio_before / (log_ratio_before - log_ratio_after),
                1.0,
            )
        dates[rows] = years[before] + fraction * (years[after] - years[before])
        return cls(dates, float(years[0]), float(years[-1]))

    @property
    def median(self) -> float:
        """The year by which exhaustion is as likely as not; infinity if that is past `last`."""
        return self.quantile(0.5)

    def quantile(self, probability: float) -> float:
        """The year by which the stock is exhausted with the probability `probability`."""
        # One of the dates, never a mean of two: between a date and infinity there is none.
        return float(np.quantile(self.dates, probability, method="inverted_cdf"))

    def interval(self, level: float = 0.8) -> tuple[float, float]:
        """The central interval of dates with the probability `level`, in decimal years."""
        if not 0 < level < 1:
            raise UsageError(f"the level is {level:g}", hint="give a share between 0 and 1")
        return self.quantile((1 - level) / 2), self.quantile((1 + level) / 2)

    def probability_by_year(self, years: Sequence[float] | Array) -> Array:
        """The probability that the stock is exhausted by each of `years`, in their shape."""
        dates = np.sort(self.dates)
        return np.searchsorted(dates, np.asarray(years), side="right") / dates.size


def check_ascending(years: Array) -> None:
    """Refuse years that are none or do not ascend."""
    if (
        years.ndim != 1
        or years.size == 0
        or not np.isfinite(years).all()
        or (np.diff(years) <= 0).any()
    ):
        raise UsageError(
            "the years must be ascending numbers", hint="give numpy.arange(2024.0, 2064)"
        )
