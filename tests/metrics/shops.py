"""Made-up related tables: shops with daily sales that depend on the shop and on the day before."""

from __future__ import annotations

import numpy as np
import polars as pl

from artesian.data.dataset import Dataset
from artesian.data.read import read_dataset
from artesian.metrics.relational.protocol import DatasetComparison

DAYS = 20


def shops(count: int = 120, seed: int = 0) -> dict[str, pl.DataFrame]:
    """Shops of three types, a fifth of them without sales; sales fall with the price."""
    rng = np.random.default_rng(seed)
    kind = rng.choice(["a", "b", "c"], count, p=[0.5, 0.3, 0.2])
    size = rng.gamma(4, 50, count).round(1)
    region = rng.integers(0, 4, count)
    open_days = np.where(rng.random(count) < 0.2, 0, rng.integers(8, DAYS + 1, count))
    level = np.where(kind == "a", 100, 40) + size / 4 + rng.normal(0, 8, count)
    rows = []
    for shop in range(count):
        noise = 0.0
        trend = rng.normal(0, 0.5)
        start = int(rng.integers(0, 7))
        for day in range(open_days[shop]):
            noise = 0.7 * noise + rng.normal(0, 6)
            promotion = bool((day + start) % 7 < 2)
            price = 10 - 3 * promotion + rng.normal(0, 0.4)
            sales = level[shop] + 25 * promotion + noise + trend * day
            rows.append((shop + 1, start + day, round(sales, 2), round(price, 2), promotion))
    frame = pl.DataFrame(
        rows,
        schema={
            "shop_id": pl.Int64,
            "day": pl.Int64,
            "sales": pl.Float64,
            "price": pl.Float64,
            "promotion": pl.Boolean,
        },
        orient="row",
    )
    date = pl.date(2026, 1, 1) + pl.duration(days=pl.col("day"))
    return {
        "region": pl.DataFrame({"region_id": range(4), "climate": ["wet", "dry", "wet", "cold"]}),
        "shop": pl.DataFrame(
            {
                "shop_id": range(1, count + 1),
                "region_id": region,
                "kind": kind,
                "size": size,
            }
        ),
        "sale": frame.with_columns(date.alias("date"))
        .drop("day")
        .with_row_index("sale_id", offset=1)
        .cast({"sale_id": pl.Int64}),
    }


def dataset(tables: dict[str, pl.DataFrame]) -> Dataset:
    """The tables as a dataset, with foreign keys inferred."""
    return read_dataset(tables)


def comparison(
    change: object = None, *, real: int = 0, synthetic: int = 1, holdout: bool = False
) -> DatasetComparison:
    """Real shops against fresh ones of the same source, which `change` may spoil."""
    fresh = shops(seed=synthetic)
    if change is not None:
        fresh = fresh | {"sale": change(fresh["sale"], np.random.default_rng(7))}
    return DatasetComparison(
        dataset(shops(seed=real)),
        dataset(fresh),
        dataset(shops(seed=2)) if holdout else None,
        ("region",),
    )


def random_key(sale: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Every row of a random shop."""
    shop = rng.integers(1, 121, sale.height)
    return sale.with_columns(pl.Series("shop_id", shop))


def across_parents(sale: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """The number of rows of each shop is kept, its rows are those of random shops."""
    rows = sale.drop("shop_id")[rng.permutation(sale.height)]
    return rows.with_columns(sale["shop_id"]).select(sale.columns)


def own_resampled(sale: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """The rows of each shop are drawn from its own with replacement."""
    parts = [
        group[rng.integers(0, group.height, group.height)]
        for group in sale.partition_by("shop_id", maintain_order=True)
    ]
    return pl.concat(parts).with_columns(sale["sale_id"])


def shuffled_within(sale: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Every column is shuffled within each shop by itself."""
    parts = []
    for group in sale.partition_by("shop_id", maintain_order=True):
        columns = [
            group[name]
            if name in ("shop_id", "sale_id")
            else group[name][rng.permutation(len(group))]
            for name in sale.columns
        ]
        parts.append(pl.DataFrame(columns))
    return pl.concat(parts)


def orphans(sale: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Three rows of shops that do not exist."""
    keys = sale["shop_id"].to_numpy().copy()
    keys[:3] = 9_999
    return sale.with_columns(pl.Series("shop_id", keys))


def more_children(sale: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """The first half of the rows of every shop is missing."""
    return sale.filter(pl.int_range(pl.len()).over("shop_id") >= pl.len().over("shop_id") // 2)


def other_gaps(sale: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Dates at random distances, some of them twice."""
    days = pl.Series("date", rng.integers(0, 26, sale.height))
    return sale.with_columns(pl.date(2026, 1, 1) + pl.duration(days=days)).select(
        *[c for c in sale.columns if c != "literal"]
    )
