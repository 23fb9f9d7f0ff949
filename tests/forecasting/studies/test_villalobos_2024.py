"""Villalobos et al. 2024 recomputed: stocks, closed forms, levers, dates of exhaustion."""

import math
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from artesian.core.errors import DataError, UsageError
from artesian.core.run import Seed
from artesian.forecasting.inputs.distributions import Fixed
from artesian.forecasting.inputs.inputs import default_inputs
from artesian.forecasting.model.exhaustion import Exhaustion
from artesian.forecasting.model.internet_users import cumulative, users_online, value_in_year
from artesian.forecasting.model.regression import bootstrap_growth, fit_growth
from artesian.forecasting.series.bundled_data import dataset_sizes, population, training_compute
from artesian.forecasting.studies.besiroglu_2022 import projected_compute, published_compute
from artesian.forecasting.studies.villalobos_2024 import (
    compute_demand,
    demand,
    exhaustion,
    historical_demand,
    horizon,
)
from artesian.forecasting.studies.villalobos_2024_stock import (
    effective_stock,
    users_stock,
    users_text_per_year,
    web_stock,
)

INPUTS, SEED, DRAWS = default_inputs(), Seed(2024), 40_000
NOW, YEARS = np.array([2024.0]), horizon(INPUTS)
MEDIANS = INPUTS.with_overrides(
    {name: Fixed(INPUTS.median(name)) for name in INPUTS if INPUTS[name].has_value}
)


def quantiles(values, *probabilities):
    return np.quantile(values, probabilities) / 1e12


def test_published_stocks():
    # Table 1 and section 2.3 of the study, in 1e12 tokens; the tails have a Monte Carlo error of 2 %.
    web = web_stock(INPUTS, NOW, DRAWS, SEED)
    assert quantiles(web, 0.5) == pytest.approx(510, rel=0.03)
    assert quantiles(web, 0.025, 0.975) == pytest.approx([130, 2100], rel=0.06)
    users = users_stock(INPUTS, NOW, DRAWS, SEED)
    assert quantiles(users, 0.5) == pytest.approx(3100, rel=0.03)
    assert quantiles(users, 0.025, 0.975) == pytest.approx([1900, 5200], rel=0.03)
    crawl = web_stock(INPUTS, NOW, DRAWS, SEED, pages="web.common_crawl_pages")
    assert quantiles(crawl, 0.5) == pytest.approx(130, rel=0.04)
    assert quantiles(crawl, 0.025, 0.975) == pytest.approx([100, 260], rel=0.03)
    rate = users_text_per_year(INPUTS, DRAWS, SEED)
    assert quantiles(rate, 0.025, 0.975) == pytest.approx([180, 500], rel=0.03)


def test_recomputed_effective_stock():
    # Product of log-normals except for the tokenizer, which widens the interval:
    # 274e9 x 7072 / 4 x 0.2 x 3.16 = 306e12.
    assert quantiles(effective_stock(INPUTS, NOW, DRAWS, SEED), 0.05, 0.5, 0.95) == pytest.approx(
        [84, 320, 1250], rel=0.03
    )


def test_medians_in_closed_form():
    web = web_stock(MEDIANS, np.array([2024.0, 2030.0]), 2, SEED)
    tokens = (
        math.sqrt(75e9 * 1e12)
        * math.sqrt(6100 * 8200)
        / (6 - MEDIANS.median("web.bytes_below_six"))
    )
    in_2030 = tokens * math.sqrt(1.02 * 1.04 * 1.0 * 1.1) ** 6
    assert web == pytest.approx(np.array([[tokens, in_2030]] * 2), rel=1e-4)
    multiplier = effective_stock(MEDIANS, NOW, 1, SEED)[0, 0] / tokens
    assert multiplier == pytest.approx(math.sqrt(0.1 * 0.4 * 2 * 5), rel=1e-4)


def test_growth_of_training_sets_is_the_fit_to_the_bundled_models():
    years, words = dataset_sizes()
    assert years.size == 80
    assert fit_growth(years, words) == pytest.approx(np.polyfit(years, np.log10(words), 1)[0])
    expected = INPUTS["demand.growth"].distribution
    slopes = bootstrap_growth(years, words, 20_000, SEED)
    assert np.quantile(slopes, [0.025, 0.975]) == pytest.approx(
        [expected.low, expected.high], abs=0.004
    )


@pytest.mark.parametrize(
    ("name", "era"),
    [
        ("compute.growth_before", lambda y: y < 2010),
        ("compute.growth_deep_learning", lambda y: y >= 2010),
    ],
)
def test_growth_of_compute_is_the_fit_to_the_bundled_models(name, era):
    years, flop = training_compute()
    in_era = era(years)
    slopes = bootstrap_growth(years[in_era], flop[in_era], 20_000, SEED)
    expected = INPUTS[name].distribution
    assert np.quantile(slopes, [0.025, 0.975]) == pytest.approx(
        [expected.low, expected.high], abs=0.003
    )


