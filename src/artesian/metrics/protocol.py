"""The interface of metrics: what they take, what they return, and what is known of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from enum import Enum
from typing import Any, ClassVar, Protocol, TypeVar, runtime_checkable

import numpy as np
import numpy.typing as npt

from artesian.core.errors import ArtesianError
from artesian.core.run import Run
from artesian.data.table import Table
from artesian.metrics.charts import Chart

Cached = TypeVar("Cached")

Mask = npt.NDArray[np.bool_]
"""(rows,)"""


class Better(Enum):
    """The direction in which the value of a metric is better."""

    HIGHER = "higher"
    LOWER = "lower"
    NEITHER = "neither"


class Headline(Enum):
    """The clause of the verdict line that a metric decides; `verdict.py` has the rules."""

    DETECTION = "detection"
    RELATIONS = "relations"
    DISTANCE = "distance"
    USEFULNESS = "usefulness"
    MEMBERSHIP = "membership"
    NEARNESS = "nearness"
    COPIES = "copies"
    IDENTIFIERS = "identifiers"


class Axis(Enum):
    """The axes of trade-offs between candidates or methods; a metric can represent one of them."""

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
        name: Name in the catalog, the scorecard and `--require`.
        title: Title in the report.
        family: 'fidelity', 'validity', 'utility', 'privacy', 'diagnostics' (related to privacy, but
            no proof of it) or 'fairness'.
        low, high: Range of the value.
        description: The meaning of the ends of the range.
        source: The paper or text that defines the metric.
        needs_holdout: Whether it requires holdout rows.
        every_row: Whether it uses all rows; for other metrics very long tables are subsampled.
        slow: Whether it takes seconds; 'quick' leaves it out.
        categories: Whether it uses categories; its result then states what was suppressed.
        counts_entities: Whether its intervals allow for rows of the same entity, or need not; those
            of other metrics are widened by the design effect.
        headline: The clause of the verdict line that it decides.
        subject: The rows that the clause is about, such as 'training rows'.
        figure: The figure of the report that its chart belongs to.
        axis: The axis of trade-offs that it represents; of several metrics the first by priority.
        priority: Rank where only some metrics are shown or used, 1 for the first; None for last, in
            the order of the catalog.
        benchmark: Whether benchmarks measure it by default.
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
    counts_entities: bool = False
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
    """The result of a metric. All that decides a finding, the verdict or a requirement is a typed
    field.

    Attributes:
        value: The value; None if the metric was skipped.
        interval: 95 % interval of `value`; None only with a reason in `explanation`.
        reference: The value with holdout rows in place of synthetic rows.
        reference_interval: 95 % interval of `reference`; None if that is exact or missing.
        excess: value - reference at equal sample size: distances between samples shrink as they
            grow, so a longer synthetic table is subsampled.
        excess_interval: 95 % interval of `excess`, which accounts for correlated errors.
        p_value: One-sided p-value of the excess, where a normal approximation from the interval is
            poor; None for that approximation.
        parts: Values by part, such as by column.
        reference_parts: Values of the reference by part.
        explanation: One sentence with the value and the reference.
        skipped: Why there is no value; empty if there is one.
        baseline: The value of a guess, such as an AUC of 0.5; None if there is none.
        target: Name of the predicted column; empty if none is predicted.
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
    p_value: float | None = None
    parts: Mapping[str, float] = field(default_factory=dict)
    reference_parts: Mapping[str, float] = field(default_factory=dict)
    explanation: str = ""
    skipped: str = ""
    baseline: float | None = None
    target: str = ""
    chart: Chart | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


class NotMeasurable(ArtesianError):
    """A metric cannot be measured on these tables; `problem` is the reason, without a full stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatches:
    """What of a table cannot be compared with the real one; validity counts it as bad.

    Attributes:
        missing: Columns of the real table that it lacks.
        surplus: Columns that the real table lacks.
        unreadable: Column -> (rows,) values that are not of the type of the real column.
        unscored: Columns with so many unreadable values that they are left out.
    """

    missing: tuple[str, ...] = ()
    surplus: tuple[str, ...] = ()
    unreadable: Mapping[str, Mask] = field(default_factory=dict)
    unscored: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """The tables that a metric compares: training rows, synthetic rows, and holdout rows.

    Rare categories that the synthetic table suppressed are declared by its own schema
    (`Column.suppressed`), so that they travel with the table. Columns that are not in all tables are
    in `mismatches` only.
    """

    real: Table
    synthetic: Table
    holdout: Table | None = None
    mismatches: Mismatches = field(default_factory=lambda: Mismatches())
    _cache: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def cached(self, key: tuple[Any, ...], compute: Callable[[], Cached]) -> Cached:
        """Return `compute()`, computed once per `key` and shared by all metrics.

        Args:
            key: Name of the computation and all that its value depends on except for the tables,
                such as the seed. The value is shared and must not be changed.
        """
        if key not in self._cache:
            self._cache[key] = compute()
        value: Cached = self._cache[key]
        return value


def skipped(spec: Spec, reason: str) -> Result:
    """The result of a metric that was skipped; `reason` without a full stop."""
    return Result(
        metric=spec.name,
        better=spec.better,
        value=None,
        explanation=f"{spec.title} was skipped: {reason}.",
        skipped=reason,
    )


@runtime_checkable
class Metric(Protocol):
    """A frozen keyword-only dataclass of settings that can be called."""

    spec: ClassVar[Spec]

    def __call__(self, tables: Comparison, *, run: Run | None = None) -> Result:
        """Measure the synthetic table, and the holdout in its place as the reference."""
        ...
