"""Filters of generated rows of a class, each with the fraction of real rows that it would drop.

Every limit is a quantile of real rows of the class, so a filter drops about as many of the generated
rows as of the real ones if they follow the same distribution.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
import polars as pl

from artesian.augmentation.features import Space
from artesian.augmentation.learners import Predict, TrainingRows, boosted_fast
from artesian.augmentation.task import ClassTask
from artesian.core.errors import UsageError, did_you_mean
from artesian.core.run import Run, Seed
from artesian.data.schema import Kind
from artesian.metrics.common.arrays import Floats
from artesian.metrics.common.roc import Truth
from artesian.relations.rules import Unique, parse_rules

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


class RowFilter(Protocol):
    """A filter that was fitted on real rows."""

    @property
    def reference(self) -> float:
        """Fraction of the real rows of the class that it would drop."""
        ...

    def drops(self, frame: pl.DataFrame, matrix: Floats) -> Truth:
        """Which rows it drops, (rows,), of a frame and its features, (rows, features)."""
        ...


@dataclass(frozen=True, slots=True)
class Plausibility:
    """Drops rows that are far from all real rows.

    Attributes:
        points: (n, coordinates) real rows.
        far: Distance to the nearest of them beyond which a row is dropped.
    """

    reference: float
    space: Space
    points: Floats
    far: float

    @classmethod
    def fit(cls, task: ClassTask, seed: Seed) -> Self:
        """Take the limit from the distances of real rows of the class to their nearest other row."""
        space = Space.from_matrix(task.matrix, task.features.discrete)
        own, others = np.flatnonzero(task.positive), np.flatnonzero(~task.positive)
        others = seed.rng().permutation(others)[: max(MAX_ROWS - len(own), 1)]
        points = space.coordinates(task.matrix[np.concatenate([own, np.sort(others)])])
        distances = _nearest(points, points[: len(own)], 2)[:, 1]
        far = float(np.quantile(distances, FAR, method="higher"))
        return cls(float((distances > far).mean()), space, points, far)

    def drops(self, frame: pl.DataFrame, matrix: Floats) -> Truth:
        """Rows that are farther than the limit from the nearest real row."""
        far: Truth = _nearest(self.points, self.space.coordinates(matrix), 1)[:, 0] > self.far
        return far


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Drops copies of real rows; `reference` is the fraction of real rows with a copy."""

    reference: float
    columns: tuple[str, ...]
    hashes: pl.Series

    @classmethod
    def fit(cls, task: ClassTask) -> Self:
        """Hash all columns of the real rows but keys."""
        schema = task.table.schema
        columns = tuple(
            c.name for c in schema if c.name not in schema.key and c.kind is not Kind.KEY
        )
        hashes = task.table.frame.select(columns).hash_rows(seed=0)
        _, at, counts = np.unique(hashes.to_numpy(), return_inverse=True, return_counts=True)
        return cls(float((counts[at] > 1)[task.positive].mean()), columns, hashes)

    def drops(self, frame: pl.DataFrame, matrix: Floats) -> Truth:
        """Rows that are the same as a real row."""
        hashes = frame.select(self.columns).hash_rows(seed=0)
        return hashes.is_in(self.hashes.implode()).to_numpy()


@dataclass(frozen=True, slots=True)
class Consistency:
    """Drops rows that a classifier takes for another class.

    Attributes:
        score: Probability of the class.
        unlike: Probability below which a row is dropped.
    """

    reference: float
    score: Predict
    unlike: float

    @classmethod
    def fit(cls, task: ClassTask, seed: Seed) -> Self:
        """Take the limit from real rows of the class that the classifier was not fitted on."""
        train = TrainingRows(task.matrix, task.positive, None, task.features.discrete)
        folds, scores = task.folds(FOLDS, seed), np.zeros(len(task))
        for fold in range(int(folds.max()) + 1):
            inside, outside = folds != fold, folds == fold
            part = TrainingRows(train.matrix[inside], train.positive[inside], None, train.discrete)
            scores[outside] = boosted_fast(part, seed.child(fold))(train.matrix[outside])
        own = scores[task.positive]
        unlike = float(np.quantile(own, UNLIKE, method="lower"))
        score = boosted_fast(train, seed.child("all"))
        return cls(float((own < unlike).mean()), score, unlike)

    def drops(self, frame: pl.DataFrame, matrix: Floats) -> Truth:
        """Rows with a lower probability of the class than the limit."""
        unlike: Truth = self.score(matrix) < self.unlike
        return unlike