def test_growth_needs_different_dates():
    with pytest.raises(DataError, match="growth cannot be estimated from 3 dates"):
        fit_growth(np.full(3, 2020.0), np.ones(3))


def test_compute_has_its_published_quantiles():
    flop = published_compute(np.array([2025.0, 2030.0, 2040.0]), DRAWS, SEED)
    result = np.log10(np.quantile(flop, [0.025, 0.5, 0.975], axis=0)).T
    printed = [[25.33, 25.90, 26.14], [26.71, 28.67, 29.47], [29.27, 32.42, 34.71]]
    assert result == pytest.approx(np.array(printed), abs=0.06)


def test_projected_compute_reverts_to_moores_law():
    years = np.array([2022.0, 2022.5, 2062.0, 2063.0])
    orders = np.log10(
        projected_compute(MEDIANS.with_overrides({"compute.weight_bullish": 0}), years, 50, SEED)
    )
    assert orders[:, 0] == pytest.approx(math.log10(1.17e24))
    fast, slow = (
        MEDIANS.median("compute.growth_deep_learning"),
        MEDIANS.median("compute.growth_before"),
    )
    assert (orders[:, 1] - orders[:, 0]) * 2 == pytest.approx(fast, rel=0.01)
    moore = math.sqrt(slow * 12 * math.log10(2) / 20)
    assert orders[:, 3] - orders[:, 2] == pytest.approx(moore, rel=0.01)
    # The integral of g_DL^w g_M^(1-w) over eight years of the bearish scenario, by a fine Riemann sum.
    bearish = MEDIANS.with_overrides({"compute.weight_middle": 0, "compute.weight_bullish": 0})
    t = (np.arange(8000) + 0.5) / 1000
    log_growth = (moore * (fast / moore) ** np.exp(-0.5 * (t / 8) ** 2)).sum() / 1000
    result = np.log10(projected_compute(bearish, np.array([2030.0]), 1, SEED)[0, 0] / 1.17e24)
    assert result == pytest.approx(log_growth, abs=0.002)


def test_compute_optimal_demand():
    # Figure 1 of the study: 5e28 FLOP are compute-optimal for 4e14 tokens.
    flop = published_compute(YEARS, 3, SEED)
    assert compute_demand(INPUTS, YEARS, 3, SEED) == pytest.approx(20 * np.sqrt(flop / 120))
    assert 20 * math.sqrt(5e28 / 120) == pytest.approx(4e14, rel=0.03)


def test_recomputed_dates_of_exhaustion():
    # Not tuned; the study prints 2028 [2026, 2032]. Monte Carlo error 0.02 years.
    result = {
        branch: exhaustion(INPUTS, YEARS, DRAWS, SEED, branch)
        for branch in ("historical", "compute", "mixture")
    }
    dates = {branch: (e.median, *e.interval(0.8)) for branch, e in result.items()}
    assert dates["historical"] == pytest.approx((2029.0, 2027.3, 2031.1), abs=0.15)
    assert dates["compute"] == pytest.approx((2031.2, 2028.5, 2037.6), abs=0.25)
    assert dates["mixture"] == pytest.approx((2029.8, 2027.7, 2034.9), abs=0.25)
    projected = exhaustion(INPUTS, YEARS, DRAWS, SEED, "compute", "projected")
    assert projected.median == pytest.approx(2032.0, abs=0.1)
    over = exhaustion(INPUTS.with_overrides({"levers.overtraining": 5}), YEARS, DRAWS, SEED)
    assert (over.median, *over.interval(0.8)) == pytest.approx((2028.6, 2026.7, 2032.4), abs=0.25)


def test_date_in_closed_form():
    # D0 G^t = S g^t at t = ln(S / D0) / ln(G / g).
    years = np.arange(2024.0, 2064.0)
    result = exhaustion(MEDIANS, years, 1, SEED, "historical").median
    stock = effective_stock(MEDIANS, NOW, 1, SEED)[0, 0]
    grows = math.log10(MEDIANS.median("web.page_growth") * MEDIANS.median("web.page_count_growth"))
    orders = math.log10(stock / MEDIANS.median("demand.start"))
    assert result == pytest.approx(
        2024 + orders / (MEDIANS.median("demand.growth") - grows), abs=1e-3
    )


def test_levers_change_the_date_in_the_expected_direction():
    base = exhaustion(INPUTS, YEARS, 4_000, SEED).dates
    for override, later in (
        ({"levers.opt_out": 0.3}, False),
        ({"levers.synthetic_fraction": 0.5}, True),
        ({"levers.overtraining": 5}, False),
        ({"web.epochs": 16}, True),
        ({"demand.growth": "0.2 OOM/year"}, None),
    ):
        dates = exhaustion(INPUTS.with_overrides(override), YEARS, 4_000, SEED).dates
        if later is not None:
            # In every draw, because the draws of other inputs do not change.
            assert (dates >= base if later else dates <= base).all()
        assert (dates != base).any()
    never = exhaustion(INPUTS.with_overrides({"levers.synthetic_fraction": 1}), YEARS, 50, SEED)
    assert never.median == math.inf
    assert exhaustion(INPUTS.with_overrides({"levers.opt_out": 1}), YEARS, 50, SEED).median == 2024


