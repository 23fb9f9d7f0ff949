"""Learners of the cross-validation: functions from training rows to a score of other rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from artesian.core.run import Seed
from artesian.metrics.common.arrays import Floats
from artesian.metrics.common.features import trainable
from artesian.metrics.common.linear import Design, expit, logistic, with_intercept
from artesian.metrics.common.roc import Truth

PENALTY = 1.0
"""L2 penalty of the logistic regression on coefficients of standardized columns."""


@dataclass(frozen=True, slots=True)
class TrainingRows:
    """Rows to learn from.

    Attributes:
        matrix: (rows, features), NaN where missing.
        positive: (rows,) the rows of the class.
        weights: (rows,) weight of each row in the loss; None for equal ones.
        discrete: (features,) whether the feature is a category code.
    """

    matrix: Floats
    positive: Truth
    weights: Floats | None
    discrete: Truth

    def with_rows(self, matrix: Floats) -> TrainingRows:
        """Also learn from these rows of the class, (rows, features)."""
        return TrainingRows(
            np.vstack([self.matrix, matrix]),
            np.concatenate([self.positive, np.ones(len(matrix), bool)]),
            None,
            self.discrete,
        )


Predict = Callable[[Floats], Floats]
"""(rows, features) -> (rows,) probability of the class."""

Learner = Callable[[TrainingRows, Seed], Predict]


def linear(train: TrainingRows, seed: Seed) -> Predict:
    """Logistic regression with an L2 penalty, on standardized numbers and dummy-coded categories."""
    design = Design.from_matrix(train.matrix, train.discrete)
    x = with_intercept(design.columns(train.matrix))
    beta, _ = logistic(x, train.positive, PENALTY, weights=train.weights)
    return lambda matrix: expit(with_intercept(design.columns(matrix)) @ beta)


def boosted(train: TrainingRows, seed: Seed) -> Predict:
    """Histogram gradient boosting with the default settings of scikit-learn, without early
    stopping."""
    return _boosting(train, seed, rounds=100, learning_rate=0.1)


def boosted_fast(train: TrainingRows, seed: Seed) -> Predict:
    """`boosted` with half the rounds at two times the learning rate."""
    return _boosting(train, seed, rounds=50, learning_rate=0.2)


def _boosting(train: TrainingRows, seed: Seed, *, rounds: int, learning_rate: float) -> Predict:
    from sklearn.ensemble import HistGradientBoostingClassifier
    from threadpoolctl import threadpool_limits

    settings: dict[str, Any] = {"max_iter": rounds, "learning_rate": learning_rate}
    model = HistGradientBoostingClassifier(
        **settings, early_stopping=False, random_state=seed.integer() % 2**32
    )
    # One thread: for small tables, several are up to ten times slower on a busy machine.
    with threadpool_limits(1):
        model.fit(trainable(train.matrix), train.positive, sample_weight=train.weights)

    def predict(matrix: Floats) -> Floats:
        with threadpool_limits(1):
            return np.asarray(model.predict_proba(matrix)[:, 1], np.float64)

    return predict


LEARNERS: Mapping[str, Learner] = {"logistic regression": linear, "boosted trees": boosted}
