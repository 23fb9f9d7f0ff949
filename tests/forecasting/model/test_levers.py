"""Each lever has the size that its source states, from the year on that is given."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import spearmanr

from artesian.core.errors import UsageError
from artesian.core.run import Seed
from artesian.forecasting.comparison_scenarios import one_at_a_time
from artesian.forecasting.inputs.inputs import default_inputs
from artesian.forecasting.model.drift import LargestSet
from artesian.forecasting.model.levers import effective_epochs
from artesian.forecasting.scenario import Scenario
from artesian.forecasting.series.language_models import read_language_models
from artesian.forecasting.simulation import Simulation, simulate
from artesian.forecasting.studies.villalobos_2024_stock import web_stock
from artesian.forecasting.summary import summarize
from artesian.forecasting.understood import understood_as

LARGEST = LargestSet.from_models(read_language_models())
SEED = Seed(3)


def run(demand: str | None = None, modality: str = "text", **levers: object) -> Simulation:
    overrides = {name.replace("__", "."): value for name, value in levers.items()}
    scenario = Scenario(demand=demand, modality=modality, overrides=overrides)  # type: ignore[arg-type]
    return simulate(scenario, LARGEST, today=2026.9, draws=400, seed=SEED)


PLAIN = run()


def test_repeated_training_is_worth_what_muennighoff_et_al_measured():
    assert float(effective_epochs(4, 15.39)) == pytest.approx(3.73, abs=0.005)
    assert float(effective_epochs(16, 15.39)) == pytest.approx(10.6, abs=0.05)
    assert float(effective_epochs(1e6, 15.39)) == pytest.approx(16.4, abs=0.05)


def test_opt_outs_of_the_best_sources_are_those_of_consent_in_crisis():
    """Five per cent of all text, a quarter of the best (Longpre et al. 2024)."""
    even = run(levers__opt_out="5%", quality="20%")
    best = run(levers__opt_out="5%", levers__opt_out_concentration="5x", quality="20%")
    plain = run(quality="20%")
    assert even.stock / plain.stock == pytest.approx(0.95)
    assert best.stock / plain.stock == pytest.approx(0.75)
    # All of the withdrawn text cannot be more than all of the usable text.
    wide = run(levers__opt_out="5%", levers__opt_out_concentration="5x", quality="50%")
    assert wide.stock / run(quality="50%").stock == pytest.approx(0.9)


def test_opt_outs_grow():
    grown = run(levers__opt_out="5%", levers__opt_out_growth="2x/year")
    retained = (grown.stock / PLAIN.stock)[0]
    assert retained[:4] == pytest.approx([0.95, 0.9, 0.8, 0.6])
    assert retained[6] == 0


def test_data_efficiency_divides_demand():
    """5.17 times at 200M tokens (arXiv 2509.14786)."""
    assert PLAIN.demand / run(levers__data_efficiency="5.17x").demand == pytest.approx(5.17)


@pytest.mark.parametrize("speedup", [5, 10])
def test_a_third_of_rephrased_text_saves_five_to_ten_times(speedup):
    """Two thirds web text reach the same loss 5 to 10 times faster (arXiv 2510.01631)."""
    third = run(levers__rephrased_fraction="1/3", levers__rephrasing_speedup=f"{speedup}x")
    assert PLAIN.demand / third.demand == pytest.approx(speedup / (2 / 3))
    assert np.array_equal(run(levers__rephrased_fraction=0).demand, PLAIN.demand)


def test_over_training_is_relative_to_the_models_that_demand_continues():
    """Data grow by the square root of the tokens per parameter."""
    factor = run(levers__overtraining="4x").demand / PLAIN.demand
    assert factor == pytest.approx(2)
    text = understood_as(
        run(levers__overtraining="4x").scenario, run(levers__overtraining="4x").inputs
    )
    assert "over-training 4x of today's models" in text
    study = run(demand="study", levers__overtraining="4x")
    assert "4x of compute-optimal models" in understood_as(study.scenario, study.inputs)


@pytest.mark.parametrize("demand", ["drift", "recent", "study", "historical", "compute"])
@pytest.mark.parametrize("growth", [2, 3])
def test_growth_of_demand_is_an_input_of_every_model(demand, growth):
    result = run(demand=demand, demand_growth=f"{growth}x/year")
    steps = result.demand[:, 1:] / result.demand[:, :-1]
    assert steps == pytest.approx(growth)
    assert result.demand[:, 0] == pytest.approx(run(demand=demand).demand[:, 0])
    implied = summarize(result)["implied_demand_growth"]
    assert implied["median"] == pytest.approx(growth)


def test_growth_presets_are_compared_by_default():
    names = [one.name for one in one_at_a_time(Scenario())]
    assert {"training sets double every year", "training sets triple every year"} <= set(names)


def test_growth_of_a_stated_demand_has_its_own_input():
    scenario = Scenario(
        modality="corpus",
        overrides={"corpus.tokens": "5B", "corpus.demand": "1B", "levers.demand_growth": "2x"},
    )
    with pytest.raises(UsageError, match=r"levers\.demand_growth is not used") as caught:
        simulate(scenario, LARGEST, today=2026.9, draws=100, seed=SEED)
    assert "corpus.demand_growth" in caught.value.hint


def test_transcribed_audio_and_video_are_a_stock_of_their_own():
    """500 hours a minute x 9,000 words an hour x the fraction with speech (Villalobos et al. 2022)."""
    certain = {"media__speech_fraction": "10%", "media__years": 10, "media__growth": "0%"}
    result = run(levers__transcribed="100%", quality=1, levers__training_epochs=1, **certain)
    added = result.stock - run(quality=1, levers__training_epochs=1).stock
    hours = 500 * 60 * 24 * 365 * 10
    assert added[:, 0] == pytest.approx(hours * 0.1 * 9000 / 0.8, rel=1e-6)
    half = run(levers__transcribed="50%", quality=1, levers__training_epochs=1, **certain)
    assert half.stock - result.stock == pytest.approx(-added / 2, rel=1e-6)


def test_licensed_text_is_added():
    added = run(levers__licensed="10T tokens", levers__training_epochs=1).stock
    assert added - run(levers__training_epochs=1).stock == pytest.approx(1e13, rel=1e-6)


def test_salvage_is_never_above_what_the_web_holds():
    raw = web_stock(default_inputs(), PLAIN.years, 400, SEED)
    salvaged = run(levers__curation_yield="100x", levers__training_epochs=1)
    assert salvaged.stock == pytest.approx(raw)
    mixed = run(levers__curation_yield="3x", levers__training_epochs=1).stock / raw
    assert np.all(mixed <= 1 + 1e-9)
    assert np.any(mixed < 0.99)


def test_a_lever_takes_effect_from_a_year_on():
    late = run(levers__opt_out="40% from 2030", levers__synthetic_fraction="50% from 2030 to 2032")
    years = PLAIN.years
    retained = (late.stock / PLAIN.stock)[0]
    assert retained[years < 2030] == pytest.approx(1)
    assert retained[years >= 2030] == pytest.approx(0.6)
    human = (late.demand / PLAIN.demand)[0]
    expected = 1 - 0.5 * np.clip((years - 2030) / 2, 0, 1)
    assert human == pytest.approx(expected)
    assert "text withdrawn by owners 40 % from 2030" in understood_as(late.scenario, late.inputs)
    growth = run(levers__user_growth="10%/year from 2030").stock / PLAIN.stock
    assert growth[0] == pytest.approx(1.1 ** np.maximum(0, years - 2030))


@pytest.mark.parametrize("demand", [None, "recent", "study"])
@pytest.mark.parametrize("name", ["levers__opt_out", "levers__synthetic_fraction"])
def test_a_lever_does_not_act_before_it_takes_effect(demand, name):
    """The crossing is not interpolated across the jump of the year before."""
    plain = run(demand=demand).exhaustion.dates
    late = run(demand=demand, **{name: "90% from 2028"}).exhaustion.dates
    earlier = plain < 2027.998
    assert 0.1 < earlier.mean() < 0.8
    assert np.array_equal(late < 2027.998, earlier)
    assert late[earlier] == pytest.approx(plain[earlier], abs=1e-6)
    if name == "levers__opt_out":
        assert (np.abs(late - 2028) < 2e-3).mean() > 0.1


def test_a_gradual_lever_has_no_effect_before_its_start():
    plain = run().exhaustion.dates
    late = run(levers__opt_out="99% from 2029 to 2029.5").exhaustion.dates
    assert np.array_equal(late < 2028.998, plain < 2028.998)


def test_paths_have_the_same_years_with_a_jump_and_on_request_more():
    overrides = {"levers.opt_out": "40% from 2030"}
    scenario = Scenario(overrides=overrides)
    yearly = simulate(scenario, LARGEST, today=2026.9, draws=50, seed=SEED)
    assert np.array_equal(yearly.years, PLAIN.years)
    grid = [2029.999, 2030.0]
    finer = simulate(scenario, LARGEST, today=2026.9, draws=50, seed=SEED, grid=grid)
    assert np.array_equal(finer.exhaustion.dates, yearly.exhaustion.dates)
    first = int(np.searchsorted(finer.years, 2029.9))
    assert finer.stock[:, first + 1] / finer.stock[:, first] == pytest.approx(0.6, rel=1e-3)


def test_opt_outs_grow_from_the_year_on_in_which_they_start():
    late = run(levers__opt_out="5% from 2028", levers__opt_out_growth="2x")
    years = PLAIN.years
    lost = 1 - (late.stock / PLAIN.stock)[0]
    expected = np.where(years < 2028, 0, np.minimum(1, 0.05 * 2.0 ** (years - 2028)))
    assert lost == pytest.approx(expected, abs=1e-9)


def test_a_limit_of_compute_is_phased_in():
    plain = run().demand
    limited = run(levers__compute_limit=2e26).demand
    phased = run(levers__compute_limit="2e26 from 2028 to 2036")
    years = phased.years
    assert np.array_equal(phased.demand[:, years < 2028], plain[:, years < 2028])
    assert phased.demand[:, years >= 2036] == pytest.approx(limited[:, years >= 2036])
    inside = (years > 2028) & (years < 2036)
    assert np.all(phased.demand[:, inside] <= plain[:, inside] * (1 + 1e-9))
    assert np.all(phased.demand[:, inside] >= limited[:, inside] * (1 - 1e-9))
    assert (phased.demand[:, inside] > limited[:, inside] * 1.01).any()


def test_growth_of_demand_is_phased_in():
    """The logarithm of the growth changes linearly between both years."""
    result = run(demand="historical", demand_growth="3x/year from 2028 to 2032")
    own = run(demand="historical").demand
    years = result.years
    steps = np.log(result.demand[:, 1:] / result.demand[:, :-1])
    part = np.clip((years[:-1] + 0.5 - 2028) / 4, 0, 1)
    expected = (1 - part) * np.log(own[:, 1:] / own[:, :-1]) + part * np.log(3)
    assert steps == pytest.approx(expected)


@pytest.mark.parametrize(
    ("name", "needed"),
    [
        ("levers.opt_out_growth", "levers.opt_out"),
        ("levers.rephrasing_speedup", "levers.rephrased_fraction"),
        ("media.years", "levers.transcribed"),
    ],
)
def test_an_input_without_effect_is_refused(name, needed):
    with pytest.raises(UsageError, match="is not used") as caught:
        run(**{name: "2x" if "x" in default_inputs()[name].unit else "2"})
    assert needed in caught.value.hint


def test_only_levers_take_effect_later():
    with pytest.raises(UsageError, match=r"web\.quality: .* from 2030"):
        run(quality="20% from 2030")


def test_correlated_inputs_keep_their_distributions():
    scenario = Scenario(overrides={"web.pages ~ web.quality": "-0.8"})
    result = simulate(scenario, LARGEST, today=2026.9, draws=20_000, seed=SEED)
    plain = simulate(Scenario(), LARGEST, today=2026.9, draws=20_000, seed=SEED)
    pages, quality = (result.factors[name] for name in ("web.pages", "web.quality"))
    # Rank correlation of a Gaussian copula.
    assert spearmanr(pages, quality).statistic == pytest.approx(
        6 / math.pi * math.asin(-0.8 / 2), abs=0.02
    )
    assert np.quantile(quality, [0.1, 0.5, 0.9]) == pytest.approx(
        np.quantile(plain.factors["web.quality"], [0.1, 0.5, 0.9]), rel=0.03
    )
    assert np.array_equal(result.demand, plain.demand)
    assert np.log(result.stock[:, 0]).std() < 0.85 * np.log(plain.stock[:, 0]).std()
    text = understood_as(result.scenario, result.inputs)
    assert "correlation -0.8 of number of web pages and fraction of text" in text


@pytest.mark.parametrize(
    ("overrides", "problem"),
    [
        ({"pages ~ quality": "1.5"}, "correlation of web.pages and web.quality is 1.5"),
        ({"pages ~ qualty": "0.5"}, "unknown input 'qualty'"),
        ({"pages ~ pages": "0.5"}, "with itself"),
        ({"pages ~ web.year": "0.5"}, "web.year has no uncertainty"),
        ({"pages ~ demand.start": "0.5"}, "demand.start is not used"),
        (
            {"pages ~ quality": 0.9, "pages ~ epochs": 0.9, "quality ~ epochs": -0.9},
            "contradict each other",
        ),
    ],
)
def test_impossible_correlations_are_refused(overrides, problem):
    with pytest.raises(UsageError) as caught:
        simulate(Scenario(overrides=overrides), LARGEST, today=2026.9, draws=100, seed=SEED)
    assert problem in caught.value.problem


def test_a_scenario_that_fixes_an_input_drops_its_correlation():
    base = Scenario(overrides={"pages ~ quality": "0.5", "pages ~ epochs": "0.2"})
    crawl = next(one for one in one_at_a_time(base) if one.name == "Common Crawl only")
    assert dict(crawl.overrides) == {"web.pages": 75e9}
    doubled = one_at_a_time(base)[0]
    assert set(doubled.overrides) == {*base.overrides, "levers.curation_yield"}


@pytest.mark.parametrize("modality", ["text", "users", "high-quality", "low-quality", "images"])
def test_every_scenario_of_the_comparison_runs(modality):
    for one in one_at_a_time(Scenario(modality=modality)):
        result = simulate(one, LARGEST, today=2026.9, draws=100, seed=SEED)
        assert np.isfinite(result.stock).all()


def test_feasible_compute_limits_the_largest_training_set():
    """C = 6 N D with D = 20 N: 2e29 FLOP train 8.2e14 tokens (Hoffmann et al. 2022)."""
    limited = run(levers__compute_limit=2e29, levers__compute_limit_growth="1x/year")
    highest = 20 * math.sqrt(2e29 / 120)
    assert limited.demand.max() == pytest.approx(highest)
    assert np.array_equal(limited.demand, np.minimum(PLAIN.demand, highest))
    growing = run(levers__compute_limit=2e29, levers__compute_limit_growth="4x/year")
    ends = growing.demand.max(axis=0)
    later = growing.years > 2031
    optimal = highest * 2 ** (growing.years - 2030)
    assert (ends[later] <= optimal[later] * (1 + 1e-9)).all()
    assert limited.exhaustion.median >= PLAIN.exhaustion.median
    # A limit below today's record keeps the record.
    low = run(levers__compute_limit=1e20)
    assert (low.demand == low.demand[:, :1]).all()
