"""Number of internet users by year, and quantities accumulated over their years of use."""

from __future__ import annotations

import numpy as np

from artesian.core.errors import UsageError
from artesian.forecasting.inputs.truncated_normal import Array
from artesian.forecasting.series.bundled_data import YearlySeries, population


def users_online(
    ceiling: float, rate: float, midpoint: float, population_series: YearlySeries | None = None
) -> Array:
    """Return the number of internet users in each year: population times a logistic curve.

    Args:
        ceiling: Upper asymptote of the fraction of people online.
        rate: Growth rate of the logistic curve, per year.
        midpoint: Year in which half of `ceiling` is reached.
        population_series: Consecutive years and people; the bundled population if None.

    Returns:
        Users, one value per year of the population series.
    """
    years, people = population() if population_series is None else population_series
    fraction = ceiling / (1 + np.exp(-rate * (years - midpoint)))
    return np.asarray(people * fraction, dtype=np.float64)


def value_in_year(
    yearly: Array, year: float, population_series: YearlySeries | None = None
) -> float:
    """Return the entry of a yearly array for the calendar year that contains `year`."""
    calendar_years, _ = population() if population_series is None else population_series
    return float(yearly[int(np.floor(year) - calendar_years[0])])


def cumulative(yearly: Array, years: Array, population_series: YearlySeries | None = None) -> Array:
    """Return the sum of a yearly quantity from 1950 to the start of each of `years`.

    Args:
        yearly: One value per year of the population series.
        years: Decimal years within that series. A partial year contributes its elapsed fraction.
        population_series: As in `users_online`.

    Returns:
        Sums, in the shape of `years`.

    Raises:
        UsageError: A year is outside the population series.
    """
    calendar_years, _ = population() if population_series is None else population_series
    starts = np.append(calendar_years, calendar_years[-1] + 1)
    if years.min() < starts[0] or years.max() > starts[-1]:
        raise UsageError(
            f"years {years.min():g} to {years.max():g} are outside the population series, "
            f"which covers {starts[0]:g} to {starts[-1]:g}",
            hint="use years within the series",
        )
    total = np.concatenate([[0.0], np.cumsum(yearly)])
    return np.asarray(np.interp(years, starts, total), dtype=np.float64)
