"""The tree's kernels on toys with known answers."""

import numpy as np
import pytest

from artesian.trees import kernels as tree_kernels

DIMENSIONS = 8


def grown(codes, levels, ordered, vectors, *, min_leaf=5, min_gain=4.0, per_level=0.0):
    q, n = codes.shape
    feature, left, goes_left, parent, _ = tree_kernels.grow(
        codes,
        np.arange(q),
        np.asarray(levels, np.int64),
        np.asarray(ordered, bool),
        vectors,
        np.arange(n, dtype=np.int32),
        min_leaf,
        np.full(q, float(min_gain)),
        float(per_level),
        5.0,
    )
    return feature, left, goes_left, parent


def routed(codes, tree):
    feature, left, goes_left, _ = tree
    return tree_kernels.route(codes, feature, left, tree_kernels.packed(goes_left))


def embedded(*directions):
    vectors = np.zeros((len(directions[0]), DIMENSIONS), np.int16)
    for d, values in enumerate(directions):
        vectors[:, d] = np.round(1000 * np.asarray(values))
    return vectors


def noise(n=2000, q=4, levels=32, seed=0):
    rng = np.random.default_rng(seed)
    return rng, rng.integers(0, levels, (q, n)).astype(np.uint8)


def test_a_planted_threshold_is_the_first_split():
    rng, codes = noise()
    tree = grown(
        codes, [32] * 4, [True] * 4, embedded((codes[2] > 19) + 0.1 * rng.normal(size=2000))
    )
    feature, _, goes_left, _ = tree
    assert feature[0] == 2
    assert goes_left[0, :20].all()
    assert not goes_left[0, 20:32].any()
    leaf = routed(codes, tree)
    assert len(set(leaf[codes[2] <= 19]) & set(leaf[codes[2] > 19])) == 0


def test_a_change_of_spread_alone_is_seen():
    rng, codes = noise()
    wide = np.where(codes[1] < 10, 1.0, 0.2)
    value = wide * rng.normal(size=2000)
    # The second direction says how far from the middle: the first has the same mean everywhere.
    feature, *_ = grown(codes, [32] * 4, [True] * 4, embedded(value / 4, np.abs(value) / 4))
    assert feature[0] == 1


@pytest.mark.parametrize("ordered", [True, False])
def test_noise_gives_a_single_leaf(ordered):
    for seed in range(5):
        rng, codes = noise(seed=seed)
        vectors = embedded(rng.normal(size=2000) / 4, rng.normal(size=2000) / 4)
        tree = grown(codes, [32] * 4, [ordered] * 4, vectors, min_gain=20, per_level=1)
        assert tree[0].tolist() == [-1]


def test_categories_are_parted_by_their_response():
    rng, codes = noise(levels=12)
    odd = np.isin(codes[3], [1, 4, 5, 11])
    feature, _, goes_left, _ = grown(
        codes, [12] * 4, [False] * 4, embedded(odd + 0.1 * rng.normal(size=2000))
    )
    assert feature[0] == 3
    sides = {
        frozenset(np.flatnonzero(goes_left[0, :12])),
        frozenset(np.flatnonzero(~goes_left[0, :12])),
    }
    assert frozenset([1, 4, 5, 11]) in sides


def test_a_constant_target_and_a_constant_feature_give_a_single_leaf():
    _, codes = noise()
    assert grown(codes, [32] * 4, [True] * 4, embedded(np.ones(2000)))[0].tolist() == [-1]
    flat = np.zeros((2, 2000), np.uint8)
    vectors = embedded(np.random.default_rng(0).normal(size=2000))
    assert grown(flat, [1, 5], [True, False], vectors, min_gain=0)[0].tolist() == [-1]


def test_the_tree_hangs_together_and_leaves_are_large_enough():
    rng, codes = noise()
    target = (codes[0] / 32 + np.sin(codes[1]) + 0.2 * rng.normal(size=2000)) / 4
    tree = grown(codes, [32] * 4, [True, False, True, False], embedded(target), min_leaf=17)
    feature, left, _, parent = tree
    inner = np.flatnonzero(feature >= 0)
    assert len(feature) == 2 * len(inner) + 1
    assert len(inner) > 5
    for node in inner:
        assert parent[left[node]] == parent[left[node] + 1] == node
        assert left[node] > node, "children are numbered after their parents"
    leaf = routed(codes, tree)
    assert (feature[leaf] == -1).all()
    assert set(leaf) == set(np.flatnonzero(feature < 0))
    assert np.bincount(leaf)[np.unique(leaf)].min() >= 17


