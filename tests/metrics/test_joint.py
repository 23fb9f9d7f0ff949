"""Metrics on neighbours: agreement with prdc and scikit-learn, planted faults, a ramp."""

import json
from pathlib import Path

import numpy as np
import pytest
from tests.metrics.tables import people, table

from artesian.core.run import Run
from artesian.metrics import CATALOG
from artesian.metrics.common.intervals import GROUPS
from artesian.metrics.common.neighbours import (
    Neighbours,
    between_tables,
    find_neighbours,
    within_table,
)
from artesian.metrics.fidelity.alpha_precision import _matched, _recalled
from artesian.metrics.fidelity.manifold import _coverage, _density, _precision, _recall
from artesian.metrics.fidelity.mmd import discrepancy
from artesian.metrics.protocol import Comparison

PRDC = json.loads((Path(__file__).parents[1] / "reference" / "prdc.json").read_text())
LIKENESS = (
    *("mmd", "precision", "recall", "density", "coverage"),
    *("alpha_precision", "beta_recall"),
)


def met(real, made, scale=50.0):
    """`Neighbours` of points; the 'unseen' are the real ones."""
    found, run = Neighbours(len(real), scale=scale), Run()
    for side, points in (("holdout", real), ("synthetic", made)):
        points = np.asarray(points, np.float32)
        found.within_table[side] = within_table(points, np.arange(len(points)) % GROUPS, scale, run)
    pair = ("holdout", "synthetic")
    found.between_tables[pair] = between_tables(
        found.within_table["holdout"], found.within_table["synthetic"], scale, run
    )
    return found


@pytest.mark.parametrize("case", list(PRDC["points"]))
def test_manifolds_agree_with_prdc(case):
    found = met(*PRDC["points"][case])
    measures = {
        "precision": _precision,
        "recall": _recall,
        "density": _density,
        "coverage": _coverage,
    }
    for name, measure in measures.items():
        value, left_out = measure(found, "synthetic")
        assert value == pytest.approx(PRDC["figures"][case][name], abs=1e-6)
        assert np.abs(left_out - value).max() < 0.2 * max(value, 0.2)


def test_the_kernel_distance_agrees_with_scikit_learn():
    from sklearn.metrics.pairwise import rbf_kernel

    real, made = (np.array(points) for points in PRDC["points"]["narrow"])

    def direct(x, y):
        own_x, own_y, cross = (rbf_kernel(*p, gamma=1 / 900) for p in ((x, x), (y, y), (x, y)))
        parts = [(k.sum() - len(k)) / len(k) / (len(k) - 1) for k in (own_x, own_y)]
        return sum(parts) - 2 * cross.mean()

    value, left_out = discrepancy(met(real, made, scale=900.0), "synthetic")
    assert value == pytest.approx(direct(real, made), abs=1e-6)
    kept = [np.arange(len(points)) % GROUPS != 3 for points in (real, made)]
    assert left_out[3] == pytest.approx(direct(real[kept[0]], made[kept[1]]), abs=1e-6)


def test_equal_rows_are_level_and_a_point_is_not():
    lengths = np.arange(100.0)
    assert _matched(lengths, lengths) == pytest.approx(1.0)
    assert _matched(lengths, np.zeros(50)) == pytest.approx(0.01, abs=0.02)
    assert _matched(lengths, np.full(50, 50.0)) == pytest.approx(0.5, abs=0.02)


def test_recall_is_the_area_between_share_and_level():
    levels, stood_for = np.array([0.2, 0.4, 0.6, 0.9]), np.array([True, False, True, True])
    grid = (np.arange(200_000) + 0.5) / 200_000
    share = sum((level <= grid) for level in levels[stood_for]) / 4
    expected = 1 - 2 * np.abs(share - grid).mean()
    assert _recalled(levels, stood_for) == pytest.approx(expected, abs=1e-5)
    assert _recalled(levels, np.zeros(4, bool)) == pytest.approx(0.0)


def judged(real, synthetic, holdout):
    tables = Comparison(real, synthetic, holdout)
    return {
        name: CATALOG[name]()(tables, run=Run.from_seed(0)) for name in (*LIKENESS, "authenticity")
    }


@pytest.fixture(scope="module")
def real_tables():
    return people(1500, 1), people(1500, 3)


@pytest.fixture(scope="module")
def fresh(real_tables):
    return judged(real_tables[0], people(1500, 2), real_tables[1])


def worse(result):
    low, high = result.excess_interval
    return low > 0 if result.better.value == "lower" else high < 0


def test_fresh_rows_pass(fresh):
    assert not [name for name, result in fresh.items() if worse(result)]


def test_a_ramp_to_noise_moves_each(real_tables):
    found = [
        judged(real_tables[0], people(1500, 2, blur=blur), real_tables[1])
        for blur in (0.0, 0.3, 0.6, 1.0)
    ]
    for name in LIKENESS:
        values = [one[name].value for one in found]
        steps = np.diff(values) * (-1 if found[0][name].better.value == "higher" else 1)
        assert (steps > -0.005).all(), f"{name}: {values}"  # recall is blunt: one far row does much
        assert worse(found[-1][name]), name


def test_a_mode_that_is_left_out_costs_recall_and_not_precision(real_tables, fresh):
    made = people(4000, 2)
    kept = made.with_frame(made.frame.filter(made.frame["age"] > 43)[:1500])
    found = judged(real_tables[0], kept, real_tables[1])
    for name in ("recall", "coverage", "beta_recall", "alpha_precision"):
        assert worse(found[name]), name
    assert not worse(found["precision"])


def test_copies_are_not_authentic_and_gain_nothing(real_tables, fresh):
    copied = judged(real_tables[0], real_tables[0], real_tables[1])
    assert copied["authenticity"].value < 0.05
    assert worse(copied["authenticity"])
    for name in LIKENESS:
        assert copied[name].value == pytest.approx(copied[name].reference), name


def test_authenticity_by_hand():
    rng = np.random.default_rng(0)
    tables = [table({"x": rng.integers(0, 10**6, 300)}) for _ in range(3)]
    found = find_neighbours(Comparison(*tables), Run())
    real, made = (found.within_table[side].points for side in ("train", "synthetic"))

    def squares(a, b):
        return ((a[:, None] - b[None]) ** 2).sum(axis=2)

    among = squares(real, real) + np.where(np.eye(len(real)), np.inf, 0)
    apart = squares(made, real)
    expected = (apart.min(axis=1) > among.min(axis=1)[apart.argmin(axis=1)]).mean()
    assert CATALOG["authenticity"]()(Comparison(*tables)).value == pytest.approx(expected)
