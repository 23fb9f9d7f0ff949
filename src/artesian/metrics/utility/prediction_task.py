"""The prediction task: one column of holdout rows, learned from synthetic or from real rows."""

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

MIN_HALF = 40
"""Minimum number of rows of half of the holdout, to train on."""

_MAX_VALUES = 1_500_000  # training rows x features: bounds the cost for wide tables


@dataclass(frozen=True, slots=True)
class PredictionTask:
    """The data of a prediction task. Keys and free text are not predictors; rows without the target
    are left out.

    Attributes:
        key: All that the task depends on except for the tables, as a cache key.
        levels: The classes of the target by code.
        real, synthetic: Rows to train on, the same number of each.
        test: Holdout rows to test on.
        center, scale: Mean and standard deviation of a numeric target in the real rows.
    """

    key: tuple[Any, ...]
    target: Target
    levels: tuple[Any, ...]
    features: Features
    real: Rows
    synthetic: Rows
    test: Rows
    center: float
    scale: float
    seed: Seed

    @classmethod
    def from_comparison(
        cls,
        tables: Comparison,
        run: Run,
        *,
        rows: int = ROWS,
        test_rows: int = TEST_ROWS,
        max_columns: int = MAX_COLUMNS,
    ) -> Self:
        """Draw the task of a comparison; cached.

        Args:
            rows, test_rows: Maximum numbers of rows to train and to test on.
            max_columns: Of more predictors, a random choice.

        Raises:
            NotMeasurable: there is no holdout or target, or there are too few rows.
        """
        key = (rows, test_rows, max_columns, run.seed.entropy, run.seed.path)
        return tables.cached(
            ("task", *key),
            lambda: cls.from_target(
                encode(tables),
                find_target(_with_holdout(encode(tables)), tables.real.schema),
                run.seed.child("tstr"),
                rows=rows,
                test_rows=test_rows,
                max_columns=max_columns,
                key=key,
            ),
        )

    @classmethod
    def from_target(
        cls,
        encoded: Encoded,
        target: Target,
        seed: Seed,
        *,
        rows: int = ROWS,
        test_rows: int = TEST_ROWS,
        max_columns: int = MAX_COLUMNS,
        key: tuple[Any, ...] = (),
    ) -> Self:
        """Draw the task of predicting `target`; arguments and errors as for `from_comparison`."""
        _with_holdout(encoded)
        features = Features.from_encoded(
            encoded, max_columns, seed.child("columns"), without=(target.name,)
        )
        if not features.columns:
            raise NotMeasurable(f"there is nothing to predict {target.name!r} from")
        real, synthetic, holdout = (rows_with_target(side, target) for side in _all_rows(encoded))
        max_rows = min(rows, max(1_000, _MAX_VALUES // len(features.owners)))
        size = min(real.height, synthetic.height, max_rows)
        test = holdout.subsample(test_rows, seed.child("holdout"))
        center, scale = (
            (0.0, 1.0) if target.classes else _center_and_scale(real.numbers[target.name])
        )
        task = cls(
            key,
            target,
            encoded.levels.get(target.name, ()),
            features,
            real.subsample(size, seed.child("real")),
            synthetic.subsample(size, seed.child("synthetic")),
            test,
            center,
            scale,
            seed,
        )
        task.check()
        return task

    def check(self, min_rows: int = MIN_TRAIN) -> None:
        """Check that there are enough rows and values to train and to test on.

        Raises:
            NotMeasurable: there are not.
        """
        if self.real.height < min_rows:
            raise NotMeasurable(
                f"there are {self.real.height} rows to train on, {min_rows} are needed"
            )
        if self.test.height < MIN_TEST:
            raise NotMeasurable(
                f"there are {self.test.height} holdout rows to test on, {MIN_TEST} are needed"
            )
        name = self.target.name
        if self.target.classes:
            for rows, label in (
                (self.synthetic, "synthetic"),
                (self.real, "real"),
                (self.test, "holdout"),
            ):
                if len(np.unique(rows.codes[name])) < 2:
                    raise NotMeasurable(f"{name!r} has one class in the {label} rows")
        elif not self.scale < np.inf:
            raise NotMeasurable(f"{name!r} is the same in all real rows")
        elif not np.ptp(np.clip(self.test.numbers[name], -1e300, 1e300) / 2) > 0:
            raise NotMeasurable(f"{name!r} is the same in all holdout rows")

    def labels(self, rows: Rows) -> Any:
        """(rows,) the target: class codes, or standardized numbers."""
        if self.target.classes:
            return rows.codes[self.target.name]
        return np.clip((rows.numbers[self.target.name] - self.center) / self.scale, -1e6, 1e6)


@dataclass(frozen=True, slots=True)
class ThreeSampleTask:
    """A task with three samples to train on, the same number of synthetic, training and holdout
    rows. Half of the holdout is used for training, as a second real sample; the other half is
    tested on."""

    task: PredictionTask
    holdout: Rows

    @classmethod
    def from_comparison(
        cls, tables: Comparison, run: Run, *, rows: int, test_rows: int, max_columns: int
    ) -> Self:
        """Split the holdout of a comparison into halves to train and to test on.

        Raises:
            NotMeasurable: there is no task, or half of the holdout is too small.
        """
        task = PredictionTask.from_comparison(tables, run, rows=rows, max_columns=max_columns)
        return cls.from_task(task, encode(tables), test_rows=test_rows)

    @classmethod
    def from_task(cls, task: PredictionTask, encoded: Encoded, *, test_rows: int) -> Self:
        """The same for the task of any target."""
        seed = task.seed.child("trio")
        holdout = _with_holdout(encoded).holdout
        assert holdout is not None
        with_target = rows_with_target(holdout, task.target)
        half = with_target.height // 2
        permutation = seed.rng().permutation(with_target.height)
        size = min(half, task.real.height)
        if size < MIN_HALF:
            raise NotMeasurable(
                f"half of the holdout has {size} rows, and {MIN_HALF} are needed to train on"
            )
        real = task.real.subsample(size, seed.child("real"))
        synthetic = task.synthetic.subsample(size, seed.child("synthetic"))
        test = with_target.take(np.sort(permutation[half:])).subsample(
            test_rows, seed.child("test")
        )
        holdout = with_target.take(np.sort(permutation[:half])).subsample(
            size, seed.child("unseen")
        )
        half_task = replace(task, real=real, synthetic=synthetic, test=test)
        half_task.check(MIN_HALF)
        replace(half_task, synthetic=holdout).check(MIN_HALF)
        return cls(half_task, holdout)

    @property
    def sides(self) -> tuple[Rows, Rows, Rows]:
        """The synthetic, training and holdout rows to train on."""
        return self.task.synthetic, self.task.real, self.holdout


def rows_with_target(rows: Rows, target: Target) -> Rows:
    """Select the rows that have a target value."""
    if target.classes:
        return rows.take(np.flatnonzero(rows.codes[target.name] >= 0))
    return rows.take(np.flatnonzero(~np.isnan(rows.numbers[target.name])))


def _with_holdout(encoded: Encoded) -> Encoded:
    if encoded.holdout is None:
        raise NotMeasurable("it needs a holdout: real rows to test on")
    return encoded


def _all_rows(encoded: Encoded) -> tuple[Rows, Rows, Rows]:
    assert encoded.holdout is not None
    return encoded.real, encoded.synthetic, encoded.holdout


def _center_and_scale(values: Floats) -> tuple[float, float]:
    """Mean and standard deviation; (0, inf) if the values do not vary, or there are none."""
    if not len(values):
        return 0.0, np.inf
    with np.errstate(over="ignore", invalid="ignore"):
        mean, scale = float(values.mean()), float(values.std())
    return (mean, scale) if np.isfinite(scale) and scale > 0 else (0.0, np.inf)
