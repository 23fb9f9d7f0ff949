"""Every metric in the catalog passes the public suite."""

import pytest

from artesian.metrics import CATALOG
from artesian.testing import (
    metric_checks,
    with_identifiers,
    with_quasi_identifiers,
    with_relations,
    with_roles,
    with_time_to_event,
)

FAMILIES = {"fidelity", "validity", "utility", "privacy", "diagnostics", "fairness"}

ROLES = {
    "survival": with_time_to_event,
    "k_anonymity": with_quasi_identifiers,
    "l_diversity": with_quasi_identifiers,
    "t_closeness": with_quasi_identifiers,
    "identifier_copied": with_identifiers,
    "relations": with_relations,
}

CASES = [
    pytest.param(name, check, id=f"{name}-{check.__name__}")
    for name in CATALOG
    for check in metric_checks(CATALOG[name])
]


@pytest.mark.parametrize(("name", "check"), CASES)
def test_metric(name, check):
    check(with_roles(CATALOG[name], ROLES[name]) if name in ROLES else CATALOG[name])


@pytest.mark.parametrize("name", list(CATALOG))
def test_spec_is_complete(name):
    spec = CATALOG[name].spec
    assert spec.name == name
    assert spec.low < spec.high
    assert all((spec.title, spec.description, spec.source))
    assert spec.family in FAMILIES
