"""Describe the metrics in the catalogs, of one table and of related tables."""

from __future__ import annotations

from artesian.core.errors import UsageError
from artesian.metrics import CATALOG, resolve_name
from artesian.metrics.protocol import Spec
from artesian.metrics.relational import RELATIONAL, resolve_relational_name


def list_metrics() -> tuple[Spec, ...]:
    """Describe every metric, those of related tables last."""
    return tuple(metric.spec for catalog in (CATALOG, RELATIONAL) for metric in catalog.values())


def describe_metric(name: str) -> Spec:
    """Describe one metric; short names such as 'c2st' are allowed.

    Raises:
        UsageError: There is no such metric.
    """
    try:
        spec: Spec = CATALOG[resolve_name(name)].spec
    except UsageError as problem:
        try:
            spec = RELATIONAL[resolve_relational_name(name)].spec
        except UsageError:
            raise problem from None
    return spec
