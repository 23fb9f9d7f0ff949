"""Forecast the largest training set of language models by a stochastic frontier with drifting growth.

The frontier is the largest training set that is possible at a time; it is latent. The observation of a
year is its largest published model, which can fall short of the frontier but not exceed it (stochastic
frontier model: Aigner, Lovell, Schmidt 1977). The more models were published in the year, the smaller
the expected shortfall. Years that are incomplete or sparse in the database are therefore less
informative and widen the predictive distribution. On log10 scales, with steps of one year,

    largest_t   = frontier_t - shortfall_t       shortfall exponential, mean k (10 / models)^sparsity
    frontier_t  = frontier_t-1 + growth_t-1 + level noise
    growth_t    = growth_t-1 + drift noise

for tokens and compute jointly (local linear trend: Harvey 1989). The prior growth of compute is
0.6 +- 0.3 orders of magnitude a year, that of tokens half of it +- `slack`, because a compute-optimal
training set is proportional to the square root of compute (Hoffmann et al. 2022); the drift noise of
both is coupled in the same way. The noise variances are not fixed: every combination on a small grid is
filtered and weighted by its marginal likelihood (Kalman filter; the exponential shortfall is replaced
by a Gaussian of the same mean and variance). A sampled record path is the running maximum of the last
observed record and the simulated yearly maxima.

The settings were chosen only on forecasts whose cut-offs and targets lie before 2020, by the search in
`forecast_settings`. The model class was chosen with knowledge of later records.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from artesian.core.errors import DataError, Unsupported, UsageError
from artesian.forecasting.series.language_models import LanguageModels
from artesian.forecasting.series.time_series import TimeSeries
from forecast_kalman_filter import (
    COMPUTE_ELASTICITY,
    LEVEL_CORRELATION,
    MEASUREMENT_NOISE,
    NoiseGrid,
    kalman_filter,
)

Array = NDArray[np.float64]
REFERENCE_MODELS = 10.0  # number of models in a year to which the grid of shortfalls refers
MAX_YEARS_AHEAD = 200  # a later year is more likely a typing error than a forecast


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Settings of the trend; the defaults were chosen on forecasts before 2020.

    Attributes:
        window: Number of years before the cut-off that are used.
        slack: Prior standard deviation of the growth of tokens about half the growth of compute,
            orders of magnitude a year.
        sparsity: Exponent by which the mean shortfall of a year decreases with its number of models.
        shortfalls: Grid of the mean shortfall of a year with ten models, orders of magnitude.
        levels: Grid of the standard deviation of the level noise, orders of magnitude.
        drifts: Grid of the standard deviation of the drift noise of compute, orders of magnitude a
            year.
    """

    window: int = 6
    slack: float = 0.2
    sparsity: float = 0.0
    shortfalls: tuple[float, ...] = (0.3, 1.0)
    levels: tuple[float, ...] = (0.0, 0.02)
    drifts: tuple[float, ...] = (0.02, 0.08)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Trend:
    """Posterior of the frontier at a cut-off.

    Attributes:
        until: Cut-off, a decimal year.
        record: log10 of the largest training set (tokens) and compute (FLOP) up to the cut-off, (2,).
        noise: Grid of g combinations of noise parameters.
        weights: Posterior probability of each combination, (g,), sum 1.
        mean, covariance: Of the state (frontier of tokens, frontier of compute, growth of tokens,
            growth of compute) at the cut-off, (g, 4) and (g, 4, 4).
        shortfall_scale: Factor of the mean shortfalls in a year with as many models as the last
            one, (2,).
    """

    until: float
    record: Array
    noise: NoiseGrid
    weights: Array
    mean: Array
    covariance: Array
    shortfall_scale: Array


def fit_trend(
    models: LanguageModels, *, until: float | None = None, settings: Settings | None = None
) -> Trend:
    """Fit the trend to the models published up to a cut-off.

    Args:
        models: Sizes and compute. Models published after `until` are ignored.
        until: Cut-off, a decimal year; the date of the newest size if None.
        settings: Settings; the defaults if None.

    Raises:
        DataError: The window contains fewer than three sizes.
    """
    settings = Settings() if settings is None else settings
    newest = float(models.sizes.dates[-1]) if len(models.sizes) else np.nan
    cutoff = newest if until is None else float(until)
    published = models.until(cutoff)
    recent = int(np.sum(published.sizes.dates > cutoff - settings.window))
    if recent < 3:
        raise DataError(
            f"{recent} training sets with a known size in the {settings.window} years "
            f"until {cutoff:.2f}",
            hint="a trend needs at least 3: add models, or use a later cut-off",
        )
    pair = (published.sizes, published.compute)
    largest, counts = zip(
        *(_by_year(series, cutoff, settings.window) for series in pair), strict=True
    )
    shortfall_scale = (
        REFERENCE_MODELS / np.maximum(np.stack(counts), 1.0)
    ) ** settings.sparsity  # (2, years)
    noise = NoiseGrid.from_values(settings.shortfalls, settings.levels, settings.drifts)
    weights, mean, covariance = kalman_filter(
        np.stack(largest), shortfall_scale, noise, settings.slack
    )
    record = [np.log10(series.values.max()) if len(series) else np.nan for series in pair]
    return Trend(
        until=cutoff,
        record=np.array(record),
        noise=noise,
        weights=weights,
        mean=mean,
        covariance=covariance,
        shortfall_scale=shortfall_scale[:, -1],
    )


