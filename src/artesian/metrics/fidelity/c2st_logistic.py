"""The classifier two-sample test with a logistic regression as the detector.

It is sensitive to the means and proportions of columns and not to their dependence, so what it
detects is a coarse fault. It is saturated: since a good synthesizer keeps means and proportions, good
synthesizers all score near 0.5 (near 1 in the literature, which reports 1 minus the advantage), and the
metric does not rank them. The boosted detector, `C2STHoldout`, does.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from artesian.core.run import Run, Seed
from artesian.metrics.common.arrays import Floats
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.linear import Logistic
from artesian.metrics.common.roc import Truth
from artesian.metrics.fidelity.c2st import Scorer, detect
from artesian.metrics.protocol import Better, Comparison, Result, Spec

_VARIANCE = 2.0
"""Factor on the DeLong variance. Under the null hypothesis, the AUC of a linear detector is a sum
of products of the difference of the tables in one fold with that in another. Each product occurs
two times, with either fold as the test fold, so the variance is two times that of independent
folds. `benchmarks/false_alarms.py` measures the resulting false positive rate."""

_SATURATED = "This saturates: good synthesizers all score near a guess; c2st_holdout ranks them."


@dataclass(frozen=True, slots=True, kw_only=True)
class C2STLogistic(BaseMetric):
    """ROC AUC of a cross-validated logistic regression; settings as in `C2STHoldout`."""

    spec: ClassVar[Spec] = Spec(
        name="c2st_logistic",
        title="Detection by logistic regression",
        family="fidelity",
        better=Better.LOWER,
        low=0.0,
        high=1.0,
        description="0.5: no better than a guess, as for all good synthesizers; 1: every synthetic row "
        "is recognized",
        source="Lopez-Paz and Oquab 2017",
        needs_holdout=True,
    )
    rows: int = 5_000
    folds: int = 3
    max_columns: int = 300

    def measure(self, tables: Comparison, run: Run) -> Result:
        def fit(matrix: Floats, labels: Truth, discrete: Truth, seed: Seed) -> Scorer:
            return Logistic.fit(matrix, labels.astype(int), discrete)

        result = detect(
            self.spec,
            self.rows,
            self.folds,
            self.max_columns,
            fit,
            tables,
            run,
            variance=_VARIANCE,
        )
        return replace(result, explanation=f"{result.explanation} {_SATURATED}")
