"""The line that states how the inputs were understood: what it says is what is simulated."""

from __future__ import annotations

import re

import numpy as np
import pytest

import artesian as ar
from artesian.core.errors import DataError, UsageError
from artesian.core.run import Seed
from artesian.forecasting.comparison_scenarios import one_at_a_time, read_scenarios
from artesian.forecasting.inputs.distributions import Fixed, LogNormal
from artesian.forecasting.lever_effects import scenario_options
from artesian.forecasting.model.drift import LargestSet
from artesian.forecasting.scenario import Scenario, alternative, resolve_inputs
from artesian.forecasting.series.data_overrides import read_data
from artesian.forecasting.series.language_models import read_language_models
from artesian.forecasting.simulation import simulate
from artesian.forecasting.summary import describe, summarize
from artesian.forecasting.understood import format_value, understood_as

LARGEST = LargestSet.from_models(read_language_models())
OWN = {"corpus.tokens": "5B"}


def understood(modality: str = "text", language: str | None = None, **overrides: object) -> str:
    named = {name.replace("__", "."): value for name, value in overrides.items()}
    own = OWN if modality == "corpus" else {}
    scenario = Scenario(modality=modality, language=language, overrides={**own, **named})  # type: ignore[arg-type]
    return understood_as(scenario, resolve_inputs(scenario))


@pytest.mark.parametrize("growth", ["2x", "100%", "0.30103 OOM/year", "doubling every year"])
@pytest.mark.parametrize("name", ["drift.growth", "demand.growth", "corpus.growth"])
def test_a_growth_is_stated_as_it_is_simulated_in_every_unit(name: str, growth: str) -> None:
    demand = {"demand.growth": "historical"}.get(name)
    modality = "corpus" if name == "corpus.growth" else "text"
    own = OWN if modality == "corpus" else {}
    scenario = Scenario(modality=modality, demand=demand, overrides={**own, name: growth})
    text = understood_as(scenario, resolve_inputs(scenario))
    assert "growing 100 % a year" in text
    assert "shrinking" not in text


def test_a_shrinking_growth_in_orders_of_magnitude_is_stated() -> None:
    assert "shrinking 20.6 % a year" in understood(drift__growth="-0.1 OOM/year")
    assert "normal in orders of magnitude, 95 % interval" in understood(
        drift__growth="0.1..0.3 OOM/year"
    )


def test_the_lever_replaces_the_growth_of_the_model_in_the_text_too() -> None:
    text = understood(levers__demand_growth="2x")
    assert text.endswith(", growing 100 % a year")
    assert "assumed" not in text
    later = understood(levers__demand_growth="2x from 2028 to 2030")
    assert "(assumed: you gave none), then growing 100 % a year from 2028 to 2030" in later


def test_the_other_model_is_shown_only_where_its_date_differs() -> None:
    def other(growth: str) -> Scenario | None:
        scenario = Scenario(overrides={"levers.demand_growth": growth})
        return alternative(scenario, resolve_inputs(scenario))

    assert other("2x") is None
    assert other("2x from 2030") is not None


def test_a_language_and_the_fraction_that_it_sets_are_one_input() -> None:
    with pytest.raises(UsageError, match="given more than once") as caught:
        understood(language="German", levers__stock_fraction=0.2)
    assert "German" in caught.value.problem
    assert "levers.stock_fraction" in caught.value.problem


def test_inputs_are_named_in_words() -> None:
    text = understood(levers__opt_out="30%", levers__training_epochs=1, levers__compute_limit=2e29)
    assert "levers." not in text
    assert "text withdrawn by owners 30 %" in text
    assert "training epochs 1 epoch" in text
    assert not re.search(r"1 epochs|\d{12}", text)
    assert "feasible training compute in 2030 2e29 FLOP" in text


@pytest.mark.parametrize(
    ("unit", "value", "text"),
    [
        ("FLOP", 2e29, "2e29 FLOP"),
        ("epochs", 1, "1 epoch"),
        ("bytes", 1, "1 byte"),
        ("x/year", 3.7, "270 % a year"),
        ("OOM/year", 0.5, "216 % a year"),
        ("x/year", 1000, "99,900 % a year"),
    ],
)
def test_values_have_one_notation(unit: str, value: float, text: str) -> None:
    assert format_value(unit, value) == text


