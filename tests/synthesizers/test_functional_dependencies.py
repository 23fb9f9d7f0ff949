"""Columns that others decide: found when they are, left alone when they are not, never contradicted."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from artesian.core.run import Run, Seed
from artesian.encoding.coded_table import CodedTable
from artesian.encoding.table_codec import TableCodec
from artesian.synthesizers import CATALOG
from artesian.synthesizers.protocol import Range
from artesian.synthesizers.sequential.functional_dependencies import determining_columns, one_hots
from artesian.synthesizers.store import load, save
from artesian.testing.tables import table

CHAINS = ("trees", "boosted")


def coded(codes, levels):
    flags = np.zeros(len(codes), bool)
    return CodedTable(("",) * len(codes), codes, np.asarray(levels), flags, flags)


def of(**columns):
    return table(pl.DataFrame(columns))


def towns(rows=3000, seed=0):
    """Town decides region and postal area; soil is one-hot in four columns; height is free."""
    rng = np.random.default_rng(seed)
    town = rng.choice(12, rows, p=np.arange(1, 13) / 78)
    soil = rng.choice(4, rows, p=[0.5, 0.3, 0.15, 0.05])
    return of(
        region=[f"r{t // 4}" for t in town],
        town=[f"t{t:02}" for t in town],
        area=[int(1000 + 10 * t) for t in town],
        **{f"soil_{k}": [int(s == k) for s in soil] for k in range(4)},
        height=(100 * town + 50 * soil + rng.normal(0, 30, rows)).round(1).tolist(),
    )


@pytest.fixture(scope="module")
def data():
    return towns()


@pytest.fixture(scope="module", params=CHAINS)
def model(request, data):
    return CATALOG[request.param]().fit(data)


def contradictions(frame, real):
    known = set(real.select("town", "region", "area").unique().iter_rows())
    return sum(row not in known for row in frame.select("town", "region", "area").iter_rows())


def test_what_decides_what_is_found(model):
    told = model.facts()["determined"]
    assert told["region"] in ("town", "area")
    assert told["area"] == "town", "of two that decide each other the first leads"
    assert {told[f"soil_{k}"] for k in range(4)} == {"soil_0 to soil_3"}
    assert "height" not in told
    assert "town" not in told


def test_made_rows_never_contradict_themselves(model, data):
    made = model.sample(5000).frame
    assert contradictions(made, data.frame) == 0
    assert made.select(pl.sum_horizontal("^soil_.$")).to_series().unique().to_list() == [1]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({"region": "r0"}, pl.col("region") == "r0"),
        ({"soil_3": 1}, pl.col("soil_3") == 1),
        (
            {"soil_3": 1, "region": ["r1", "r2"]},
            (pl.col("soil_3") == 1) & (pl.col("region") != "r0"),
        ),
        ({"area": Range(1000, 1030)}, pl.col("area") <= 1030),
    ],
)
def test_conditions_on_them_reach_what_decides_them(model, data, where, expected):
    made = model.sample(4000, where).frame
    assert made.select(expected.all()).item()
    assert contradictions(made, data.frame) == 0
    kept = model.sample(100_000).frame.filter(expected)
    assert made["height"].mean() == pytest.approx(
        kept["height"].mean(), abs=0.1 * kept["height"].std()
    )
    shares = (rows["town"].value_counts(normalize=True) for rows in (made, kept))
    both = pl.DataFrame.join(*shares, on="town", how="full", coalesce=True).fill_null(0)
    assert both.select((pl.nth(1) - pl.nth(2)).abs().max()).item() < 0.04


def test_a_saved_model_knows_them_too(model, data, tmp_path):
    save(model, tmp_path / "m")
    run = Run(seed=Seed(3))
    assert (
        load(tmp_path / "m")
        .sample(500, run=run)
        .frame.equals(model.sample(500, run=Run(seed=Seed(3))).frame)
    )


def test_a_few_exceptions_are_errors_and_many_are_not_a_rule():
    rng = np.random.default_rng(0)
    a = rng.integers(0, 6, 4000).astype(np.uint8)
    b = (a // 2).astype(np.uint8)
    c = b.copy()
    b[:20], c[:400] = 2 - b[:20], 2 - c[:400]
    levels = np.array([6, 3, 3])
    assert determining_columns(coded(np.stack([a, b, c]), levels)) == {1: 0}


@given(st.integers(0, 10_000), st.integers(30, 400), st.integers(2, 8))
def test_chance_decides_nothing(seed, rows, levels):
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, levels, (5, rows)).astype(np.uint8)
    assert determining_columns(coded(codes, np.full(5, levels))) == {}


def test_there_are_no_circles():
    rng = np.random.default_rng(1)
    a = rng.integers(0, 9, 1000).astype(np.uint8)
    codes = np.stack([a // 3, a, 8 - a, a // 3 + 1])
    found = determining_columns(coded(codes, [3, 9, 9, 4]))
    for start in found:
        seen, at = set(), start
        while at in found:
            assert at not in seen
            seen.add(at)
            at = found[at]
    assert 1 not in found


def test_one_hot_columns_that_overlap_or_leave_gaps_are_no_group():
    base = {"a": [1, 0, 0, 0] * 30, "b": [0, 1, 0, 0] * 30, "c": [0, 0, 1, 0] * 30}
    for last, groups in (([0, 0, 0, 1], 1), ([0, 0, 1, 1], 0), ([0, 0, 0, 0], 0)):
        data = of(**base, d=last * 30)
        data = replace(data, schema=replace(data.schema, relations=()))
        codec = TableCodec.from_data(data)
        assert len(one_hots(codec, codec.encode(data))) == groups, last


def test_booleans_are_a_group_and_neighbouring_groups_stay_apart():
    rng = np.random.default_rng(2)
    x, y = rng.integers(0, 3, 500), rng.integers(0, 4, 500)
    data = of(
        **{f"x{k}": (x == k).tolist() for k in range(3)},
        **{f"y{k}": (y == k).tolist() for k in range(4)},
    )
    codec = TableCodec.from_data(data)
    found = one_hots(codec, codec.encode(data))
    assert [group.columns.tolist() for group in found] == [[0, 1, 2], [3, 4, 5, 6]]
