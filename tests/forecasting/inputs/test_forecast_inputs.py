"""Inputs: documentation, unit conversion of overrides, rejected overrides."""

import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from artesian.core.errors import UsageError
from artesian.core.run import Seed
from artesian.forecasting.inputs.distributions import Fixed, LogNormal, Normal, Uniform
from artesian.forecasting.inputs.inputs import default_inputs
from artesian.forecasting.inputs.units import GROWTH_UNITS
from artesian.forecasting.inputs.unset import Unset

INPUTS = default_inputs()
UNSET = [name for name in INPUTS if isinstance(INPUTS[name].distribution, Unset)]
SET = [name for name in INPUTS if name not in UNSET]


@pytest.mark.parametrize("name", INPUTS)
def test_every_input_is_documented(name):
    entry = INPUTS[name]
    assert entry.name == name
    assert entry.unit
    assert entry.source
    assert re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", entry.date)
    assert entry.confidence in ("high", "medium", "low")
    assert entry.description.endswith(".")
    assert entry.min_value is not None
    # The default passes the checks of an override.
    assert (
        INPUTS.with_overrides({name: entry.distribution})[name].distribution == entry.distribution
    )
    # A growth needs its unit, because a bare number may be a factor or a percentage.
    unit = f" {entry.unit}" if entry.unit in GROWTH_UNITS and name in SET else ""
    changed = INPUTS.with_overrides({name: f"{entry.distribution}{unit}"})
    assert changed[name].distribution == entry.distribution


@pytest.mark.parametrize("name", SET)
def test_draws_are_feasible(name):
    entry = INPUTS[name]
    draws = INPUTS.draw(name, 2_000, Seed(0))
    assert np.isfinite(draws).all()
    assert draws.min() >= entry.min_value
    assert entry.max_value is None or draws.max() <= entry.max_value


def test_an_input_without_a_value_is_said_in_words_and_zero_is_refused():
    assert UNSET == ["levers.training_epochs", "levers.demand_growth", "levers.compute_limit"]
    for name in UNSET:
        words = str(INPUTS[name].distribution)
        assert "0" not in words
        changed = INPUTS.with_overrides(
            {name: f"5 {INPUTS[name].unit}" if "growth" in name else 1e29 if "limit" in name else 5}
        )
        for none in ("none", words):
            assert changed.with_overrides({name: none})[name].distribution == Unset(words)
        for zero in (0, "0", f"0 {INPUTS[name].unit}"):
            with pytest.raises(UsageError):
                INPUTS.with_overrides({name: zero})
    with pytest.raises(UsageError, match="not a number"):
        INPUTS.with_overrides({"web.quality": "none"})


def test_weights_sum_to_one():
    assert sum(INPUTS.median(f"compute.weight_{n}") for n in ("bearish", "middle", "bullish")) == 1


@pytest.mark.parametrize(
    ("name", "override", "distribution"),
    [
        ("web.quality", 0.25, Fixed(0.25)),
        ("web.quality", "25%", Fixed(0.25)),
        ("web.quality", "0.1..0.3@90", LogNormal(0.1, 0.3, 0.9)),
        ("web.quality", Uniform(0.1, 0.3), Uniform(0.1, 0.3)),
        ("demand.start", "30T tokens", Fixed(3e13)),
        ("demand.start", "4e12..12e12 words@90", LogNormal(5e12, 1.5e13, 0.9)),
        ("demand.start", "8T words", Fixed(1e13)),
        ("study_2022.demand.language_start", "1T tokens", Fixed(8e11)),
        ("study_2022.high_quality.code", "5e12 bytes", Fixed(5)),
        ("demand.growth", "0.1..0.3 OOM/year", Normal(0.1, 0.3)),
        ("demand.growth", "10x/year", Fixed(1)),
        ("demand.growth", "900 %/year", Fixed(1)),
        ("web.page_growth", "4%/year", Fixed(1.04)),
        ("web.page_growth", "1 OOM/year", Fixed(10)),
    ],
)
def test_overrides_are_converted_to_the_unit_of_the_input(name, override, distribution):
    changed = INPUTS.with_overrides({name: override}, source="our crawl")
    assert str(changed[name].distribution) == str(distribution)
    assert changed[name].source == "our crawl"
    assert {n: i for n, i in changed.items() if n != name} == {
        n: i for n, i in INPUTS.items() if n != name
    }


def test_words_are_converted_by_the_current_ratio():
    other = INPUTS.with_overrides({"text.words_per_token": 0.5})
    assert other.with_overrides({"demand.start": "5e12 words"})[
        "demand.start"
    ].distribution == Fixed(1e13)


@pytest.mark.parametrize(
    ("name", "override", "message"),
    [
        ("web.qualty", 0.2, "did you mean 'web.quality'"),
        ("web.quality", 1.2, "web.quality: 1.2 fraction is infeasible, it must be 0 to 1"),
        ("web.quality", "0.2..1.5", "web.quality: 1.5 fraction is infeasible"),
        ("web.quality", -0.1, "-0.1 fraction is infeasible"),
        ("web.quality", "30 tokens", "the unit is 'tokens', but must be 'fraction'"),
        ("web.quality", "0.4..0.1", "web.quality: the low end 0.4 is above the high end 0.1"),
        ("web.quality", math.nan, "web.quality: the value is nan"),
        ("web.quality", "plenty", "web.quality: 'plenty' is not a number"),
        ("web.quality", None, "web.quality: the value is None"),
        ("web.epochs", "-4 epochs", "web.epochs: -4 epochs is infeasible, it must be 1 or more"),
        ("web.epochs", 0, "web.epochs: 0 epochs is infeasible, it must be 1 or more"),
        ("web.pages", "uniform 0..5B", "web.pages: 0 pages is infeasible"),
        ("web.pages", "3T tokens", "the unit is 'tokens', but must be 'pages'"),
        ("users.reddit_traffic", 0, "users.reddit_traffic: 0 fraction is infeasible"),
        ("web.pages", "5 TB", "the unit is 'TB', but must be 'pages'"),
        ("demand.growth", "-300 %/year", "is a factor of 0 or less"),
        ("demand.growth", "0x/year", "is a factor of 0 or less"),
        ("users.online_midpoint", 20167.2, "20167.2 year is infeasible"),
    ],
)
def test_invalid_override_is_rejected_with_the_input_name(name, override, message):
    with pytest.raises(UsageError) as caught:
        INPUTS.with_overrides({name: override})
    assert message in str(caught.value)
    assert caught.value.hint


@given(st.sampled_from(sorted(SET)), st.integers(0, 2**32))
def test_override_preserves_the_draws_of_other_inputs(name, seed):
    other = INPUTS.with_overrides({"web.quality": 0.3})
    if name != "web.quality":
        before, after = (inputs.draw(name, 5, Seed(seed)) for inputs in (INPUTS, other))
        assert before.tolist() == after.tolist()


def test_inputs_are_immutable():
    with pytest.raises(TypeError):
        INPUTS.entries["web.quality"] = INPUTS["web.epochs"]