@pytest.mark.parametrize("name", ["opt_out", "quality"])
def test_a_short_name_is_accepted_in_python(name: str) -> None:
    options = scenario_options(Scenario(overrides={name: 0.3}))
    assert options == [(name, f"--set {name}=0.3")]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"corpus": "5B"}, "corpus is '5B'"),
        ({"overrides": {3: 4}}, "3 is not the name of an input"),
        ({"overrides": {("a", "b"): 4}}, "is not the name of an input"),
        ({"overrides": {"weight_users": 5}}, "unknown input 'weight_users'"),
        ({"modality": "corpus"}, "needs the size of the corpus"),
        ({"demand": "corpus"}, "demand 'corpus' needs the tokens"),
        (
            {"corpus": ar.Corpus(tokens="5B"), "demand": "corpus"},
            "demand 'corpus' needs the tokens",
        ),
        ({"overrides": {"levers.synthetic_limit": 0.3}}, "levers.synthetic_limit is not used"),
        ({"overrides": {"levers.repetition": 10}}, "levers.repetition is not used"),
        ({"overrides": {"levers.overtraining_from": 2028}}, "levers.overtraining_from is not used"),
        (
            {"overrides": {"levers.compute_limit_growth": "1.31x"}},
            "levers.compute_limit_growth is not used",
        ),
    ],
)
def test_python_arguments_are_refused_without_a_traceback(
    arguments: dict[str, object], problem: str
) -> None:
    with pytest.raises(UsageError) as caught:
        ar.forecast(draws=100, **arguments)  # type: ignore[arg-type]
    assert problem in caught.value.problem
    assert "did you mean 'weight_users'" not in caught.value.hint


@pytest.mark.parametrize(
    "overrides",
    [
        {"levers.synthetic_fraction": "100%"},
        {"levers.demand_fraction": 0},
        {"levers.opt_out": "100%"},
        {"levers.stock_fraction": 0},
        {"levers.opt_out": "5%", "levers.opt_out_growth": "2x"},
        {"levers.opt_out": "100% from 2030"},
    ],
)
@pytest.mark.parametrize("modality", ["text", "corpus"])
def test_extreme_values_are_simulated_without_a_warning(tmp_path, overrides, modality) -> None:
    corpus = ar.Corpus(tokens="5B", demand="500M") if modality == "corpus" else None
    ar.forecast(corpus=corpus, overrides=overrides, draws=200, scenarios=[], out=tmp_path / "out")


def test_no_demand_is_the_reason_of_no_exhaustion() -> None:
    scenario = Scenario(overrides={"levers.synthetic_fraction": "100%"})
    result = simulate(scenario, LARGEST, today=2026.9, draws=200, seed=Seed(0))
    assert describe(result) == "Never exhausted: there is no demand for human data."
    assert "grows at least as fast" not in describe(result)


def scenarios(tmp_path, body: str) -> list[Scenario]:
    file = tmp_path / "scenarios.toml"
    file.write_text(f'[[scenario]]\nname = "mine"\n{body}\n')
    return read_scenarios(file, Scenario())


def test_an_input_given_twice_in_a_file_is_refused(tmp_path) -> None:
    body = '[scenario.set]\n"levers.opt_out" = 0.3\nlevers.opt_out = 0.4'
    with pytest.raises(UsageError, match=r"levers\.opt_out is given more than once: 0\.3 and 0\.4"):
        scenarios(tmp_path, body)


def test_a_second_baseline_is_refused(tmp_path) -> None:
    file = tmp_path / "scenarios.toml"
    file.write_text('[[scenario]]\nname = "baseline"\n')
    with pytest.raises(UsageError, match="'baseline' is the name of the baseline"):
        read_scenarios(file, Scenario())


