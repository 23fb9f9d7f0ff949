"""Simulation of scenarios: effects of levers, closed form of a private corpus, errors."""

from __future__ import annotations

import math
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from artesian.core.errors import ArtesianError
from artesian.core.run import Run
from artesian.forecasting import simulation
from artesian.forecasting.comparison_scenarios import one_at_a_time, read_scenarios
from artesian.forecasting.drivers import DRIVERS
from artesian.forecasting.inputs.distributions import Fixed, LogNormal
from artesian.forecasting.model import corpus
from artesian.forecasting.model.drift import LargestSet
from artesian.forecasting.model.levers import effective_epochs
from artesian.forecasting.scenario import MODALITIES, Scenario, resolve_inputs
from artesian.forecasting.sensitivity import (
    Sensitivity,
    sensitivity_indices,
    variance_fractions,
)
from artesian.forecasting.series.language_models import read_language_models
from artesian.forecasting.simulation import Simulation, simulate
from artesian.forecasting.summary import summarize

LARGEST = LargestSet.from_models(read_language_models())
SEED = Run.from_seed(0).seed


def run(scenario: Scenario, draws: int = 4_000, fixed: dict | None = None) -> Simulation:
    return simulate(scenario, LARGEST, today=2026.9, draws=draws, seed=SEED, fixed=fixed)


def sensitivity_of(result: Simulation) -> list[Sensitivity]:
    def rerun(fixed):
        return run(result.scenario, len(result.exhaustion.dates), fixed)

    return sensitivity_indices(result, rerun)


def corpus_scenario(**changes: object) -> Scenario:
    return Scenario(modality="corpus", overrides={f"corpus.{k}": v for k, v in changes.items()})  # type: ignore[misc]


@pytest.mark.parametrize("demand", ["drift", "recent"])
def test_public_text_is_exhausted_in_the_range_of_the_studies(demand):
    result = run(Scenario(demand=demand))
    numbers = summarize(result, sensitivity_of(result))
    low, high = numbers["exhaustion"]["interval80"]
    median = numbers["exhaustion"]["median"]
    assert 2026 < low < median < 2032
    assert median < high < 2042
    dates = numbers["exhaustion"]
    by_year = list(dates["probability_by_year"].values())
    assert by_year == sorted(by_year)
    assert 1 - by_year[-1] == pytest.approx(
        numbers["exhaustion"]["probability_beyond_horizon"], abs=0.01
    )
    assert result.stock.shape == result.demand.shape == (4_000, len(result.years))
    assert np.all(np.diff(result.demand, axis=1) >= 0)  # records do not decrease


@pytest.mark.parametrize(
    ("change", "later"),
    [
        ({"levers.curation_yield": 2}, True),
        ({"levers.opt_out": 0.3}, False),
        ({"levers.training_epochs": 16}, True),
        ({"levers.training_epochs": 1}, False),
        ({"levers.synthetic_fraction": 0.5}, True),
        ({"levers.overtraining": 5}, False),
        ({"levers.user_growth": "5%/year"}, True),
        ({"quality": 0.9}, True),
        ({"web.pages": 75e9}, False),
    ],
)
def test_each_lever_shifts_every_draw_in_its_direction(change, later):
    before, after = (
        run(Scenario()).exhaustion.dates,
        run(Scenario(overrides=change)).exhaustion.dates,
    )
    decided = np.isfinite(before) & np.isfinite(after)
    if "quality" in change or "web.pages" in change:  # they replace the sampled values
        assert (np.median(after) > np.median(before)) == later
        return
    moved = after[decided] - before[decided]
    assert np.all(moved >= -1e-9) if later else np.all(moved <= 1e-9)
    assert np.median(moved) != 0


def test_synthetic_data_beyond_the_limit_does_not_count():
    half = {"levers.synthetic_fraction": 0.5}
    limited = run(
        Scenario(overrides={"levers.synthetic_fraction": 0.9, "levers.synthetic_limit": 0.5})
    )
    assert np.array_equal(limited.demand, run(Scenario(overrides=half)).demand)


def test_effective_epochs_match_muennighoff():
    assert effective_epochs(1, 15.39) == 1
    assert float(effective_epochs(4, 15.39)) == pytest.approx(3.73, abs=0.005)
    assert float(effective_epochs(16, 15.39)) == pytest.approx(10.6, abs=0.05)


