"""Class weights, over-sampling and SMOTE."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from artesian.augmentation.baselines import class_weights, nearest, oversample, smote
from artesian.augmentation.features import Space
from artesian.augmentation.learners import TrainingRows, linear
from artesian.core.run import Seed


def rows(positives: int = 8, count: int = 60, seed: int = 1) -> TrainingRows:
    rng = np.random.default_rng(seed)
    matrix = np.column_stack([rng.normal(size=(count, 2)), rng.integers(3, size=count)])
    positive = np.arange(count) < positives
    return TrainingRows(matrix, positive, None, np.array([False, False, True]))


def test_class_weights_make_the_class_as_heavy_as_more_rows_would() -> None:
    weighted = class_weights(rows(), extra=44)
    assert weighted.weights is not None
    heavy = weighted.weights[weighted.positive].sum() / weighted.weights.sum()
    assert np.isclose(heavy, (8 + 44) / (60 + 44))
    assert np.isclose(weighted.weights.mean(), 1)


def test_weights_of_the_logistic_regression_are_repeated_rows() -> None:
    train = rows()
    repeated = train.with_rows(np.repeat(train.matrix[train.positive], 3, axis=0))
    weights = np.where(train.positive, 4.0, 1.0)
    weighted = TrainingRows(train.matrix, train.positive, weights, train.discrete)
    # The same design for both: standardized by the same rows.
    one, other = (linear(each, Seed(0))(train.matrix) for each in (weighted, repeated))
    assert np.abs(one - other).max() < 0.1


def test_over_sampling_repeats_rows_of_the_class() -> None:
    train = rows()
    added = oversample(train, 30, Seed(0)).matrix[60:]
    assert len(added) == 30
    assert {tuple(row) for row in added} <= {tuple(row) for row in train.matrix[:8]}


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 12), st.integers(0, 5))
def test_smote_points_are_between_a_row_of_the_class_and_a_near_one(
    positives: int, seed: int
) -> None:
    train = rows(positives, seed=seed)
    own = train.matrix[:positives]
    more = smote(train, 25, Seed(seed))
    assert more.positive[60:].all()
    neighbours = nearest(Space.from_matrix(train.matrix, train.discrete).coordinates(own))
    for point in more.matrix[60:, :2]:
        starts = own[:, None, :2]
        ends = own[neighbours][:, :, :2]
        along, across = point - starts, ends - starts
        length = np.maximum((across**2).sum(-1), 1e-30)
        at = np.clip((along * across).sum(-1) / length, 0, 1)
        assert (((along - at[..., None] * across) ** 2).sum(-1)).min() < 1e-18


def test_smote_takes_the_category_of_the_majority_and_keeps_missing_numbers() -> None:
    matrix = np.array([[0.0, 1], [0.1, 1], [0.2, 1], [np.nan, 2], [5.0, 0], [6.0, 0]])
    positive = np.array([True] * 4 + [False] * 2)
    train = TrainingRows(matrix, positive, None, np.array([False, True]))
    added = smote(train, 200, Seed(1)).matrix[6:]
    assert set(added[:, 1]) == {1.0}
    numbers = added[:, 0]
    assert np.isnan(numbers).any()
    assert numbers[~np.isnan(numbers)].max() <= 0.2