def test_over_training_multiplies_demand_by_its_square_root():
    years = np.array([2024.0, 2025.0, 2026.0])
    over = INPUTS.with_overrides({"levers.overtraining": 5})
    plain = historical_demand(INPUTS, years, 9, SEED)
    ratio = historical_demand(over, years, 9, SEED) / plain
    assert ratio == pytest.approx(np.array([[1, math.sqrt(5), math.sqrt(5)]] * 9))


def test_each_draw_of_the_mixture_follows_one_branch():
    mixed = demand(INPUTS, YEARS, 500, SEED)
    trend = historical_demand(INPUTS, YEARS, 500, SEED)
    optimal = compute_demand(INPUTS, YEARS, 500, SEED)
    by_trend = (mixed == trend).all(axis=1)
    assert (by_trend | (mixed == optimal).all(axis=1)).all()
    assert by_trend.mean() == pytest.approx(0.5, abs=0.1)


def test_users_accumulate_by_year():
    people = users_online(1.0, 0.1507, 2016.72)
    # The curve of the study exceeds the 67.4 % that the ITU reports for 2023.
    assert value_in_year(people, 2023) / value_in_year(population()[1], 2023) == pytest.approx(
        0.720, abs=0.001
    )
    assert cumulative(people, np.array([1950.0, 1951.0])) == pytest.approx([0, people[0]])
    half = cumulative(people, np.array([2030.0, 2030.5, 2031.0]))
    assert half[1] == pytest.approx((half[0] + half[2]) / 2)
    with pytest.raises(UsageError, match="covers 1950 to 2101"):
        cumulative(people, np.array([2102.0]))


@given(st.floats(-3, 3), st.floats(0.05, 1.0), st.floats(-0.2, 0.04))
def test_crossing_of_two_exponentials_is_exact(log10_ratio, fast, slow):
    years = np.arange(2020.0, 2101.0)
    demand_, stock = (
        10 ** (level + rate * (years - 2020)) for level, rate in ((0, fast), (log10_ratio, slow))
    )
    result = Exhaustion.from_paths(years, demand_[np.newaxis], stock[np.newaxis]).dates[0]
    exact = 2020 + log10_ratio / (fast - slow)
    if exact <= 2020:
        assert result == 2020
    elif exact < 2099.999:
        assert result == pytest.approx(exact, abs=1e-6)
    elif exact > 2100.001:
        assert result == math.inf


def test_quantiles_and_probabilities_of_dates():
    dates = Exhaustion(np.array([2025.0, 2026.0, 2027.0, math.inf]), 2024.0, 2064.0)
    assert dates.median == 2026
    assert dates.interval(0.5) == (2025, 2027)
    assert dates.interval(0.8)[1] == math.inf
    assert dates.probability_by_year([2024, 2026, 2064]).tolist() == [0, 0.5, 0.75]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: exhaustion(INPUTS, YEARS, 2, SEED, "historic"), "did you mean 'historical'"),
        (
            lambda: exhaustion(INPUTS, YEARS, 2, SEED, "compute", "publishd"),
            "did you mean 'published'",
        ),
        (lambda: web_stock(INPUTS, YEARS[::-1], 2, SEED), "must be finite and ascending"),
        (lambda: web_stock(INPUTS, np.array([]), 2, SEED), "must be finite and ascending"),
        (lambda: published_compute(np.array([2081.0]), 2, SEED), "published to 2080"),
        (lambda: projected_compute(INPUTS, np.array([2021.0]), 2, SEED), "starts in 2022"),
        (lambda: Exhaustion.from_paths(NOW, np.ones((2, 1)), np.ones((2, 2))), "demand is (2, 1)"),
        (
            lambda: Exhaustion.from_paths(NOW, np.full((2, 1), np.nan), np.ones((2, 1))),
            "demand is negative",
        ),
        (
            lambda: Exhaustion.from_paths(NOW, np.ones((2, 1)), -np.ones((2, 1))),
            "stock is negative",
        ),
        (lambda: exhaustion(INPUTS, YEARS, 0, SEED), "there are no draws"),
        (lambda: Exhaustion(NOW, 2024, 2025).interval(80), "the level is 80"),
    ],
)
def test_invalid_arguments_are_rejected(call, message):
    with pytest.raises(UsageError) as caught:
        call()
    assert message in str(caught.value)
    assert caught.value.hint


def test_simulation_of_100000_draws_is_fast():
    start = time.process_time()
    exhaustion(INPUTS, YEARS, 100_000, SEED)
    # Measured 0.15 s; the margin allows for other load.
    assert time.process_time() - start < 1.0
