"""More categories than codes: those whose rows are alike have one code."""

import numpy as np
import polars as pl
import pytest

from artesian.data.table import Table
from artesian.encoding.categorical import CategoryCodec
from artesian.encoding.similarity import Profiles, code_features
from artesian.encoding.table_codec import TableCodec
from artesian.testing.tables import table

CATEGORIES, ROWS = 800, 9000


@pytest.fixture(scope="module")
def shop() -> Table:
    """Prices and groups that depend on the item, whose names say nothing."""
    rng = np.random.default_rng(2)
    price, group = rng.normal(0, 1, CATEGORIES), rng.integers(0, 4, CATEGORIES)
    name = rng.permutation(CATEGORIES)
    item = rng.choice(CATEGORIES, ROWS, p=rng.dirichlet(np.full(CATEGORIES, 3.0)))
    return table(
        pl.DataFrame(
            {
                "item": [f"W{name[i]:04d}" for i in item],
                "group": np.array(["a", "b", "c", "d"])[group[item]],
                "price": np.round(np.exp(price[item] + rng.normal(0, 0.3, ROWS)), 3),
            }
        )
    )


def explained(codec: CategoryCodec, shop: Table) -> float:
    """Proportion of the variance of log prices between the codes of the items."""
    frame = pl.DataFrame({"code": codec.encode(shop.frame["item"]), "y": shop.frame["price"].log()})
    within = frame.select((pl.col("y") - pl.col("y").mean().over("code")).var()).item()
    return float(1 - within / frame["y"].var())


def test_groups_of_items_agree_in_the_other_columns(shop):
    alone = CategoryCodec.fit(shop.frame["item"])
    assert alone.crowded
    together = TableCodec.from_data(shop).coded["item"]
    assert together.crowded
    assert together.levels == alone.levels
    assert explained(alone, shop) < 0.6
    assert explained(together, shop) > 0.8


def test_every_frequent_item_comes_out_at_its_own_rate(shop):
    codec = TableCodec.from_data(shop).coded["item"]
    codes = np.tile(codec.encode(shop.frame["item"]), 5)
    drawn = codec.decode(codes, np.random.default_rng(0).random(len(codes)))
    real = shop.frame["item"].value_counts(name="real").filter(pl.col("real") >= 5)
    both = real.join(drawn.rename("item").value_counts(name="drawn"), on="item", how="left")
    assert both["drawn"].null_count() == 0
    expected = 5 * both["real"]
    assert ((both["drawn"] - expected) ** 2 / expected).mean() < 1.25, "more than sampling error"


def test_noise_does_not_group_anything():
    rng = np.random.default_rng(0)
    series = pl.Series([f"c{i:03d}" for i in rng.integers(0, 400, 4000)])
    features = [rng.normal(size=4000), rng.random(4000)]
    profiles = Profiles.from_rows(series, features)
    assert np.abs(profiles.means).max() < 0.2
    values = series.unique().sort()
    counts = np.full(len(values), 10.0)
    groups = profiles.groups(values, counts, 50)
    assert len(set(groups)) == 50
    assert np.bincount(groups).max() <= 3 * len(values) / 50


def test_features_of_codes():
    codes = np.array([0, 0, 1, 2, 2, 2])
    (rank,) = code_features(codes, 3, ordered=True)
    assert rank.tolist() == pytest.approx([1 / 6, 1 / 6, 2.5 / 6, 4.5 / 6, 4.5 / 6, 4.5 / 6])
    indicators = list(code_features(codes, 4, ordered=False))
    assert [one.tolist() for one in indicators] == [
        [0, 0, 0, 1, 1, 1],
        [1, 1, 0, 0, 0, 0],
        [0, 0, 1, 0, 0, 0],
    ]
