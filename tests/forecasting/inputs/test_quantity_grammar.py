"""Ways people write a growth, an amount or a range: understood, or refused with both readings.

The table was written before the parser. Every entry is either understood, with the value in the unit of
the input, or refused, and then the two lines of the error spell out both readings.
"""

from __future__ import annotations

import contextlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from artesian.core.errors import ArtesianError, UsageError
from artesian.core.run import Seed
from artesian.forecasting.inputs.distributions import Beta, Fixed, LogNormal, Normal, Uniform
from artesian.forecasting.inputs.inputs import default_inputs
from artesian.forecasting.inputs.mixture import Mixture

INPUTS = default_inputs()
GROWTH, TOKENS, FRACTION = "corpus.growth", "corpus.tokens", "corpus.quality"
ORDERS, MONTHS, RATIO = "demand.growth", "compute.moore_doubling", "levers.curation_yield"
WITHDRAWN, EPOCHS, COMPUTE = "levers.opt_out", "levers.training_epochs", "levers.compute_limit"
DEMAND_GROWTH, RANGE = "levers.demand_growth", LogNormal(5e9, 8e9, 0.9)

UNDERSTOOD = [
    # A growth, as a factor a year.
    (GROWTH, "5%", Fixed(1.05)),
    (GROWTH, "5 %", Fixed(1.05)),
    (GROWTH, "+5%", Fixed(1.05)),
    (GROWTH, "5%/year", Fixed(1.05)),
    (GROWTH, "5 % a year", Fixed(1.05)),
    (GROWTH, "5% per year", Fixed(1.05)),
    (GROWTH, "5 percent per annum", Fixed(1.05)),
    (GROWTH, "5%/yr", Fixed(1.05)),
    (GROWTH, "5% p.a.", Fixed(1.05)),
    (GROWTH, "5 per cent yearly", Fixed(1.05)),
    (GROWTH, "-2%", Fixed(0.98)),
    (GROWTH, "\N{MINUS SIGN}2%", Fixed(0.98)),
    (GROWTH, "0%", Fixed(1.0)),
    (GROWTH, "40%", Fixed(1.4)),
    (GROWTH, "3%/month", Fixed(1.03**12)),
    (GROWTH, "3% monthly", Fixed(1.03**12)),
    (GROWTH, "2%/quarter", Fixed(1.02**4)),
    (GROWTH, "1.05x/year", Fixed(1.05)),
    (GROWTH, "1.05x", Fixed(1.05)),
    (GROWTH, "x1.05 a year", Fixed(1.05)),
    (GROWTH, "1.05\N{MULTIPLICATION SIGN}/year", Fixed(1.05)),
    (GROWTH, "5x/year", Fixed(5.0)),
    (GROWTH, "1.05", Fixed(1.05)),
    (GROWTH, 1.05, Fixed(1.05)),
    (GROWTH, "doubling every 9 months", Fixed(2 ** (12 / 9))),
    (GROWTH, "doubles every 9 months", Fixed(2 ** (12 / 9))),
    (GROWTH, "doubling time 2 years", Fixed(2**0.5)),
    (GROWTH, "doubling every year", Fixed(2.0)),
    (GROWTH, "doubles yearly", Fixed(2.0)),
    (GROWTH, "5% YoY", Fixed(1.05)),
    (GROWTH, "halving every 3 years", Fixed(0.5 ** (1 / 3))),
    (GROWTH, "10x per decade", Fixed(10**0.1)),
    (GROWTH, "4x every 2 years", Fixed(2.0)),
    (GROWTH, "0.3 OOM/year", Fixed(10**0.3)),
    (GROWTH, "0.3 orders of magnitude a year", Fixed(10**0.3)),
    (GROWTH, "3% to 8%", LogNormal(1.03, 1.08, 0.9)),
    (GROWTH, "3..8%/year", LogNormal(1.03, 1.08, 0.95)),
    (GROWTH, "-2..5%", LogNormal(0.98, 1.05, 0.95)),
    (GROWTH, "doubling every 9 to 12 months", LogNormal(2.0, 2 ** (12 / 9), 0.9)),
    (GROWTH, "normal(mean=5%, sd=1%)", Normal(1.0335514637, 1.0664485363, 0.9)),
    (ORDERS, "0.1..0.3 OOM/year", Normal(0.1, 0.3, 0.95)),
    (ORDERS, "10x/year", Fixed(1.0)),
    # An amount, in tokens.
    (TOKENS, "5B", Fixed(5e9)),
    (TOKENS, "5bn", Fixed(5e9)),
    (TOKENS, "5 bn tokens", Fixed(5e9)),
    (TOKENS, "5b", Fixed(5e9)),
    (TOKENS, "5 billion", Fixed(5e9)),
    (TOKENS, "5 Billion tokens", Fixed(5e9)),
    (TOKENS, "5e9", Fixed(5e9)),
    (TOKENS, "400,000,000", Fixed(4e8)),
    (TOKENS, "400 000 000 tokens", Fixed(4e8)),
    (TOKENS, "400_000_000", Fixed(4e8)),
    (TOKENS, "1,234.5 million", Fixed(1.2345e9)),
    (TOKENS, "30 trillion", Fixed(3e13)),
    (TOKENS, "500M", Fixed(5e8)),
    (TOKENS, "500 mio", Fixed(5e8)),
    (TOKENS, "250k tokens", Fixed(2.5e5)),
    (TOKENS, "4B words", Fixed(5e9)),
    (TOKENS, "20 GB", Fixed(5e9)),
    (TOKENS, "2TB", Fixed(5e11)),
    (TOKENS, "2 terabytes of text", Fixed(5e11)),
    (TOKENS, "1 GiB", Fixed(2**30 / 4)),
    (TOKENS, "10 million documents", Fixed(4.27e9)),
    (TOKENS, "10M docs", Fixed(4.27e9)),
    (TOKENS, "1M web pages", Fixed(1.75e9)),
    (TOKENS, "1M printed pages", Fixed(6.25e8)),
    (TOKENS, 5e9, Fixed(5e9)),
    (TOKENS, "5\N{MULTIPLICATION SIGN}10^9", Fixed(5e9)),
    (TOKENS, "5 Mrd", Fixed(5e9)),
    (TOKENS, "20 GBytes", Fixed(5e9)),
    # A range.
    (TOKENS, "5B to 8B", LogNormal(5e9, 8e9, 0.9)),
    (TOKENS, "between 5B and 8B", LogNormal(5e9, 8e9, 0.9)),
    (TOKENS, "from 5 billion to 8 billion tokens", LogNormal(5e9, 8e9, 0.9)),
    (TOKENS, "5B..8B@80", LogNormal(5e9, 8e9, 0.8)),
    (TOKENS, "5B to 8B (80%)", LogNormal(5e9, 8e9, 0.8)),
    (TOKENS, "5B..8B", LogNormal(5e9, 8e9, 0.95)),
    (TOKENS, "20 GB to 40 GB", LogNormal(5e9, 1e10, 0.9)),
    (TOKENS, "20..40 GB", LogNormal(5e9, 1e10, 0.95)),
    (TOKENS, "lognormal(5B to 8B)", LogNormal(5e9, 8e9, 0.9)),
    (TOKENS, "lognormal(5B..8B@80)", LogNormal(5e9, 8e9, 0.8)),
    (TOKENS, "lognormal(p5=5B, p95=8B)", LogNormal(5e9, 8e9, 0.9)),
    (TOKENS, "lognormal(p10=5B, p90=8B)", LogNormal(5e9, 8e9, 0.8)),
    (TOKENS, "normal(5B to 8B)", Normal(5e9, 8e9, 0.9)),
    (TOKENS, "normal 5B..8B@80", Normal(5e9, 8e9, 0.8)),
    (TOKENS, "uniform(5B, 8B)", Uniform(5e9, 8e9)),
    (
        TOKENS,
        "mixture(5B to 8B, 20B)",
        Mixture((LogNormal(5e9, 8e9, 0.9), Fixed(2e10)), (0.5, 0.5)),
    ),
    (
        TOKENS,
        "mixture(70%: 5B to 8B, 30%: uniform(10B, 20B))",
        Mixture((LogNormal(5e9, 8e9, 0.9), Uniform(1e10, 2e10)), (0.7, 0.3)),
    ),
    (FRACTION, "beta(2, 8)", Beta(2, 8)),
    (FRACTION, "40%", Fixed(0.4)),
    (FRACTION, "0.4", Fixed(0.4)),
    (FRACTION, "1/3", Fixed(1 / 3)),
    (FRACTION, "30% to 50%", LogNormal(0.3, 0.5, 0.9)),
    (FRACTION, "30..50%", LogNormal(0.3, 0.5, 0.95)),
    # Notations of finance, of papers and in words.
    (GROWTH, "5%/q", Fixed(1.05**4)),
    (GROWTH, "40% QoQ", Fixed(1.4**4)),
    (GROWTH, "2% MoM", Fixed(1.02**12)),
    (GROWTH, "40% CAGR", Fixed(1.4)),
    (GROWTH, "500 bps", Fixed(1.05)),
    (GROWTH, "1.05/year", Fixed(1.05)),
    (GROWTH, "2X", Fixed(2.0)),
    (GROWTH, "2-fold", Fixed(2.0)),
    (GROWTH, "2-fold a year", Fixed(2.0)),
    (GROWTH, "twofold", Fixed(2.0)),
    (RATIO, "ten-fold", Fixed(10.0)),
    (EPOCHS, "4x", Fixed(4.0)),
    (EPOCHS, "4 passes", Fixed(4.0)),
    (COMPUTE, "2e29 FLOPs", Fixed(2e29)),
    (
        COMPUTE,
        "2\N{MULTIPLICATION SIGN}10\N{SUPERSCRIPT TWO}\N{SUPERSCRIPT NINE} FLOP",
        Fixed(2e29),
    ),
    (TOKENS, "10^9", Fixed(1e9)),
    (TOKENS, "5B tok", Fixed(5e9)),
    (FRACTION, "a third", Fixed(1 / 3)),
    (FRACTION, "two thirds", Fixed(2 / 3)),
    (FRACTION, "half", Fixed(0.5)),
    (FRACTION, "500 bps", Fixed(0.05)),
    (TOKENS, "5B..8B@95%", LogNormal(5e9, 8e9, 0.95)),
    (TOKENS, "5B..8B@0.7%", LogNormal(5e9, 8e9, 0.007)),
    # Distributions of Python, in the unit of the input.
    (GROWTH, LogNormal(1.03, 1.08), LogNormal(1.03, 1.08)),
    (TOKENS, RANGE, RANGE),
    (TOKENS, np.int64(5_000_000_000), Fixed(5e9)),
    (TOKENS, np.float32(2**33), Fixed(2.0**33)),
    # Others.
    (MONTHS, "1.5 years", Fixed(18.0)),
    (RATIO, "2x", Fixed(2.0)),
    (RATIO, "2", Fixed(2.0)),
]

