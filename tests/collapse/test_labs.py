"""Experiments against their closed forms.

`LabResult.agreement` compares all points jointly with a false-alarm rate of at most 5 % (Bonferroni,
conservative for points of one chain); the seeds are fixed, so a test fails only if a result changes.
"""

from __future__ import annotations

import json

import numpy as np
import pytest

from artesian.collapse.labs.categories import CategoriesLab
from artesian.collapse.labs.gaussian import GaussianLab
from artesian.collapse.labs.mixture import MixtureLab, Mixtures, fit, l2_distance
from artesian.collapse.labs.results import Curve, LabResult, Panel, grid
from artesian.collapse.labs.verifier import VerifierLab
from artesian.core.run import Run


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_gaussian_matches_the_closed_forms_of_all_policies(seed: int) -> None:
    result = GaussianLab(sizes=(20, 100), generations=60, replicates=2000).run(Run.from_seed(seed))
    agreement = result.agreement()
    assert agreement is not None
    assert agreement["points"] > 100
    assert agreement["agrees"], agreement
    assert not result.skipped


def test_a_wrong_theory_would_be_noticed() -> None:
    # Variance estimated with n - 1 would not shrink: theory of another estimator must not agree.
    result = GaussianLab(sizes=(20,), generations=30, replicates=2000).run(Run())
    curve = result.panels[1].curves[0]
    shifted = np.asarray(curve.theory) * 0.9
    wrong = Curve(
        label="", generations=curve.generations, values=curve.values, errors=curve.errors,
        theory=shifted.tolist(),
    )  # fmt: skip
    panel = Panel(title="", y="", curves=(wrong,), note="")
    other = LabResult(
        name="", title="", source="", findings=(), panels=(panel,), settings={}
    ).agreement()
    assert other is not None
    assert not other["agrees"]


def test_rare_categories_survive_as_branching_predicts_within_three_standard_errors() -> None:
    lab = CategoriesLab(generations=20, replicates=60, categories=50)
    result = lab.run(Run.from_seed(5))
    for panel in result.panels[:2]:
        for curve in panel.curves:
            # The last generation of each count, 5 and more.
            error = max(curve.errors[-1], 1e-3)
            assert abs(curve.values[-1] - curve.theory[-1]) < 3 * error, (panel.title, curve.label)


def test_policies_are_ordered_and_bias_beats_noise() -> None:
    result = CategoriesLab(generations=30, replicates=10, categories=500).run(Run())
    ends = {curve.label: curve.values[-1] for curve in result.panels[2].curves}
    assert ends["replace"] < ends["mix, 10 % real"] < ends["mix, 50 % real"]
    assert ends["replace"] < ends["subsample"] < ends["accumulate"]
    assert ends["replace, temperature 0.9"] < 0.2 * ends["replace"]


def test_em_recovers_a_mixture_and_the_distance_is_the_integral() -> None:
    real = Mixtures.real(2)
    fitted = fit(real.sample(np.random.default_rng(0), 20_000), real)
    np.testing.assert_allclose(fitted.means, real.means, atol=0.05)
    np.testing.assert_allclose(fitted.deviation(), 0.9, atol=0.02)
    axis = np.linspace(-8, 8, 321)
    x, y = np.meshgrid(axis, axis)

    def density(m: Mixtures) -> np.ndarray:
        total = np.zeros_like(x)
        for k in (0, 1):
            xx, xy, yy = m.covariances[0, k]
            inverse = np.linalg.inv([[xx, xy], [xy, yy]])
            d = np.stack([x - m.means[0, k, 0], y - m.means[0, k, 1]], -1)
            square = np.einsum("...i,ij,...j", d, inverse, d)
            total += m.weights[0, k] * np.exp(-square / 2) * np.sqrt(np.linalg.det(inverse))
        return total / (2 * np.pi)

    narrow = Mixtures(real.weights, real.means + 0.5, real.covariances * 0.5)
    integral = ((density(real) - density(narrow)) ** 2).sum() * (axis[1] - axis[0]) ** 2
    assert l2_distance(real, narrow)[0] == pytest.approx(integral, rel=1e-6)


def test_the_mixture_declines_at_about_the_rate_of_its_reference() -> None:
    result = MixtureLab(size=60, generations=60, replicates=12).run(Run.from_seed(1))
    median, _, _, reference = result.panels[0].curves
    assert median.values[-1] < 0.5 * 0.9
    # On a logarithmic scale within a factor of three of the reference without overlap.
    ratio = np.log(median.values[-1] / 0.9) / np.log(reference.values[-1] / 0.9)
    assert 1 / 3 < ratio < 3
    assert result.panels[1].curves[0].values[-1] > result.panels[1].curves[0].values[0]


@pytest.mark.slow
def test_the_published_run_of_the_mixture_is_reproduced() -> None:
    result = MixtureLab().run(Run())
    median, smallest, largest, _ = result.panels[0].curves
    assert smallest.values[-1] < 0.012  # published: 0.010, one run
    assert median.values[-1] < 0.05
    assert largest.values[-1] < 0.1


def test_a_biased_verifier_helps_first_and_is_believed_at_last() -> None:
    result = VerifierLab(bias=0.2, replicates=400, generations=20, synthetic=300).run(Run())
    none, unbiased, biased, _ = (np.asarray(c.values) for c in result.panels[0].curves)
    assert biased.min() < 0.9 * biased[0]
    assert unbiased[-1] < 0.2 * unbiased[0]
    assert none[-1] > none[0]
    drift = result.panels[1].curves[0]
    assert drift.values[-1] == pytest.approx(0.2, abs=0.01)
    np.testing.assert_allclose(drift.values, drift.theory, atol=0.03)


def test_a_result_is_plain_json_and_independent_of_the_order_of_experiments() -> None:
    lab = GaussianLab(sizes=(10,), generations=5, replicates=10)
    one, other = lab.run(Run.from_seed(4)).to_dict(), lab.run(Run.from_seed(4)).to_dict()
    assert one == other
    json.dumps(one, allow_nan=False)
    assert grid(3) == [1, 2, 3]
