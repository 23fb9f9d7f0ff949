"""Several estimates of one measure, such as one per foreign key, as one result: that of the worst."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from artesian.metrics.common.intervals import normal, upper_tail
from artesian.metrics.protocol import NotMeasurable, Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A measure of one table, foreign key or number of hops.

    Attributes:
        value: The value, of which larger ones are worse.
        error: Standard error of the value.
        reference, reference_error: The same of holdout rows; None without any.
        expected: The value expected by chance, for measures that have no holdout.
        p_value: One-sided p-value of the excess; None for a normal approximation.
        detail: Further aggregates, JSON types only.
    """

    name: str
    value: float
    error: float
    reference: float | None = None
    reference_error: float = 0.0
    expected: float = 0.0
    p_value: float | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)

    @property
    def excess(self) -> float:
        """How much worse than the holdout, or than what is expected by chance."""
        return self.value - (self.expected if self.reference is None else self.reference)

    @property
    def excess_error(self) -> float:
        """Standard error of the excess."""
        return math.hypot(self.error, 0.0 if self.reference is None else self.reference_error)

    @property
    def p(self) -> float:
        """One-sided p-value of the excess."""
        if self.p_value is not None:
            return self.p_value
        if self.excess_error <= 0:
            return 0.0 if self.excess > 0 else 1.0
        return upper_tail(self.excess / self.excess_error)


def worst(estimates: Sequence[Estimate], refusals: Mapping[str, str]) -> Estimate:
    """The estimate with the largest excess.

    Raises:
        NotMeasurable: there is none; `refusals` has the reasons by part.
    """
    if not estimates:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in list(refusals.items())[:3])
        more = f" and {len(refusals) - 3} more" if len(refusals) > 3 else ""
        raise NotMeasurable(reasons + more or "there is nothing to compare")
    return max(estimates, key=lambda one: (one.excess, one.name))


def combine(
    estimates: Sequence[Estimate],
    refusals: Mapping[str, str],
    explanation: str,
    *,
    low: float,
    high: float,
    baseline: float | None = None,
    **more: Any,
) -> Result:
    """The result of the worst estimate.

    Its interval and its p-value allow for the number of estimates that it is the worst of
    (Bonferroni).

    Args:
        refusals: Parts that could not be measured, with the reason.
        low, high: Range of the measure.
        more: Further fields of the result.

    Raises:
        NotMeasurable: there is no estimate.
    """
    one = worst(estimates, refusals)
    tries = len(estimates)
    reference_interval = None
    if one.reference is not None:
        reference_interval = normal(one.reference, one.reference_error**2, low, high, tries=tries)
    width = high - low
    return Result(
        value=one.value,
        interval=normal(one.value, one.error**2, low, high, tries=tries),
        reference=one.reference,
        reference_interval=reference_interval,
        excess=one.excess,
        excess_interval=normal(one.excess, one.excess_error**2, -width, width, tries=tries),
        p_value=min(1.0, tries * min(each.p for each in estimates)),
        parts={each.name: each.value for each in estimates},
        reference_parts={e.name: e.reference for e in estimates if e.reference is not None},
        explanation=explanation,
        baseline=baseline,
        detail={
            "parts": {each.name: dict(each.detail) for each in estimates},
            "skipped": dict(refusals),
            **more.pop("detail", {}),
        },
        **more,
    )