def test_a_split_on_few_rows_asks_for_its_own_gain():
    rng, codes = noise()
    vectors = embedded((codes[2] > 19) / 2 + rng.normal(size=2000) / 8)
    args = [32] * 4, [True] * 4, vectors
    strict = len(grown(codes, *args, min_gain=30)[0])
    loose = len(grown(codes, *args, min_gain=1)[0])
    assert 3 <= strict < loose


def brute(codes, vectors, rows, min_leaf, min_gain):
    """Leaves, as sets of rows, of a tree grown by trying every cut of every ordered feature."""
    x = vectors[rows].astype(float)
    size, total = len(rows), x.sum(axis=0)
    base = (total**2).sum() / size
    variance = ((x**2).sum() - base) / size
    best, cut = 0.0, None
    for f in range(len(codes) if variance > 1e-9 else 0):
        for edge in np.unique(codes[f, rows])[:-1]:
            low = codes[f, rows] <= edge
            if min(low.sum(), (~low).sum()) < min_leaf:
                continue
            gain = sum((x[side].sum(axis=0) ** 2).sum() / side.sum() for side in (low, ~low))
            gain -= base + min_gain * variance
            if gain > best:
                best, cut = gain, low
    if cut is None:
        return [frozenset(rows.tolist())]
    return [
        leaf
        for side in (cut, ~cut)
        for leaf in brute(codes, vectors, rows[side], min_leaf, min_gain)
    ]


@pytest.mark.parametrize("seed", range(4))
def test_histograms_by_subtraction_grow_the_tree_of_brute_force(seed):
    rng, codes = noise(n=400, q=3, levels=16, seed=seed)
    target = codes[0] / 16 + (codes[1] > 7) * (codes[2] / 16) + 0.1 * rng.normal(size=400)
    vectors = embedded(target / 4, rng.normal(size=400) / 8, np.cos(target))
    tree = grown(codes, [16] * 3, [True] * 3, vectors, min_leaf=7, min_gain=2)
    leaf = routed(codes, tree)
    leaves = {frozenset(np.flatnonzero(leaf == node).tolist()) for node in np.unique(leaf)}
    assert leaves == set(brute(codes, vectors, np.arange(400), 7, 2.0))


def test_only_the_sample_chooses_splits():
    _, codes = noise()
    vectors = embedded(np.where(codes[0] > 15, 1, -1) * np.where(np.arange(2000) < 1000, 1, -1) / 2)
    tree = tree_kernels.grow(
        codes,
        np.arange(4),
        np.full(4, 32),
        np.ones(4, bool),
        vectors,
        np.arange(1000, dtype=np.int32),
        5,
        np.full(4, 4.0),
        0.0,
        5.0,
    )
    assert tree[0][0] == 0


def test_unseen_categories_go_with_the_larger_child():
    codes = np.repeat([0, 1, 2], [600, 300, 100]).astype(np.uint8)[None]
    tree = grown(codes, [5], [False], embedded(codes[0] == 2))
    leaf = routed(np.array([[0, 3, 4]], np.uint8), tree)
    assert leaf[0] == leaf[1] == leaf[2]


def test_packed_bits_are_the_codes_that_go_left():
    rng = np.random.default_rng(0)
    goes_left = rng.random((9, 256)) < 0.5
    bits = tree_kernels.packed(goes_left)
    shifts = np.arange(64, dtype=np.uint64)
    assert (((bits[:, :, None] >> shifts) & np.uint64(1)).reshape(9, 256) == goes_left).all()


def test_codes_are_drawn_by_their_shares():
    shares = np.array([[0.0, 0.25, 0.0, 0.75, 0.0], [1.0, 0, 0, 0, 0], [0, 0, 0, 0, 1.0]])
    uniforms = (np.arange(10_000) + 0.5) / 10_000
    for row, want in enumerate(shares):
        codes = tree_kernels.draw(np.full(10_000, row), np.cumsum(shares, axis=1), uniforms)
        assert np.bincount(codes, minlength=5).tolist() == (want * 10_000).tolist()


@pytest.mark.parametrize("uniform", [0.0, 1 - 2**-53])
def test_the_ends_of_the_unit_interval_draw_possible_codes(uniform):
    cdf = np.cumsum([[0.0, 0.0, 0.3, 0.7, 0.0, 0.0]], axis=1)
    for kept in (cdf, (cdf * 65_535).astype(np.uint16)):
        code = tree_kernels.draw(np.zeros(1, np.int64), kept, np.array([uniform]))[0]
        assert code == (2 if uniform == 0 else 3)
