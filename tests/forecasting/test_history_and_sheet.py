"""History of the date by cut-off, and the stock as a product of medians."""

import math

import numpy as np
import pytest

from artesian.core.run import Run
from artesian.forecasting.history import date_history
from artesian.forecasting.model.drift import LargestSet
from artesian.forecasting.scenario import Scenario
from artesian.forecasting.series.data_overrides import read_data
from artesian.forecasting.simulation import simulate
from artesian.forecasting.stock_sheet import stock_sheet
from artesian.report.forecast_chart_data import dates_chart
from artesian.report.forecast_levers import slider_draws

DATA = read_data([])
LARGEST = LargestSet.from_models(DATA.models)
SEED = Run.from_seed(0).seed
FIXED = {f"web.{name}": "1x/year" for name in ("page_growth", "page_count_growth")}


def run(scenario: Scenario, draws: int = 4_000):
    return simulate(scenario, LARGEST, today=2026.9, draws=draws, seed=SEED)


def test_the_last_cut_off_gives_the_date_of_the_forecast() -> None:
    result = run(Scenario(), 2_000)
    past = date_history(result, DATA, today=2026.9, seed=SEED)
    assert past[-1].cutoff == LARGEST.date
    assert past[-1].median == result.exhaustion.median
    assert (past[-1].low, past[-1].high) == result.exhaustion.interval(0.8)
    cutoffs = [one.cutoff for one in past]
    assert cutoffs == sorted(cutoffs)
    assert len(cutoffs) >= 14
    assert all(one.low <= one.median <= one.high for one in past)


@pytest.mark.parametrize(
    "scenario",
    [
        Scenario(demand="study"),
        Scenario(modality="images"),
        Scenario(modality="corpus", overrides={"corpus.tokens": 5e9}),
    ],
)
def test_other_demands_have_no_history(scenario: Scenario) -> None:
    assert date_history(run(scenario, 500), DATA, today=2026.9, seed=SEED) == []


def test_the_sheet_multiplies_to_the_stock() -> None:
    overrides = FIXED | {"web.pages": 1e12, "web.bytes_per_page": 8000, "web.bytes_below_six": 2}
    overrides |= {"web.quality": 0.25, "web.epochs": 2, "levers.opt_out": 0.5}
    result = run(Scenario(overrides=overrides), 100)
    *factors, product, median = stock_sheet(result)
    assert product.value == pytest.approx(1e12 * 8000 / 4 * 0.25 * 2 * 0.5)
    assert median.value == pytest.approx(product.value) == pytest.approx(result.stock[0, 0])
    assert [one.sign for one in factors] == ["", "×", "÷", "×", "×", "×", "×"]
    for scenario in (
        Scenario(),
        Scenario(modality="corpus", overrides={"corpus.tokens": "3B..8B"}),
    ):
        *_, product, median = stock_sheet(run(scenario))
        assert product.value == pytest.approx(median.value, rel=0.1)
    assert stock_sheet(run(Scenario(modality="images"), 200)) == []


@pytest.mark.parametrize("number", [3, 12, 26, 41, 76])
def test_bars_are_labelled_at_the_ends_and_far_enough_from_each_other(number: int) -> None:
    by_year = {str(2026 + i): (i + 1) / (number + 2) for i in range(number)}
    exhaustion = {"probability_by_year": by_year}
    numbers = {"exhaustion": exhaustion, "stock": {"years": [2025.4, 2110]}, "summary": ""}
    chart = dates_chart(numbers)
    bars = [row["year"] for row in chart["rows"]]
    labelled = chart["set"]["labelled"]
    assert (labelled[0], labelled[-1]) == ("earlier", "later") == (bars[0], bars[-1])
    places = [bars.index(label) for label in labelled]
    assert np.diff(places).min() >= 0.13 * len(bars) - 1e-9


@pytest.mark.parametrize("demand", ["drift", "recent", "study"])
@pytest.mark.parametrize("factor", [0.25, 1.0, 4.0])
def test_the_draws_of_the_page_give_the_dates_of_the_forecast(demand: str, factor: float) -> None:
    """The sliders shift the logarithm of demand over stock; the page interpolates as `Exhaustion`."""
    result = run(Scenario(demand=demand), 20_000)
    chart = slider_draws(result, [])
    years = np.array(chart["set"]["years"])
    ratio = np.array([row["log10_ratio"] for row in chart["rows"]]) / 100 - math.log10(factor)
    after = np.argmax(ratio >= 0, axis=1)
    rows = np.arange(len(ratio))
    before = ratio[rows, np.maximum(after - 1, 0)]
    crossing = years[after - 1] + before / np.where(after, before - ratio[rows, after], 1)
    dates = np.where(after, crossing, years[0])
    dates = np.where((ratio >= 0).any(axis=1), dates, np.inf)
    changed = run(Scenario(demand=demand, overrides={"levers.curation_yield": factor}), 20_000)
    assert np.median(dates) == pytest.approx(changed.exhaustion.median, abs=0.1)
