"""What learns: a task and training rows go in, a model comes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from artesian.metrics.common.arrays import Floats
from artesian.metrics.common.encoding import Rows
from artesian.metrics.common.features import trainable
from artesian.metrics.common.linear import Design, Logistic, Ridge
from artesian.metrics.utility.prediction_task import Task

Model = Callable[[Floats], Floats]
"""(rows, features) -> (rows, classes) a score for each class, or (rows,) scaled numbers."""

Learner = Callable[[Task, Rows], Model]


def boosted(task: Task, train: Rows) -> Model:
    """Gradient boosting of histogram trees, with scikit-learn's settings but for early stopping."""
    return _boosting(task, train, rounds=100, rate=0.1)


def boosted_again(task: Task, train: Rows) -> Model:
    """`boosted` for refits, of which only the noise is asked: half the rounds in steps twice as long.

    Their scores spread at least as much over the draw of the rows as those of `boosted`, so intervals
    do not become too narrow (`benchmarks/refits.py`).
    """
    return _boosting(task, train, rounds=50, rate=0.2)


def again(learner: Learner) -> Learner:
    """What stands in for a learner in refits."""
    return boosted_again if learner is boosted else learner


def _boosting(task: Task, train: Rows, *, rounds: int, rate: float) -> Model:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    x, y = trainable(task.features.matrix(train)), task.answers(train)
    settings: dict[str, Any] = {
        "learning_rate": rate,
        "max_leaf_nodes": 31,
        "early_stopping": False,
        "random_state": task.seed.child("fit").integer() % 2**32,
    }
    if not task.target.classes:
        number = HistGradientBoostingRegressor(max_iter=rounds, **settings).fit(x, y)
        return lambda matrix: number.predict(matrix)
    # One tree a class and round: many classes get fewer rounds, for the same cost.
    rounds = round(rounds * max(0.25, min(1.0, 2 / len(np.unique(y)))))
    model = HistGradientBoostingClassifier(max_iter=rounds, **settings).fit(x, y)
    return lambda matrix: _spread_out(model.predict_proba(matrix), model.classes_, task)


def linear(task: Task, train: Rows) -> Model:
    """Logistic regression, or ridge regression of a number."""
    x, y, discrete = task.features.matrix(train), task.answers(train), task.features.discrete
    if not task.target.classes:
        return Ridge.fit(x, y, discrete).predict
    model = Logistic.fit(x, y, discrete)
    return lambda matrix: _spread_out(model.predict_proba(matrix), model.classes, task)


def _by_design(classifier: Callable[[int], Any], regressor: Callable[[int], Any] | None) -> Learner:
    """A learner of scikit-learn that wants columns without gaps, on one scale."""

    def learner(task: Task, train: Rows) -> Model:
        matrix = task.features.matrix(train)
        design = Design.of(matrix, task.features.discrete)
        seed = task.seed.child("fit").integer() % 2**32
        make = classifier if task.target.classes else regressor
        assert make is not None
        model = make(seed).fit(design.columns(matrix), task.answers(train))
        if not task.target.classes:
            return lambda other: model.predict(design.columns(other))
        return lambda other: _spread_out(
            model.predict_proba(design.columns(other)), model.classes_, task
        )

    return learner


def competitors(task: Task) -> Mapping[str, Learner]:
    """Learners as unlike each other as they come."""
    from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor
    from sklearn.naive_bayes import GaussianNB
    from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    found: dict[str, Learner] = {
        "linear": linear,
        "boosted trees": boosted,
        "one tree": _by_design(
            lambda seed: DecisionTreeClassifier(max_depth=5, random_state=seed),
            lambda seed: DecisionTreeRegressor(max_depth=5, random_state=seed),
        ),
        "random trees": _by_design(
            lambda seed: ExtraTreesClassifier(50, min_samples_leaf=3, random_state=seed),
            lambda seed: ExtraTreesRegressor(50, min_samples_leaf=3, random_state=seed),
        ),
        "5 neighbours": _by_design(
            lambda seed: KNeighborsClassifier(5), lambda seed: KNeighborsRegressor(5)
        ),
    }
    if task.target.classes:
        found["naive Bayes"] = _by_design(lambda seed: GaussianNB(), None)
    return found


def _spread_out(shares: Floats, classes: Any, task: Task) -> Floats:
    """(rows, learned classes) -> (rows, classes): 0 for those that were never seen."""
    scores = np.zeros((len(shares), len(task.levels)))
    scores[:, classes] = shares
    return scores
