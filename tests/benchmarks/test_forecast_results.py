"""What the forecast says of its own back-test is what the stored results show."""

import json
from pathlib import Path

import pytest

from artesian.forecasting.scenario import DRIFT, RECENT

RESULTS = Path(__file__).parents[2] / "benchmarks" / "results" / "forecast.json"
FORECAST = json.loads(RESULTS.read_text(encoding="utf-8"))
RECORD = FORECAST["cut_offs"]["text, confident sizes"]


@pytest.mark.parametrize("part", [RECORD, FORECAST["vintages"]], ids=["cut-offs", "vintages"])
def test_the_coverage_of_the_default_is_compatible_with_its_level(part):
    low, high = part[DRIFT]["coverage"]["interval"]
    assert low <= 0.8 <= high


def test_forecasts_since_2020_do_not_tell_recent_growth_from_the_default():
    low, high = RECORD[RECENT]["difference"]["interval"]
    assert low <= 0 <= high


def test_no_model_is_better_than_the_default_on_both_sets():
    better = {
        name
        for name in RECORD
        if RECORD[name]["difference"]["interval"][1] < 0
        and FORECAST["vintages"][name]["difference"]["interval"][1] < 0
    }
    assert not better


def test_settings_of_the_frontier_are_those_of_the_search():
    assert FORECAST["chosen_equal_defaults"]
