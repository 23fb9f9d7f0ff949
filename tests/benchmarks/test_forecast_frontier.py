"""Frontier of training sets, a candidate of the back-test: closed forms, calibration, invalid input."""

import numpy as np
import pytest

from artesian.core.errors import DataError, Unsupported, UsageError
from artesian.forecasting.series.language_models import LanguageModels, read_language_models
from artesian.forecasting.series.time_series import TimeSeries
from forecast_frontier import (
    Settings,
    draw_tokens,
    draw_tokens_and_compute,
    fit_trend,
)
from forecast_kalman_filter import NoiseGrid, kalman_filter

YEARS = np.arange(2021.0, 2026.0)


def models(dates, sizes, compute_dates=(), compute=()) -> LanguageModels:
    """Build models from log10 sizes and log10 compute."""

    def series(at, values):
        return TimeSeries("s", np.array(at, float), 10.0 ** np.array(values, float), "", "", "")

    return LanguageModels(series(dates, sizes), series(compute_dates, compute), {})


def exponential(growth: float = 0.3, models_per_year: int = 100) -> LanguageModels:
    """Build an exponential with many models a year; compute grows at double the rate."""
    dates = np.arange(2014, 2020, 1 / models_per_year)
    line = 9 + growth * (dates - 2014)
    return models(dates, line, dates, 18 + 2 * growth * (dates - 2014))


@pytest.mark.parametrize("growth", [0.2, 0.3, 0.4])
def test_noise_free_exponential_stays_within_the_interval(growth):
    trend = fit_trend(exponential(growth), until=2020.0)
    draws = draw_tokens(trend, YEARS, 20_000, np.random.default_rng(0))
    truth = 9 + growth * (YEARS - 2014)
    low, high = np.quantile(draws, [0.1, 0.9], axis=0)
    assert np.all((low < truth) & (truth < high))
    assert trend.weights @ trend.mean[:, 2] == pytest.approx(growth, abs=0.03)


def test_faster_past_growth_gives_faster_future_growth():
    slow, fast = (
        np.median(
            draw_tokens(fit_trend(exponential(g)), [2025.0], 20_000, np.random.default_rng(0))
        )
        - fit_trend(exponential(g)).record[0]
        for g in (0.2, 0.5)
    )
    assert fast - slow > 1.0  # 0.3 a year over five years is 1.5


def test_paths_start_at_the_record_and_do_not_decrease():
    trend = fit_trend(read_language_models(), until=2024.0)
    draws = draw_tokens(
        trend, [2024.0, 2024.3, 2025, 2026.5, 2030], 5_000, np.random.default_rng(0)
    )
    assert np.all(draws[:, 0] == trend.record[0])
    assert np.all(np.diff(draws, axis=1) >= 0)


def test_years_of_a_path_are_correlated():
    trend = fit_trend(read_language_models(), until=2024.0)
    draws = draw_tokens(trend, np.arange(2025.0, 2035.0), 20_000, np.random.default_rng(0))
    between = np.corrcoef(draws.T)
    assert between[4, 5] > 0.9  # independent years would have 0
    assert between[0, 9] > 0.2
    assert np.all(np.diff(draws.std(axis=0)) > 0)


def test_tokens_and_compute_of_a_path_are_correlated():
    trend = fit_trend(read_language_models(), until=2024.0)
    years = [2026.0, 2029.0]
    tokens, compute = draw_tokens_and_compute(trend, years, 20_000, np.random.default_rng(0))
    alone = draw_tokens(trend, years, 20_000, np.random.default_rng(1))
    assert np.corrcoef(tokens[:, 1], compute[:, 1])[0, 1] > 0.2
    for probability in (0.1, 0.5, 0.9):  # tokens sampled alone have the same distribution
        difference = np.quantile(tokens, probability, axis=0) - np.quantile(
            alone, probability, axis=0
        )
        assert np.abs(difference).max() < 0.06


def test_paths_do_not_depend_on_the_requested_years():
    trend = fit_trend(read_language_models(), until=2024.0)
    all_years = draw_tokens(trend, [2025.0, 2025.5, 2028.0], 100, np.random.default_rng(3))
    one_year = draw_tokens(trend, [2028.0], 100, np.random.default_rng(3))
    assert np.array_equal(all_years[:, 2:], one_year)


def test_models_after_the_cutoff_are_ignored():
    whole = read_language_models()
    first, second = fit_trend(whole, until=2022.0), fit_trend(whole.until(2022.0), until=2022.0)
    assert np.array_equal(first.mean, second.mean)
    assert np.array_equal(first.weights, second.weights)


