"""Villalobos et al. 2022 recomputed, and the table of published figures."""

import math

import numpy as np
import pytest

from artesian.core.errors import UsageError
from artesian.core.run import Run, Seed
from artesian.forecasting.inputs.distributions import Fixed
from artesian.forecasting.inputs.inputs import default_inputs
from artesian.forecasting.model.internet_users import cumulative
from artesian.forecasting.series.bundled_data import population
from artesian.forecasting.studies.reproduction import reproduction
from artesian.forecasting.studies.villalobos_2022 import demand, exhaustion, growth, horizon, stock
from artesian.forecasting.studies.villalobos_2022_stock import (
    high_quality,
    images,
    low_quality,
    low_quality_parts,
)

INPUTS, SEED, DRAWS = default_inputs(), Seed(2022), 30_000
MEDIANS = INPUTS.with_overrides(
    {name: Fixed(INPUTS.median(name)) for name in INPUTS if INPUTS[name].has_value}
)
YEARS = horizon(INPUTS)
LOW = "study_2022.low_quality."


@pytest.mark.parametrize(
    ("modality", "median", "interval"),
    [
        # Published, for a mixture with a projection of compute: 2024.5 [2023.5, 2025.7],
        # 2032.4 [2028.4, 2039.2], 2046 [2037, 2062.8].
        ("high-quality language", 2024.0, (2023.2, 2025.1)),
        ("low-quality language", 2030.2, (2027.1, 2038.6)),
        ("images", 2043.8, (2035.9, 2062.6)),
    ],
)
def test_recomputed_dates(modality, median, interval):
    result = exhaustion(INPUTS, modality, YEARS, DRAWS, SEED)
    assert result.median == pytest.approx(median, abs=0.25)
    assert result.interval(0.9) == pytest.approx(interval, abs=0.5)


def test_growth_of_demand_from_doubling_times():
    # Two paths per percentile: 12 log10(2) / months, averaged; 1 / harmonic mean of the months.
    language = growth(INPUTS, "high-quality language")
    assert language.low == pytest.approx(6 * math.log10(2) * (1 / 20.2 + 1 / 10.3))
    assert language.high == pytest.approx(6 * math.log10(2) * (1 / 14.8 + 1 / 6.7))
    assert language.level == 0.9
    assert growth(INPUTS, "images").median == pytest.approx(0.1647, abs=1e-4)
    sets = demand(MEDIANS, "images", np.array([2022.0, 2023.0]), 5, SEED)
    assert sets[:, 0].tolist() == [3e9] * 5


def test_high_quality_in_closed_form():
    now = np.array([2022.0, 2023.0])
    code = math.sqrt(21 * 65 * 0.05 * 0.5) * 2e11
    papers = math.sqrt(1e8 * 1.7e8) * 6000
    growing = math.sqrt(1.02 * 1.06)
    counted, published = math.sqrt(1e7 * 3e7), math.sqrt(1e6 * 3e6 * 0.02 * 0.2) / math.log(growing)
    books = 1e5 * (counted + published) / 2
    words = (code + papers + books) / math.sqrt(0.3 * 0.5)
    result = high_quality(MEDIANS, now, 1, SEED)[0]
    # Truncation to the feasible range shifts the median of the widest input by 0.1 %.
    assert result == pytest.approx([words, words * growing], rel=2e-3)


def test_low_quality_in_closed_form():
    parts = low_quality_parts(MEDIANS, np.array([2016.0, 2022.0, 2023.0]), 1, SEED)
    amounts = {name: float(amount[0]) for name, (amount, _) in parts.items()}
    growth_factors = {name: shape for name, (_, shape) in parts.items()}
    people = dict(zip(*population(), strict=True))[2022]
    users = people * 0.7286 / (1 + math.exp(-0.16 * (2022 - 2011.6)))
    assert amounts["users"] == pytest.approx(math.sqrt(1e4 * 1e5) * users)
    assert growth_factors["users"][2] - growth_factors["users"][1] == pytest.approx(1)
    assert growth_factors["common_crawl"].tolist() == [0, 6, 7]
    compression = MEDIANS.median(f"{LOW}crawl_compression")
    crawl = 12 * math.sqrt(5 * 10 * 0.3 * 0.7) / (1 - compression) * 2e11
    assert amounts["common_crawl"] == pytest.approx(crawl, rel=2e-3)
    video = 500 * 60 * 24 * 365 * math.sqrt(0.05 * 0.5) * 9000
    posts = 5e8 * 365 * math.sqrt(10 * 50)
    blogs = math.sqrt(5e6 * 1e7 * 200 * 2000) * 365
    platforms = (video + posts + blogs) / math.sqrt(0.05 * 0.4)
    assert amounts["platforms"] == pytest.approx(platforms, rel=2e-3)
    spoken = math.sqrt(5000 * 20000) * MEDIANS.median(f"{LOW}recorded") * 365
    assert amounts["speech"] == pytest.approx(spoken)
    year = growth_factors["speech"][2] - growth_factors["speech"][1]
    assert year == pytest.approx(people / (1 + math.exp(-(2022 - 2000) / 5)))


