"""The pure functions under the metrics agree with scipy, scikit-learn, prdc and fairlearn."""

import importlib
import json
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from scipy.spatial import distance
from sklearn import metrics as sklearn_metrics
from sklearn.metrics.pairwise import rbf_kernel

from artesian.core.run import Run
from artesian.metrics import FUNCTIONS, functions
from artesian.metrics.common.neighbours import find_neighbours
from artesian.metrics.fidelity.alpha_precision import _alpha_precision, _beta_recall
from artesian.metrics.protocol import Comparison
from artesian.testing.metrics import example

REFERENCE = Path(__file__).parents[1] / "reference"
PRDC = json.loads((REFERENCE / "prdc.json").read_text())


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.mark.parametrize("name", list(FUNCTIONS))
def test_each_is_importable_by_name_and_documented(name):
    function = getattr(importlib.import_module("artesian.metrics.functions"), name)
    assert function.__name__ == name
    assert len(function.__doc__.splitlines()[0]) > 20


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'ks_distanc'"):
        _ = functions.ks_distanc
    assert "ks_distance" in dir(functions)


def test_distances_of_numbers_equal_scipy(rng):
    a, b = np.round(rng.normal(size=300), 1), np.round(rng.normal(0.5, 2, 170), 1)
    holes = np.append(a, np.nan)
    assert functions.ks_distance(holes, b) == pytest.approx(stats.ks_2samp(a, b).statistic)
    assert functions.wasserstein_distance(holes, b) == pytest.approx(
        stats.wasserstein_distance(a, b)
    )
    assert functions.ks_distance(a, np.array([])) == 1.0


def test_distances_of_distributions_equal_scipy(rng):
    p, q = rng.integers(0, 9, (2, 3, 6))
    for one, two, total, shannon, hellinger in zip(
        p,
        q,
        functions.total_variation(p, q),
        functions.jensen_shannon_distance(p, q),
        functions.hellinger_distance(p, q),
        strict=True,
    ):
        one, two = one / one.sum(), two / two.sum()
        assert total == pytest.approx(distance.cityblock(one, two) / 2)
        assert shannon == pytest.approx(distance.jensenshannon(one, two, base=2))
        assert hellinger == pytest.approx(
            distance.euclidean(np.sqrt(one), np.sqrt(two)) / np.sqrt(2)
        )


def test_associations_equal_scipy_and_scikit_learn(rng):
    a = rng.integers(0, 3, 400)
    b = np.where(rng.random(400) < 0.6, a, rng.integers(0, 4, 400))
    table = stats.contingency.crosstab(a, b).count
    assert functions.cramers_v(table) == pytest.approx(stats.contingency.association(table))
    assert functions.mutual_information(table) == pytest.approx(
        sklearn_metrics.normalized_mutual_info_score(a, b)
    )
    x = a + rng.normal(size=400)
    groups = [x[a == level] for level in range(3)]
    between = sum(len(g) * (g.mean() - x.mean()) ** 2 for g in groups)
    expected = np.sqrt(between / ((x - x.mean()) ** 2).sum())
    assert functions.correlation_ratio(x, a) == pytest.approx(expected)


def test_rarefaction_equals_the_hypergeometric_distribution():
    counts = np.array([1, 2, 7, 40])
    missed = [stats.hypergeom(50, count, 12).pmf(0) for count in counts]
    assert functions.rarefaction(counts, 12) == pytest.approx(1 - np.array(missed))


@pytest.mark.parametrize("case", list(PRDC["points"]))
def test_manifold_measures_equal_prdc(case):
    real, synthetic = (np.array(points, float) for points in PRDC["points"][case])
    for name in ("precision", "recall", "density", "coverage"):
        value = getattr(functions, name)(real, synthetic)
        assert value == pytest.approx(PRDC["figures"][case][name], abs=1e-6), name


def test_mmd_equals_scikit_learns_kernels(rng):
    x, y = rng.normal(size=(30, 2)), rng.normal(1, 1, (20, 2))
    own = [(rbf_kernel(p, gamma=0.5).sum() - len(p)) / len(p) / (len(p) - 1) for p in (x, y)]
    expected = sum(own) - 2 * rbf_kernel(x, y, gamma=0.5).mean()
    assert functions.mmd(x, y, 2.0) == pytest.approx(expected)


def test_alpha_precision_and_beta_recall_are_those_of_the_metrics():
    tables = Comparison(*(example(seed=seed) for seed in (1, 2, 3)))
    found = find_neighbours(tables, Run())
    real, synthetic = (
        found.within_table[side].points.astype(float) for side in ("holdout", "synthetic")
    )
    assert functions.alpha_precision(real, synthetic) == pytest.approx(
        _alpha_precision(found, "synthetic")[0]
    )
    assert functions.beta_recall(real, synthetic) == pytest.approx(
        _beta_recall(found, "synthetic")[0]
    )


def test_areas_equal_scikit_learn(rng):
    labels, scores = rng.random(300) < 0.3, np.round(rng.random(300), 1)
    assert functions.auc_delong(labels, scores)[0] == pytest.approx(
        sklearn_metrics.roc_auc_score(labels, scores)
    )
    classes, table = rng.integers(0, 3, 300), rng.random((300, 3))
    table /= table.sum(axis=1, keepdims=True)
    assert functions.auc_one_vs_rest(classes, table) == pytest.approx(
        sklearn_metrics.roc_auc_score(classes, table, multi_class="ovr")
    )


def test_differences_between_groups_equal_plain_rates(rng):
    groups, truth = rng.integers(0, 3, 600), rng.random(600) < 0.5
    selected = rng.random(600) < 0.2 + 0.2 * groups
    rates = [selected[groups == g].mean() for g in range(3)]
    assert functions.demographic_parity_difference(selected, groups) == pytest.approx(
        max(rates) - min(rates)
    )
    odds = [[selected[(groups == g) & kept].mean() for g in range(3)] for kept in (truth, ~truth)]
    assert functions.equalized_odds_difference(truth, selected, groups) == pytest.approx(
        max(max(one) - min(one) for one in odds)
    )


def test_nearness_by_hand():
    train = np.array([[0.0], [1.0], [5.0]])
    copies = functions.dcr_share(np.array([0.0, 0.0]), np.array([1.0, 2.0]))
    assert copies == 1.0
    assert functions.authenticity(train, train) == 0.0
    assert functions.identifiability(train, train) == 1.0


def test_classes_by_hand():
    classes, values = np.array([0, 0, 0, 1, 1]), np.array([0, 1, 2, 2, 2])
    assert functions.k_anonymity(classes) == 2
    assert functions.l_diversity(classes, values) == 1
    assert functions.t_closeness(classes, values) == pytest.approx(0.4)
    # Ordered: cumulated differences 0.2 and 0.4 over two steps.
    assert functions.t_closeness(classes, values, True) == pytest.approx(0.3)
