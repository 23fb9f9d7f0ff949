"""The nearest rows of the attack on whole entities, by a tree and by blocks of products."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from artesian.metrics.relational import membership


@given(
    points=st.integers(1, 40),
    targets=st.integers(1, 20),
    width=st.integers(1, 20),
    seed=st.integers(0, 99),
)
def test_both_ways_find_the_same_distance(points: int, targets: int, width: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    there, here = rng.random((points, width)), rng.random((targets, width))
    expected = np.sqrt(((here[:, None] - there[None]) ** 2).sum(axis=2)).min(axis=1)
    for nearest in (membership._nearest, membership._nearest_by_product):
        distance, at = nearest(there, here)
        np.testing.assert_allclose(distance, expected, rtol=1e-4)
        np.testing.assert_allclose(np.sqrt(((here - there[at]) ** 2).sum(axis=1)), distance)


def test_blocks_hide_no_row(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    there = rng.random((57, 20))
    monkeypatch.setattr(membership, "POINTS", 8)
    monkeypatch.setattr(membership, "TARGETS", 5)
    distance, at = membership._nearest_by_product(there, there)
    assert (at == np.arange(57)).all()
    assert (distance == 0).all()


def test_indicators_are_searched_by_a_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    def unused(*_: object) -> None:
        raise AssertionError("the search by products takes long for many rows")

    monkeypatch.setattr(membership, "_nearest_by_product", unused)
    there = np.column_stack([np.random.default_rng(0).random((99, 3)), np.eye(99)[:, :30]])
    assert (membership._nearest(there, there)[1] == np.arange(99)).all()
