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
    min_sources,
    quantile,
    rank_methods,
    ranked,
)
from artesian.metrics.protocol import Better

TABLE_6 = """
C4.5      .763 .599 .954 .628 .882 .936 .661 .583 .775 1 .940 .619 .972  .957
C4.5+m    .768 .591 .971 .661 .888 .931 .668 .583 .838 1 .962 .666 .981  .978
C4.5+cf   .771 .590 .968 .654 .886 .916 .609 .563 .866 1 .965 .614 .9751 .946
C4.5+m+cf .798 .569 .967 .657 .898 .931 .685 .625 .875 1 .962 .669 .975  .970
"""
"""AUC on 14 data sets (Demsar 2006, table 6). The paper prints .975 twice for the 13th and ranks the
two 2 and 3: they differ in a digit that is not printed."""

METHODS = [line.split()[0] for line in TABLE_6.strip().splitlines()]


def demsar() -> dict[str, list[float]]:
    lines = [line.split() for line in TABLE_6.strip().splitlines()]
    return {method: [-float(value) for value in values] for method, *values in lines}


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
    found = rank_methods("ks", demsar())
    by_method = dict(zip(found.methods, found.ranks, strict=True))
    assert [round(by_method[method], 3) for method in METHODS] == [3.143, 2.0, 2.893, 1.964]
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
    assert "approximate" not in found.conclusion


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


def test_clear_differences_over_many_sources_are_significant() -> None:
    rng = np.random.default_rng(3)
    losses = {
        name: (at + rng.normal(0, 0.2, 30)).tolist() for name, at in [("a", 0), ("b", 0), ("z", 5)]
    }
    found = rank_methods("ks", losses)
    assert found.p is not None
    assert found.p < 1e-6
    assert found.groups == ((0, 1),)
    assert found.methods[2] == "z"


def test_too_few_sources_are_stated() -> None:
    one = rank_methods("ks", {"a": [0.1], "b": [0.2]})
    assert one.p is one.statistic is one.difference is None
    assert "only one source" in one.conclusion
    two = rank_methods("ks", {"a": [0.1, 0.1], "b": [0.2, 0.2], "c": [0.3, 0.3]})
    assert two.groups == ((0, 2),)
    assert f"needs {min_sources(3)} sources" in two.conclusion
    assert "nothing to rank" in rank_methods("ks", {"a": [0.1, 0.2]}).conclusion


@pytest.mark.parametrize("methods", range(2, 11))
def test_with_min_sources_the_extremes_can_differ(methods: int) -> None:
    least = min_sources(methods)
    assert critical_difference(methods, least) < methods - 1
    assert critical_difference(methods, least - 1) >= methods - 1


def test_all_level_is_no_difference() -> None:
    found = rank_methods("ks", {"a": [0.1] * 5, "b": [0.1] * 5, "c": [0.1] * 5})
    assert found.p == 1.0
    assert found.groups == ((0, 2),)


def test_a_loss_knows_its_direction() -> None:
    assert loss(0.3, Better.LOWER, None) == 0.3
    assert loss(0.3, Better.HIGHER, None) == -0.3
    assert loss(0.3, Better.NEITHER, 0.5) == pytest.approx(0.2)
    assert loss(None, Better.LOWER, 0.5) == math.inf
