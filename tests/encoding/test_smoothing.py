"""Noise within a code is smoothed, differences beyond chance stay, and codes keep their mass."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from artesian.encoding.segments import Segments
from artesian.encoding.smoothing import smoothed


def segments(mass, start):
    return Segments(np.array(mass, float), np.array(start, np.int64))


def test_equal_densities_with_noise_become_uniform():
    rng = np.random.default_rng(0)
    rows = rng.multinomial(80, np.full(8, 1 / 8))
    edges = np.arange(9.0)
    out = smoothed(segments(rows, [0, 8]), edges[:-1], edges[1:], 0.0)
    assert np.abs(out.mass - 10).sum() < 0.5 * np.abs(rows - 10).sum()


def test_a_round_number_keeps_its_rows():
    low = np.array([100.0, 100.51, 200.0])
    high = np.array([100.0, 199.49, 200.0])
    out = smoothed(segments([400, 100, 300], [0, 3]), low, high, 1.0)
    assert out.mass == pytest.approx([400, 100, 300], rel=0.02)


def test_frequent_values_of_continuous_numbers_keep_their_rows():
    out = smoothed(segments([9, 10, 30], [0, 3]), np.array([1.5, 1, 2]), np.array([1.5, 2, 3]), 0.0)
    assert out.mass[0] == 9


@given(
    st.lists(st.tuples(st.integers(1, 200), st.floats(0.01, 100)), min_size=1, max_size=12),
    st.integers(1, 4),
    st.sampled_from([0.0, 0.5]),
)
def test_codes_keep_their_mass(parts, codes, grid):
    mass, width = (np.array(each, float) for each in zip(*parts, strict=True))
    start = np.unique(np.linspace(0, len(mass), codes + 1).astype(int))
    high = np.cumsum(width)
    before = segments(mass, start)
    after = smoothed(before, high - width, high, grid)
    assert after.code_mass() == pytest.approx(before.code_mass())
    assert (after.mass >= 0).all()
