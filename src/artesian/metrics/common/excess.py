"""The excess of a value over its reference, with its interval."""

from __future__ import annotations

from dataclasses import replace

from artesian.metrics.common.intervals import difference
from artesian.metrics.protocol import Result


def with_excess(result: Result) -> Result:
    """Add `excess` and its interval to a result, unless the metric has computed them.

    The interval is that of the difference of independent estimates (Zou and Donner 2008). A
    reference without an interval counts as exact.
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
