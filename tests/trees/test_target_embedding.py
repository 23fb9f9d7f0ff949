"""Embedding and screening: which differences between distributions can be seen, and cheaply."""

import numpy as np
import pytest

from artesian.encoding.coded_table import CodedTable
from artesian.synthesizers.sequential.feature_screening import screen
from artesian.trees.target_embedding import DIMENSIONS, SCALE, embed


@pytest.mark.parametrize("levels", [1, 2, 8, 9, 200])
@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize("missing", [True, False])
def test_vectors_are_whole_numbers_within_bounds(levels, ordered, missing):
    counts = np.random.default_rng(levels).integers(1, 100, levels).astype(float)
    vectors = embed(counts, ordered=ordered, missing=missing)
    assert vectors.shape == (levels, DIMENSIONS)
    assert vectors.dtype == np.int16
    assert np.abs(vectors).max() <= SCALE


def test_codes_without_rows_are_no_trouble():
    for counts in (np.zeros(5), np.array([0.0, 7, 0, 0]), np.zeros(1)):
        for ordered in (True, False):
            assert np.isfinite(embed(counts, ordered=ordered, missing=True)).all()


def test_the_first_direction_of_ordered_codes_is_their_order():
    vectors = embed(np.ones(60), ordered=True, missing=False)
    assert (np.diff(vectors[:, 0]) < 0).all() or (np.diff(vectors[:, 0]) > 0).all()


def test_missing_stands_apart_from_every_value():
    counts = np.r_[np.full(50, 10.0), 300.0]
    vectors = embed(counts, ordered=True, missing=True).astype(float)
    apart = np.linalg.norm(vectors[:50] - vectors[50], axis=1).min()
    assert apart > np.linalg.norm(vectors[24] - vectors[25])
    assert (vectors[50] != 0).any()


def test_frequent_categories_are_all_told_apart():
    vectors = embed(np.array([50.0, 400, 30, 20, 10]), ordered=False, missing=False)
    assert len({tuple(row) for row in vectors.tolist()}) == 5


def test_distributions_that_differ_in_mean_spread_or_shape_have_different_means():
    vectors = embed(np.ones(100), ordered=True, missing=False).astype(float)
    at = np.arange(100)
    flat = np.ones(100)
    others = [at + 1.0, np.abs(at - 50) + 1.0, (at % 50) + 1.0]
    for weight in others:
        gap = np.average(vectors, axis=0, weights=weight) - np.average(
            vectors, axis=0, weights=flat
        )
        assert np.linalg.norm(gap) > 0.05 * SCALE


def coded(codes, levels, ordered):
    return CodedTable(("",) * len(codes), codes, levels, ordered, np.zeros(len(codes), bool))


def test_the_columns_that_tell_of_the_target_are_kept():
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 50, (60, 20_000)).astype(np.uint8)
    codes[7] = np.clip(codes[59] // 2 + rng.integers(0, 9, 20_000), 0, 49)  # location
    codes[20] = np.abs(codes[59].astype(int) - 25)  # spread
    codes[33] = (codes[59] > 40) * 3 + rng.integers(0, 3, 20_000)  # a category
    ordered = np.ones(60, bool)
    ordered[33] = False
    kept = screen(coded(codes, np.full(60, 50), ordered), np.arange(59), 59, 6)
    assert {7, 20, 33} <= set(kept)
    assert len(kept) == 6
    assert (np.diff(kept) > 0).all(), "the old order is kept"


def test_few_columns_are_all_kept():
    codes = np.zeros((3, 10), np.uint8)
    table = coded(codes, np.ones(3, int), np.ones(3, bool))
    assert screen(table, np.arange(2), 2, 6).tolist() == [0, 1]
