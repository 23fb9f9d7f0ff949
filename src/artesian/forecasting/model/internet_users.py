"""What follows the users of the internet: how many there are, and how many years they have used it."""

from __future__ import annotations

import numpy as np

from artesian.core.errors import UsageError
from artesian.forecasting.inputs.truncated_normal import Array
from artesian.forecasting.series.bundled_data import Yearly, population


def online(ceiling: float, rate: float, middle: float, among: Yearly | None = None) -> Array:
    """People online in each year of the population series: population x a sigmoid.

    Args:
        ceiling: Share of people that the sigmoid tends to.
        rate: Its steepness per year.
        middle: The year in which half of the ceiling is reached.
        among: Years without gap and people; the shipped population if None.
    """
    years, people = population() if among is None else among
    share = ceiling / (1 + np.exp(-rate * (years - middle)))
    return np.asarray(people * share, dtype=np.float64)


def at(yearly: Array, year: float, among: Yearly | None = None) -> float:
    """The yearly number of the year in which `year` lies."""
    known, _ = population() if among is None else among
    return float(yearly[int(np.floor(year) - known[0])])


def summed(yearly: Array, years: Array, among: Yearly | None = None) -> Array:
    """What has come together from 1950 to the start of each of `years`.

    Args:
        yearly: A number for each year of the population series.
        years: Decimal years, within that series.
        among: As in `online`.

    Returns:
        Sums in the shape of `years`; a year that has begun counts by the part that is past.

    Raises:
        UsageError: a year lies outside the population series.
    """
    known, _ = population() if among is None else among
    starts = np.append(known, known[-1] + 1)
    if years.min() < starts[0] or years.max() > starts[-1]:
        raise UsageError(
            f"population is known from {starts[0]:g} to {starts[-1]:g}, "
            f"not from {years.min():g} to {years.max():g}",
            hint="look at fewer years",
        )
    total = np.concatenate([[0.0], np.cumsum(yearly)])
    return np.asarray(np.interp(years, starts, total), dtype=np.float64)
