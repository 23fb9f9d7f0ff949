"""Describe the metrics in the catalog."""

from __future__ import annotations

from artesian.metrics import CATALOG, resolve_name
from artesian.metrics.protocol import Spec


def list_metrics() -> tuple[Spec, ...]:
    """Describe every metric of the catalog."""
    return tuple(metric.spec for metric in CATALOG.values())


def describe_metric(name: str) -> Spec:
    """Describe one metric; short names such as 'c2st' are allowed.

    Raises:
        UsageError: There is no such metric.
    """
    spec: Spec = CATALOG[resolve_name(name)].spec
    return spec
