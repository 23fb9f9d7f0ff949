"""The two-sample test of `c2st_holdout` with a logistic regression as the detector.

It sees each column's level and nothing of how columns go together: what it tells, anybody can tell.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from artesian.core.run import Run, Seed
from artesian.metrics.common.arrays import Floats
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.features import Features
from artesian.metrics.common.linear import Logistic
from artesian.metrics.common.roc import Truth
from artesian.metrics.fidelity.c2st import Scorer, detect
from artesian.metrics.protocol import Better, Comparison, Result, Spec

_VARIANCE = 2.0
"""Where there is nothing to find, the area of a linear detector is a sum of products: the difference of
the tables in one fold times that in another. Each stands in it twice, once for either fold as the one
that is scored, so it varies twice as much as DeLong has it for folds that do not depend on each other.
`benchmarks/false_alarms.py` counts what comes of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class C2STLogistic(BaseMetric):
    """Settings as in `C2STHoldout`."""

    spec: ClassVar[Spec] = Spec(
        name="c2st_logistic",
        title="Detection by a linear model",
        family="fidelity",
        better=Better.LOWER,
        low=0.0,
        high=1.0,
        description="0.5 is no better than a guess, 1 tells every synthetic row from a real one",
        source="Lopez-Paz and Oquab 2017",
        needs_holdout=True,
    )
    rows: int = 5_000
    folds: int = 3
    max_columns: int = 300

    def measure(self, tables: Comparison, run: Run) -> Result:
        def fit(matrix: Floats, truth: Truth, features: Features, seed: Seed) -> Scorer:
            return Logistic.fit(matrix, truth.astype(int), features.discrete)

        return detect(
            self.spec,
            self.rows,
            self.folds,
            self.max_columns,
            fit,
            tables,
            run,
            variance=_VARIANCE,
        )
