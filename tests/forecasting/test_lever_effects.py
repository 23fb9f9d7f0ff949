"""Tabulated effects of the levers, and the options that describe a scenario."""

from __future__ import annotations

import shlex

import numpy as np
import pytest

from artesian.core.run import Run
from artesian.forecasting.inputs.distributions import Beta, Fixed, LogNormal
from artesian.forecasting.lever_effects import POSITIONS, lever_effects, scenario_options
from artesian.forecasting.model.drift import LargestSet
from artesian.forecasting.scenario import Scenario, resolve_inputs
from artesian.forecasting.series.data_overrides import read_data
from artesian.forecasting.simulation import simulate

DATA = read_data([])
LARGEST = LargestSet.from_models(DATA.models)
SEED = Run.from_seed(0).seed


def tabulate(scenario: Scenario):
    def simulated(draws: int):
        return lambda one, grid: simulate(
            one, LARGEST, today=2026.9, draws=draws, seed=SEED, with_factors=False, grid=grid
        )

    effects = lever_effects(scenario, simulated(500), simulated(800))
    return {one.name: one for one in effects}


def test_effects_are_those_of_the_formulas() -> None:
    effects = tabulate(Scenario())
    withdrawn, growing = effects["opt_out"], effects["user_growth"]
    assert withdrawn.effects.shape == (POSITIONS, 10, 41)
    expected = -np.log10(1 - withdrawn.positions)
    assert np.abs(withdrawn.effects - expected[:, None, None]).max() < 1e-9
    assert np.abs(withdrawn.neutral).max() == 0
    slope = -np.log10(growing.positions)[:, None, None] * np.arange(41)
    assert growing.accumulates
    assert np.abs(growing.effects - slope).max() < 1e-9


def test_levers_that_change_a_quantity_of_each_draw_have_deviations() -> None:
    effects = tabulate(Scenario())
    deviating = {name: one for name, one in effects.items() if len(one.deviations)}
    # The others change every draw alike, or replace its path.
    assert set(deviating) == {
        *("training_epochs", "rephrased_fraction", "curation_yield", "transcribed")
    }
    epochs, rephrased = deviating["training_epochs"], deviating["rephrased_fraction"]
    # Epochs replace the draw's own, whatever their number; the gain of rephrasing grows to a third.
    assert epochs.scales == pytest.approx(np.ones(POSITIONS), abs=0.1)
    assert epochs.neutral_scale == pytest.approx(0, abs=1e-9)
    assert rephrased.scales[0] == pytest.approx(0, abs=1e-9)
    assert (np.diff(rephrased.scales) > -1e-3).all()
    inputs = resolve_inputs(Scenario())
    own = np.log10(inputs.draw("web.epochs", 800, SEED))
    assert epochs.deviations.std() == pytest.approx(own.std(), rel=0.2)
    fixed = tabulate(Scenario(overrides={"levers.training_epochs": 4}))["training_epochs"]
    assert fixed.neutral_scale == pytest.approx(1)
    assert fixed.scales == pytest.approx(np.zeros(POSITIONS), abs=0.1)


def test_curation_recovers_at_most_all_text() -> None:
    own = {"corpus.tokens": "5B", "corpus.quality": 0.4, "corpus.demand": "500M"}
    curated = tabulate(Scenario(modality="corpus", overrides=own))["curation_yield"]
    assert curated.effects.min() == pytest.approx(np.log10(0.4))


def test_a_lever_with_a_year_is_tabulated_from_the_start_and_relative_to_the_scenario() -> None:
    ramped = tabulate(Scenario(overrides={"levers.opt_out": "30% from 2030"}))["opt_out"]
    early, late = ramped.effects[0, 0, 0], ramped.effects[0, 0, 20]
    assert (early, late) == pytest.approx((0, np.log10(0.7)))
    assert ramped.start == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("modality", "absent"),
    [("images", {"training_epochs", "transcribed"}), ("corpus", {"transcribed"})],
)
def test_levers_without_use_are_absent(modality: str, absent: set[str]) -> None:
    overrides = {"corpus.tokens": "5B"} if modality == "corpus" else {}
    assert not absent & set(tabulate(Scenario(modality=modality, overrides=overrides)))


def test_options_describe_the_scenario() -> None:
    overrides = {"levers.opt_out": "30% from 2028", "web.quality": LogNormal(0.1, 0.4, level=0.9)}
    options = scenario_options(Scenario(demand="study", language="German", overrides=overrides))
    assert options is not None
    assert shlex.split(" ".join(option for _, option in options)) == [
        *("--demand", "study", "--language", "German"),
        *("--set", "levers.opt_out=30% from 2028", "--set", "web.quality=0.1..0.4@90"),
    ]
    private = Scenario(modality="corpus", overrides={"corpus.tokens": 5e9})
    assert scenario_options(private) == [
        ("", "--modality corpus"),
        ("corpus.tokens", "--set corpus.tokens=5000000000.0"),
    ]


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("web.quality", Beta(2, 8, 0.1, 0.5), "beta(2, 8) within 0.1..0.5"),
        ("web.quality", Fixed(1 / 3), "0.3333333333333333"),
        ("levers.user_growth", Fixed(0.9), "0.9x/year"),
        ("web.pages ~ web.quality", -0.5, "-0.5"),
    ],
)
def test_numbers_and_distributions_have_a_notation(name: str, value, text: str) -> None:
    options = scenario_options(Scenario(overrides={name: value}))
    assert options is not None
    assert shlex.split(options[0][1]) == ["--set", f"{name}={text}"]
    described = resolve_inputs(Scenario(overrides={name: text}))
    own = resolve_inputs(Scenario(overrides={name: value}))
    for key in own:
        assert described[key].distribution == own[key].distribution
    assert described.correlations == own.correlations
