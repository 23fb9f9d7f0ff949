"""The contract carries a method of floats: a Gaussian mixture passes the whole suite."""

import pytest
from tests.synthesizers.gaussian_mixture import GaussianMixture

from artesian.testing import synthesizer_checks


@pytest.mark.parametrize("check", synthesizer_checks(GaussianMixture), ids=lambda c: c.__name__)
def test_gaussian_mixture(check):
    check(GaussianMixture)
