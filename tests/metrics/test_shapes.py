"""Distances of single columns agree with scipy, and grow with what is wrong."""

from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon
from scipy.stats import wasserstein_distance
from tests.metrics.tables import people, table

import artesian as ar
from artesian.core.run import Seed
from artesian.metrics.encoded import encode
from artesian.metrics.fidelity.distance import Side
from artesian.metrics.fidelity.shapes import Hellinger, JensenShannon, Wasserstein, cells
from artesian.metrics.intervals import groups_of
from artesian.metrics.protocol import Comparison

PLACE = Path(__file__).parents[1] / "reference"
EACH = (Wasserstein, JensenShannon, Hellinger)


@pytest.fixture(scope="module")
def adult():
    real = ar.read(PLACE / "adult_real.csv")
    others = [ar.read(PLACE / f"adult_{n}.csv", schema=real.schema) for n in ("synthetic", "holdout")]
    return Comparison(real, *others)


def test_wasserstein_agrees_with_scipy(adult):
    found = Wasserstein()(adult)
    real, made = adult.real.frame, adult.synthetic.frame
    assert len(found.parts) >= 5
    for name, value in found.parts.items():
        one, two = (f[name].drop_nulls().to_numpy().astype(float) for f in (real, made))
        assert value == pytest.approx(wasserstein_distance(one, two) / one.std(), abs=1e-6)


def test_jensen_shannon_and_hellinger_agree_with_scipy_on_the_same_cells(adult):
    encoded = encode(adult)
    sides = [
        Side(rows, groups_of(rows.height, Seed(0))) for rows in (encoded.real, encoded.synthetic)
    ]
    found, roots = JensenShannon()(adult).parts, Hellinger()(adult).parts
    for column in encoded.columns:
        count, place = cells(encoded, column.name)
        p, q = (np.bincount(place(side), minlength=count) / side.rows.height for side in sides)
        assert found[column.name] == pytest.approx(jensenshannon(p, q, 2), abs=1e-6)
        apart = np.linalg.norm(np.sqrt(p) - np.sqrt(q)) / np.sqrt(2)
        assert roots[column.name] == pytest.approx(apart, abs=1e-6)


@pytest.mark.parametrize("metric", EACH)
def test_a_ramp_to_noise_moves_each(metric):
    real, holdout = people(1500, 1), people(1500, 3)
    found = [
        metric()(Comparison(real, people(1500, 2, blur=blur), holdout))
        for blur in (0.0, 0.25, 0.5, 0.75, 1.0)
    ]
    values = [one.value for one in found]
    assert values == sorted(values)
    assert found[0].detail["excess_interval"][0] < 0
    assert found[-1].detail["excess_interval"][0] > 0


def test_a_shift_by_a_standard_deviation_is_one():
    x = np.random.default_rng(0).normal(5, 3, 2000)
    found = Wasserstein()(Comparison(table({"x": x}), table({"x": x + x.std()})))
    assert found.value == pytest.approx(1.0)


def test_columns_without_spread_are_left_out():
    one = table({"x": np.ones(100)})
    assert "no number" in Wasserstein()(Comparison(one, one)).skipped
    assert JensenShannon()(Comparison(one, table({"x": np.full(100, 7.0)}))).value > 0.9
