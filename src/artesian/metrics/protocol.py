"""What a metric is, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from enum import Enum
from typing import Any, ClassVar, Protocol, TypeVar, runtime_checkable

from artesian.core.errors import ArtesianError
from artesian.core.run import Run
from artesian.data.table import Table
from artesian.metrics.charts import Chart

Found = TypeVar("Found")


class Better(Enum):
    """In which direction a metric's value is good."""

    HIGHER = "higher"
    LOWER = "lower"
    NEITHER = "neither"


class Headline(Enum):
    """The clause of the verdict line that a metric decides (`verdict.py` has the rules)."""

    DETECTION = "detection"
    DISTANCE = "distance"
    USEFULNESS = "usefulness"
    MEMBERSHIP = "membership"
    NEARNESS = "nearness"
    COPIES = "copies"


class Axis(Enum):
    """What is traded off between candidates or methods; a metric may represent one of them."""

    LIKENESS = "likeness"
    USEFULNESS = "usefulness"
    PRIVACY = "privacy"


class Figure(Enum):
    """The figure of the report that a metric's `Result.chart` is drawn in."""

    PAIRS = "pairs"
    DETECTOR = "detector"
    UTILITY = "utility"
    ATTACK = "attack"
    NEAREST = "nearest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """Everything that report, verdict, benchmark and docs know of a metric, in this one place.

    Attributes:
        name: Its id in the catalog, the scorecard and `--require`.
        title: A short name for people.
        family: 'fidelity', 'validity', 'utility', 'privacy', 'diagnostics' (of privacy, no proof of
            it) or 'fairness'.
        low, high: The ends of its range.
        description: One sentence: what the ends of the range mean.
        source: The paper or text that defines it.
        needs_holdout: It cannot be taken without unseen real rows.
        slow: It takes seconds where others take less; 'quick' leaves it out.
        every_row: It looks at all rows; for the others the judge cuts very long tables.
        categories: It sees categories, so its result states what the synthetic table suppressed.
        headline: The clause of the verdict line that it decides.
        subject: The rows that the clause is about, such as 'training rows'.
        figure: The figure of the report that its chart is drawn in.
        axis: The axis of trade-offs that it represents; of several the first by priority.
        priority: Its place where only some metrics are shown or used, 1 for the first; None for the
            last, in the order of the catalog.
        benchmark: It is measured in benchmarks that name no metrics.
    """

    name: str
    title: str
    family: str
    better: Better
    low: float
    high: float
    description: str
    source: str
    needs_holdout: bool = False
    every_row: bool = False
    slow: bool = False
    categories: bool = True
    headline: Headline | None = None
    subject: str = ""
    figure: Figure | None = None
    axis: Axis | None = None
    priority: int | None = None
    benchmark: bool = False

    def to_dict(self) -> dict[str, Any]:
        """The fields as JSON types."""
        return {
            each.name: value.value if isinstance(value := getattr(self, each.name), Enum) else value
            for each in fields(self)
        }


Interval = tuple[float, float]
"""The ends of a 95 % interval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One answer. All that decides a finding, the verdict or a requirement is a field of its own.

    Attributes:
        value: The measure; None if it could not be taken, then `skipped` says why.
        interval: Of `value`; None only with a reason in `explanation`.
        reference: The same measure with real holdout rows in the synthetic table's place.
        reference_interval: Of `reference`; None where that is exact or there is none.
        excess: value - reference, both from as many rows: a distance between samples shrinks as they
            grow, so a longer synthetic table is cut for it.
        excess_interval: Of `excess`; narrower than the intervals of both where they share noise.
        parts: Finer values, such as one per column.
        reference_parts: The same of the reference.
        explanation: One sentence that a person without statistics can read.
        skipped: Why there is no value; empty if there is one.
        baseline: The value of a guess, such as an AUC of 0.5; None where there is none.
        target: The column that was predicted; empty where nothing is.
        chart: Aggregates for a chart.
        detail: Further aggregates, JSON types only; never rows.
    """

    metric: str = ""
    better: Better = Better.NEITHER
    value: float | None
    interval: Interval | None = None
    reference: float | None = None
    reference_interval: Interval | None = None
    excess: float | None = None
    excess_interval: Interval | None = None
    parts: Mapping[str, float] = field(default_factory=dict)
    reference_parts: Mapping[str, float] = field(default_factory=dict)
    explanation: str = ""
    skipped: str = ""
    baseline: float | None = None
    target: str = ""
    chart: Chart | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


class NotMeasurable(ArtesianError):
    """These tables have no value for a metric; `problem` says why, without a full stop."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The tables a metric may look at: training rows, synthetic rows, and holdout rows.

    Rare categories that the synthetic table suppressed are declared by its own schema
    (`Column.suppressed`), so that they travel with the table.
    """

    real: Table
    synthetic: Table
    holdout: Table | None = None
    _known: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def cached(self, key: tuple[Any, ...], make: Callable[[], Found]) -> Found:
        """What `make` gave when it was first asked for under `key`: metrics share what costs time.

        Args:
            key: The maker's name and all that its answer depends on beside these tables, such as the
                seed; the answer is shared, so nobody changes it.
        """
        if key not in self._known:
            self._known[key] = make()
        found: Found = self._known[key]
        return found


def skipped(spec: Spec, reason: str) -> Result:
    """The answer of a metric that could not be taken; `reason` without a full stop."""
    return Result(
        metric=spec.name,
        better=spec.better,
        value=None,
        explanation=f"{spec.title} was not taken: {reason}.",
        skipped=reason,
    )


@runtime_checkable
class Metric(Protocol):
    """A frozen, keyword-only dataclass of settings that can be called."""

    spec: ClassVar[Spec]

    def __call__(self, tables: Comparison, *, run: Run | None = None) -> Result: ...
