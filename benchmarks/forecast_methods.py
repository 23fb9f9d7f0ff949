"""Forecast methods for the largest training set.

A method takes (models, cut-off, years, n, rng) and returns log10 tokens, (n, years).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray

from artesian.core.run import Seed
from artesian.forecasting.inputs.inputs import default_inputs
from artesian.forecasting.model.drift import LargestSet, draw_tokens_by_drift, update_growth
from artesian.forecasting.series.language_models import LanguageModels
from forecast_frontier import Settings, draw_tokens, fit_trend

Array = NDArray[np.float64]
Method = Callable[[LanguageModels, float, Array, int, np.random.Generator], Array]
TOKENS_PER_PARAMETER = np.log10(3.1) / 2
"""Growth of tokens for a given compute, orders of magnitude a year: tokens per active parameter of
open-weight models grow by a factor of 3.1 a year since 2022 (Epoch AI, data insight of 2025-08-01), and
tokens by its square root."""

MIN_SIZES = 10
"""Number of sizes from which on a past forecast is scored for the weights of a mixture."""

# The study states 3e12 to 13e12 (90 %) for the largest set of its time.
STUDY_LEVEL_DEVIATION = np.log10(13 / 3) / 2 / 1.6449


def drift(
    window: float | None = None, noise_factor: float = 1.0, extra_growth: float = 0.0
) -> Method:
    """Random walk with the drift and the noise of the inputs, the default demand.

    Args:
        window: Number of years whose growth updates the prior of the drift; None for the prior alone.
        noise_factor: Factor of the noise.
        extra_growth: Growth beyond the prior, orders of magnitude a year.
    """

    def method(
        models: LanguageModels, cutoff: float, years: Array, n: int, rng: np.random.Generator
    ) -> Array:
        inputs, seed = default_inputs(), Seed(int(rng.integers(2**31)))
        growth, noise = (inputs.draw(f"drift.{name}", n, seed) for name in ("growth", "noise"))
        growth, noise = growth + extra_growth, noise_factor * noise
        largest = LargestSet.from_models(models, until=cutoff, recent=window or 0.0)
        growth = update_growth(growth, noise, largest, rng)
        return draw_tokens_by_drift(largest.tokens, years - cutoff, growth, noise, rng)

    return method


def equal_mixture(*methods: Method) -> Method:
    def method(
        models: LanguageModels, cutoff: float, years: Array, n: int, rng: np.random.Generator
    ) -> Array:
        parts = [one(models, cutoff, years, n // len(methods), rng) for one in methods]
        return np.concatenate(parts)

    return method


def mixture_by_past_score(*methods: Method) -> Method:
    """Mixture with weights proportional to the likelihood of earlier forecasts.

    Those are one, two and three years ahead, from half-yearly cut-offs since 2017, with targets not
    after the cut-off. A third of their log-likelihood counts, because their targets overlap.
    """

    @cache
    def log_likelihood(which: int, models: LanguageModels, cutoff: float, ahead: int) -> float:
        rng, years = np.random.default_rng(3), np.array([cutoff + ahead])
        draws = methods[which](models, cutoff, years, 2000, rng)[:, 0]
        width = 1.06 * draws.std() * 2000**-0.2 + 0.02  # of a normal kernel (Silverman 1986)
        distance = (draws - record(models, cutoff + ahead)) / width
        return float(np.log(np.mean(np.exp(-(distance**2) / 2)) / width + 1e-6))

    def method(
        models: LanguageModels, cutoff: float, years: Array, n: int, rng: np.random.Generator
    ) -> Array:
        past = [
            (float(earlier), ahead)
            for earlier in np.arange(2017.0, cutoff, 0.5)
            for ahead in (1, 2, 3)
            if earlier + ahead <= cutoff and len(models.sizes.until(earlier)) >= MIN_SIZES
        ]
        totals = np.array(
            [
                sum(log_likelihood(k, models, *case) for case in past) / 3
                for k in range(len(methods))
            ]
        )
        weights = np.exp(totals - totals.max())
        component = rng.choice(len(methods), size=n, p=weights / weights.sum())
        draws = np.stack([one(models, cutoff, years, n, rng) for one in methods])
        return np.asarray(draws[component, np.arange(n)])

    return method


def frontier(settings: Settings | None = None) -> Method:
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
