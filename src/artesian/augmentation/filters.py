"""Filters of generated rows of a class, each with the fraction of real rows that it would drop.

Every limit is a quantile of real rows of the class, so a filter drops about as many of the generated
rows as of the real ones if they follow the same distribution.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
import polars as pl

from artesian.augmentation.features import Space
from artesian.augmentation.learners import Predict, TrainingRows, boosted_fast
from artesian.augmentation.task import ClassTask
from artesian.core.errors import UsageError, did_you_mean
from artesian.core.run import Run, Seed
from artesian.metrics.common.arrays import Floats
from artesian.metrics.common.roc import Truth

PLAUSIBILITY, DUPLICATES, CONSISTENCY, KEYS = "plausibility", "duplicates", "consistency", "keys"

DESCRIPTIONS: Mapping[str, str] = {
    PLAUSIBILITY: "farther from the nearest real row than 99 % of the real rows of the class are",
    DUPLICATES: "the same as a real row, apart from keys",
    CONSISTENCY: "less like the class than 95 % of its real rows, for boosted trees that were fitted "
    "without them",
    KEYS: "with the key of a real row or of an earlier one",
}
"""Filter -> the rows that it drops."""

OPTIONAL = (PLAUSIBILITY, DUPLICATES, CONSISTENCY)

FAR, UNLIKE = 0.99, 0.05
"""Quantiles of the real rows of the class that are the limits of distance and score."""

MAX_COPIES = 0.1
"""Fraction of real rows with a copy from which on copies are usual and are not dropped."""

FOLDS = 3
MAX_ROWS = 20_000
"""Real rows among which the nearest is searched."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Filters fitted on real rows.

    Attributes:
        names: The filters that are used, in order.
        reference: Filter -> fraction of the real rows of the class that it would drop.
    """

    names: tuple[str, ...]
    reference: Mapping[str, float]
    _task: ClassTask
    _space: Space
    _points: Floats
    _far: float
    _score: Predict
    _unlike: float
    _copies: pl.Series
    _keys: pl.DataFrame

    @classmethod
    def fit(cls, task: ClassTask, names: Collection[str], run: Run) -> Self:
        """Fit the filters `names` on the rows of `task`."""
        space = Space.from_matrix(task.matrix, task.features.discrete)
        points, far, beyond = _distances(task, space, run.seed.child("rows"))
        score, unlike, inconsistent = _consistency(task, run.seed.child("consistency"))
        hashes = _hashes(task, task.table.frame)
        counts = hashes.value_counts(name="n")
        repeated = hashes.filter(pl.Series(task.positive)).is_in(
            counts.filter(pl.col("n") > 1)[hashes.name].implode()
        )
        copies = float(repeated.to_numpy().mean())
        keys = task.table.frame.select(task.table.schema.key)
        used = [n for n in OPTIONAL if n in names and (n != DUPLICATES or copies <= MAX_COPIES)]
        used += [KEYS] if keys.width else []
        reference = {
            PLAUSIBILITY: beyond,
            DUPLICATES: copies,
            CONSISTENCY: inconsistent,
            KEYS: float(keys.is_duplicated().to_numpy().mean()) if keys.width else 0.0,
        }
        return cls(tuple(used), reference, task, space, points, far, score, unlike, hashes, keys)

    def dropped(self, frame: pl.DataFrame) -> dict[str, Truth]:
        """For each filter which of the rows it drops, (rows,)."""
        masks: dict[str, Truth] = {}
        matrix = self._task.features.matrix(frame)
        for name in self.names:
            if name == PLAUSIBILITY:
                distances = _nearest(self._points, self._space.coordinates(matrix), 1)[:, 0]
                masks[name] = distances > self._far
            elif name == CONSISTENCY:
                masks[name] = self._score(matrix) < self._unlike
            elif name == DUPLICATES:
                masks[name] = _hashes(self._task, frame).is_in(self._copies.implode()).to_numpy()
            else:
                masks[name] = self.repeated_keys(frame)
        return masks

    def repeated_keys(self, frame: pl.DataFrame) -> Truth:
        """Which rows have the key of a real row or of an earlier row, (rows,)."""
        keys = frame.select(self._keys.columns)
        every = pl.concat([self._keys, keys], how="vertical_relaxed")
        first = every.select(pl.struct(pl.all()).is_first_distinct()).to_series()
        repeated: Truth = ~first.to_numpy()[self._keys.height :]
        return repeated


def parse_filters(names: Collection[str] | None) -> tuple[str, ...]:
    """Names of filters; None for all, and 'none' for none.

    Raises:
        UsageError: There is no such filter.
    """
    if names is None:
        return OPTIONAL
    if list(names) == ["none"]:
        return ()
    for name in names:
        if name not in OPTIONAL:
            raise UsageError(
                f"there is no filter {name!r}", hint=did_you_mean(name, [*OPTIONAL, "none"])
            )
    return tuple(n for n in OPTIONAL if n in names)


def _distances(task: ClassTask, space: Space, seed: Seed) -> tuple[Floats, float, float]:
    """Coordinates of real rows, the limit of the distance, and the real rows of the class beyond."""
    own = np.flatnonzero(task.positive)
    others = np.flatnonzero(~task.positive)
    rest = max(MAX_ROWS - len(own), 1)
    if len(others) > rest:
        others = np.sort(seed.rng().permutation(others)[:rest])
    points = space.coordinates(task.matrix[np.concatenate([own, others])])
    distances = _nearest(points, points[: len(own)], 2)[:, 1]
    far = float(np.quantile(distances, FAR, method="higher"))
    return points, far, float((distances > far).mean())


def _nearest(points: Floats, rows: Floats, count: int) -> Floats:
    """Distances of `rows` to their nearest `points`, (rows, count)."""
    from sklearn.neighbors import NearestNeighbors
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        search = NearestNeighbors(n_neighbors=min(count, len(points))).fit(points)
        distances, _ = search.kneighbors(rows)
    return np.asarray(distances, np.float64)


def _consistency(task: ClassTask, seed: Seed) -> tuple[Predict, float, float]:
    """A score of the class, the limit of it, and the real rows of the class below the limit."""
    train = TrainingRows(task.matrix, task.positive, None, task.features.discrete)
    folds = task.folds(FOLDS, seed)
    scores = np.zeros(len(task))
    for fold in range(int(folds.max()) + 1):
        inside, outside = folds != fold, folds == fold
        part = TrainingRows(train.matrix[inside], train.positive[inside], None, train.discrete)
        scores[outside] = boosted_fast(part, seed.child(fold))(train.matrix[outside])
    own = scores[task.positive]
    unlike = float(np.quantile(own, UNLIKE, method="lower"))
    return boosted_fast(train, seed.child("all")), unlike, float((own < unlike).mean())


def _hashes(task: ClassTask, frame: pl.DataFrame) -> pl.Series:
    """(rows,) hashes of all columns but keys."""
    schema = task.table.schema
    names = [c.name for c in schema if c.name not in schema.key and c.kind.value != "key"]
    return frame.select(names).hash_rows(seed=0)
