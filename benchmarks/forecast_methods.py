"""Forecast methods for the largest training set, and their scores.

A method takes (models, cut-off, years, n, rng) and returns log10 tokens, (n, years).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from artesian.forecasting.model.trend import Settings, draw_tokens, fit_trend
from artesian.forecasting.series.language_models import LanguageModels

Array = NDArray[np.float64]
Method = Callable[[LanguageModels, float, Array, int, np.random.Generator], Array]
LEVELS = tuple(level / 10 for level in range(1, 10))
# The study states 3e12 to 13e12 (90 %) for the largest set of its time.
STUDY_LEVEL_DEVIATION = np.log10(13 / 3) / 2 / 1.6449


def artesian_trend(settings: Settings | None = None) -> Method:
    def method(
        models: LanguageModels, cutoff: float, years: Array, n: int, rng: np.random.Generator
    ) -> Array:
        return draw_tokens(fit_trend(models, until=cutoff, settings=settings), years, n, rng)

    return method


def study_2024(
    models: LanguageModels, cutoff: float, years: Array, n: int, rng: np.random.Generator
) -> Array:
    """Villalobos et al. 2024: growth by bootstrapped least squares over all models.

    The level is the record at the cut-off, with the relative uncertainty stated in the study.
    """
    published = models.sizes.until(cutoff)
    rows = rng.integers(len(published), size=(n, len(published)))
    x, y = published.dates[rows], np.log10(published.values)[rows]
    x = x - x.mean(axis=1, keepdims=True)
    growth = (x * y).sum(axis=1) / (x**2).sum(axis=1)
    level = record(models, cutoff) + STUDY_LEVEL_DEVIATION * rng.standard_normal(n)
    return level[:, None] + growth[:, None] * (years - cutoff)


def random_walk(window: int | None) -> Method:
    """Random walk of yearly records; steps are normal with the mean and deviation in the window."""

    def method(
        models: LanguageModels, cutoff: float, years: Array, n: int, rng: np.random.Generator
    ) -> Array:
        first = models.sizes.dates[0] if window is None else cutoff - window
        published = [
            record(models, cutoff - back) for back in range(int(cutoff - first + 1e-9), -1, -1)
        ]
        steps = np.diff(published)
        steps = steps[np.isfinite(steps)]
        deviation = steps.std(ddof=1)
        mean = steps.mean() + deviation / len(steps) ** 0.5 * rng.standard_normal(n)
        steps_of_time = np.diff(years, prepend=cutoff)
        walk = np.cumsum(
            deviation * np.sqrt(steps_of_time) * rng.standard_normal((n, len(years))), axis=1
        )
        return np.asarray(published[-1] + mean[:, None] * (years - cutoff) + walk)

    return method


def record(models: LanguageModels, date: float) -> float:
    """log10 of the largest training set up to a date; NaN if there is none."""
    values = models.sizes.until(date).values
    return float(np.log10(values.max())) if len(values) else np.nan


def crps(draws: Array, truth: float) -> float:
    """Continuous ranked probability score of draws, (n,); lower is better (Gneiting, Raftery 2007)."""
    ordered, n = np.sort(draws), len(draws)
    inner = (2 * np.arange(1, n + 1) - n - 1) @ ordered / n**2
    return float(np.abs(draws - truth).mean() - inner)


def score_case(cutoff: float, horizon: float, draws: Array, truth: float) -> dict[str, Any]:
    """Score one forecast and return the fields that are stored.

    `ranks` are the fraction of draws below the truth and the fraction not above it. They differ if the
    truth has positive probability, as the case of no new record has.
    """
    low, median, high = np.quantile(draws, [0.1, 0.5, 0.9])
    ranks = float(np.mean(draws < truth - 1e-9)), float(np.mean(draws <= truth + 1e-9))
    fields = dict(cutoff=cutoff, horizon=horizon, truth=truth, low=low, median=median, high=high)
    return fields | {"crps": crps(draws, truth), "ranks": ranks}


def covered(case: dict[str, Any], level: float) -> float:
    """1 if the central interval covers the truth, ends included; otherwise 0."""
    below, not_above = case["ranks"]
    return float(not_above >= (1 - level) / 2 and below <= (1 + level) / 2)


def fractional_coverage(case: dict[str, Any], level: float) -> float:
    """Like `covered`, but a truth with positive probability counts by the fraction inside the interval.

    An interval that ends on such a value covers more than its level, so `covered` overstates it. This
    is the expectation under the randomised probability integral transform (Czado et al. 2009).
    """
    tail = (1 - level) / 2
    below, not_above = case["ranks"]
    if not_above - below < 1e-9:
        return float(tail <= below <= 1 - tail)
    inside = np.clip(not_above, tail, 1 - tail) - np.clip(below, tail, 1 - tail)
    return float(inside / (not_above - below))