REFUSED = [
    # A growth: the two readings that a person may have meant.
    (GROWTH, "5", ("5 %", "5x")),
    (GROWTH, 5, ("5 %", "5x")),
    (GROWTH, "40", ("40 %", "40x")),
    (GROWTH, "0.05", ("0.05 %", "0.05x")),
    (GROWTH, "1", ("1 %", "1x")),
    (GROWTH, "2..5", ("2 % to 5 %", "2x to 5x")),
    (GROWTH, "3 to 8", ("3 % to 8 %", "3x to 8x")),
    (GROWTH, "1.5", ("1.5 %", "1.5x")),
    (GROWTH, "1..1.5", ("1 % to 1.5 %", "1x to 1.5x")),
    (ORDERS, "0.3", ("0.3 %", "0.3 OOM")),
    (GROWTH, "-100%", ("-100 %", "0")),
    (GROWTH, "5 +- 1%", ("standard deviation", "interval")),
    (GROWTH, "normal(3%, 8%)", ("3% to 8%", "mean=3%")),
    # An amount.
    (TOKENS, "5", ("5 tokens", "5 billion")),
    (TOKENS, "4,5B", ("4.5B", "45B")),
    (TOKENS, "5m", ("5 million", "5 thousand")),
    (TOKENS, "5 Gb", ("gigabytes", "gigabits")),
    (TOKENS, "5 TB tokens", ("5 trillion tokens", "5 terabytes")),
    (TOKENS, "10M pages", ("web pages", "printed pages")),
    (TOKENS, "30..60T", ("30T..60T", "30..60T")),
    (TOKENS, "5 to 8 billion", ("5 billion to 8 billion", "5 to 8 billion")),
    (TOKENS, "5B +/- 1B", ("standard deviation", "interval")),
    (TOKENS, "5B \N{PLUS-MINUS SIGN} 1B", ("standard deviation", "interval")),
    (TOKENS, "5B +- 20%", ("standard deviation", "4.0B to 6.0B")),
    (TOKENS, "lognormal(5B, 8B)", ("5B to 8B", "sigma")),
    (TOKENS, "5B-8B", ("5B to 8B", "difference")),
    (TOKENS, "5B tokens/year", ("tokens/year", "tokens")),
    (TOKENS, "about 5B", ("5B", "to")),
    (TOKENS, "~5B", ("5B", "to")),
    (TOKENS, "5B+", ("5B", "to")),
    (TOKENS, "50%", ("50 %", "tokens")),
    (TOKENS, "1.000.000", ("1,000,000", "1.0")),
    # A fraction and a ratio.
    (FRACTION, "40", ("40 %", "40")),
    (FRACTION, "0,4", ("0.4", "4")),
    (FRACTION, "0.3..40%", ("0.3 % to 40 %", "30 % to 40 %")),
    (RATIO, "30%", ("0.3x", "1.3x")),
    # Levels: a fraction, or a percentage below one.
    (TOKENS, "5B to 8B @ 0.95", ("95 %", "0.95 %")),
    (TOKENS, "5B..8B@0.8", ("80 %", "0.8 %")),
    (FRACTION, "0.4..0.5@0.9", ("90 %", "0.9 %")),
    (TOKENS, "5B..8B@.9", ("90 %", "0.9 %")),
    # Hyphens, brackets, plus and minus, and limits.
    (GROWTH, "3%-8%", ("3% to 8%", "difference")),
    (FRACTION, "30%-40%", ("30% to 40%", "difference")),
    (GROWTH, "2x-3x", ("2x to 3x", "difference")),
    (TOKENS, "5-8B", ("5B to 8B", "5 to 8B")),
    (GROWTH, "3-8%", ("3% to 8%", "difference")),
    (GROWTH, "5% +- 1%", ("standard deviation", "interval")),
    (GROWTH, "5% \N{PLUS-MINUS SIGN} 1%", ("standard deviation", "interval")),
    (FRACTION, "30%+-10%", ("standard deviation", "interval")),
    (TOKENS, "[5B, 8B]", ("5B to 8B", "uniform(5B, 8B)")),
    (FRACTION, "(10%, 40%)", ("10% to 40%", "uniform(10%, 40%)")),
    (TOKENS, "\N{ALMOST EQUAL TO}5B", ("5B", "to")),
    (TOKENS, "up to 5B", ("5B", "to")),
    (GROWTH, "normal(5, 1)", ("mean=5%", "mean=5x")),
    # Rates where no rate is meant, and rates without a unit.
    (WITHDRAWN, "30%/year", ("30 %", "30 % a year")),
    (WITHDRAWN, "30% by 2030", ("from 2030", "gradually")),
    (WITHDRAWN, "30% since 2028", ("from 2028", "gradually")),
    (GROWTH, "5/year", ("5 %", "5x")),
    (COMPUTE, "2e29 FLOPS", ("FLOP", "per second")),
    (DEMAND_GROWTH, "0x", ("0x", "factor of 0")),
    # Distributions of Python have no unit either.
    (GROWTH, LogNormal(0.03, 0.08), ("0.03 % to 0.08 %", "0.03x to 0.08x")),
    (GROWTH, LogNormal(3, 8), ("3 % to 8 %", "3x to 8x")),
    (GROWTH, Uniform(3, 8), ("3 % to 8 %", "3x to 8x")),
    (TOKENS, LogNormal(3, 8), ("3 tokens", "3 billion")),
    (TOKENS, Mixture((LogNormal(3, 8), Fixed(1e9)), (0.5, 0.5)), ("3 tokens", "3 billion")),
]


