"""Distributions: closed-form quantiles, sampling, parsing round trips, rejected input."""

import contextlib
import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from artesian.core.errors import ArtesianError, UsageError
from artesian.forecasting.inputs.build import from_dict
from artesian.forecasting.inputs.distributions import (
    Beta,
    Fixed,
    LogNormal,
    Normal,
    Uniform,
    truncate,
)
from artesian.forecasting.inputs.mixture import Mixture, truncate_any
from artesian.forecasting.inputs.parsing import parse

# The 97.5th and 95th percentile of the standard normal, from printed tables.
Z975, Z95 = 1.959963984540054, 1.6448536269514722

finite = st.floats(-1e12, 1e12, allow_subnormal=False)
positive = st.floats(1e-6, 1e15)
levels = st.integers(1, 999).map(lambda tenth: tenth / 1000)
common = levels.filter(lambda level: level > 0.5)


def ends(values):
    return st.tuples(values, values).map(sorted).filter(lambda e: e[1] - e[0] > 1e-6 * abs(e[1]))


simple = st.one_of(
    finite.map(Fixed),
    ends(finite).map(lambda e: Uniform(*e)),
    st.builds(lambda e, level: Normal(*e, level), ends(finite), levels),
    st.builds(lambda e, level: LogNormal(*e, level), ends(positive), common),
    st.builds(lambda e, level: Normal(*e, level, *e), ends(finite), common),
    st.builds(lambda e, level: LogNormal(*e, level, max_value=e[1]), ends(positive), common),
    st.builds(Beta, st.floats(0.5, 50), st.floats(0.5, 50)),
)
distributions = st.one_of(
    simple,
    st.builds(lambda one, two, w: Mixture((one, two), (w, 1 - w)), simple, simple, levels),
)


def test_quantiles_in_closed_form():
    quarter = LogNormal(0.1, 0.4)
    assert quarter.median == pytest.approx(0.2)
    assert quarter.quantile(np.array([0.025, 0.975])) == pytest.approx([0.1, 0.4])
    # One deviation above the median: the interval spans 2 x 1.96 deviations of the logarithm.
    one = math.exp(math.log(0.2) + math.log(4) / 2 / Z975)
    assert float(quarter.quantile(0.8413447460685429)) == pytest.approx(one)
    assert Normal(-1, 3, 0.9).quantile(np.array([0.05, 0.5, 0.95])) == pytest.approx([-1, 1, 3])
    assert Uniform(2, 4).quantile(np.array([0, 0.25, 1])) == pytest.approx([2, 2.5, 4])
    assert Fixed(7).quantile(np.array([0, 1])).tolist() == [7, 7]


def test_truncation_renormalises():
    # Upper half of a normal: its median is the 75th percentile of the full distribution.
    half = Normal(-Z95, Z95, 0.9, min_value=0)
    assert half.median == pytest.approx(0.6744897501960817)
    tail = Normal(-Z95, Z95, 0.9, min_value=5)
    assert tail.median == pytest.approx(-NormalDist().inv_cdf(NormalDist().cdf(-5) / 2))
    assert LogNormal(1, 4, max_value=2).median < 2 < LogNormal(1, 4, min_value=2).median


def test_beta_and_mixture_in_closed_form():
    # Beta(2, 1) has the distribution function x^2.
    assert Beta(2, 1).quantile(np.array([0.25, 0.81])) == pytest.approx([0.5, 0.9])
    assert truncate(Beta(2, 1), 0.6, 1).median == pytest.approx(math.sqrt((0.36 + 1) / 2))
    both = Mixture((Uniform(0, 1), Uniform(10, 20)), (0.25, 0.75))
    assert both.quantile(np.array([0.125, 0.625])) == pytest.approx([0.5, 15])
    # Half of the first component and a tenth of the second remain: 0.125 to 0.075.
    part = truncate_any(both, 0.5, 11)
    assert part.weights == pytest.approx((0.625, 0.375))
    assert truncate_any(Mixture((Fixed(1), Fixed(5)), (0.5, 0.5)), 0, 2) == Fixed(1)
    draws = both.draw(np.random.default_rng(0), 40_000)
    assert (draws < 5).mean() == pytest.approx(0.25, abs=0.01)


@given(distributions)
def test_text_round_trip(distribution):
    assert parse(str(distribution)) == distribution


@given(distributions, st.lists(st.floats(0.001, 0.999), min_size=2, max_size=9).map(sorted))
def test_quantiles_are_monotonic_and_within_bounds(distribution, probabilities):
    values = distribution.quantile(np.array(probabilities))
    assert np.isfinite(values).all()
    assert (np.diff(values) >= 0).all()
    min_value, max_value = (
        getattr(distribution, "min_value", None),
        getattr(distribution, "max_value", None),
    )
    assert min_value is None or values[0] >= min_value
    assert max_value is None or values[-1] <= max_value


