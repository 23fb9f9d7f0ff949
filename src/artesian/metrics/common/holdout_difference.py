"""Whether the holdout is a sample of the same rows as the training data.

Attacks and diagnostics of privacy compare training rows with holdout rows. Where these differ for
another reason than chance, because the holdout is later or comes from elsewhere, synthetic rows
resemble the training rows more although nothing was memorised.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from artesian.core.run import Run
from artesian.metrics.common.arrays import Floats
from artesian.metrics.common.encoding import Encoded, Rows, encode
from artesian.metrics.common.forest import Matrix, forest_scores
from artesian.metrics.common.intervals import upper_tail
from artesian.metrics.common.roc import auc_delong
from artesian.metrics.common.subjects import Subjects, find_subjects, mean_by_subject
from artesian.metrics.protocol import Comparison

MAX_P_VALUE = 0.001
"""Probability of a holdout from the same rows below which it counts as different."""

MIN_AREA = 0.52
"""ROC AUC below which a difference is too small to matter."""

MIN_ENTITIES = 25
"""Minimum number of training and of holdout rows or entities in each half."""

TREES = 50
MIN_LEAF = 5
MAX_ROWS = 2_000
"""Settings of the forest, and maximum number of rows of each side and half."""


@dataclass(frozen=True, slots=True)
class HoldoutDifference:
    """ROC AUC of a forest that tells further training rows from further holdout rows; its p-value.

    Both halves of the rows are tested by a forest that was fitted on the other half.
    """

    area: float
    p_value: float

    @property
    def matters(self) -> bool:
        """Whether what is true of training rows alone is no sign of memorisation."""
        return self.p_value <= MAX_P_VALUE and self.area >= MIN_AREA


def holdout_difference(tables: Comparison, run: Run) -> HoldoutDifference:
    """Compare training rows with holdout rows, without synthetic rows; cached per comparison.

    Without a holdout, or with too few rows, there is no difference.
    """
    key = ("holdout difference", run.seed.entropy, run.seed.path)
    return tables.cached(key, lambda: _difference(tables, run))


def _difference(tables: Comparison, run: Run) -> HoldoutDifference:
    encoded = encode(tables)
    none = HoldoutDifference(0.5, 1.0)
    # Which categories are suppressed depends on the training rows, so that these differ in them.
    names = [c.name for c in encoded.columns if c.name not in encoded.suppressed]
    if encoded.holdout is None or not names:
        return none
    seed = run.seed.child("holdout difference")
    subjects = find_subjects(tables)
    second = subjects.halved(seed.child("halves"))
    halves = [_half(encoded, names, subjects, second, half, run) for half in (0, 1)]
    areas = []
    for fitted, tested in (halves, halves[::-1]):
        train, of = tested[1], tested[2]
        numbers = [len(np.unique(of[train == side])) for side in (True, False)]
        if min(numbers) < MIN_ENTITIES or min(fitted[1].sum(), (~fitted[1]).sum()) < MIN_ENTITIES:
            return none
        run.check("holdout difference")
        scores = forest_scores(*fitted[:2], tested[0], seed, trees=TREES, min_leaf=MIN_LEAF)
        kinds, (means,) = mean_by_subject(of, train, [scores])
        areas.append(auc_delong(kinds, means))
    area = float(np.mean([each for each, _ in areas]))
    deviation = math.sqrt(max(sum(variance for _, variance in areas), 1e-12)) / 2
    return HoldoutDifference(area, upper_tail((area - 0.5) / deviation))


_Half = tuple[Matrix, npt.NDArray[np.bool_], npt.NDArray[np.int64]]
"""Features, (rows, columns), whether each is a training row, and its entity."""


def _half(
    encoded: Encoded,
    names: Collection[str],
    subjects: Subjects,
    second: npt.NDArray[np.int64],
    half: int,
    run: Run,
) -> _Half:
    sides = []
    for name, rows, of in (
        ("train", encoded.real, subjects.train),
        ("holdout", encoded.holdout, subjects.holdout),
    ):
        assert rows is not None
        rows = rows.take(np.flatnonzero(second[of[rows.positions]] == half))
        rows = rows.subsample(MAX_ROWS, run.seed.child("holdout difference", name, half))
        sides.append((rows, of[rows.positions]))
    (train, train_of), (holdout, holdout_of) = sides
    both = train.concatenated(holdout)
    kinds = np.repeat([True, False], [train.height, holdout.height])
    return _matrix(both, names), kinds, np.concatenate([train_of, holdout_of])


def _matrix(rows: Rows, names: Collection[str]) -> Matrix:
    columns: list[Floats] = [
        np.nan_to_num(values, nan=-1e30) for name, values in rows.numbers.items() if name in names
    ]
    columns += [values.astype(float) for name, values in rows.codes.items() if name in names]
    return np.column_stack(columns).clip(-1e30, 1e30).astype(np.float32)
