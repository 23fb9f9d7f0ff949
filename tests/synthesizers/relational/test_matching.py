"""Matching children and parents by values and degrees."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from artesian.synthesizers.relational.lanes import calibrated
from artesian.synthesizers.relational.matching import match, spread
from artesian.synthesizers.relational.siblings import counted


def test_children_get_parents_of_their_values_as_often_as_the_degrees_say() -> None:
    rng = np.random.default_rng(0)
    offered = rng.integers(0, 3, (1, 60)).astype(np.uint8)
    degrees = rng.integers(0, 10, 60)
    wanted = np.repeat(offered, degrees, axis=1)[:, rng.permutation(degrees.sum())]
    groups = np.zeros(wanted.shape[1], int), np.zeros(60, int)
    rows = match(wanted, offered, degrees, groups, rng)
    assert (np.bincount(rows, minlength=60) == degrees).all()
    assert (offered[0, rows] == wanted[0]).mean() > 0.97


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 60), st.integers(1, 20), st.integers(1, 4))
def test_parents_are_of_the_same_group_or_none(seed: int, n: int, parents: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    own, their = rng.integers(0, count, n), rng.integers(0, count, parents)
    rows = match(
        rng.integers(0, 4, (2, n)).astype(np.uint8),
        rng.integers(0, 4, (2, parents)).astype(np.uint8),
        rng.integers(0, 3, parents),
        (own, their),
        rng,
    )
    for row, group in zip(rows, own, strict=True):
        assert row == -1 if group not in their else their[row] == group


def test_exchanges_separate_repeated_parents_of_one_owner() -> None:
    rng = np.random.default_rng(0)
    owners = np.repeat(np.arange(100), 4)
    rows = rng.integers(0, 50, 400)
    out = spread(rows, owners, np.zeros(400, int), rng, distinct=True, others=False)
    assert len({*zip(owners, out, strict=True)}) == 400
    assert (np.bincount(out, minlength=50) == np.bincount(rows, minlength=50)).all()


def test_counts_are_corrected_only_beyond_their_error() -> None:
    rng = np.random.default_rng(0)
    counts = rng.poisson(5, 1000)
    assert (calibrated(counts, 5_050.0, rng) == counts).all()
    assert abs(calibrated(counts, 10_000.0, rng).sum() - 10_000) < 150


def test_codes_of_counts_are_exact_below_64_and_ascend() -> None:
    codes = counted(np.array([0, 1, 63, 64, 200, 5_000, 10**9]))
    assert codes[:4].tolist() == [0, 1, 63, 64]
    assert (np.diff(codes) > 0).all() or codes[-1] == 255
