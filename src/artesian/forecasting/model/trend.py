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
    COMPUTE_SHARE,
    LEVEL_CORRELATION,
    MEASURE_NOISE,
    Noise,
    filtered,
)
from artesian.forecasting.series.language_models import LanguageModels
from artesian.forecasting.series.time_series import Series

Array = NDArray[np.float64]
REFERENCE_MODELS = 10.0  # a shortfall of the grid is that of a year with so many models
LONGEST = 200  # years ahead; beyond, a mistyped year is likelier than a forecast


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
        thinness: What the shortfalls are multiplied by in a year with as many models as the
            last, (2,).
    """

    until: float
    record: Array
    noise: Noise
    weights: Array
    mean: Array
    covariance: Array
    thinness: Array


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
    how = Settings() if settings is None else settings
    newest = float(models.sizes.dates[-1]) if len(models.sizes) else np.nan
    cut = newest if until is None else float(until)
    known = models.until(cut)
    recent = int(np.sum(known.sizes.dates > cut - how.window))
    if recent < 3:
        raise DataError(
            f"{recent} training sets with a known size in the {how.window} years until {cut:.2f}",
            hint="a trend needs 3 at the least: give more models or a later cut-off",
        )
    both = (known.sizes, known.compute)
    largest, counts = zip(*(_by_year(series, cut, how.window) for series in both), strict=True)
    thinness = (REFERENCE_MODELS / np.maximum(np.stack(counts), 1.0)) ** how.sparsity  # (2, years)
    noise = Noise.grid(how.shortfalls, how.levels, how.drifts)
    weights, mean, covariance = filtered(np.stack(largest), thinness, noise, how.slack)
    record = [np.log10(one.values.max()) if len(one) else np.nan for one in both]
    return Trend(
        until=cut,
        record=np.array(record),
        noise=noise,
        weights=weights,
        mean=mean,
        covariance=covariance,
        thinness=thinness[:, -1],
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
    tokens: Array = _paths(trend, _ahead(trend, years), n, rng, 1)[0]
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
    tokens, compute = _paths(trend, _ahead(trend, years), n, rng, 2)
    return tokens, compute


def _by_year(series: Series, cut: float, window: int) -> tuple[Array, Array]:
    """log10 of the largest (nan: none) and the number in each of the years that end at the cut-off."""
    largest, counts = np.full(window, np.nan), np.zeros(window)
    for back in range(window):
        inside = (series.dates > cut - back - 1) & (series.dates <= cut - back)
        counts[-1 - back] = inside.sum()
        if inside.any():
            largest[-1 - back] = np.log10(series.values[inside].max())
    return largest, counts


def _ahead(trend: Trend, years: ArrayLike) -> Array:
    """How far after the cut-off the years are."""
    asked = np.atleast_1d(np.asarray(years, dtype=np.float64))
    if asked.size == 0 or asked.ndim != 1 or not np.all(np.diff(asked) > 0):
        raise UsageError(f"years are {asked.tolist()}", hint="give one or more, ascending")
    if not (asked[0] >= trend.until - 1e-9 and asked[-1] <= trend.until + LONGEST):  # nan too
        raise UsageError(
            f"years from {asked[0]:g} to {asked[-1]:g} with a cut-off of {trend.until:.2f}",
            hint=f"forecasts reach from the cut-off to {LONGEST} years after it",
        )
    return np.maximum(asked - trend.until, 0.0)


def _paths(trend: Trend, ahead: Array, n: int, rng: np.random.Generator, series: int) -> Array:
    """Records so many years after the cut-off, (series, n, years)."""
    picked = rng.choice(len(trend.weights), size=n, p=trend.weights)
    root = np.linalg.cholesky(trend.covariance)[picked]
    state = trend.mean[picked] + np.einsum("nij,nj->ni", root, rng.standard_normal((n, 4)))
    frontier, growth = state[:, :series].T.copy(), state[:, 2 : 2 + series].T.copy()  # (series, n)
    short = (trend.noise.shortfall[picked] * trend.thinness).T[:series]
    level, drift = trend.noise.level[picked].T[:series], trend.noise.drift[picked]
    rest = np.sqrt(1 - LEVEL_CORRELATION**2)
    whole = np.ceil(ahead - 1e-9).astype(np.int64)  # the step at whose end, or before, a year lies
    record = np.repeat(trend.record[:series, None], n, axis=1)  # (series, n)
    out = np.empty((series, len(ahead), n))
    out[:, whole == 0] = record[:, None]
    for step in range(1, int(whole.max()) + 1):
        # Single precision: these are innovations, and drawing them is most of the work.
        moved, turned, off = rng.standard_normal((3, series, n), dtype=np.float32)
        missed = rng.standard_exponential((series, n), dtype=np.float32)
        day = rng.random(n, dtype=np.float32)
        if series == 2:
            moved[1] = LEVEL_CORRELATION * moved[0] + rest * moved[1]
        frontier += growth + level * moved
        if series == 2:
            growth[1] += drift * turned[1]
            turned[0] = (turned[0] + turned[1]) * np.float32(0.5**0.5)
        growth[0] += 2**0.5 * COMPUTE_SHARE * drift * turned[0]
        before = record
        record = np.maximum(before, frontier + MEASURE_NOISE * off - short * missed)
        for column in np.flatnonzero(whole == step):
            # Not a straight line: it would make the first months far too certain.
            out[:, column] = np.where(day <= ahead[column] - (step - 1), record, before)
    return out.transpose(0, 2, 1)
