"""Coefficients of dependence, against scipy, scikit-learn and SDMetrics."""

import json
from itertools import combinations
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy.stats import contingency, pearsonr, spearmanr
from sklearn.metrics import normalized_mutual_info_score
from tests.metrics.tables import people, table

import artesian
from artesian.metrics.common.encoding import encode
from artesian.metrics.fidelity.binning import LEVELS, Binning
from artesian.metrics.fidelity.correlations import Correlations, MutualInformation
from artesian.metrics.fidelity.pairs import Pairs
from artesian.metrics.protocol import Comparison

REFERENCE = Path(__file__).parents[1] / "reference"


@pytest.fixture(scope="module")
def adult():
    names = ("real", "synthetic", "holdout")
    return Comparison(*(artesian.read(REFERENCE / f"adult_{name}.csv") for name in names))


@pytest.fixture(scope="module")
def sdmetrics():
    return json.loads((REFERENCE / "sdmetrics.json").read_text())["synthetic"]


def few(tables, *names):
    """Only these columns: results hold no more than the 100 largest parts."""
    return Comparison(*(side.select(names) for side in (tables.real, tables.synthetic)))


def placed(tables, name):
    """The cells of a column's values in the real and the synthetic table."""
    encoded = encode(tables)
    cells = Binning.from_column(encoded, name, LEVELS)
    return [cells.assign(side) for side in (encoded.real, encoded.synthetic)]


@pytest.mark.parametrize("coefficient", ["Pearson", "Spearman"])
def test_correlations_of_numbers_equal_sdmetrics(adult, sdmetrics, coefficient):
    numbers = [
        name for name in adult.real.schema.names if adult.real.frame[name].dtype.is_numeric()
    ]
    parts = Correlations()(few(adult, *numbers)).parts
    theirs = sdmetrics[f"CorrelationSimilarity {coefficient}"]
    assert len(theirs) == 15
    for pair, score in theirs.items():
        assert 1 - parts[f"{pair} ({coefficient.lower()})"] / 2 == pytest.approx(score, abs=1e-9)


def test_cramers_v_equals_scipy(adult):
    names = ("workclass", "education", "native_country", "income")
    tables = few(adult, *names)
    parts = Correlations()(tables).parts
    for a, b in combinations(names, 2):
        ours, theirs = zip(placed(tables, a), placed(tables, b), strict=True), []
        for one, two in ours:
            counts = contingency.crosstab(one, two).count
            theirs.append(contingency.association(counts, method="cramer"))
        assert parts[f"{a} x {b}"] == pytest.approx(abs(theirs[0] - theirs[1]), abs=1e-9)


def test_the_correlation_ratio_is_the_root_of_r2_of_a_regression_on_the_category(adult):
    tables = few(adult, "age", "marital_status")
    ratios = []
    for side in (tables.real, tables.synthetic):
        frame = side.frame.with_columns(guess=pl.col("age").mean().over("marital_status"))
        ratios.append(abs(pearsonr(frame["age"], frame["guess"]).statistic))
    part = Correlations()(tables).parts["age x marital_status"]
    assert part == pytest.approx(abs(ratios[0] - ratios[1]), abs=1e-9)


def test_rows_with_a_gap_are_set_aside_pair_by_pair():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 300))
    y += x
    x[:40] = y[30:90] = np.nan
    both = ~np.isnan(x) & ~np.isnan(y)
    made = table({"x": rng.normal(size=300), "y": rng.normal(size=300)})
    parts = Correlations()(Comparison(table({"x": x, "y": y}), made)).parts
    r = pearsonr(x[both], y[both]).statistic - pearsonr(made.frame["x"], made.frame["y"]).statistic
    assert parts["x x y (pearson)"] == pytest.approx(abs(r), abs=1e-9)
    whole = Correlations()(Comparison(table({"x": x[90:], "y": y[90:]}), made)).parts
    rho = spearmanr(x[90:], y[90:]).statistic
    rho -= spearmanr(made.frame["x"], made.frame["y"]).statistic
    assert whole["x x y (spearman)"] == pytest.approx(abs(rho), abs=1e-9)


def test_mutual_information_equals_scikit_learn(adult):
    names = ("age", "capital_gain", "occupation", "native_country", "income")
    tables = few(adult, *names)
    parts = MutualInformation()(tables).parts
    assert len(parts) == 10
    for a, b in combinations(names, 2):
        theirs = [
            normalized_mutual_info_score(one, two)
            for one, two in zip(placed(tables, a), placed(tables, b), strict=True)
        ]
        assert parts[f"{a} x {b}"] == pytest.approx(abs(theirs[0] - theirs[1]), abs=1e-9)


def test_dependence_that_neither_rises_nor_falls_is_seen_by_information_alone():
    rng = np.random.default_rng(0)
    x = rng.normal(size=1000)
    real = table({"x": x, "y": x**2})
    made = table({"x": x, "y": rng.permutation(x**2)})
    tables = Comparison(real, made, table({"x": x, "y": x**2}))
    assert MutualInformation()(tables).value > 0.3
    assert Correlations()(tables).parts["x x y (spearman)"] < 0.1


def test_two_columns_that_never_vary_tell_nothing():
    constant = table({"a": ["x"] * 30, "b": ["y"] * 30, "n": [1.0] * 30})
    for metric in (Correlations(), MutualInformation()):
        assert metric(Comparison(constant, constant)).value == 0.0


def test_pairs_equal_the_contingency_similarity_where_no_category_is_merged(adult, sdmetrics):
    checked = 0
    for pair, score in sdmetrics["ContingencySimilarity"].items():
        a, b = pair.split(" x ")
        if "native_country" not in (a, b):  # 27 categories, of which pairs merges the rarest
            part = Pairs()(few(adult, a, b)).parts[pair]
            assert 1 - part == pytest.approx(score, abs=1e-9)
            checked += 1
    assert checked == 28


@pytest.mark.parametrize("metric", [Correlations(), MutualInformation()])
def test_the_interval_covers_what_new_samples_give(metric):
    results = [
        metric(Comparison(people(500, 2 * i), people(500, 2 * i + 1, blur=0.5))) for i in range(30)
    ]
    middle = np.mean([r.value for r in results])
    assert sum(r.interval[0] <= middle <= r.interval[1] for r in results) >= 25


@pytest.mark.parametrize("metric", [Correlations, MutualInformation])
def test_wide_tables_pair_a_stated_choice_of_columns(metric):
    rng = np.random.default_rng(0)
    real, made = (table({f"c{i}": rng.normal(size=60) for i in range(90)}) for _ in range(2))
    result = metric(max_columns=5)(Comparison(real, made))
    assert "5 columns drawn from 90" in result.explanation