def test_two_files_of_the_same_kind_are_refused(tmp_path) -> None:
    paths = [tmp_path / "a.csv", tmp_path / "b.csv"]
    for path in paths:
        path.write_text("code,language,fraction\nxx,Klingon,0.5\n")
    with pytest.raises(DataError, match="web pages by language") as caught:
        read_data(paths)
    assert all(str(path) in caught.value.problem for path in paths)


def test_levers_without_effect_are_not_compared() -> None:
    own = Scenario(modality="corpus", overrides=OWN)
    names = [one.name for one in one_at_a_time(own)]
    assert "curation doubles the usable text" not in names
    assert "1 training epoch" not in names
    better = Scenario(modality="corpus", overrides={**OWN, "corpus.quality": 0.4})
    assert "curation doubles the usable text" in [one.name for one in one_at_a_time(better)]
    demand = Scenario(modality="text", demand="corpus", overrides={"corpus.demand": "1T"})
    for one in one_at_a_time(demand):
        resolve_inputs(one)


def test_neutral_levers_are_said_in_words() -> None:
    inputs = summarize(simulate(Scenario(), LARGEST, today=2026.9, draws=200, seed=Seed(0)), [])[
        "inputs"
    ]
    shown = {name: one["value"] for name, one in inputs.items() if one["median"] is None}
    assert shown == {
        "levers.training_epochs": "as the stock states",
        "levers.demand_growth": "as its model",
        "levers.compute_limit": "no limit",
    }


def test_curation_recovers_at_most_all_text_of_every_stock() -> None:
    for modality in ("high-quality", "low-quality", "images"):
        with pytest.raises(UsageError, match="curation_yield is not used"):
            resolve_inputs(Scenario(modality=modality, overrides={"curation_yield": "100x"}))


def test_rephrasing_beyond_the_best_fraction_brings_no_further_gain() -> None:
    """About 30 per cent is best (arXiv 2510.01631): more replaces text, without a gain."""

    def demand(fraction: str) -> np.ndarray:
        scenario = Scenario(overrides={"levers.rephrased_fraction": fraction})
        return simulate(scenario, LARGEST, today=2026.9, draws=100, seed=Seed(0)).demand

    best = demand("1/3")
    for more in ("60%", "99%"):
        assert demand(more) == pytest.approx(best)
    assert np.all(demand("15%") > best)


def test_rephrased_text_is_a_fraction_of_what_is_not_synthetic() -> None:
    """So that both cannot be more than all text."""

    def demand(**levers: str) -> np.ndarray:
        overrides = {f"levers.{name}": value for name, value in levers.items()}
        scenario = Scenario(overrides={"levers.rephrasing_speedup": 5, **overrides})
        return simulate(scenario, LARGEST, today=2026.9, draws=50, seed=Seed(0)).demand

    alone = demand(rephrased_fraction="1/3")
    both = demand(rephrased_fraction="1/3", synthetic_fraction="70%")
    assert both == pytest.approx(0.3 * alone)


def test_the_other_levers_act_on_demand_with_a_growth_of_its_own() -> None:
    def run(**levers: str) -> np.ndarray:
        overrides = {f"levers.{name}": value for name, value in levers.items()}
        return simulate(
            Scenario(overrides=overrides), LARGEST, today=2026.9, draws=50, seed=Seed(0)
        ).demand

    growing = run(demand_growth="2x")
    half = run(demand_growth="2x", synthetic_fraction="50% from 2030") / growing
    assert half[:, 0] == pytest.approx(1)
    assert half[:, -1] == pytest.approx(0.5)


def test_distributions_of_python_are_described() -> None:
    assert "growing 3 % to 8 % a year (95 % interval)" in understood(
        modality="corpus", corpus__growth=LogNormal(1.03, 1.08)
    )
    assert "40 %" in understood(quality=Fixed(0.4))


def test_paths_of_compute_have_one_feature() -> None:
    """A path has the same quantile in all years, so two periods would have the same effect."""
    result = simulate(Scenario(demand="study"), LARGEST, today=2026.9, draws=200, seed=Seed(0))
    features = [name for name in result.factors if name not in result.inputs.entries]
    assert features == ["largest training set, growth in 15 years"]
