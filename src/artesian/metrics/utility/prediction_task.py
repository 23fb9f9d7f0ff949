"""What a model is asked: one column of unseen real rows, learned from synthetic or from real ones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from artesian.core.run import Run, Seed
from artesian.metrics.common.arrays import Floats
from artesian.metrics.common.encoding import Encoded, Rows, encode
from artesian.metrics.common.features import Features
from artesian.metrics.protocol import Comparison, NotMeasurable
from artesian.metrics.utility.target import Target, find_target

MIN_TRAIN, MIN_TEST = 50, 20
ROWS, TEST_ROWS, MAX_COLUMNS = 30_000, 20_000, 300

HALF = 40
"""Fewest rows of half a holdout that is learned from."""

_CELLS = 1_500_000  # training rows x features: keeps wide tables affordable


@dataclass(frozen=True, slots=True)
class Task:
    """Keys and free text are no predictors; rows without the target are left out.

    Attributes:
        key: All that this task depends on beside the tables, to remember answers under.
        levels: What the codes of a target with classes stand for.
        real, synthetic: Training rows, as many of either.
        test: Unseen rows.
        middle, spread: Of a numeric target in the real rows; every model sees it scaled by them.
    """

    key: tuple[Any, ...]
    target: Target
    levels: tuple[Any, ...]
    features: Features
    real: Rows
    synthetic: Rows
    test: Rows
    middle: float
    spread: float
    seed: Seed

    @classmethod
    def of(
        cls,
        tables: Comparison,
        run: Run,
        *,
        rows: int = ROWS,
        test_rows: int = TEST_ROWS,
        max_columns: int = MAX_COLUMNS,
    ) -> Self:
        """The task of a comparison; or the reason why there is none.

        Args:
            rows, test_rows: At most so many are drawn by the seed.
            max_columns: Of more predictors, that many are drawn by the seed.
        """
        key = (rows, test_rows, max_columns, run.seed.entropy, run.seed.path)
        return tables.cached(
            ("task", *key), lambda: cls._made(tables, run, rows, test_rows, max_columns, key)
        )

    @classmethod
    def _made(
        cls,
        tables: Comparison,
        run: Run,
        rows: int,
        test_rows: int,
        max_columns: int,
        key: tuple[Any, ...],
    ) -> Self:
        encoded = encode(tables)
        if encoded.holdout is None:
            raise NotMeasurable("it needs a holdout: real rows to predict")
        target = find_target(encoded, tables.real.schema)
        seed = run.seed.child("tstr")
        features = Features.of(encoded, max_columns, seed.child("columns"), without=(target.name,))
        if not features.columns:
            raise NotMeasurable(f"there is nothing to predict {target.name!r} from")
        real, synthetic, unseen = (answered(side, target) for side in _sides(encoded))
        most = min(rows, max(1_000, _CELLS // len(features.owners)))
        size = min(real.height, synthetic.height, most)
        test = unseen.at_most(test_rows, seed.child("holdout"))
        middle, spread = (0.0, 1.0) if target.classes else _moments(real.numbers[target.name])
        made = cls(
            key,
            target,
            encoded.levels.get(target.name, ()),
            features,
            real.at_most(size, seed.child("real")),
            synthetic.at_most(size, seed.child("synthetic")),
            test,
            middle,
            spread,
            seed,
        )
        made.check()
        return made

    def check(self, least: int = MIN_TRAIN) -> None:
        """Refuse rows that nothing can be learned from or tested on.

        Raises:
            NotMeasurable: with the reason.
        """
        if self.real.height < least:
            raise NotMeasurable(
                f"there are {self.real.height} rows to train on, {least} are needed"
            )
        if self.test.height < MIN_TEST:
            raise NotMeasurable(f"there are {self.test.height} unseen rows, not {MIN_TEST}")
        name = self.target.name
        if self.target.classes:
            for rows, called in (
                (self.synthetic, "synthetic"),
                (self.real, "real"),
                (self.test, "unseen"),
            ):
                if len(np.unique(rows.codes[name])) < 2:
                    raise NotMeasurable(f"{name!r} has one class in the {called} rows")
        elif not self.spread < np.inf:
            raise NotMeasurable(f"{name!r} is the same in all real rows")
        elif not float(np.var(self.test.numbers[name])) > 0:
            raise NotMeasurable(f"{name!r} is the same in all unseen rows")

    def answers(self, rows: Rows) -> Any:
        """(rows,) what is to be predicted: codes of classes, or numbers scaled."""
        if self.target.classes:
            return rows.codes[self.target.name]
        return np.clip((rows.numbers[self.target.name] - self.middle) / self.spread, -1e6, 1e6)


@dataclass(frozen=True, slots=True)
class Trio:
    """Three samples to learn from, as many rows of each: synthetic, real, and unseen real ones, which
    show what another sample of the same people would have done; and other unseen rows to test on."""

    task: Task
    unseen: Rows

    @classmethod
    def of(
        cls, tables: Comparison, run: Run, *, rows: int, test_rows: int, max_columns: int
    ) -> Self:
        """Half of the holdout is learned from, half is tested on; or the reason why there is none."""
        task = Task.of(tables, run, rows=rows, max_columns=max_columns)
        seed = task.seed.child("trio")
        holdout = encode(tables).holdout
        assert holdout is not None  # a task has one
        held = answered(holdout, task.target)
        half = held.height // 2
        order = seed.rng().permutation(held.height)
        size = min(half, task.real.height)
        if size < HALF:
            raise NotMeasurable(
                f"half of the holdout is {size} rows, and {HALF} are needed to train on"
            )
        real = task.real.at_most(size, seed.child("real"))
        synthetic = task.synthetic.at_most(size, seed.child("synthetic"))
        test = held.take(np.sort(order[half:])).at_most(test_rows, seed.child("test"))
        unseen = held.take(np.sort(order[:half])).at_most(size, seed.child("unseen"))
        halved = replace(task, real=real, synthetic=synthetic, test=test)
        halved.check(HALF)
        replace(halved, synthetic=unseen).check(HALF)
        return cls(halved, unseen)

    @property
    def sides(self) -> tuple[Rows, Rows, Rows]:
        """Synthetic, real and unseen rows to learn from."""
        return self.task.synthetic, self.task.real, self.unseen


def answered(rows: Rows, target: Target) -> Rows:
    """The rows that have a value in the target column."""
    if target.classes:
        return rows.take(np.flatnonzero(rows.codes[target.name] >= 0))
    return rows.take(np.flatnonzero(~np.isnan(rows.numbers[target.name])))


def _sides(encoded: Encoded) -> tuple[Rows, Rows, Rows]:
    assert encoded.holdout is not None
    return encoded.real, encoded.synthetic, encoded.holdout


def _moments(values: Floats) -> tuple[float, float]:
    """Mean and standard deviation; inf for what does not vary."""
    with np.errstate(over="ignore", invalid="ignore"):
        mean, spread = float(values.mean()), float(values.std())
    return (mean, spread) if np.isfinite(spread) and spread > 0 else (0.0, np.inf)
