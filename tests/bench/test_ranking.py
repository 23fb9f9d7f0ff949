"""Ranks and critical differences against Demsar 2006 and scipy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import friedmanchisquare, rankdata

from artesian.bench.ranking import (
    cliques,
    critical_difference,
    friedman,
    loss,
    needed,
    quantile,
    ranked,
    ranking,
)
from artesian.metrics.protocol import Better

TABLE_6 = {  # AUC on 14 data sets: C4.5, with m, with cf, with both (Demsar 2006, table 6)
    "C4.5": (0.763, 0.599, 0.954, 0.628, 0.882, 0.936, 0.661, 0.583, 0.775, 1.0, 0.940, 0.619, 0.972, 0.957),
    "C4.5+m": (0.768, 0.591, 0.971, 0.661, 0.888, 0.931, 0.668, 0.583, 0.838, 1.0, 0.962, 0.666, 0.981, 0.978),
    "C4.5+cf": (0.771, 0.590, 0.968, 0.654, 0.886, 0.916, 0.609, 0.563, 0.866, 1.0, 0.965, 0.614, 0.9751, 0.946),
    "C4.5+m+cf": (0.798, 0.569, 0.967, 0.657, 0.898, 0.931, 0.685, 0.625, 0.875, 1.0, 0.962, 0.669, 0.975, 0.970),
}  # fmt: skip


def demsar() -> dict[str, list[float]]:
    return {method: [-value for value in values] for method, values in TABLE_6.items()}


@pytest.mark.parametrize(
    ("level", "published"),
    [
        (0.05, (1.960, 2.343, 2.569, 2.728, 2.850, 2.949, 3.031, 3.102, 3.164)),
        (0.10, (1.645, 2.052, 2.291, 2.459, 2.589, 2.693, 2.780, 2.855, 2.920)),
    ],
)
def test_the_quantiles_are_those_of_table_5(level: float, published: tuple[float, ...]) -> None:
    ours = [quantile(methods, level) for methods in range(2, 11)]
    assert ours == pytest.approx(published, abs=1.5e-3)


def test_the_example_of_the_paper() -> None:
    found = ranking("ks", demsar())
    by_method = dict(zip(found.methods, found.ranks, strict=True))
    assert [round(by_method[method], 3) for method in TABLE_6] == [3.143, 2.0, 2.893, 1.964]
    assert found.methods[0] == "C4.5+m+cf"
    assert critical_difference(4, 14) == pytest.approx(1.25, abs=0.005)
    assert critical_difference(4, 14, 0.10) == pytest.approx(1.12, abs=0.005)
    # The paper's 9.28 takes no account of ties: 78 of 14 x (64 - 4).
    assert found.statistic is not None
    assert found.statistic * (1 - 78 / 840) == pytest.approx(9.28, abs=0.005)
    assert found.difference == critical_difference(4, 14)
    # At 5 % the test finds nothing: best and worst are 1.18 apart.
    assert found.groups == ((0, 3),)
    assert found.sources == 14
    assert "rough" not in found.says


def test_at_ten_per_cent_the_groups_are_those_of_the_paper() -> None:
    """Pure C4.5 differs from the two with m; to which group C4.5+cf belongs cannot be told."""
    means = np.array([1.964, 2.0, 2.893, 3.143])
    assert cliques(means, critical_difference(4, 14, 0.10)) == ((0, 2), (2, 3))


@pytest.mark.parametrize("seed", range(5))
def test_friedman_is_that_of_scipy_with_and_without_ties(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for table in (rng.normal(size=(9, 4)), rng.integers(0, 3, size=(12, 5)).astype(float)):
        theirs = friedmanchisquare(*table.T)
        statistic, p = friedman(ranked(table))
        assert statistic == pytest.approx(theirs.statistic, rel=1e-12)
        assert p == pytest.approx(theirs.pvalue, rel=1e-9)


def test_ranks_are_those_of_scipy_and_failures_share_the_last() -> None:
    table = np.array([[0.2, 0.1, 0.2, 0.4], [1.0, math.inf, 0.5, math.inf]])
    assert ranked(table).tolist() == rankdata(table, axis=1).tolist()
    assert ranked(table)[1].tolist() == [2.0, 3.5, 1.0, 3.5]


def test_clear_differences_over_many_sources_are_told_apart() -> None:
    rng = np.random.default_rng(3)
    losses = {name: (at + rng.normal(0, 0.2, 30)).tolist() for name, at in [("a", 0), ("b", 0), ("z", 5)]}
    found = ranking("ks", losses)
    assert found.p is not None
    assert found.p < 1e-6
    assert found.groups == ((0, 1),)
    assert found.methods[2] == "z"


def test_too_few_sources_are_said() -> None:
    one = ranking("ks", {"a": [0.1], "b": [0.2]})
    assert one.p is one.statistic is one.difference is None
    assert "one source" in one.says
    two = ranking("ks", {"a": [0.1, 0.1], "b": [0.2, 0.2], "c": [0.3, 0.3]})
    assert two.groups == ((0, 2),)
    assert f"takes {needed(3)} sources" in two.says
    assert "nothing to rank" in ranking("ks", {"a": [0.1, 0.2]}).says


@pytest.mark.parametrize("methods", range(2, 11))
def test_as_many_sources_as_needed_can_tell_the_extremes_apart(methods: int) -> None:
    least = needed(methods)
    assert critical_difference(methods, least) < methods - 1
    assert critical_difference(methods, least - 1) >= methods - 1


def test_all_level_is_no_difference() -> None:
    found = ranking("ks", {"a": [0.1] * 5, "b": [0.1] * 5, "c": [0.1] * 5})
    assert found.p == 1.0
    assert found.groups == ((0, 2),)


def test_a_loss_knows_its_direction() -> None:
    assert loss(0.3, Better.LOWER, None) == 0.3
    assert loss(0.3, Better.HIGHER, None) == -0.3
    assert loss(0.3, Better.NEITHER, 0.5) == pytest.approx(0.2)
    assert loss(None, Better.LOWER, 0.5) == math.inf
