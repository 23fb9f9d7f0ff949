"""What metrics of related tables take and return."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, TypeVar

from artesian.core.run import Run
from artesian.data.dataset import Dataset
from artesian.metrics.common.excess import with_excess
from artesian.metrics.protocol import Mask, NotMeasurable, Result, Spec, skipped

Cached = TypeVar("Cached")

MIN_PARENTS = 10
"""Minimum number of parents, or of other independent units, for a comparison to say anything."""


@dataclass(frozen=True, slots=True)
class DatasetComparison:
    """The datasets that a metric compares: training data, synthetic data, and a holdout.

    Attributes:
        holdout: Real rows of other parents, as `artesian.runs.split.hold_out` divides them.
        shared: Tables that training data and holdout have in common, such as reference tables; they
            are compared with the training data only.
        unreadable: Table -> column -> (rows,) synthetic values that are not of the type of the real
            column.
        target: 'table.column' that the metric of utility predicts; None for the target of a schema.
    """

    real: Dataset
    synthetic: Dataset
    holdout: Dataset | None = None
    shared: tuple[str, ...] = ()
    unreadable: Mapping[str, Mapping[str, Mask]] = field(default_factory=dict)
    target: str | None = None
    _cache: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def cached(self, key: tuple[Any, ...], compute: Callable[[], Cached]) -> Cached:
        """Return `compute()`, computed once per `key` and shared by all metrics."""
        if key not in self._cache:
            self._cache[key] = compute()
        value: Cached = self._cache[key]
        return value


class RelationalMetric(ABC):
    """Base class of frozen keyword-only dataclasses of settings that define `spec` and `measure`."""

    __slots__ = ()
    spec: ClassVar[Spec]

    def __call__(self, datasets: DatasetComparison, *, run: Run | None = None) -> Result:
        """Measure the synthetic data; without a run, one with the default seed.

        Raises:
            SchemaError: the synthetic data lack most tables or columns.
            Cancelled: the run was stopped.
        """
        run = run or Run()
        run.check(self.spec.name)
        try:
            result = self.measure(datasets, run)
        except NotMeasurable as refusal:
            return skipped(self.spec, refusal.problem)
        return with_excess(replace(result, metric=self.spec.name, better=self.spec.better))

    @abstractmethod
    def measure(self, datasets: DatasetComparison, run: Run) -> Result:
        """Compute the result, without `metric` and `better`, which are those of the spec.

        Raises:
            NotMeasurable: there is no value for these datasets; the reason becomes `Result.skipped`.
        """
