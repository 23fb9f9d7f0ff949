"""Linear models agree with scikit-learn on the same design."""

import numpy as np
import pytest

from artesian.metrics.common.linear import Design, Logistic, Ridge, logistic, with_intercept


@pytest.fixture
def mixed():
    rng = np.random.default_rng(0)
    x = np.column_stack([rng.normal(50, 9, 600), rng.integers(0, 4, 600), rng.exponential(2, 600)])
    x[rng.random(600) < 0.1, 2] = np.nan
    score = (x[:, 0] - 50) / 9 + (x[:, 1] == 2) - np.nan_to_num(x[:, 2])
    return x, score + rng.logistic(size=600), np.array([False, True, False])


def test_a_design_standardizes_numbers_and_marks_categories_and_gaps(mixed):
    x, _, discrete = mixed
    columns = Design.from_matrix(x, discrete).columns(x)
    assert columns.shape == (
        600,
        1 + 3 + 1 + 1,
    )  # a number, 4 categories less one, a number, its gaps
    assert columns[:, 0].mean() == pytest.approx(0)
    assert columns[:, 0].std() == pytest.approx(1)
    assert (columns[np.isnan(x[:, 2]), 4] == 0).all()
    assert (columns[:, 5] == np.isnan(x[:, 2])).all()


def test_two_classes_agree_with_scikit_learn(mixed):
    from sklearn.linear_model import LogisticRegression

    x, y, discrete = mixed
    ours = Logistic.fit(x, (y > 0).astype(int), discrete)
    columns = ours.design.columns(x)
    theirs = LogisticRegression(C=1.0, tol=1e-10, max_iter=5000).fit(columns, y > 0)
    assert ours.coefficients[0, 1:] == pytest.approx(theirs.coef_[0], abs=1e-5)
    assert ours.coefficients[0, 0] == pytest.approx(theirs.intercept_[0], abs=1e-5)
    assert ours.predict_proba(x) == pytest.approx(theirs.predict_proba(columns), abs=1e-5)


def test_ridge_agrees_with_scikit_learn(mixed):
    from sklearn.linear_model import Ridge as Theirs

    x, y, discrete = mixed
    ours = Ridge.fit(x, y, discrete)
    columns = ours.design.columns(x)
    theirs = Theirs(alpha=1.0).fit(columns, y)
    assert ours.predict(x) == pytest.approx(theirs.predict(columns), abs=1e-6)


def test_several_classes_sum_to_one(mixed):
    x, y, discrete = mixed
    labels = np.digitize(y, [-1, 1])
    shares = Logistic.fit(x, labels, discrete).predict_proba(x)
    assert shares.sum(axis=1) == pytest.approx(1)
    assert (shares.argmax(axis=1) == labels).mean() > 0.55


def test_parted_classes_and_redundant_columns_have_a_solution():
    x = np.repeat([[0.0, 0.0, 1.0], [1.0, 1.0, 0.0]], 50, axis=0)
    beta, covariance = logistic(with_intercept(x), x[:, 0] > 0, 1.0)
    assert np.isfinite(beta).all()
    assert np.isfinite(covariance).all()
    assert ((with_intercept(x) @ beta > 0) == (x[:, 0] > 0)).all()


def test_nothing_but_gaps_and_constants():
    x = np.column_stack([np.full(60, np.nan), np.ones(60)])
    labels = np.arange(60) % 2
    shares = Logistic.fit(x, labels, np.array([False, False])).predict_proba(x)
    assert shares == pytest.approx(0.5, abs=1e-6)
