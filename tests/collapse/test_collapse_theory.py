"""Closed forms against independent computations."""

from __future__ import annotations

import numpy as np
import pytest

from artesian.collapse import theory
from artesian.collapse.policies import Policy, parse_policy
from artesian.core.errors import UsageError


def test_variance_of_replace_is_a_power_and_the_raw_moment_a_martingale() -> None:
    moments = theory.gaussian_moments(Policy(name="replace"), 50, 20)
    assert moments is not None
    assert moments.variance[19] == pytest.approx(0.98**20)
    np.testing.assert_allclose(moments.variance + moments.mean_square, 1)


def test_accumulation_stays_below_its_bound_and_approaches_it() -> None:
    for n in (10, 100, 1000):
        moments = theory.gaussian_moments(Policy(name="accumulate"), n, 5000)
        assert moments is not None
        error = n * moments.mean_square
        assert (np.diff(error) > 0).all()
        assert error[-1] < theory.ACCUMULATION_BOUND
        assert 1 - moments.variance[-1] < theory.ACCUMULATION_BOUND / n
    assert error[-1] == pytest.approx(theory.ACCUMULATION_BOUND, rel=0.005)


def test_mix_has_the_published_limit_and_its_ends_are_replace_and_real_data() -> None:
    # n E[mean^2] of the fresh-data loop: 1 / (1 - (1 - x)^2), 5.26 at 10 % for large n.
    moments = theory.gaussian_moments(Policy(name="mix", real=0.1), 100_000, 200)
    assert moments is not None
    assert 100_000 * moments.mean_square[-1] == pytest.approx(5.263, rel=1e-3)
    for real, mean in ((0.0, 1 - 0.99**30), (1.0, 0.01)):
        end = theory.gaussian_moments(Policy(name="mix", real=real), 100, 30)
        assert end is not None
        assert end.mean_square[-1] == pytest.approx(mean)


def test_survival_has_the_published_values() -> None:
    # Exact for 5 rows; for the others simulations of the Wright-Fisher model by an earlier prototype.
    for count, generation, expected in ((5, 5, 0.790), (20, 30, 0.717), (100, 100, 0.856)):
        alive = theory.survival(count, generation)[-1]
        assert alive == pytest.approx(expected, abs=0.006), count
    q = 0.0
    for _ in range(12):
        q = float(np.exp(q - 1))
    assert theory.survival(7, 12)[-1] == pytest.approx(1 - q**7)


def test_fresh_real_rows_revive_categories() -> None:
    none, some, all_real = (theory.survival(5, 40, real=x) for x in (0.0, 0.2, 1.0))
    assert (none <= some + 1e-12).all()
    assert some[-1] > 2 * none[-1]
    # All rows real: Poisson(5) real rows of the category, and Poisson of these are generated.
    assert all_real[-1] == pytest.approx(1 - np.exp(5 * (np.exp(-1) - 1)))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("mix", "needs the proportion"),
        ("mix=1.5", "not a proportion"),
        ("mix=-10%", "not a proportion"),
        ("mix=nan", "not a proportion"),
        ("replace=0.1", "takes no value"),
        ("acumulate", "no policy"),
    ],
)
def test_a_wrong_policy_is_an_error_with_a_hint(text: str, problem: str) -> None:
    with pytest.raises(UsageError, match=problem) as caught:
        parse_policy(text)
    assert caught.value.hint