def test_sparse_last_year_widens_the_posterior():
    full = exponential()
    is_kept = full.sizes.dates < 2019
    is_kept[-3:] = True
    sparse = LanguageModels(
        TimeSeries("s", full.sizes.dates[is_kept], full.sizes.values[is_kept], "", "", ""),
        full.compute,
        {},
    )
    by_number = Settings(sparsity=0.5)
    deviations = [
        np.sqrt(trend.weights @ trend.covariance[:, 0, 0])
        for trend in (fit_trend(one, until=2020.0, settings=by_number) for one in (full, sparse))
    ]
    assert deviations[1] > 1.3 * deviations[0]


def test_noise_free_filter_equals_least_squares():
    """Without level and drift noise the state is a regression line."""
    rng = np.random.default_rng(0)
    tokens = 9 + 0.3 * np.arange(12) + 0.1 * rng.standard_normal(12)
    largest = np.stack([tokens, np.full(12, np.nan)])
    noise = NoiseGrid.from_values((1e-6,), (1e-6,), (1e-6,))
    _, mean, _ = kalman_filter(largest, np.ones((2, 12)), noise, slack=100.0)
    slope, level = np.polyfit(np.arange(12), tokens, 1)
    assert mean[0, 2] == pytest.approx(slope, abs=1e-3)
    assert mean[0, 0] == pytest.approx(level + 11 * slope, abs=3e-3)


def test_weights_sum_to_one_over_the_grid():
    trend = fit_trend(read_language_models())
    assert trend.weights.sum() == pytest.approx(1.0)
    assert len(trend.weights) == len(trend.noise) == 2**5
    assert np.all(np.linalg.eigvalsh(trend.covariance) > 0)


def test_intervals_are_calibrated_on_simulated_frontiers():
    """Random walks with drift, observed by yearly maxima: 80 % intervals cover about 80 %."""
    rng = np.random.default_rng(0)
    covered = []
    for _ in range(200):
        growth = 0.3 + 0.1 * rng.standard_normal()
        frontier = 9 + np.cumsum(growth + 0.15 * rng.standard_normal(9))
        largest = frontier - 0.5 * rng.exponential(size=9)
        # Ten models at the end of each year, one of them the largest.
        dates = np.repeat(np.arange(2012, 2021) - 0.0, 10)
        sizes = np.repeat(largest, 10) - np.tile(np.arange(10) * 0.2, 9)
        past = dates <= 2017
        trend = fit_trend(models(dates[past], sizes[past]), until=2017.0)
        draws = draw_tokens(trend, [2018.0, 2020.0], 2_000, rng)
        low, high = np.quantile(draws, [0.1, 0.9], axis=0)
        truth = np.array([largest[:7].max(), largest.max()])
        covered.append((low <= truth) & (truth <= high))
    # The record stays unchanged with positive probability, which increases the coverage.
    assert np.all((np.mean(covered, axis=0) > 0.72) & (np.mean(covered, axis=0) < 0.95))


def test_compute_is_optional():
    full = exponential()
    trend = fit_trend(LanguageModels(full.sizes, full.compute.until(1900.0), {}), until=2020.0)
    assert np.all(np.isfinite(draw_tokens(trend, YEARS, 100, np.random.default_rng(0))))
    with pytest.raises(Unsupported, match="without compute"):
        draw_tokens_and_compute(trend, YEARS, 100, np.random.default_rng(0))


@pytest.mark.parametrize("sizes", [[], [9.0], [9.0, 9.1]])
def test_too_few_sizes_are_rejected(sizes):
    with pytest.raises(DataError, match=f"{len(sizes)} training sets with a known size in the 6"):
        fit_trend(models(2019 + np.arange(len(sizes)) / 10, sizes), until=2020.0)


@pytest.mark.parametrize(
    "years", [[], [2021.0, 2020.5], [2021.0, 2021.0], [2019.0], [20250.0], [[2021.0]], [np.nan]]
)
def test_invalid_years_are_rejected(years):
    trend = fit_trend(exponential(), until=2020.0)
    with pytest.raises(UsageError):
        draw_tokens(trend, years, 10, np.random.default_rng(0))


def test_larger_slack_decouples_tokens_from_compute():
    """Tokens stay constant while compute grows: a small slack predicts more growth of tokens."""
    dates = np.arange(2014, 2020, 0.05)
    still = models(dates, 9 + 0 * dates, dates, 18 + 0.8 * (dates - 2014))
    tight, wide = (
        fit_trend(still, until=2020.0, settings=Settings(slack=slack)) for slack in (0.01, 0.5)
    )
    assert tight.weights @ tight.mean[:, 2] > wide.weights @ wide.mean[:, 2] + 0.05
