"""Cheap treatments of a rare class: weights, random over-sampling, and SMOTE."""

from __future__ import annotations

import numpy as np

from artesian.augmentation.features import Space
from artesian.augmentation.learners import TrainingRows
from artesian.core.run import Seed
from artesian.metrics.common.arrays import Floats, Ints

NEIGHBOURS = 5
"""Neighbours of a row among which SMOTE interpolates, as in the paper."""


def class_weights(train: TrainingRows, extra: int) -> TrainingRows:
    """Weigh the rows of the class as if there were `extra` more of them, with a mean weight of 1."""
    positives = int(train.positive.sum())
    weights = np.where(train.positive, (positives + extra) / positives, 1.0)
    weights *= len(weights) / weights.sum()
    return TrainingRows(train.matrix, train.positive, weights, train.discrete)


def oversample(train: TrainingRows, extra: int, seed: Seed) -> TrainingRows:
    """Repeat `extra` rows of the class, drawn with replacement."""
    rows = np.flatnonzero(train.positive)
    return train.with_rows(train.matrix[seed.rng().choice(rows, extra)])


def smote(train: TrainingRows, extra: int, seed: Seed) -> TrainingRows:
    """Add `extra` points between a row of the class and one of its nearest rows of the class.

    SMOTE-NC of Chawla et al. 2002: a category is that of the majority of the nearest rows. A number
    that is missing in one of the two rows is that of the first row. A single row is repeated.
    """
    rows = train.matrix[train.positive]
    neighbours = nearest(Space.from_matrix(train.matrix, train.discrete).coordinates(rows))
    return train.with_rows(interpolated(rows, neighbours, train.discrete, extra, seed))


def nearest(points: Floats) -> Ints:
    """Positions of the nearest other points, shape (n, k); a single point is its own neighbour."""
    from sklearn.neighbors import NearestNeighbors
    from threadpoolctl import threadpool_limits

    if len(points) == 1:
        return np.zeros((1, 1), np.int64)
    with threadpool_limits(1):  # sums of several threads depend on their order
        search = NearestNeighbors(n_neighbors=min(NEIGHBOURS, len(points) - 1)).fit(points)
        return np.asarray(search.kneighbors(return_distance=False), np.int64)


def interpolated(
    rows: Floats, neighbours: Ints, discrete: np.ndarray, count: int, seed: Seed
) -> Floats:
    """`count` points between rows and their neighbours, shape (count, features).

    Args:
        rows: (n, features) the rows of the class.
        neighbours: (n, k) positions of the nearest rows of each row.
        discrete: (features,) whether the feature is a category code.
    """
    rng = seed.rng()
    first = rng.integers(len(rows), size=count)
    other = neighbours[first, rng.integers(neighbours.shape[1], size=count)]
    start, end = rows[first], rows[other]
    points: Floats = start + rng.random((count, 1)) * (end - start)
    points = np.where(np.isnan(points), start, points)
    for at in np.flatnonzero(discrete):
        points[:, at] = _majority(rows[neighbours, at])[first]
    return points


def _majority(codes: Floats) -> Floats:
    """The most frequent code of each row of (n, k), the nearest of equally frequent ones."""
    same = (codes[:, :, None] == codes[:, None, :]) | (
        np.isnan(codes)[:, :, None] & np.isnan(codes)[:, None, :]
    )
    best = same.sum(axis=2).argmax(axis=1)
    chosen: Floats = codes[np.arange(len(codes)), best]
    return chosen
