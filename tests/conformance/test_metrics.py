"""Every metric in the catalog passes the public suite."""

import pytest

from artesian.metrics import CATALOG
from artesian.testing import for_durations, metric_checks

FAMILIES = {"fidelity", "validity", "utility", "privacy", "diagnostics", "fairness"}

CASES = [
    pytest.param(name, check, id=f"{name}-{check.__name__}")
    for name in CATALOG
    for check in metric_checks(CATALOG[name])
]


@pytest.mark.parametrize(("name", "check"), CASES)
def test_metric(name, check):
    make = CATALOG[name]
    check(for_durations(make) if name == "survival" else make)


@pytest.mark.parametrize("name", list(CATALOG))
def test_spec_is_complete(name):
    spec = CATALOG[name].spec
    assert spec.name == name
    assert spec.low < spec.high
    assert all((spec.title, spec.means, spec.source))
    assert spec.family in FAMILIES
