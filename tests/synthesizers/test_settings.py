"""Settings: refused when the object is made; the least that they may be works."""

import math

import pytest

from artesian.core.errors import UsageError
from artesian.synthesizers import CATALOG
from artesian.testing.tables import people


@pytest.mark.parametrize("method", ["trees", "boosted"])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("temperature", math.nan),
        ("temperature", math.inf),
        ("temperature", 0.0),
        ("min_leaf", 0),
        ("min_leaf", True),
        ("rounds", 1.5),
        ("predictors", "all"),
        ("shrinkage", 0.0),
    ],
)
def test_settings_out_of_range_are_refused(method, name, value):
    with pytest.raises(UsageError, match=name):
        CATALOG[method](**{name: value})


@pytest.mark.parametrize(
    "settings",
    [
        {"folds": 2, "rounds": 0},
        {"predictors": 0},
        {"min_leaf": 1, "min_gain": 0.0, "score_gain": 0.0, "shrinkage": 0.001},
        {"leaves": 2, "directions": 9},
        {"temperature": 0.001},
        {"temperature": 1000.0},
    ],
    ids=lambda settings: next(iter(settings)),
)
def test_settings_at_their_limits_work(settings):
    model = CATALOG["boosted"](**settings).fit(people(300))
    assert model.sample(50).frame.height == 50