@pytest.mark.parametrize(("name", "text", "expected"), UNDERSTOOD)
def test_understood(name, text, expected):
    distribution = INPUTS.with_overrides({name: text})[name].distribution
    assert type(distribution) is type(expected)
    probabilities = np.array([0.03, 0.4, 0.85])
    assert distribution.quantile(probabilities) == pytest.approx(
        expected.quantile(probabilities), rel=1e-9
    )


@pytest.mark.parametrize(("name", "text", "readings"), REFUSED)
def test_refused_with_both_readings(name, text, readings):
    with pytest.raises(UsageError) as caught:
        INPUTS.with_overrides({name: text})
    lines = f"{caught.value.problem}\n{caught.value.hint}"
    assert lines.startswith(f"{name}: ")
    assert lines.count("\n") == 1
    for reading in readings:
        assert reading in lines


@pytest.mark.parametrize(("name", "text", "readings"), REFUSED)
def test_every_quoted_notation_of_a_hint_is_understood(name, text, readings):
    """A hint is true: what it proposes in backticks works."""
    with pytest.raises(UsageError) as caught:
        INPUTS.with_overrides({name: text})
    proposals = caught.value.hint.split("`")[1::2]
    assert proposals
    for proposal in proposals:
        INPUTS.with_overrides({name: proposal})


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        (TOKENS, 10**400, "too large"),
        (TOKENS, (1, 2), "not a number"),
        (GROWTH, True, "not a number"),
        (DEMAND_GROWTH, "0%", None),
        (EPOCHS, 0, "infeasible"),
        (EPOCHS, 0.5, "infeasible"),
        (COMPUTE, 0, "infeasible"),
        (COMPUTE, 29, "infeasible"),
        ("web.pages", 5, "infeasible"),
        (TOKENS, 1e30, "infeasible"),
        (TOKENS, "0,3", "0.3"),
        (TOKENS, "8B..5B", "8.0B is above the high end 5.0B"),
    ],
)
def test_values_out_of_range_are_refused_in_words(name, value, problem):
    if problem is None:
        INPUTS.with_overrides({name: value})
        return
    with pytest.raises(UsageError) as caught:
        INPUTS.with_overrides({name: value})
    assert problem in caught.value.problem
    assert " or 03" not in caught.value.problem