@given(distributions, st.integers(0, 2**32), st.integers(0, 50))
def test_draws_depend_on_the_stream_only(distribution, seed, n):
    one = distribution.draw(np.random.default_rng(seed), n)
    two = distribution.draw(np.random.default_rng(seed), n)
    assert one.shape == (n,)
    assert one.dtype == np.float64
    assert one.tolist() == two.tolist()


@pytest.mark.parametrize(
    "distribution",
    [LogNormal(0.1, 0.4, 0.9), Normal(-2, 2, 0.8), Uniform(1, 2), Normal(0, 1, 0.9, 0, 1)],
)
def test_draws_match_quantiles(distribution):
    draws = np.sort(distribution.draw(np.random.default_rng(1), 20_000))
    probabilities = np.array([0.05, 0.25, 0.5, 0.75, 0.95])
    observed = np.searchsorted(draws, distribution.quantile(probabilities)) / draws.size
    # Five standard errors of a fraction.
    assert observed == pytest.approx(probabilities, abs=5 * 0.5 / math.sqrt(20_000))


def test_changed_interval_preserves_the_order_of_draws():
    few, many = (LogNormal(1, high).draw(np.random.default_rng(3), 100) for high in (4, 9))
    assert (np.argsort(few) == np.argsort(many)).all()


@pytest.mark.parametrize(
    ("text", "distribution"),
    [
        ("0.2", Fixed(0.2)),
        ("30%", Fixed(0.3)),
        ("1_000", Fixed(1000)),
        ("0.1..0.4", LogNormal(0.1, 0.4)),
        (" 0.1 .. 0.4 @ 90% ", LogNormal(0.1, 0.4, 0.9)),
        ("30T..60T", LogNormal(3e13, 6e13)),
        ("uniform 0..5M", Uniform(0, 5e6)),
        ("normal -1..1 within -2..", Normal(-1, 1, 0.95, -2)),
    ],
)
def test_parse(text, distribution):
    assert parse(text) == distribution


def test_from_dict():
    assert from_dict({"value": 3}) == Fixed(3)
    assert from_dict({"low": 1, "high": 2}) == LogNormal(1, 2)
    bounded = {
        "family": "normal",
        "low": 0,
        "high": 1,
        "level": 0.9,
        "min_value": 0,
        "max_value": 1,
    }
    assert from_dict(bounded) == Normal(0, 1, 0.9, 0, 1)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: LogNormal(0.4, 0.1), "the low end 0.4 is above the high end 0.1"),
        (lambda: LogNormal(0, 0.1), "low end of a log-normal interval must be positive, but is 0"),
        (lambda: LogNormal(-1, 0.1), "must be positive, but is -1"),
        (lambda: LogNormal(math.nan, 1), "the low end is nan"),
        (lambda: Normal(0, math.inf), "the high end is inf"),
        (lambda: Fixed(math.nan), "the value is nan"),
        (lambda: Fixed("3"), "'3', not a number"),
        (lambda: Fixed(True), "True, not a number"),
        (lambda: Uniform(1, 1), "no width"),
        (lambda: LogNormal(1, 2, 1), "the level is 1"),
        (lambda: LogNormal(1, 2, 0), "the level is 0"),
        (lambda: LogNormal(1, 2, math.nan), "the level is nan"),
        (lambda: LogNormal(1, 100, 0.001), "1..100@0.1% is too wide"),
        (lambda: Normal(0, 1, 0.9, 3, 2), "the bounds 3..2 leave an empty range"),
        (lambda: Normal(0, 1, 0.9, min_value=100), "almost no probability"),
        (lambda: truncate(Fixed(2), 0, 1), "2 is outside 0..1"),
        (lambda: truncate(Uniform(2, 3), 0, 1), "above the high end"),
        (lambda: parse("much"), "'much' is not a number"),
        (lambda: parse("0.1-0.4"), "'0.1-0.4' is not a number"),
        (lambda: parse("nan"), "not a number"),
        (lambda: parse(""), "not a number"),
        (lambda: parse("0.4..0.1"), "above the high end"),
        (lambda: parse("0.1..0.4@100"), "the level is 1"),
        (lambda: parse("30..60T"), "only the high end"),
        (lambda: parse("3 tokens"), "has the unit 'tokens'"),
        (lambda: parse("norml 0..1"), "did you mean 'normal'"),
        (lambda: from_dict({"lo": 1}), "did you mean 'low'"),
        (lambda: from_dict({"low": 1}), "needs low and high"),
        (lambda: from_dict({"value": 1, "level": 0.9}), "a single value has no level"),
        (lambda: from_dict({"low": 1, "high": 2, "level": 0.9, "family": "uniform"}), "no level"),
        (lambda: from_dict({"low": "1", "high": 2}), "'1', not a number"),
    ],
)
def test_inconsistent_values_are_rejected(build, message):
    with pytest.raises(UsageError) as caught:
        build()
    assert message in str(caught.value)
    assert caught.value.hint


@given(st.text(max_size=30))
def test_any_text_is_parsed_or_rejected(text):
    # Errors other than ArtesianError fail the test.
    with contextlib.suppress(ArtesianError):
        parse(text)