@settings(max_examples=40, deadline=None)
@given(
    ratio=st.floats(1.05, 1e4),
    growth=st.floats(0.9, 1.3),
    demand_growth=st.floats(1.35, 3),
    quality=st.floats(0.05, 1),
    epochs=st.floats(1, 20),
)
def test_simulation_of_a_corpus_equals_the_closed_form(
    ratio, growth, demand_growth, quality, epochs
):
    demand_start = 1e9 * quality * float(effective_epochs(epochs, 15.39)) / ratio
    scenario = corpus_scenario(
        tokens=1e9,
        growth=Fixed(growth),
        quality=quality,
        demand=max(demand_start, 1.0),
        demand_growth=Fixed(demand_growth),
    )
    scenario = replace(scenario, overrides={**scenario.overrides, "levers.training_epochs": epochs})
    result = run(scenario, 100)
    expected = 2026.9 + math.log(ratio) / math.log(demand_growth / growth)
    closed_form = corpus.exhaustion_dates(result.inputs, 2026.9, 100, SEED)
    assert closed_form[0] == pytest.approx(expected, abs=1e-6)
    if expected < result.exhaustion.last:
        # Both grow at constant rates, so interpolation between two years is exact.
        assert result.exhaustion.dates[0] == pytest.approx(expected, abs=1e-6)
    else:
        assert result.exhaustion.dates[0] == math.inf


def test_simulation_equals_the_closed_form_for_each_draw():
    result = run(
        corpus_scenario(
            tokens="2B..8B tokens",
            growth="0..10%/year",
            quality="0.2..0.6@90",
            demand="100M..1B",
            demand_growth="20..80%/year",
        )
    )
    closed_form = corpus.exhaustion_dates(result.inputs, 2026.9, 4_000, SEED)
    inside = closed_form < result.exhaustion.last
    assert result.exhaustion.dates[inside] == pytest.approx(closed_form[inside], abs=1e-6)
    assert np.all(np.isinf(result.exhaustion.dates[~inside]))


def test_corpus_growing_as_fast_as_demand_is_never_exhausted():
    for growth in ("60%/year", "80%/year"):
        result = run(
            corpus_scenario(tokens="5B", growth=growth, demand="1B", demand_growth="60%/year")
        )
        numbers = summarize(result)
        assert result.probability_never == 1
        assert numbers["exhaustion"]["median"] is None
        assert numbers["exhaustion"]["probability_never"] == 1
        assert "lasts beyond 2066 in 100 %" in numbers["summary"]
        assert "in 100 % it is never exhausted" in numbers["summary"]


def test_shrinking_and_excessive_demand():
    assert (
        run(corpus_scenario(tokens="5B", demand="1B", demand_growth="-5%/year")).probability_never
        == 1
    )
    result = run(corpus_scenario(tokens="5B", demand="50B"))
    assert result.probability_at_start == 1
    assert summarize(result)["summary"] == "Demand had reached the stock by 2026.9."


@pytest.mark.parametrize("modality", [m for m in MODALITIES if m != "corpus"])
def test_summary_lists_the_inputs_of_its_modality_only(modality):
    result = run(Scenario(modality=modality), 2_000)
    numbers = summarize(result, sensitivity_of(result))
    units = {"text": "tokens", "users": "tokens", "images": "images"}
    assert numbers["stock"]["unit"] == units.get(modality, "words")
    groups = {name.partition(".")[0] for name in numbers["inputs"]}
    own = {"text": {"web"}, "users": {"users", "web"}}.get(modality, {"study_2022"})
    drift = {"drift"} if modality in ("text", "users") else set()
    assert drift <= groups <= own | drift | {"levers"}
    for entry in numbers["inputs"].values():
        assert all(entry[key] for key in ("unit", "source", "date", "description", "confidence"))


def test_sensitivity_indices_find_the_dominant_input():
    result = run(corpus_scenario(tokens="1B..100B", demand="90M..110M", demand_growth="2x"))
    uncertain = [one for one in sensitivity_of(result) if one.first_order is not None]
    first, second = uncertain
    assert (first.name, second.name) == ("corpus.tokens", "corpus.demand")
    assert first.first_order > 0.95
    assert second.first_order < 0.05
    # Demand doubles every year, so a factor x of the corpus shifts the date by log2(x) years.
    percentile_ratio = LogNormal(1e9, 1e11).quantile(0.9) / LogNormal(1e9, 1e11).quantile(0.1)
    assert first.swing == pytest.approx(math.log2(float(percentile_ratio)), abs=0.05)


