"""Measures of a score against scikit-learn, and corrected intervals against the formula."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from artesian.augmentation.intervals import corrected_interval
from artesian.augmentation.measures import best_threshold, f1, measure


def scored(seed: int, rows: int = 80) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    positive = rng.random(rows) < 0.2
    positive[:2] = True, False
    return positive, np.round(np.clip(0.3 * positive + rng.random(rows) * 0.7, 0, 1), 2)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 200))
def test_measures_equal_those_of_scikit_learn(seed: int) -> None:
    from sklearn import metrics

    positive, scores = scored(seed)
    figures = measure(positive, scores, threshold=0.4)
    assert np.isclose(figures["auprc"], metrics.average_precision_score(positive, scores))
    assert np.isclose(figures["auroc"], metrics.roc_auc_score(positive, scores))
    assert np.isclose(figures["brier"], metrics.brier_score_loss(positive, scores))
    assert np.isclose(figures["f1"], metrics.f1_score(positive, scores >= 0.5, zero_division=0))
    assert np.isclose(figures["f1_tuned"], metrics.f1_score(positive, scores >= 0.4))
    precision, recall, _ = metrics.precision_recall_curve(positive, scores)
    assert np.isclose(figures["recall_at_precision"], recall[precision >= 0.5].max())


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 200))
def test_no_threshold_has_a_larger_f1_than_the_best_one(seed: int) -> None:
    positive, scores = scored(seed)
    best = f1(positive, scores >= best_threshold(positive, scores))
    assert best >= max(f1(positive, scores >= one) for one in np.linspace(0, 1, 101)) - 1e-12


def test_the_interval_is_that_of_nadeau_and_bengio() -> None:
    from scipy.stats import t

    differences = np.array([0.02, 0.05, -0.01, 0.03, 0.04, 0.00, 0.06, 0.01, 0.02, 0.03])
    interval = corrected_interval(differences, folds=5)
    variance = differences.var(ddof=1) * (1 / 10 + 1 / 4)
    half = t.ppf(0.975, 9) * variance**0.5
    assert interval.mean == pytest.approx(0.025)
    assert interval.high - interval.mean == pytest.approx(half)
    # Wider than the interval that takes the resamples for independent.
    assert half > 1.8 * t.ppf(0.975, 9) * (differences.var(ddof=1) / 10) ** 0.5


def test_no_difference_has_an_interval_of_no_width() -> None:
    assert corrected_interval(np.zeros(10), folds=5).to_dict() == {"mean": 0, "low": 0, "high": 0}
