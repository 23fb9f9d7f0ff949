"""Curves shared by the regressions of all columns: a part is what would have been made alone."""

import numpy as np
import pytest

from artesian.encoding.coded_table import CodedTable
from artesian.synthesizers.sequential.additive import Additive
from artesian.synthesizers.sequential.design_matrix import Design

LEVELS = np.array([40, 6, 2, 40, 1])
ORDERED = np.array([True, False, False, True, True])


def coded(codes):
    return CodedTable(tuple("abcde"), codes, LEVELS, ORDERED, np.zeros(5, bool))


@pytest.fixture(scope="module")
def codes():
    rng = np.random.default_rng(0)
    return np.stack([rng.integers(0, size, 3000) for size in LEVELS]).astype(np.uint8)


@pytest.mark.parametrize("columns", [[0], [0, 1], [1, 3], [2], [4], [0, 1, 2, 3, 4], []])
def test_a_part_is_what_would_have_been_made_alone(codes, columns):
    columns = np.array(columns, np.int64)
    part = Design.from_codes(coded(codes), np.arange(5)).select(columns)
    alone = Design.from_codes(coded(codes), columns)
    assert part.owner.tolist() == alone.owner.tolist()
    assert part.rows == pytest.approx(alone.rows)
    assert part.curves == pytest.approx(alone.curves)
    assert part.gram == pytest.approx(alone.gram, abs=1e-2)
    assert np.abs(part.rows.sum(axis=1)).max(initial=0) < 0.1


def test_rows_that_are_not_looked_at_need_no_correction(codes, monkeypatch):
    monkeypatch.setattr("artesian.synthesizers.sequential.design_matrix.MAX_ROWS", 200)
    codes, before = codes[:, :500], np.array([0, 1])
    wanted = np.random.default_rng(2).normal(size=(1, 500)).astype(np.float32)
    design = Design.from_codes(coded(codes), before)
    model, crossed = Additive.fit(codes, design, before, wanted)
    changed = crossed[0] != model.predict(codes, np.arange(500))[0]
    assert changed[:: design.step].all()
    assert changed.sum() == design.rows.shape[1]


def test_the_estimate_is_that_of_least_squares_with_the_row_left_out(codes):
    n, before = 300, np.array([0, 1, 3])
    codes = codes[:, :n]
    rng = np.random.default_rng(1)
    wanted = (np.cos(codes[0] / 10) + (codes[1] == 2) + rng.normal(size=n)).astype(np.float32)
    design = Design.from_codes(coded(codes), np.arange(5))
    _, crossed = Additive.fit(codes, design, before, wanted[None])
    terms = design.select(before).rows.astype(np.float64)
    for row in range(0, n, 30):
        kept = np.arange(n) != row
        middle = terms[:, kept].mean(axis=1)
        others = terms[:, kept] - middle[:, None]
        ridge = 2.0 * np.eye(len(terms))
        weights = np.linalg.solve(others @ others.T + ridge, others @ wanted[kept])
        left_out = wanted[kept].mean() + weights @ (terms[:, row] - middle)
        assert crossed[0, row] == pytest.approx(left_out, abs=2e-3)