def test_mixture_weights_above_one_are_refused():
    for text in ("mixture(70%: 5B, 60%: 8B)", "mixture(70%: 5B, 10%: 8B)"):
        with pytest.raises(UsageError, match=r"sum to 1\.3|sum to 0\.8"):
            INPUTS.with_overrides({TOKENS: text})


def test_mean_and_deviation_of_a_log_normal():
    drawn = INPUTS.with_overrides({TOKENS: "lognormal(mean=5B, sd=2B)"}).draw(
        TOKENS, 200_000, Seed(1)
    )
    assert drawn.mean() == pytest.approx(5e9, rel=0.01)
    assert drawn.std() == pytest.approx(2e9, rel=0.02)
    by_median = INPUTS.with_overrides({TOKENS: "lognormal(median=5B, sigma=0.5)"})
    assert by_median.median(TOKENS) == pytest.approx(5e9)


@given(st.text(max_size=30), st.sampled_from([GROWTH, TOKENS, FRACTION, ORDERS, RATIO]))
def test_any_text_is_understood_or_refused(text, name):
    # Errors other than ArtesianError fail the test.
    with contextlib.suppress(ArtesianError):
        INPUTS.with_overrides({name: text})


@given(
    st.sampled_from([GROWTH, TOKENS, FRACTION]),
    st.sampled_from(["", "-", "~", "between ", "lognormal(", "mixture(70%: "]),
    st.sampled_from(["5", "1.05", "400,000", "3.5", "0,5", "1e9"]),
    st.sampled_from(["", "%", "B", " billion", "x", " GB", " words", "/year", "@80", ")", " to 9"]),
    st.sampled_from(["", "/year", " tokens", " a year", "..8", ")", " within 0..1", ", 7B)"]),
)
def test_any_combination_is_understood_or_refused(name, start, number, unit, end):
    with contextlib.suppress(ArtesianError):
        INPUTS.with_overrides({name: f"{start}{number}{unit}{end}"})
