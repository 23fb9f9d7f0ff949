"""Every synthesizer in the catalog passes the public suite.

Methods in PyTorch do so in tests/synthesizers/deep, which `make test-deep` runs.
"""

import dataclasses
import importlib.util
from functools import partial

import pytest

from artesian.synthesizers import CATALOG
from artesian.testing import synthesizer_checks

APART = {"bayes": "numpyro"}
"""Libraries of extras that are not among those of `make test`; targets of their own have them."""

SMALL = {
    "hierarchical_glm": {"max_rows": 1_000, "draws": 32, "warmup": 40},
    "forest_flow": {"times": 6, "trees": 4, "leaves": 15, "copies": 4},
}
"""Settings with which slow methods pass in less time."""


def _marks(name):
    library = APART.get(CATALOG[name].capabilities.extra)
    if library is None:
        return ()
    absent = importlib.util.find_spec(library) is None
    return pytest.mark.slow, pytest.mark.skipif(absent, reason=f"{library} is not installed")


CASES = [
    pytest.param(name, check, id=f"{name}-{check.__name__}", marks=_marks(name))
    for name in CATALOG
    if CATALOG[name].capabilities.extra != "deep"
    for check in synthesizer_checks(CATALOG[name])
]


@pytest.mark.parametrize(("name", "check"), CASES)
def test_synthesizer(name, check):
    check(partial(CATALOG[name], **SMALL.get(name, {})))


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
