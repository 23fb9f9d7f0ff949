"""Forecast the largest training set of language models by a random walk with drift.

The growth of each path is drawn once from a prior, and its yearly innovations are independent; on the
log10 scale,

    largest(t) = record + max(0, growth (t - t0) + noise W(t - t0))     running maximum over t

where W is a Wiener process and t0 the date of the newest published model. The prior is half the growth
of training compute, because a compute-optimal training set is proportional to the square root of
compute (Hoffmann et al. 2022). It may be updated with the growth of the record in the last three years.

Of the other models in `benchmarks/forecast.py` none is better both on forecasts since 2020 and on those
from vintages, among them a stochastic frontier with drifting growth, which was the default before.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from artesian.core.errors import DataError
from artesian.forecasting.series.language_models import LanguageModels

Array = NDArray[np.float64]

RECENT_YEARS = 3.0
"""Number of years whose growth updates the prior of the drift."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LargestSet:
    """The largest training set so far, and its growth.

    Attributes:
        date: Date of the newest size, a decimal year.
        tokens: log10 of the largest training set.
        growth: Growth in the last years, orders of magnitude a year; 0 if `years` is 0.
        years: Number of those years, up to `RECENT_YEARS`; 0 for models of a single date.
    """

    date: float
    tokens: float
    growth: float
    years: float

    @classmethod
    def from_models(
        cls, models: LanguageModels, *, until: float | None = None, recent: float = RECENT_YEARS
    ) -> LargestSet:
        """Read the largest training set from the models published up to a cut-off.

        Args:
            models: Sizes of published models.
            until: Cut-off, a decimal year; the date of the newest size if None.
            recent: Number of years over which growth is measured.

        Raises:
            DataError: No size was published up to the cut-off.
        """
        sizes = models.sizes if until is None else models.sizes.until(until)
        if not len(sizes):
            raise DataError(
                f"no training set with a known size until {until:.2f}"
                if until is not None
                else "no training set with a known size",
                hint="add models, or use a later cut-off",
            )
        date = float(sizes.dates[-1]) if until is None else float(until)
        years = min(recent, date - float(sizes.dates[0]))
        tokens = float(np.log10(sizes.values.max()))
        earlier = float(np.log10(sizes.until(date - years).values.max()))
        growth = (tokens - earlier) / years if years > 0 else 0.0
        return cls(date=date, tokens=tokens, growth=growth, years=years)


def update_growth(
    growth: Array, noise: Array, largest: LargestSet, rng: np.random.Generator
) -> Array:
    """Update sampled growth with the growth of the last years.

    Each draw moves toward the observed growth by the weight that the observation has beside the prior
    (conditioning of a normal sample: Journel and Huijbregts 1978).

    Args:
        growth: Draws of the prior, orders of magnitude a year, (n,).
        noise: Standard deviation of the innovation of one year, orders of magnitude, (n,).
        largest: Observed growth.
        rng: Random generator.

    Returns:
        Draws of the posterior, (n,), in the same order.
    """
    if largest.years == 0:
        return growth
    error = noise / np.sqrt(largest.years)
    prior = growth.var()
    weight = np.divide(prior, prior + error**2, out=np.zeros_like(error), where=prior + error > 0)
    simulated = growth + error * rng.standard_normal(len(growth))
    return np.asarray(growth + weight * (largest.growth - simulated))


def draw_tokens_by_drift(
    record: float, ahead: Array, growth: Array, noise: Array, rng: np.random.Generator
) -> Array:
    """Sample paths of the largest training set.

    Args:
        record: log10 of the largest training set so far.
        ahead: Years after the date of the record, ascending, not negative, (years,).
        growth: Growth of each path in orders of magnitude a year, (n,).
        noise: Standard deviation of the innovation of one year, orders of magnitude, (n,).
        rng: Random generator.

    Returns:
        log10 tokens, (n, years). Rows are independent, non-decreasing paths.
    """
    steps = np.diff(ahead, prepend=0.0)
    # Single precision suffices for innovations; sampling them dominates the run time.
    innovations = rng.standard_normal((len(growth), len(steps)), dtype=np.float32)
    walk = np.cumsum(innovations * np.sqrt(steps), axis=1)
    rise = growth[:, None] * ahead + noise[:, None] * walk
    return np.asarray(record + np.maximum.accumulate(np.maximum(rise, 0.0), axis=1))
