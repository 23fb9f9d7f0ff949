"""The base class of the catalog's metrics, so that the module of a metric is its formula.

A base class and not a decorator: type checkers see what a class inherits, and do not see what a
class decorator adds.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace
from typing import ClassVar

from artesian.core.run import Run
from artesian.metrics.common.design_effect import design_effect, widened
from artesian.metrics.common.encoding import encode
from artesian.metrics.common.excess import with_excess
from artesian.metrics.common.holdout_difference import holdout_difference
from artesian.metrics.common.suppression import suppression_detail, suppression_sentence
from artesian.metrics.protocol import Comparison, NotMeasurable, Result, Spec, skipped


class BaseMetric(ABC):
    """Base class of frozen keyword-only dataclasses of settings that define `spec` and `measure`."""

    __slots__ = ()
    spec: ClassVar[Spec]

    def __call__(self, tables: Comparison, *, run: Run | None = None) -> Result:
        """Measure `tables`; without a run, one with the default seed.

        Raises:
            SchemaError: the tables do not have the same columns.
            Cancelled: the run was stopped.
        """
        run = run or Run()
        run.check(self.spec.name)
        try:
            self._require_comparable_holdout(tables, run)
            result = self.measure(tables, run)
        except NotMeasurable as refusal:
            return skipped(self.spec, refusal.problem)
        result = replace(result, metric=self.spec.name, better=self.spec.better)
        if self.spec.categories and (suppressed := encode(tables).suppressed):
            result = replace(
                result,
                explanation=result.explanation + suppression_sentence(suppressed),
                detail={**result.detail, **suppression_detail(suppressed)},
            )
        result = with_excess(result)
        if self.spec.counts_entities:
            return result
        return widened(result, self.spec, design_effect(tables))

    def _require_comparable_holdout(self, tables: Comparison, run: Run) -> None:
        """Raise NotMeasurable if this compares training rows with a holdout of other rows."""
        compares = self.spec.needs_holdout and self.spec.family in ("privacy", "diagnostics")
        if not compares or tables.holdout is None:
            return
        difference = holdout_difference(tables, run)
        if difference.matters:
            raise NotMeasurable(
                f"the holdout differs from the training rows (a classifier has a ROC AUC of "
                f"{difference.area:.2f}), so memorised rows cannot be distinguished from typical ones; "
                "split at random for it"
            )

    @abstractmethod
    def measure(self, tables: Comparison, run: Run) -> Result:
        """Compute the result, without `metric` and `better`, which are those of the spec.

        Raises:
            NotMeasurable: there is no value for these tables; the reason becomes `Result.skipped`.
        """