def test_one_day_of_blogs_reproduces_the_study():
    now = np.array([2022.0])
    day, year = (
        low_quality_parts(MEDIANS.with_overrides({f"{LOW}blog_days": days}), now, 1, SEED)[
            "platforms"
        ][0]
        for days in (1, 365)
    )
    assert 1.1 < (year / day)[0] < 1.6


def test_mixture_of_language_has_its_weights():
    alone = {f"{LOW}weight_{n}": 0 for n in ("users", "platforms", "common_crawl", "speech")}
    only = INPUTS.with_overrides(alone | {f"{LOW}weight_speech": 1})
    amount, growth_factors = low_quality_parts(INPUTS, YEARS, 50, SEED)["speech"]
    assert low_quality(only, YEARS, 50, SEED) == pytest.approx(
        amount[:, np.newaxis] * growth_factors
    )
    mixed = low_quality(INPUTS, np.array([2022.0]), DRAWS, SEED)[:, 0]
    speech = low_quality_parts(INPUTS, np.array([2022.0]), DRAWS, SEED)["speech"]
    assert np.isin(mixed, speech[0] * speech[1][0]).mean() == pytest.approx(1 / 6, abs=0.01)
    with pytest.raises(UsageError, match="all weights of"):
        low_quality(INPUTS.with_overrides(alone), YEARS, 5, SEED)


def test_images_are_lognormal_and_proportional_to_users():
    result = images(INPUTS, np.array([2022.0, 2030.0]), DRAWS, SEED)
    logs = np.log10(result[:, 0])
    low, middle, high = np.quantile(logs, (0.05, 0.5, 0.95))
    # Normal on log10: the median is the midpoint of the interval, unlike that of the mixture.
    assert middle == pytest.approx((low + high) / 2, abs=0.03)
    ratios = result[:, 1] / result[:, 0]
    assert ratios.max() == pytest.approx(ratios.min())
    external = INPUTS.with_overrides({"study_2022.images.weight_platforms": 0})
    alone = images(external, np.array([2022.0, 2023.0]), DRAWS, SEED)
    year = np.quantile(alone[:, 1] - alone[:, 0], [0.05, 0.95])
    assert year == pytest.approx([5e10, 2e11], rel=0.03)


def test_stocks_increase_every_year():
    for modality in ("high-quality language", "low-quality language", "images"):
        assert (np.diff(stock(INPUTS, modality, YEARS, 200, SEED)) > 0).all()


def test_unknown_modality_is_rejected():
    with pytest.raises(UsageError, match="did you mean 'images'"):
        exhaustion(INPUTS, "image", YEARS, 2, SEED)


def test_population_is_that_of_the_united_nations():
    years, people = population()
    assert years.tolist() == list(range(1950, 2101))
    assert people[years == 2022] == 7953952572
    assert cumulative(people, np.array([1952.0])) == people[0] + people[1]


@pytest.fixture(scope="module")
def table():
    return {row.quantity: row for row in reproduction(Run.from_seed(1), draws=20_000)}


def test_table_contains_every_published_figure(table):
    # Every figure has a cause, and figures without reproduction have no interval.
    assert len(table) == 28
    for row in table.values():
        assert row.cause
        assert (row.reproduced is None) == (row.difference is None) == (row.interval is None)


@pytest.mark.parametrize("stock", ["Common Crawl", "indexed web", "whole web"])
def test_published_stocks_are_reproduced(table, stock):
    assert abs(table[stock].difference) < 3.5
    assert table[stock].interval == pytest.approx(table[stock].published_interval, rel=0.06)


def test_published_and_recomputed_date_intervals_overlap(table):
    dates = [
        row for row in table.values() if row.difference_unit == "years" and row.published_interval
    ]
    for row in dates:
        assert row.interval[0] < row.published_interval[1]
        assert row.interval[1] > row.published_interval[0]
    assert table["exhaustion"].difference == pytest.approx(1.8, abs=0.1)


def test_table_depends_on_the_seed_only(table):
    again = reproduction(Run.from_seed(1), draws=20_000)
    assert list(table.values()) == list(again)


@pytest.mark.parametrize(
    ("overrides", "name"),
    [
        ({"study_2022.demand.images_slow_one": 5}, "study_2022.demand.images_slow_one"),
        ({"study_2022.demand.images_fast_two": 1e6}, "study_2022.demand.images_fast_two"),
        ({"study_2022.demand.images_start": 0}, "study_2022.demand.images_start"),
        ({"study_2022.year": 2100}, "study_2022.year"),
    ],
)
def test_errors_name_the_input(overrides, name):
    with pytest.raises(UsageError) as caught:
        growth(INPUTS.with_overrides(overrides), "images")
    assert name in caught.value.problem


def test_inputs_without_uncertainty_give_one_date():
    platforms = MEDIANS.with_overrides({"study_2022.images.weight_platforms": 1})
    assert len(set(images(platforms, YEARS, 5, SEED)[:, 0].tolist())) == 1
    same = MEDIANS.with_overrides(
        {f"study_2022.demand.images_{name}": 20 for name in ("slow_one", "slow_two")}
        | {f"study_2022.demand.images_{name}": 20 for name in ("fast_one", "fast_two")}
    )
    assert growth(same, "images").median == pytest.approx(12 * math.log10(2) / 20)