@pytest.mark.parametrize(
    "scenario",
    [
        Scenario(),
        Scenario(demand="study"),
        Scenario(modality="low-quality"),
        corpus_scenario(tokens="1B..100B", growth="3..8%", demand="90M..110M"),
    ],
)
def test_variance_fractions_sum_to_at_most_one(scenario):
    result = run(scenario)
    shares = variance_fractions(result)
    assert all(share >= 0 for share in shares.values())
    assert 0.1 < sum(shares.values()) <= 1
    # Any monotonic change of the date leaves the shares of its rank alone.
    dates = replace(result.exhaustion, dates=np.exp(result.exhaustion.dates - 2100))
    assert variance_fractions(replace(result, exhaustion=dates)) == pytest.approx(shares)


def test_shares_are_those_of_an_additive_date():
    """T = ln(S / D) / ln 2: the shares are those of the variances of the logarithms."""
    shares = variance_fractions(
        run(corpus_scenario(tokens="10B..90B", demand="0.1B..0.3B", demand_growth="2x"), 20_000)
    )
    stock, demand = math.log(9) ** 2, math.log(3) ** 2
    assert shares["corpus.tokens"] == pytest.approx(stock / (stock + demand), abs=0.03)
    assert sum(shares.values()) > 0.95


def test_fixed_inputs_have_a_sensitivity():
    """T = ln(S / D) / ln(G / g), with every input varied by a fifth."""
    result = run(corpus_scenario(tokens="5B", growth="5%", demand="500M", demand_growth="40%"), 100)
    by_name = {one.name: one for one in sensitivity_of(result)}
    assert variance_fractions(result) == {}
    log_growth = math.log(1.4 / 1.05)
    assert by_name["corpus.tokens"].swing == pytest.approx(math.log(1.5) / log_growth, abs=1e-3)
    expected = [math.log(10) / math.log(growth / 1.05) for growth in (1.48, 1.32)]
    assert by_name["corpus.demand_growth"].swing == pytest.approx(
        expected[0] - expected[1], abs=1e-3
    )
    assert by_name["corpus.tokens"].first_order is None
    assert (by_name["corpus.tokens"].low, by_name["corpus.growth"].high) == (
        "4.0B tokens",
        "6 % a year",
    )
    assert {one.driver for one in by_name.values()} == set(DRIVERS)


def test_override_preserves_the_draws_of_other_inputs_in_a_simulation():
    one, other = run(Scenario()), run(Scenario(overrides={"quality": 0.3}))
    assert np.array_equal(one.exhaustion.dates, run(Scenario()).exhaustion.dates)
    assert np.array_equal(one.demand, other.demand)
    assert np.array_equal(one.factors["web.pages"], other.factors["web.pages"])


def test_inputs_of_compute_change_the_demand_of_the_study():
    slow = {"compute.growth_deep_learning": "0.1 OOM/year"}
    before, after = (run(Scenario(demand="compute", overrides=o)) for o in ({}, slow))
    assert after.exhaustion.median > before.exhaustion.median + 5


def test_many_draws_are_simulated_in_blocks(monkeypatch):
    monkeypatch.setattr(simulation, "BLOCK_DRAWS", 500)
    monkeypatch.setattr(simulation, "PATHS_KEPT", 200)
    few, many = run(Scenario(), 500), run(Scenario(), 1_200)
    assert np.array_equal(many.exhaustion.dates[:500], few.exhaustion.dates)
    assert np.array_equal(many.stock, few.stock[:200])
    assert len(many.outgrown) == len(many.exhaustion.dates) == len(set(many.factors["web.pages"]))
    assert many.exhaustion.median == pytest.approx(run(Scenario()).exhaustion.median, abs=0.5)
    shared: dict = {}
    pair = [
        simulate(Scenario(), LARGEST, today=2026.9, draws=600, seed=SEED, cache=shared)
        for _ in range(2)
    ]
    assert np.array_equal(pair[0].exhaustion.dates, pair[1].exhaustion.dates)
    assert np.array_equal(pair[0].exhaustion.dates, many.exhaustion.dates[:600])


