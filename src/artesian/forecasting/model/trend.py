"""How large the largest training set of language models will be, as paths over the years.

What grows is a frontier: the most that could be trained on. It is not seen itself. What is seen of a
year is its largest model, which falls short of the frontier but cannot pass it (a stochastic
frontier: Aigner, Lovell, Schmidt 1977), by less the more models were published that year. So a
database in which the last months are not complete yet, or which lists few models, says less, and the
paths start wider by themselves. On log10 scales, a step being one year,

    largest_t   = frontier_t - shortfall_t       shortfall exponential, mean k (10 / models)^sparsity
    frontier_t  = frontier_t-1 + growth_t-1 + level noise
    growth_t    = growth_t-1 + drift noise

for tokens and compute together (Harvey 1989, local linear trend). Before any data, compute grows by
0.6 +- 0.3 a year, tokens by half of that +- `slack`: a compute-optimal training set is as the square
root of compute (Hoffmann et al. 2022), and the noise of both is tied in the same way. The sizes of
the noises are not fixed: every combination on a small grid is filtered, and counts as much as it
explains the years before (Kalman filter with a Gaussian of the same mean and variance in place of the
exponential). A record path is what was the record, or the largest of the simulated years above it.

The settings were chosen on forecasts made and checked before 2020 alone, by the search in
`benchmarks/forecast.py`, which also says what else was tried and how it does after 2020.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from artesian.core.errors import DataError, Unsupported, UsageError
from artesian.forecasting.model.kalman_filter import (
    COMPUTE_ELASTICITY,
    LEVEL_CORRELATION,
    MEASUREMENT_NOISE,
    NoiseGrid,
    kalman_filter,
)
from artesian.forecasting.series.language_models import LanguageModels
from artesian.forecasting.series.time_series import TimeSeries

Array = NDArray[np.float64]
REFERENCE_MODELS = 10.0  # a shortfall of the grid is that of a year with so many models
MAX_YEARS_AHEAD = 200  # years ahead; beyond, a mistyped year is likelier than a forecast


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Settings of the trend; the defaults are those found on forecasts before 2020.

    Attributes:
        window: How many years before the cut-off are looked at.
        slack: How far the growth of tokens may differ from half that of compute, one standard
            deviation, orders of magnitude a year.
        sparsity: The power of the number of models with which a year's shortfall falls.
        shortfalls: Means of the shortfall of a year with ten models, orders of magnitude.
        levels: Standard deviations of the level noise, orders of magnitude.
        drifts: Standard deviations of the drift noise of compute, orders of magnitude a year.
    """

    window: int = 6
    slack: float = 0.05
    sparsity: float = 0.5
    shortfalls: tuple[float, ...] = (0.3, 1.0)
    levels: tuple[float, ...] = (0.05, 0.15)
    drifts: tuple[float, ...] = (0.02, 0.08)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Trend:
    """What is known of the frontier at a cut-off.

    Attributes:
        until: The cut-off, a decimal year.
        record: log10 of the largest training set (tokens) and compute (FLOP) until then, (2,).
        noise: The combinations of noise, g of them.
        weights: How much each counts, (g,), sum 1.
        mean, covariance: Of frontier and growth (tokens, compute, growth of tokens, of compute)
            at the cut-off, (g, 4) and (g, 4, 4).
        shortfall_scale: What the shortfalls are multiplied by in a year with as many models as the
            last, (2,).
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
    """Learn the trend from what had been published until a date.

    Args:
        models: Sizes and compute; may reach beyond `until`, what does is not looked at.
        until: The cut-off, a decimal year; the date of the newest size if not given.
        settings: The defaults if not given.

    Raises:
        DataError: fewer than three sizes in the years that are looked at.
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
            hint="a trend needs 3 at the least: give more models or a later cut-off",
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
    """Paths of the largest training set: log10 tokens, (n, years).

    A row is one possible future, never falling; rows are independent of each other.

    Args:
        trend: The fitted trend.
        years: Decimal years, ascending, none before the cut-off. A step of the model is a year
            from the cut-off; the record of a step falls on any of its days alike.
        n: How many paths.
        rng: The stream of randomness.

    Raises:
        UsageError: years that are not ascending, before the cut-off, or more than 200 after it.
    """
    tokens: Array = _simulate_records(trend, _years_ahead(trend, years), n, rng, 1)[0]
    return tokens


