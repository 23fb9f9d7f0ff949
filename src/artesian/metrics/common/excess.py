"""How far a value lies above its reference, and the interval of that."""

from __future__ import annotations

from dataclasses import replace

from artesian.metrics.common.intervals import difference
from artesian.metrics.protocol import Result


def with_excess(result: Result) -> Result:
    """The result with `excess` and its interval, where the metric did not give them itself.

    The interval is that of two independent estimates (Zou and Donner 2008). A reference without an
    interval counts as exact.
    """
    if result.value is None or result.reference is None:
        return result
    excess = result.value - result.reference if result.excess is None else result.excess
    span = result.excess_interval
    if span is None and result.interval is not None:
        exact = result.reference, result.reference
        span = difference(
            result.value, result.interval, result.reference, result.reference_interval or exact
        )
    return replace(result, excess=excess, excess_interval=span)
