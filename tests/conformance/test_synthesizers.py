"""Every synthesizer in the catalog passes the public suite.

Methods in PyTorch do so in tests/synthesizers/deep, which `make test-deep` runs.
"""

import dataclasses

import pytest

from artesian.synthesizers import CATALOG
from artesian.testing import synthesizer_checks

CASES = [
    pytest.param(name, check, id=f"{name}-{check.__name__}")
    for name in CATALOG
    if CATALOG[name].capabilities.extra != "deep"
    for check in synthesizer_checks(CATALOG[name])
]


@pytest.mark.parametrize(("name", "check"), CASES)
def test_synthesizer(name, check):
    check(CATALOG[name])


@pytest.mark.parametrize("name", list(CATALOG))
def test_capabilities_and_settings_are_complete(name):
    settings = CATALOG[name]()
    assert settings.capabilities.name == name
    assert all((settings.capabilities.description, settings.capabilities.source))
    assert settings.capabilities.inputs == ("table",)
    assert settings.capabilities.device_independent == (settings.capabilities.extra != "deep")
    assert dataclasses.replace(settings) == settings
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.protect = False