def draw_tokens_and_compute(
    trend: Trend, years: ArrayLike, n: int, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Paths of the largest training set and the largest compute that go with each other.

    As `draw_tokens`; the second is in log10 FLOP. Row i of both belongs to the same future.

    Raises:
        UsageError: as `draw_tokens`.
        Unsupported: no compute was known.
    """
    if not np.isfinite(trend.record[1]):
        raise Unsupported(
            "the trend was fitted without compute",
            hint="draw_tokens needs none; or fit it on models of which some have a compute",
        )
    tokens, compute = _simulate_records(trend, _years_ahead(trend, years), n, rng, 2)
    return tokens, compute


def _by_year(series: TimeSeries, cutoff: float, window: int) -> tuple[Array, Array]:
    """log10 of the largest (nan: none) and the number in each of the years that end at the cut-off."""
    largest, counts = np.full(window, np.nan), np.zeros(window)
    for years_back in range(window):
        in_year = (series.dates > cutoff - years_back - 1) & (series.dates <= cutoff - years_back)
        counts[-1 - years_back] = in_year.sum()
        if in_year.any():
            largest[-1 - years_back] = np.log10(series.values[in_year].max())
    return largest, counts


def _years_ahead(trend: Trend, years: ArrayLike) -> Array:
    """How far after the cut-off the years are."""
    requested = np.atleast_1d(np.asarray(years, dtype=np.float64))
    if requested.size == 0 or requested.ndim != 1 or not np.all(np.diff(requested) > 0):
        raise UsageError(f"years are {requested.tolist()}", hint="give one or more, ascending")
    if not (
        requested[0] >= trend.until - 1e-9 and requested[-1] <= trend.until + MAX_YEARS_AHEAD
    ):  # nan too
        raise UsageError(
            f"years from {requested[0]:g} to {requested[-1]:g} with a cut-off of {trend.until:.2f}",
            hint=f"forecasts reach from the cut-off to {MAX_YEARS_AHEAD} years after it",
        )
    return np.maximum(requested - trend.until, 0.0)


def _simulate_records(
    trend: Trend, ahead: Array, n: int, rng: np.random.Generator, series: int
) -> Array:
    """Records so many years after the cut-off, (series, n, years)."""
    component = rng.choice(len(trend.weights), size=n, p=trend.weights)
    cholesky = np.linalg.cholesky(trend.covariance)[component]
    state = trend.mean[component] + np.einsum("nij,nj->ni", cholesky, rng.standard_normal((n, 4)))
    frontier, growth = state[:, :series].T.copy(), state[:, 2 : 2 + series].T.copy()  # (series, n)
    shortfall = (trend.noise.shortfall[component] * trend.shortfall_scale).T[:series]
    level, drift = trend.noise.level[component].T[:series], trend.noise.drift[component]
    independent_part = np.sqrt(1 - LEVEL_CORRELATION**2)
    # The step at whose end, or before, a year lies.
    step_of_year = np.ceil(ahead - 1e-9).astype(np.int64)
    record = np.repeat(trend.record[:series, None], n, axis=1)  # (series, n)
    out = np.empty((series, len(ahead), n))
    out[:, step_of_year == 0] = record[:, None]
    for step in range(1, int(step_of_year.max()) + 1):
        # Single precision: these are innovations, and drawing them is most of the work.
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
            # Not a straight line: it would make the first months far too certain.
            out[:, column] = np.where(day <= ahead[column] - (step - 1), record, previous)
    return out.transpose(0, 2, 1)
