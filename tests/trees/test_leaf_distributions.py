"""Shrunken leaves: shares sum to one, lean on the parent, and starve nothing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from artesian.trees import leaf_distributions as leaves

counts = st.lists(st.integers(0, 50), min_size=0, max_size=40).map(lambda c: np.array(c, float))

# A root (0) with a leaf (1) and an inner node (2) with two leaves (3, 4).
FEATURE = np.array([0, -1, 1, -1, -1], np.int32)
PARENT = np.array([-1, 0, 0, 2, 2], np.int32)


def shares(leaf, target, levels, *, ordered, strength):
    plan = leaves.halvings(
        np.bincount(target, minlength=levels).astype(float) if ordered else np.zeros(0)
    )
    return leaves.leaf_distributions(FEATURE, PARENT, leaf, target, levels, plan, float(strength))


def example(levels=12, n=900, seed=0):
    rng = np.random.default_rng(seed)
    leaf = rng.choice([1, 3, 4], n, p=[0.5, 0.4, 0.1]).astype(np.int32)
    target = np.clip(rng.poisson(leaf + 1), 0, levels - 2).astype(np.uint8)
    return leaf, target


@given(counts)
def test_halvings_part_every_code_from_every_other(counts):
    plan = leaves.halvings(counts)
    assert plan.shape == (max(len(counts) - 1, 0), 3)
    whole = [(0, len(counts))] if len(counts) > 1 else []
    for low, middle, high in plan:
        assert (low, high) in whole, "a stretch is halved before it was made"
        assert low < middle < high
        whole.remove((low, high))
        whole += [part for part in ((low, middle), (middle, high)) if part[1] - part[0] > 1]
    assert not whole, "a stretch of several codes is never halved"


def test_halves_are_of_equal_mass():
    counts = np.random.default_rng(0).integers(1, 20, 64).astype(float)
    low, middle, high = leaves.halvings(counts)[0]
    assert (low, high) == (0, 64)
    assert counts[:middle].sum() == pytest.approx(counts.sum() / 2, abs=20)


@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize("strength", [0.5, 5.0, 1000.0])
def test_shares_sum_to_one(ordered, strength):
    leaf, target = example()
    row_of, table = shares(leaf, target, 12, ordered=ordered, strength=strength)
    assert row_of.tolist() == [-1, 0, -1, 1, 2]
    assert table.shape == (3, 12)
    assert table.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert (table >= 0).all()


@pytest.mark.parametrize("ordered", [True, False])
def test_without_shrinkage_a_leaf_is_its_own_rows(ordered):
    leaf, target = example()
    row_of, table = shares(leaf, target, 12, ordered=ordered, strength=1e-6)
    for node in (1, 3, 4):
        own = np.bincount(target[leaf == node], minlength=12) / (leaf == node).sum()
        assert table[row_of[node]] == pytest.approx(own, abs=1e-3)


@pytest.mark.parametrize("ordered", [True, False])
def test_with_endless_shrinkage_a_leaf_is_all_rows(ordered):
    leaf, target = example()
    _, table = shares(leaf, target, 12, ordered=ordered, strength=1e9)
    everything = np.bincount(target, minlength=12) / len(target)
    for row in table:
        assert row == pytest.approx(everything, abs=0.005)


def test_a_small_leaf_says_much_about_halves_and_little_about_single_values():
    rng = np.random.default_rng(1)
    leaf = rng.choice([1, 3], 5000).astype(np.int32)
    target = rng.integers(0, 64, 5000).astype(np.uint8)
    leaf[:20], target[:20] = 4, 40  # twenty rows, all with one value
    row_of, table = shares(leaf, target, 64, ordered=True, strength=10)
    small = table[row_of[4]]
    assert small[32:].sum() > 0.75
    assert small[40] < 0.4, "the leaf repeats its rows"
    assert small[:32].min() > 0, "what the leaf did not see can no longer be drawn"


def test_a_category_that_a_leaf_did_not_see_keeps_a_share():
    leaf, target = example()
    target[leaf == 4] = 3
    row_of, table = shares(leaf, target, 12, ordered=False, strength=5)
    seen = np.bincount(target, minlength=12) > 0
    assert (table[row_of[4], seen] > 0).all()
    assert (table[row_of[4], ~seen] == 0).all()
