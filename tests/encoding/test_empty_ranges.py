"""Empty ranges: no value between groups of rows, and none of a single row at their sides."""

import numpy as np
import polars as pl
import pytest

import artesian as ar
from artesian.encoding.empty_ranges import MIN_SIDE, empty_ranges
from artesian.encoding.numeric import NumberCodec

CITIES = {"Lyon": 45.76, "Nantes": 47.22, "Lille": 50.63, "Nice": 43.70}


def clusters(rng, rows, decimals=None):
    """Values of four groups of rows, and the number of the group of each."""
    group = rng.integers(0, 4, rows)
    values = np.array(list(CITIES.values()))[group] + rng.normal(0, 0.03, rows)
    return (values if decimals is None else values.round(decimals)), group


@pytest.mark.parametrize("decimals", [None, 5, 2])
@pytest.mark.parametrize("rows", [300, 3000])
def test_no_value_lies_between_groups_of_rows(decimals, rows):
    rng = np.random.default_rng(rows)
    values, _ = clusters(rng, rows, decimals)
    codec = NumberCodec.fit(pl.Series("lat", values))
    codes = codec.encode(pl.Series("lat", values))
    decoded = codec.decode(codes, rng.random(rows)).to_numpy()
    nearest = np.abs(decoded[:, None] - np.array(list(CITIES.values()))).min(axis=1)
    assert nearest.max() < 0.2
    # Every row stays in its group.
    assert np.abs(decoded - values).max() < 0.3


def test_the_sides_of_a_gap_tell_no_single_row():
    values, _ = clusters(np.random.default_rng(1), 400)
    codec = NumberCodec.fit(pl.Series("lat", values))
    ends = np.concatenate([codec.floor, codec.low, codec.high])
    assert not np.isin(ends, values).any()


@pytest.mark.parametrize(
    "draw",
    [
        lambda rng: rng.random(2000),
        lambda rng: rng.normal(size=2000),
        lambda rng: rng.lognormal(0, 1.5, 2000),
        lambda rng: rng.pareto(0.7, 2000),
        lambda rng: rng.exponential(size=2000).round(2),
        lambda rng: rng.integers(0, 100, 2000).astype(float),
    ],
)
def test_there_is_none_in_a_smooth_distribution(draw):
    for seed in range(20):
        values = np.sort(draw(np.random.default_rng(seed)))
        grid = 0.0 if len(np.unique(values)) == len(values) else 0.01
        if (values == values.round()).all():
            grid = 1.0
        assert not len(empty_ranges(values, grid))


def test_a_few_rows_are_no_group():
    rng = np.random.default_rng(0)
    values = np.sort(np.concatenate([rng.random(500), 50 + rng.random(MIN_SIDE - 1)]))
    assert not len(empty_ranges(values, 0.0))
    values = np.sort(np.concatenate([values, [50.5]]))
    assert empty_ranges(values, 0.0).tolist() == [500]


def test_a_number_goes_with_its_category():
    rng = np.random.default_rng(3)
    values, group = clusters(rng, 700, 5)
    frame = pl.DataFrame({"city": np.array(list(CITIES))[group], "lat": values})
    made = ar.Trees().fit(frame).sample(1400)
    off = (made["lat"] - made["city"].replace_strict(CITIES)).abs()
    assert (off < 0.2).mean() > 0.99


@pytest.mark.parametrize("kind", [pl.Float32, pl.Float64])
@pytest.mark.parametrize("ends", [(-24.36, 13.03), (-7.77, -1.11), (0.03, 9.99)])
def test_every_value_of_a_range_lies_in_it(kind, ends):
    rng = np.random.default_rng(5)
    column = pl.Series("x", np.round(rng.normal(0, 20, 2000), 2)).cast(kind)
    codec = NumberCodec.fit(column, rows_per_bin=40)
    low, high = (pl.Series([end]).cast(kind).item() for end in ends)
    restricted, kept = codec.restrict_range(low, high)
    codes = np.flatnonzero(kept[: len(codec.floor)] > 0)
    for position in (0.0, 0.5, 1 - 1e-12):
        values = restricted.decode(codes, np.full(len(codes), position))
        assert values.is_between(low, high).all()
