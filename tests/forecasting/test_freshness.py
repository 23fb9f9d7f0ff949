"""Age of the data, the warning, and draws whose date is past."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from artesian.core.run import Run
from artesian.forecasting.freshness import freshness
from artesian.forecasting.model.drift import LargestSet
from artesian.forecasting.scenario import Scenario
from artesian.forecasting.series.csv_file import calendar_day, decimal_year
from artesian.forecasting.series.language_models import read_language_models
from artesian.forecasting.simulation import simulate

LARGEST = LargestSet.from_models(read_language_models())
NEWEST = calendar_day(LARGEST.date)


def at(today: dt.date, scenario: Scenario | None = None):
    return simulate(
        scenario or Scenario(),
        LARGEST,
        today=decimal_year(today),
        draws=2_000,
        seed=Run.from_seed(0).seed,
    )


def test_every_day_survives_the_conversion():
    for day in (dt.date(2024, 2, 29), dt.date(2025, 12, 31), dt.date(2026, 1, 1)):
        assert calendar_day(decimal_year(day)) == day


@pytest.mark.parametrize(("days", "outdated"), [(150, False), (210, True)])
def test_data_older_than_six_months_are_reported(days, outdated):
    age = freshness(at(NEWEST + dt.timedelta(days=days)))
    assert age.as_of == NEWEST
    assert age.is_outdated is outdated
    text = " ".join(age.describe())
    assert f"Data as of {NEWEST.isoformat()}" in text
    assert ("months old" in text) is outdated


def test_draws_that_are_past_are_reported():
    today = dt.date(2028, 1, 1)
    result = at(today)
    age = freshness(result)
    assert age.probability_past == np.mean(result.exhaustion.dates < 2028)
    assert 0.1 < age.probability_past < 0.5
    assert f"{100 * age.probability_past:.2g} % of the draws had run out before today" in " ".join(
        age.describe()
    )


def test_other_demand_has_the_age_of_its_inputs():
    today = dt.date(2026, 11, 30)
    assert freshness(at(today, Scenario(demand="study"))).as_of == dt.date(2024, 6, 1)
    assert freshness(at(today, Scenario(modality="images"))).as_of == dt.date(2022, 10, 1)
    own = Scenario(modality="corpus", overrides={"corpus.tokens": "5B", "corpus.demand": "1B"})
    assert freshness(at(today, own)).describe() == []
