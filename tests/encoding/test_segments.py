"""Segments: mass is conserved, places stay inside their code."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from artesian.encoding.segments import Segments


@st.composite
def segments(draw):
    sizes = draw(st.lists(st.integers(1, 5), min_size=1, max_size=8))
    count = sum(sizes)
    mass = draw(st.lists(st.integers(0, 50), min_size=count, max_size=count))
    start = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    return Segments(np.array(mass, float), start)


@given(segments())
def test_the_mass_of_codes_is_that_of_their_segments(parts):
    assert parts.code_mass().sum() == pytest.approx(parts.mass.sum())
    for code in range(parts.codes):
        own = parts.mass[parts.start[code] : parts.start[code + 1]]
        assert parts.code_mass()[code] == pytest.approx(own.sum())


@given(segments(), st.floats(0, 1, exclude_max=True))
@example(Segments(np.array([0.0, 0, 1, 1, 0]), np.array([0, 1, 2, 3, 5])), 1 - 2.0**-53)
def test_a_place_lies_in_its_code_and_never_where_no_row_is(parts, uniform):
    codes = np.arange(parts.codes)
    chosen, place = parts.locate(codes, np.full(parts.codes, uniform))
    assert (parts.start[:-1] <= chosen).all()
    assert (chosen < parts.start[1:]).all()
    assert ((place >= 0) & (place < 1)).all()
    alive = parts.code_mass() > 0
    assert (parts.mass[chosen[alive]] > 0).all()


@given(segments(), st.data())
def test_reweighting_keeps_what_it_is_told(parts, data):
    count = len(parts.mass)
    factor = np.array(data.draw(st.lists(st.floats(0, 1), min_size=count, max_size=count)))
    new, kept = parts.reweighted(factor)
    assert ((kept >= 0) & (kept <= 1 + 1e-9)).all()
    assert new.mass.sum() == pytest.approx((kept * parts.code_mass()).sum())


def test_segments_are_drawn_by_their_mass_and_evenly_inside():
    parts = Segments(np.array([1.0, 3.0, 4.0, 0.0]), np.array([0, 2, 4]))
    uniforms = (np.arange(10_000) + 0.5) / 10_000
    chosen, place = parts.locate(np.zeros(10_000, np.int64), uniforms)
    assert np.bincount(chosen, minlength=4).tolist() == [2500, 7500, 0, 0]
    assert place[chosen == 1].mean() == pytest.approx(0.5, abs=1e-3)
    assert set(parts.locate(np.ones(100, np.int64), uniforms[::100])[0]) == {2}