@dataclass(frozen=True, slots=True)
class Keys:
    """Drops rows whose key, or other values that are to be unique, are taken.

    Attributes:
        keys: The values of the real rows, a frame for each set of columns.
    """

    reference: float
    keys: tuple[pl.DataFrame, ...]

    @classmethod
    def fit(cls, task: ClassTask) -> Self | None:
        """Take the keys of the real rows; None if nothing has to be unique."""
        schema = task.table.schema
        rules = parse_rules(schema.constraints, schema.names)
        sets = [rule.names for rule in rules if isinstance(rule, Unique)]
        sets = [*([schema.key] if schema.key else []), *sets]
        keys = tuple(task.table.frame.select(names) for names in dict.fromkeys(sets))
        if not keys:
            return None
        return cls(max(float(one.is_duplicated().to_numpy().mean()) for one in keys), keys)

    def drops(self, frame: pl.DataFrame, matrix: Floats) -> Truth:
        """Rows with the key of a real row or of an earlier row."""
        repeated: Truth = np.zeros(frame.height, bool)
        for keys in self.keys:
            every = pl.concat([keys, frame.select(keys.columns)])
            first = every.select(pl.struct(pl.all()).is_first_distinct()).to_series()
            repeated |= ~first.to_numpy()[keys.height :]
        return repeated


@dataclass(frozen=True, slots=True)
class Filters:
    """Filters that were fitted on real rows.

    Attributes:
        used: The filters by name.
        unused: Filter that was asked for -> why it is not used.
    """

    used: Mapping[str, RowFilter]
    unused: Mapping[str, str]
    _task: ClassTask

    @classmethod
    def fit(cls, task: ClassTask, names: Collection[str], run: Run) -> Self:
        """Fit the filters `names`, and that of keys, on the rows of `task`."""
        used: dict[str, RowFilter] = {}
        unused: dict[str, str] = {}
        if PLAUSIBILITY in names:
            used[PLAUSIBILITY] = Plausibility.fit(task, run.seed.child("rows"))
        if DUPLICATES in names:
            copies = Duplicates.fit(task)
            used |= {DUPLICATES: copies} if copies.reference <= MAX_COPIES else {}
            if copies.reference > MAX_COPIES:
                unused[DUPLICATES] = (
                    f"{copies.reference:.0%} of the real rows of the class have a copy, so copies are "
                    "usual in this table"
                )
        if CONSISTENCY in names:
            used[CONSISTENCY] = Consistency.fit(task, run.seed.child("consistency"))
        keys = Keys.fit(task)
        used |= {} if keys is None else {KEYS: keys}
        return cls(used, unused, task)

    def dropped(
        self, frame: pl.DataFrame, earlier: Sequence[pl.DataFrame] = ()
    ) -> dict[str, Truth]:
        """For each filter which of the rows it drops, (rows,).

        Args:
            earlier: Rows that were kept before, whose keys are taken.
        """
        matrix = self._task.features.matrix(frame)
        masks = {name: one.drops(frame, matrix) for name, one in self.used.items() if name != KEYS}
        if KEYS in self.used:
            every = pl.concat([*earlier, frame])
            masks[KEYS] = self.used[KEYS].drops(every, matrix)[every.height - frame.height :]
        return masks


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


def _nearest(points: Floats, rows: Floats, count: int) -> Floats:
    """Distances of `rows` to their nearest `points`, (rows, count)."""
    from sklearn.neighbors import NearestNeighbors
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # sums of several threads depend on their order
        search = NearestNeighbors(n_neighbors=min(count, len(points))).fit(points)
        distances, _ = search.kneighbors(rows)
    return np.asarray(distances, np.float64)
