"""Rows of one entity are mixed with those of others as far as the source mixes them."""

import numpy as np
import polars as pl
import pytest

import artesian as ar
from artesian.core.run import Run


def _visits(mixed: bool, seed: int = 0) -> pl.DataFrame:
    """Orders of 60 customers with 2 to 12 rows each, sorted by customer or by the time of order."""
    rng = np.random.default_rng(seed)
    customer = np.repeat(rng.permutation(9000)[:60] + 1000, rng.integers(2, 13, 60))
    if mixed:
        rng.shuffle(customer)
    rows = len(customer)
    paid = rng.gamma(2, 20, rows).round(2)
    day = pl.Series(np.sort(rng.integers(0, 300, rows)) if mixed else rng.integers(0, 300, rows))
    return (
        pl.DataFrame(
            {
                "order_id": np.arange(5001, 5001 + rows),
                "customer": customer,
                "day": day,
                "paid": paid,
                "channel": rng.choice(["web", "shop"], rows),
            }
        )
        .with_columns((pl.date(2024, 1, 1) + pl.duration(days="day")).alias("day"))
        .with_columns(
            pl.col("paid")
            .cum_sum()
            .over("customer", order_by=["day", "order_id"])
            .round(2)
            .alias("balance")
        )
    )


def _adjacent(key: pl.Series) -> float:
    """Proportion of the rows that follow another one of their entity, among those that could."""
    return int((key == key.shift()).sum()) / (len(key) - key.n_unique())


@pytest.mark.parametrize("mixed", [True, False])
def test_rows_of_one_customer_are_mixed_as_in_the_source(mixed: bool) -> None:
    source = _visits(mixed)
    model = ar.Trees().fit(source)
    rows = model.sample(source.height)
    assert _adjacent(source["customer"]) < 0.3 if mixed else _adjacent(source["customer"]) == 1
    assert _adjacent(rows["customer"]) < 0.5 if mixed else _adjacent(rows["customer"]) == 1
    # Rows per customer and relations within a customer are those of the source.
    sizes = rows["customer"].value_counts()["count"].sort()
    assert abs(sizes.mean() - source["customer"].value_counts()["count"].mean()) < 1.2
    assert (sizes < 2).sum() <= 4
    assert rows["order_id"].is_sorted()
    assert rows["order_id"].n_unique() == rows.height
    ordered = rows.sort("day", maintain_order=True)
    total = ordered.select(pl.col("paid").cum_sum().over("customer")).to_series()
    assert (ordered["balance"] - total).abs().max() < 0.011


def test_a_short_sample_is_the_head_of_a_long_one() -> None:
    model = ar.Marginals().fit(_visits(True))
    assert model.sample(9).equals(model.sample(5000).head(9))


def test_rows_without_a_customer_move_singly() -> None:
    source = _visits(True).with_columns(
        pl.when(pl.col("order_id") % 4 == 0).then(None).otherwise("customer").alias("customer")
    )
    rows = ar.Marginals().fit(source).sample(source.height)
    gone = rows["customer"].is_null()
    assert 0.1 < gone.mean() < 0.4
    runs = gone.rle().struct.unnest()
    assert runs.filter(pl.col("value"))["len"].max() < 10


def test_the_head_is_mixed_too_and_only_the_last_entity_may_be_cut_to_one_row() -> None:
    source = _visits(True).filter(pl.len().over("customer") >= 3)
    cut = 0
    for seed in range(8):
        run = Run.from_seed(seed)
        rows = ar.Marginals().fit(source, run=run).sample(source.height, run=run)
        assert _adjacent(rows.head(40)["customer"]) < 0.5
        assert _adjacent(rows["customer"]) < 0.4
        lone = rows.filter(pl.len().over("customer") < 2)
        assert lone.equals(rows.tail(lone.height))
        assert lone.height <= 1
        cut += lone.height
    # The sample ends after the first of seven rows.
    assert cut <= 4
