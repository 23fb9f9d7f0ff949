"""What follows the users of the internet: how many there are, and how many years they have used it."""

from __future__ import annotations

import numpy as np

from artesian.core.errors import UsageError
from artesian.forecasting.inputs.truncated_normal import Array
from artesian.forecasting.series.bundled_data import YearlySeries, population


def users_online(
    ceiling: float, rate: float, midpoint: float, population_series: YearlySeries | None = None
) -> Array:
    """People online in each year of the population series: population x a sigmoid.

    Args:
        ceiling: Share of people that the sigmoid tends to.
        rate: Its steepness per year.
        midpoint: The year in which half of the ceiling is reached.
        population_series: Years without gap and people; the shipped population if None.
    """
    years, people = population() if population_series is None else population_series
    fraction = ceiling / (1 + np.exp(-rate * (years - midpoint)))
    return np.asarray(people * fraction, dtype=np.float64)


def value_in_year(
    yearly: Array, year: float, population_series: YearlySeries | None = None
) -> float:
    """The yearly number of the year in which `year` lies."""
    calendar_years, _ = population() if population_series is None else population_series
    return float(yearly[int(np.floor(year) - calendar_years[0])])


def cumulative(yearly: Array, years: Array, population_series: YearlySeries | None = None) -> Array:
    """What has come together from 1950 to the start of each of `years`.

    Args:
        yearly: A number for each year of the population series.
        years: Decimal years, within that series.
        population_series: As in `online`.

    Returns:
        Sums in the shape of `years`; a year that has begun counts by the part that is past.

    Raises:
        UsageError: a year lies outside the population series.
    """
    calendar_years, _ = population() if population_series is None else population_series
    starts = np.append(calendar_years, calendar_years[-1] + 1)
    if years.min() < starts[0] or years.max() > starts[-1]:
        raise UsageError(
            f"population is known from {starts[0]:g} to {starts[-1]:g}, "
            f"not from {years.min():g} to {years.max():g}",
            hint="look at fewer years",
        )
    total = np.concatenate([[0.0], np.cumsum(yearly)])
    return np.asarray(np.interp(years, starts, total), dtype=np.float64)
