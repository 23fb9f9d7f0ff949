"""Clipped density and coverage: the formulas of the paper, calibration, outliers, duplicates."""

import numpy as np
import pytest
from scipy import stats
from tests.metrics.tables import people, table
from tests.metrics.test_joint import met

from artesian.core.run import Run
from artesian.metrics import CATALOG
from artesian.metrics.common.intervals import GROUPS
from artesian.metrics.fidelity.clipped import (
    _clipped_coverage,
    _clipped_density,
    clipped_coverage,
    clipped_density,
    expected_coverage,
)
from artesian.metrics.functions import density
from artesian.metrics.protocol import Comparison


def points(rows, seed, shift=0.0, width=3):
    return np.random.default_rng(seed).normal(size=(rows, width)) + shift


def by_hand(real, synthetic, k=5):
    """Density and coverage before calibration, with loops, as the paper defines them."""
    radii = [np.sort([np.linalg.norm(a - b) for b in real])[k] for a in real]
    clipped = np.minimum(radii, np.median(radii))

    def mean_ratio(rows, own):
        ratios = []
        for at, row in enumerate(rows):
            inside = [
                np.linalg.norm(row - center) <= radius
                for i, (center, radius) in enumerate(zip(real, clipped, strict=True))
                if not (own and i == at)
            ]
            ratios.append(min(1.0, sum(inside) / k))
        return np.mean(ratios)

    dense = min(1.0, mean_ratio(synthetic, False) / mean_ratio(real, True))
    nearest = [np.sort([np.linalg.norm(a - b) for b in synthetic])[:k] for a in real]
    covered = np.mean(
        [np.mean(near <= radius) for near, radius in zip(nearest, radii, strict=True)]
    )
    return dense, covered


def test_they_are_the_formulas_of_the_paper():
    real, synthetic = points(40, 1), points(60, 2, shift=0.8)
    dense, covered = by_hand(real, synthetic)
    assert clipped_density(real, synthetic) == pytest.approx(dense)
    # f(m) / m by scipy's beta-binomial distribution; g is its inverse
    expected = [
        np.minimum(np.arange(m + 1), 5) @ stats.betabinom(m, 5, 35).pmf(np.arange(m + 1)) / 5
        for m in range(61)
    ]
    assert expected_coverage(np.arange(61), 40) == pytest.approx(np.array(expected))
    assert clipped_coverage(real, synthetic) == pytest.approx(
        np.interp(covered, expected, np.arange(61) / 60)
    )
    assert 0.2 < clipped_coverage(real, synthetic) < 0.9


def test_the_metric_and_the_function_are_the_same():
    real, synthetic = np.round(20 * points(300, 1)), np.round(20 * points(300, 2, shift=0.5))
    found = met(real, synthetic)
    for measure, function in (
        (_clipped_density, clipped_density),
        (_clipped_coverage, clipped_coverage),
    ):
        value, left_out = measure(found, "synthetic")
        assert value == pytest.approx(function(real, synthetic), abs=1e-6)
        assert left_out.shape == (GROUPS,)
        assert np.abs(left_out - value).max() < 0.1


@pytest.mark.parametrize("bad", [0.0, 0.25, 0.5, 0.75, 1.0])
def test_they_are_the_fraction_of_good_rows(bad):
    real, synthetic = points(1000, 1), points(1000, 2)
    far = int(bad * 1000)
    synthetic[:far] += 100
    assert clipped_density(real, synthetic) == pytest.approx(1 - bad, abs=0.06)
    assert clipped_coverage(real, synthetic) == pytest.approx(1 - bad, abs=0.06)


def test_dense_rows_do_not_make_up_for_far_ones():
    # In many dimensions, points near the centre are in the balls of many others.
    real, synthetic = points(1000, 1, width=20), points(1000, 2, width=20)
    synthetic[:300] = 0.3 * synthetic[:300]
    synthetic[300:] += 100
    assert density(real, synthetic) > 2
    assert clipped_density(real, synthetic) < 0.75


def test_an_isolated_real_row_does_not_make_its_surroundings_real():
    real, synthetic = points(500, 1), points(500, 2)
    real[0] = 60.0
    synthetic[:250] = 40.0 + points(250, 3)
    assert clipped_density(real, synthetic) == pytest.approx(0.5, abs=0.07)


def test_equal_tables_of_few_distinct_rows_score_1():
    real = np.repeat(np.arange(4.0)[:, None], 30, axis=0)
    for function in (clipped_density, clipped_coverage):
        assert function(real, real) == 1.0
        assert function(real, real + 50) == 0.0
    codes = [np.random.default_rng(seed).choice(["a", "b", "c"], 600) for seed in (1, 2, 3)]
    tables = Comparison(*(table({"town": each}) for each in codes))
    for name in ("clipped_density", "clipped_coverage"):
        result = CATALOG[name]()(tables, run=Run.from_seed(0))
        assert result.value == result.reference == 1.0


def test_noise_is_found_and_fresh_rows_are_not():
    real, holdout = people(1500, 1), people(1500, 3)
    for name in ("clipped_density", "clipped_coverage"):
        fresh, noise = (
            CATALOG[name]()(Comparison(real, people(1500, 2, blur=blur), holdout), run=Run())
            for blur in (0.0, 0.6)
        )
        assert fresh.reference > 0.93
        assert fresh.excess_interval[1] > 0
        assert noise.excess_interval[1] < 0
        assert noise.value < fresh.value - 0.2


def test_a_lost_mode_is_found_by_coverage_alone():
    rng = np.random.default_rng(5)
    real = points(1000, 1) + 30 * rng.integers(0, 2, 1000)[:, None]
    one_mode = points(1000, 2)
    assert clipped_density(real, one_mode) > 0.95
    assert clipped_coverage(real, one_mode) < 0.6
