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

SLOW = {*SMALL, "vine_copula"}
"""Methods that only `make test-slow` checks."""

OTHERS = {
    ("forest_flow", "check_dependence"): {"times": 15, "trees": 25, "leaves": 31, "copies": 10},
    ("forest_flow", "check_where_follows_the_conditional_distribution"): {
        **{"times": 15, "trees": 25, "leaves": 31, "copies": 10},
    },
    ("forest_flow", "check_more_columns_than_rows"): {"times": 2, "trees": 1, "copies": 1},
}
"""Settings of single checks: dependence takes more trees, many columns fewer."""

WEAK = {
    (
        "forest_flow",
        "check_very_many_categories",
    ): "rare ones of 4,000 categories merge in its flow: 3,500 to 3,760 remain of 3,935",
    ("hierarchical_glm", "check_very_many_categories"): "rare ones of 4,000 categories merge: "
    "3,769 remain of 3,935",
    ("hierarchical_glm", "check_where_follows_the_conditional_distribution"): "linear effects from "
    "32 posterior draws: P(buys) is .44 instead of .52 under one condition",
}


def _marks(name, check):
    weak = WEAK.get((name, check.__name__))
    marks = [] if weak is None else [pytest.mark.xfail(reason=weak)]
    library = APART.get(CATALOG[name].capabilities.extra)
    if library is not None:
        absent = importlib.util.find_spec(library) is None
        marks += [pytest.mark.slow, pytest.mark.skipif(absent, reason=f"no {library}")]
    elif name in SLOW:
        marks.append(pytest.mark.slow)
    return marks


CASES = [
    pytest.param(name, check, id=f"{name}-{check.__name__}", marks=_marks(name, check))
    for name in CATALOG
    if CATALOG[name].capabilities.extra != "deep"
    for check in synthesizer_checks(CATALOG[name])
]


@pytest.mark.parametrize(("name", "check"), CASES)
def test_synthesizer(name, check):
    settings = OTHERS.get((name, check.__name__), SMALL.get(name, {}))
    check(partial(CATALOG[name], **settings))


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
