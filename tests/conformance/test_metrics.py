"""Every metric in the catalog passes the public suite."""

import pytest

from artesian.metrics import CATALOG
from artesian.testing import durations, metric_checks, quasi_identifiers, told

FAMILIES = {"fidelity", "validity", "utility", "privacy", "diagnostics", "fairness"}

ROLES = {
    "survival": durations,
    "k_anonymity": quasi_identifiers,
    "l_diversity": quasi_identifiers,
    "t_closeness": quasi_identifiers,
}

CASES = [
    pytest.param(name, check, id=f"{name}-{check.__name__}")
    for name in CATALOG
    for check in metric_checks(CATALOG[name])
]


@pytest.mark.parametrize(("name", "check"), CASES)
def test_metric(name, check):
    check(told(CATALOG[name], ROLES[name]) if name in ROLES else CATALOG[name])


@pytest.mark.parametrize("name", list(CATALOG))
def test_spec_is_complete(name):
    spec = CATALOG[name].spec
    assert spec.name == name
    assert spec.low < spec.high
    assert all((spec.title, spec.description, spec.source))
    assert spec.family in FAMILIES
