"""Distances of single columns, against scipy, SDMetrics and closed forms."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon
from scipy.stats import wasserstein_distance
from tests.metrics.tables import people, suppressing, table

import artesian
from artesian.data.schema import Kind
from artesian.metrics import CATALOG
from artesian.metrics.fidelity.coverage import CategoryCoverage, RangeCoverage
from artesian.metrics.fidelity.divergences import Hellinger, JensenShannon
from artesian.metrics.fidelity.missingness import Missingness
from artesian.metrics.fidelity.wasserstein import MAX_DISTANCE, Wasserstein
from artesian.metrics.protocol import Comparison

REFERENCE = Path(__file__).parents[1] / "reference"


@pytest.fixture(scope="module")
def adult():
    names = ("real", "synthetic", "holdout")
    return Comparison(*(artesian.read(REFERENCE / f"adult_{name}.csv") for name in names))


@pytest.fixture(scope="module")
def sdmetrics():
    return json.loads((REFERENCE / "sdmetrics.json").read_text())


def cells(tables, name):
    """Shares of the cells of a column, written anew: categories, or bins at the real deciles."""
    real, other = (side.frame[name] for side in (tables.real, tables.synthetic))
    if real.dtype.is_numeric():
        edges = np.unique(
            np.quantile(real.drop_nulls(), np.arange(1, 10) / 10, method="inverted_cdf")
        )
        sides = [
            pl.Series(np.searchsorted(edges, s.fill_null(0), "left")).set(s.is_null(), -1)
            for s in (real, other)
        ]
    else:
        sides = [s.fill_null("(missing)") for s in (real, other)]
    known = pl.concat(sides).unique()
    return [np.array([(side == value).mean() for value in known]) for side in sides]


def test_wasserstein_equals_scipy(adult):
    parts = CATALOG["wasserstein"]()(adult).parts
    assert len(parts) == 6
    for name, part in parts.items():
        real, made = (side.frame[name].to_numpy() for side in (adult.real, adult.synthetic))
        assert part == pytest.approx(wasserstein_distance(real, made) / real.std(), abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(20, 200), st.integers(20, 200), st.booleans())
def test_wasserstein_equals_scipy_with_ties_and_gaps(seed, n, m, rounded):
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=n), rng.normal(0.3, 1.5, size=m)
    if rounded:
        a, b = np.round(a), np.round(b)
    b[0] = np.nan
    result = Wasserstein()(Comparison(table({"x": a}), table({"x": b})))
    assert result.parts["x"] == pytest.approx(wasserstein_distance(a, b[1:]) / a.std(), abs=1e-9)


def test_units_cancel_and_far_values_are_capped():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 300))
    one = Wasserstein()(Comparison(table({"x": a}), table({"x": b})))
    two = Wasserstein()(Comparison(table({"x": 1000 * a}), table({"x": 1000 * b})))
    assert one.value == pytest.approx(two.value)
    shifted = Wasserstein()(Comparison(table({"x": a}), table({"x": a + 2 * a.std()})))
    assert shifted.value == pytest.approx(2.0)
    assert Wasserstein()(Comparison(table({"x": a}), table({"x": a + 1e9}))).value == MAX_DISTANCE


def test_a_constant_real_column_has_no_unit():
    varied = np.arange(30.0)
    real, made = table({"c": [1.0] * 30, "x": varied}), table({"c": varied, "x": varied})
    result = Wasserstein()(Comparison(real, made))
    assert result.parts == {"x": 0.0}
    assert result.detail["constant"] == ["c"]
    assert (
        "varies" in Wasserstein()(Comparison(table({"c": [1.0] * 30}), made.select(("c",)))).skipped
    )


def test_jensen_shannon_equals_scipy(adult):
    parts = JensenShannon()(adult).parts
    assert set(parts) == set(adult.real.schema.names)
    for name, part in parts.items():
        assert part == pytest.approx(jensenshannon(*cells(adult, name), base=2), abs=1e-7)


def test_hellinger_is_what_its_definition_says(adult):
    for name, part in Hellinger()(adult).parts.items():
        a, b = cells(adult, name)
        affinity = np.sqrt(a * b).sum()
        assert part == pytest.approx(np.sqrt(max(0.0, 1 - affinity)), abs=1e-7)


@pytest.mark.parametrize("metric", [JensenShannon(), Hellinger()])
def test_nothing_in_common_is_1(metric):
    real, made = (
        table({"c": ["a", "b"] * 20, "x": [1.0] * 40}),
        table({"c": ["c"] * 40, "x": [9.0] * 40}),
    )
    assert metric(Comparison(real, made)).parts == {"c": pytest.approx(1), "x": pytest.approx(1)}
    assert metric(Comparison(real, real)).value == 0.0


@pytest.mark.parametrize(
    ("metric", "theirs", "ours"),
    [
        ("range_coverage", "RangeCoverage", lambda score: score),
        ("category_coverage", "CategoryCoverage", lambda score: score),
        ("missingness", "MissingValueSimilarity", lambda score: 1 - score),
    ],
)
def test_coverage_and_missingness_equal_sdmetrics(adult, sdmetrics, metric, theirs, ours):
    result = CATALOG[metric]()(adult)
    references = result.reference_parts
    columns = [name for name in result.parts if " & " not in name]
    assert columns
    for name in columns:
        assert result.parts[name] == pytest.approx(ours(sdmetrics["synthetic"][theirs][name]))
        # Holdout and synthetic table have 500 rows, so nothing is cut.
        assert references[name] == pytest.approx(ours(sdmetrics["holdout"][theirs][name]))
    if metric != "missingness":
        assert set(columns) == set(sdmetrics["synthetic"][theirs])


def test_a_constant_column_is_covered_where_its_value_lies():
    real = table({"x": [5.0] * 30})
    assert RangeCoverage()(Comparison(real, table({"x": np.arange(30.0)}))).value == 1.0
    assert RangeCoverage()(Comparison(real, table({"x": [6.0] * 30}))).value == 0.0
    assert RangeCoverage()(Comparison(real, table({"x": [None] * 30}, x=Kind.NUMBER))).value == 0.0


def test_a_hidden_category_is_covered_and_a_lost_one_is_not():
    real = table({"c": ["a"] * 60 + ["b"] * 30 + ["c"] * 8 + ["r", "s"]})
    made = table({"c": ["a"] * 60 + ["b"] * 38 + ["(rare)"] * 2})
    told = CategoryCoverage()(Comparison(real, suppressing(made, c="(rare)")))
    assert told.value == pytest.approx(3 / 4)  # a, b and the suppressed one, without c
    assert CategoryCoverage()(Comparison(real, made)).value == pytest.approx(2 / 5)


def test_joint_gaps_are_told_and_not_averaged():
    hole = [None] * 20 + ["x"] * 80
    turned = hole[::-1]
    real = table({"a": hole, "b": hole, "c": ["x"] * 100})
    made = table({"a": hole, "b": turned, "c": ["x"] * 100})
    result = Missingness()(Comparison(real, made, real))
    assert result.value == 0.0
    assert result.parts == {"a": 0.0, "b": 0.0, "a & b": pytest.approx(0.2)}
    assert result.reference_parts["a & b"] == 0.0
    whole = table({"a": ["x"] * 100})
    none = Missingness()(Comparison(whole, whole, whole))
    assert none.value == none.reference == 0.0
    assert (
        "no columns"
        in Missingness()(Comparison(*[table({"k": ["x"] * 30}, k=Kind.KEY)] * 2)).skipped
    )


@pytest.mark.parametrize("metric", [Wasserstein(), JensenShannon(), Hellinger()])
def test_the_interval_covers_what_new_samples_give(metric):
    """Of 40 samples of one law, at least 34 intervals hold the mean of all values."""
    results = [
        metric(Comparison(people(500, 2 * i), people(500, 2 * i + 1, blur=0.5))) for i in range(40)
    ]
    middle = np.mean([r.value for r in results])
    assert sum(r.interval[0] <= middle <= r.interval[1] for r in results) >= 34
