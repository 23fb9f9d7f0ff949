"""Inputs: every one documented, overrides converted into its unit, what cannot be refused."""

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

INPUTS = default_inputs()


@pytest.mark.parametrize("name", INPUTS)
def test_every_input_says_what_it_is_and_where_it_comes_from(name):
    one = INPUTS[name]
    assert one.name == name
    assert one.unit
    assert one.source
    assert re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", one.date)
    assert one.confidence in ("high", "medium", "low")
    assert one.description.endswith(".")
    assert one.min_value is not None
    # What is given by default passes the test an override has to pass.
    assert INPUTS.with_overrides({name: one.distribution})[name].distribution == one.distribution
    assert (
        INPUTS.with_overrides({name: str(one.distribution)})[name].distribution == one.distribution
    )


@pytest.mark.parametrize("name", INPUTS)
def test_draws_stay_within_what_can_be(name):
    one = INPUTS[name]
    drawn = INPUTS.draw(name, 2_000, Seed(0))
    assert np.isfinite(drawn).all()
    assert drawn.min() >= one.min_value
    assert one.max_value is None or drawn.max() <= one.max_value


def test_weights_make_one():
    assert sum(INPUTS.median(f"compute.weight_{n}") for n in ("bearish", "middle", "bullish")) == 1


@pytest.mark.parametrize(
    ("name", "override", "known"),
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
        ("demand.growth", "0.1..0.3", Normal(0.1, 0.3)),
        ("demand.growth", "10x/year", Fixed(1)),
        ("demand.growth", "900 %/year", Fixed(1)),
        ("web.page_growth", "4%/year", Fixed(1.04)),
        ("web.page_growth", "1 OOM/year", Fixed(10)),
    ],
)
def test_overrides_are_brought_into_the_inputs_unit(name, override, known):
    changed = INPUTS.with_overrides({name: override}, source="our crawl")
    assert str(changed[name].distribution) == str(known)
    assert changed[name].source == "our crawl"
    assert {n: i for n, i in changed.items() if n != name} == {
        n: i for n, i in INPUTS.items() if n != name
    }


def test_words_are_converted_by_the_ratio_in_force():
    other = INPUTS.with_overrides({"text.words_per_token": 0.5})
    assert other.with_overrides({"demand.start": "5e12 words"})[
        "demand.start"
    ].distribution == Fixed(1e13)


@pytest.mark.parametrize(
    ("name", "override", "told"),
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
        ("demand.start", "5 TB", "the unit is 'TB', but must be 'tokens'"),
        ("demand.growth", "-300 %/year", "is a factor of 0 or less"),
        ("demand.growth", "0x/year", "is a factor of 0 or less"),
        ("users.online_midpoint", 20167.2, "20167.2 year is infeasible"),
    ],
)
def test_what_cannot_be_is_refused_by_name(name, override, told):
    with pytest.raises(UsageError) as caught:
        INPUTS.with_overrides({name: override})
    assert told in str(caught.value)
    assert caught.value.hint


@given(st.sampled_from(sorted(INPUTS)), st.integers(0, 2**32))
def test_an_override_leaves_the_draws_of_the_others(name, seed):
    other = INPUTS.with_overrides({"web.quality": 0.3})
    if name != "web.quality":
        mine, theirs = (inputs.draw(name, 5, Seed(seed)) for inputs in (INPUTS, other))
        assert mine.tolist() == theirs.tolist()


def test_the_inputs_cannot_be_changed_in_place():
    with pytest.raises(TypeError):
        INPUTS.entries["web.quality"] = INPUTS["web.epochs"]
