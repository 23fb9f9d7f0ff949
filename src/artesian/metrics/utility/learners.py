"""Learners: functions from a task and training rows to a model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from artesian.metrics.common.arrays import Floats
from artesian.metrics.common.encoding import Rows
from artesian.metrics.common.features import trainable
from artesian.metrics.common.linear import Design, Logistic, Ridge
from artesian.metrics.utility.prediction_task import PredictionTask

Model = Callable[[Floats], Floats]
"""(rows, features) -> (rows, classes) a score for each class, or (rows,) standardized numbers."""

Learner = Callable[[PredictionTask, Rows], Model]


def boosted(task: PredictionTask, train: Rows) -> Model:
    """Histogram gradient boosting with the default settings of scikit-learn, without early
    stopping."""
    return _boosting(task, train, rounds=100, learning_rate=0.1)


def boosted_refit(task: PredictionTask, train: Rows) -> Model:
    """`boosted` for refits, which only estimate a variance: half the rounds, double the learning
    rate.

    The variance of its scores over training samples is at least that of `boosted`, so intervals do
    not become too narrow (`benchmarks/refits.py`).
    """
    return _boosting(task, train, rounds=50, learning_rate=0.2)


def refit_learner(learner: Learner) -> Learner:
    """The learner that is used in refits of `learner`."""
    return boosted_refit if learner is boosted else learner


def _boosting(task: PredictionTask, train: Rows, *, rounds: int, learning_rate: float) -> Model:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    x, y = trainable(task.features.matrix(train)), task.labels(train)
    settings: dict[str, Any] = {
        "learning_rate": learning_rate,
        "max_leaf_nodes": 31,
        "early_stopping": False,
        "random_state": task.seed.child("fit").integer() % 2**32,
    }
    if not task.target.classes:
        number = HistGradientBoostingRegressor(max_iter=rounds, **settings).fit(x, y)
        return lambda matrix: number.predict(matrix)
    # One tree per class and round: fewer rounds for many classes, at the same cost.
    rounds = round(rounds * max(0.25, min(1.0, 2 / len(np.unique(y)))))
    model = HistGradientBoostingClassifier(max_iter=rounds, **settings).fit(x, y)
    return lambda matrix: _all_classes(model.predict_proba(matrix), model.classes_, task)


def linear(task: PredictionTask, train: Rows) -> Model:
    """Logistic regression, or ridge regression for a number."""
    x, y, discrete = task.features.matrix(train), task.labels(train), task.features.discrete
    if not task.target.classes:
        return Ridge.fit(x, y, discrete).predict
    model = Logistic.fit(x, y, discrete)
    return lambda matrix: _all_classes(model.predict_proba(matrix), model.classes, task)


def _on_design_matrix(
    classifier: Callable[[int], Any], regressor: Callable[[int], Any] | None
) -> Learner:
    """A scikit-learn learner on the design matrix: standardized, without missing values."""

    def learner(task: PredictionTask, train: Rows) -> Model:
        matrix = task.features.matrix(train)
        design = Design.from_matrix(matrix, task.features.discrete)
        seed = task.seed.child("fit").integer() % 2**32
        make_model = classifier if task.target.classes else regressor
        assert make_model is not None
        model = make_model(seed).fit(design.columns(matrix), task.labels(train))
        if not task.target.classes:
            return lambda other: model.predict(design.columns(other))
        return lambda other: _all_classes(
            model.predict_proba(design.columns(other)), model.classes_, task
        )

    return learner


def one_tree(task: PredictionTask, train: Rows) -> Model:
    """A decision tree of depth 8: 12 milliseconds for 1,500 rows, whatever the number of classes."""
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    return _on_design_matrix(
        lambda seed: DecisionTreeClassifier(max_depth=8, min_samples_leaf=10, random_state=seed),
        lambda seed: DecisionTreeRegressor(max_depth=8, min_samples_leaf=10, random_state=seed),
    )(task, train)


def competitors(task: PredictionTask) -> Mapping[str, Learner]:
    """Diverse learners by name."""
    from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor
    from sklearn.naive_bayes import GaussianNB
    from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    learners: dict[str, Learner] = {
        "linear": linear,
        "boosted trees": boosted,
        "one tree": _on_design_matrix(
            lambda seed: DecisionTreeClassifier(max_depth=5, random_state=seed),
            lambda seed: DecisionTreeRegressor(max_depth=5, random_state=seed),
        ),
        "random trees": _on_design_matrix(
            lambda seed: ExtraTreesClassifier(50, min_samples_leaf=3, random_state=seed),
            lambda seed: ExtraTreesRegressor(50, min_samples_leaf=3, random_state=seed),
        ),
        "5 neighbours": _on_design_matrix(
            lambda seed: KNeighborsClassifier(5), lambda seed: KNeighborsRegressor(5)
        ),
    }
    if task.target.classes:
        learners["naive Bayes"] = _on_design_matrix(lambda seed: GaussianNB(), None)
    return learners


def _all_classes(probabilities: Floats, classes: Any, task: PredictionTask) -> Floats:
    """(rows, learned classes) -> (rows, classes): 0 for classes not in the training rows."""
    scores = np.zeros((len(probabilities), len(task.levels)))
    scores[:, classes] = probabilities
    return scores