@pytest.mark.slow
def test_a_million_draws_need_less_than_two_gigabytes():
    code = (
        "import resource, artesian\n"
        "artesian.forecast(draws=1_000_000).to_dict()\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert int(process.stdout) * 1024 < 2e9


def test_user_text_exceeds_the_indexed_web():
    text, users = run(Scenario()), run(Scenario(modality="users"))
    assert np.median(users.stock[:, 0]) > 3 * np.median(text.stock[:, 0])
    assert users.exhaustion.median > text.exhaustion.median


def test_language_scales_the_stock_by_its_page_fraction():
    whole, german = run(Scenario()), run(Scenario(language="German"))
    assert german.stock == pytest.approx(0.053038 * whole.stock)
    assert resolve_inputs(Scenario(language="deu")) == resolve_inputs(Scenario(language="German"))
    level = run(Scenario(language="deu", overrides={"levers.demand_fraction": 0.053038}))
    assert level.exhaustion.median == pytest.approx(whole.exhaustion.median, abs=1e-6)


@pytest.mark.parametrize(
    ("scenario", "problem", "hint"),
    [
        (lambda: Scenario(modality="txt"), "unknown modality 'txt'", "text"),
        (lambda: Scenario(demand="recents"), "unknown demand 'recents'", "recent"),
        (lambda: run(Scenario(overrides={"qualty": 0.2})), "unknown input 'qualty'", "quality"),
        (lambda: run(Scenario(overrides={"quality": 1.5})), "web.quality", "defined as"),
        (lambda: run(Scenario(overrides={"quality": "0.4..0.1"})), "0.4", ""),
        (lambda: run(Scenario(overrides={"demand.growth": 0.2})), "is not used", "study"),
        (lambda: run(Scenario(overrides={"web.pages": "5 tokens"})), "tokens", "pages"),
        (
            lambda: run(Scenario(demand="study", overrides={"compute.weight_bearish": 0.9})),
            "sum to 1.15",
            "reduce the others",
        ),
        (lambda: run(Scenario(modality="corpus")), "needs the size", "--corpus"),
        (lambda: run(Scenario(language="Klingon")), "Klingon", "levers.stock_fraction"),
        (lambda: run(Scenario(modality="images", demand="drift")), "its own demand", "omit"),
        (lambda: run(corpus_scenario(tokens="-5B")), "corpus.tokens", ""),
    ],
)
def test_invalid_scenarios_are_rejected(scenario, problem, hint):
    with pytest.raises(ArtesianError) as caught:
        scenario()
    assert problem in caught.value.problem
    assert hint in caught.value.hint


def test_scenarios_of_a_file_modify_the_baseline(tmp_path):
    file = tmp_path / "s.toml"
    file.write_text(
        '[[scenario]]\nname = "fewer"\nset = { "levers.opt_out" = 0.4 }\n'
        '[[scenario]]\nname = "study"\ndemand = "study"\n[scenario.set]\nlevers.training_epochs = 4\n'
    )
    fewer, study = read_scenarios(file, Scenario(overrides={"quality": 0.2}))
    assert dict(fewer.overrides) == {"quality": 0.2, "levers.opt_out": 0.4}
    assert (study.demand, dict(study.overrides)) == (
        "study",
        {"quality": 0.2, "levers.training_epochs": 4},
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("nonsense", "is not valid TOML"),
        ("", "has no [[scenario]]"),
        ('[[scenario]]\nnme = "x"\n', "unknown scenario key 'nme'"),
        ("[[scenario]]\nset = {}\n", "no name"),
        ('[[scenario]]\nname = "x"\nset = { quality = true }\n', "quality is True"),
        ('[[scenario]]\nname = "x"\n[[scenario]]\nname = "x"\n', "duplicate scenario name"),
        ("other = 1\n", "unknown key 'other'"),
        ('[[scenario]]\nname = "x"\nlanguage = 5\n', "language is 5"),
    ],
)
def test_invalid_scenario_file_is_rejected(tmp_path, text, problem):
    file = tmp_path / "s.toml"
    file.write_text(text)
    with pytest.raises(ArtesianError, match=r"s\.toml|quality") as caught:
        read_scenarios(file, Scenario())
    assert problem in caught.value.problem


def test_one_at_a_time_omits_levers_of_the_baseline():
    names = [one.name for one in one_at_a_time(Scenario(overrides={"levers.opt_out": 0.1}))]
    assert "owners withdraw 30 % of the text" not in names
    assert "curation doubles the usable text" in names
    for one in one_at_a_time(Scenario(modality="images")):
        run(one, 500)
    for one in one_at_a_time(corpus_scenario(tokens="5B")):
        run(one, 500)