def draw_tokens(trend: Trend, years: ArrayLike, n: int, rng: np.random.Generator) -> Array:
    """Sample paths of the largest training set.

    Args:
        trend: Fitted trend.
        years: Decimal years, ascending, not before the cut-off. Model steps are whole years from the
            cut-off; the record of a step is dated uniformly within the step.
        n: Number of paths.
        rng: Random generator.

    Returns:
        log10 tokens, (n, years). Rows are independent, non-decreasing paths.

    Raises:
        UsageError: The years are not ascending, before the cut-off, or more than 200 years after it.
    """
    tokens: Array = _simulate_records(trend, _years_ahead(trend, years), n, rng, 1)[0]
    return tokens


def draw_tokens_and_compute(
    trend: Trend, years: ArrayLike, n: int, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Sample joint paths of the largest training set and the largest training compute.

    Args:
        trend: Fitted trend.
        years: As in `draw_tokens`.
        n: Number of paths.
        rng: Random generator.

    Returns:
        log10 tokens and log10 FLOP, both (n, years). Row i of both belongs to the same path.

    Raises:
        UsageError: As in `draw_tokens`.
        Unsupported: The trend was fitted without compute.
    """
    if not np.isfinite(trend.record[1]):
        raise Unsupported(
            "the trend was fitted without compute",
            hint="use draw_tokens, or fit the trend to models with known compute",
        )
    tokens, compute = _simulate_records(trend, _years_ahead(trend, years), n, rng, 2)
    return tokens, compute


def _by_year(series: TimeSeries, cutoff: float, window: int) -> tuple[Array, Array]:
    """log10 of the maximum (NaN if none) and the count for each year that ends at the cut-off."""
    largest, counts = np.full(window, np.nan), np.zeros(window)
    for years_back in range(window):
        in_year = (series.dates > cutoff - years_back - 1) & (series.dates <= cutoff - years_back)
        counts[-1 - years_back] = in_year.sum()
        if in_year.any():
            largest[-1 - years_back] = np.log10(series.values[in_year].max())
    return largest, counts


def _years_ahead(trend: Trend, years: ArrayLike) -> Array:
    """Validate `years` and return their distance from the cut-off."""
    requested = np.atleast_1d(np.asarray(years, dtype=np.float64))
    if requested.size == 0 or requested.ndim != 1 or not np.all(np.diff(requested) > 0):
        raise UsageError(f"years are {requested.tolist()}", hint="give one or more ascending years")
    if not (
        requested[0] >= trend.until - 1e-9 and requested[-1] <= trend.until + MAX_YEARS_AHEAD
    ):  # true for NaN too
        raise UsageError(
            f"years from {requested[0]:g} to {requested[-1]:g} with a cut-off of {trend.until:.2f}",
            hint=f"give years from the cut-off to {MAX_YEARS_AHEAD} years after it",
        )
    return np.maximum(requested - trend.until, 0.0)


def _simulate_records(
    trend: Trend, ahead: Array, n: int, rng: np.random.Generator, series: int
) -> Array:
    """Simulate records at `ahead` years after the cut-off, (series, n, years)."""
    component = rng.choice(len(trend.weights), size=n, p=trend.weights)
    cholesky = np.linalg.cholesky(trend.covariance)[component]
    state = trend.mean[component] + np.einsum("nij,nj->ni", cholesky, rng.standard_normal((n, 4)))
    frontier, growth = state[:, :series].T.copy(), state[:, 2 : 2 + series].T.copy()  # (series, n)
    shortfall = (trend.noise.shortfall[component] * trend.shortfall_scale).T[:series]
    level, drift = trend.noise.level[component].T[:series], trend.noise.drift[component]
    independent_part = np.sqrt(1 - LEVEL_CORRELATION**2)
    # Each year belongs to the step that ends at it or contains it.
    step_of_year = np.ceil(ahead - 1e-9).astype(np.int64)
    record = np.repeat(trend.record[:series, None], n, axis=1)  # (series, n)
    out = np.empty((series, len(ahead), n))
    out[:, step_of_year == 0] = record[:, None]
    for step in range(1, int(step_of_year.max()) + 1):
        # Single precision suffices for innovations; sampling them dominates the run time.
        level_noise, drift_noise, measurement_noise = rng.standard_normal(
            (3, series, n), dtype=np.float32
        )
        shortfall_noise = rng.standard_exponential((series, n), dtype=np.float32)
        day = rng.random(n, dtype=np.float32)
        if series == 2:
            level_noise[1] = LEVEL_CORRELATION * level_noise[0] + independent_part * level_noise[1]
        frontier += growth + level * level_noise
        if series == 2:
            growth[1] += drift * drift_noise[1]
            drift_noise[0] = (drift_noise[0] + drift_noise[1]) * np.float32(0.5**0.5)
        growth[0] += 2**0.5 * COMPUTE_ELASTICITY * drift * drift_noise[0]
        previous = record
        record = np.maximum(
            previous, frontier + MEASUREMENT_NOISE * measurement_noise - shortfall * shortfall_noise
        )
        for column in np.flatnonzero(step_of_year == step):
            # Not interpolated linearly: the first months would be far too certain.
            out[:, column] = np.where(day <= ahead[column] - (step - 1), record, previous)
    return out.transpose(0, 2, 1)
