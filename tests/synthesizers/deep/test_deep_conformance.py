"""Every method in PyTorch passes the public suite, with networks as small as each check admits."""

from functools import partial

import pytest

from artesian.synthesizers import CATALOG
from artesian.testing import conditions, fidelity, synthesizer_checks

pytest.importorskip("torch")
pytestmark = pytest.mark.slow

TINY = {"epochs": 2, "hidden": 16, "latent": 8, "batch": 500}
"""For checks of what holds after any fit."""

SETTINGS = {
    "vae": {"epochs": 40, "hidden": 64, "latent": 8, "batch": 100, "rate": 3e-3},
}
"""For checks of what networks learn."""

METHODS = tuple(name for name in CATALOG if CATALOG[name].capabilities.extra == "deep")

LEARNED = (
    fidelity.check_category_frequencies,
    fidelity.check_null_rates,
    fidelity.check_number_distributions,
    fidelity.check_bounds,
    fidelity.check_dependence,
    conditions.check_where_follows_the_conditional_distribution,
)

CASES = [
    pytest.param(name, check, id=f"{name}-{check.__name__}")
    for name in METHODS
    for check in synthesizer_checks(CATALOG[name])
]


@pytest.mark.parametrize(("name", "check"), CASES)
def test_deep_method(name, check):
    check(partial(CATALOG[name], **(SETTINGS[name] if check in LEARNED else TINY)))
