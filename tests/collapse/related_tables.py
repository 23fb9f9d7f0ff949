"""Related tables whose families are joined, with keys that every seed has in common."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

import artesian as ar
from artesian.data.dataset import Dataset
from artesian.data.schema import ForeignKey, Kind


def regions(seed: int = 0) -> Dataset:
    """Customers and products of regions, and orders of a customer whose product is of its region: both
    composite foreign keys have the column of the region. Coupons are given to one order each, or none;
    an order may repeat an earlier one.
    """
    rng = np.random.default_rng(seed)
    names = np.array(["north", "south", "west"])
    customers, products, orders = 60, 40, 150
    home, shelf = rng.integers(0, 3, customers), rng.integers(0, 3, products)
    shelf[:3] = np.arange(3)
    buyer = rng.integers(0, customers, orders)
    bought = [int(rng.choice(np.flatnonzero(shelf == home[k]))) for k in buyer]
    earlier = [int(rng.integers(0, k)) if k and rng.random() < 0.5 else None for k in range(orders)]
    given = np.where(rng.random(50) < 0.9, rng.permutation(orders)[:50], -1)
    frames = {
        "customer": pl.DataFrame(
            {
                "region": names[home],
                "customer_no": np.arange(customers, dtype=np.int32) + 1,
                "segment": rng.choice(["a", "b", "c"], customers, p=[0.6, 0.3, 0.1]),
            }
        ),
        "product": pl.DataFrame(
            {
                "region": names[shelf],
                "product_no": [f"P-{k:03d}" for k in range(products)],
                "price": rng.lognormal(2, 1, products).round(2),
            }
        ),
        "order": pl.DataFrame(
            {
                "order_id": [f"{k:04x}-{k % 7}" for k in range(orders)],
                "region": names[home[buyer]],
                "customer_no": buyer.astype(np.int32) + 1,
                "product_no": [f"P-{k:03d}" for k in bought],
                "repeats": [None if k is None else f"{k:04x}-{k % 7}" for k in earlier],
                "amount": rng.lognormal(3, 1, orders).round(2),
            }
        ),
        "coupon": pl.DataFrame(
            {
                "coupon_id": np.arange(50) + 1,
                "order_id": [None if k < 0 else f"{k:04x}-{k % 7}" for k in given],
                "kind": rng.choice(["x", "y"], 50),
            }
        ),
    }
    keys = (
        ForeignKey("order", ("region", "customer_no"), "customer", ("region", "customer_no")),
        ForeignKey("order", ("region", "product_no"), "product", ("region", "product_no")),
        ForeignKey("order", ("repeats",), "order", ("order_id",)),
        ForeignKey("coupon", ("order_id",), "order", ("order_id",)),
    )
    inferred = ar.read_dataset(frames)
    tables = dict(inferred.tables)
    for name, key in (
        ("customer", ("region", "customer_no")),
        ("product", ("region", "product_no")),
        ("order", ("order_id",)),
        ("coupon", ("coupon_id",)),
    ):
        schema = tables[name].schema
        number = replace(schema[key[-1]], kind=Kind.KEY, role="")
        schema = replace(schema.with_columns([number]), key=key)
        tables[name] = replace(tables[name], schema=schema)
    return Dataset(tables, keys, inferred.origin)


def departments(seed: int = 0) -> Dataset:
    """Departments with employees, each with a manager from any department: the keys form a cycle."""
    rng = np.random.default_rng(seed)
    frames = {
        "department": pl.DataFrame(
            {
                "department_id": np.arange(30) + 1,
                "manager_id": rng.permutation(200)[:30] + 500,
                "site": rng.choice(["hill", "port"], 30),
            }
        ),
        "employee": pl.DataFrame(
            {
                "employee_id": np.arange(200) + 500,
                "department_id": rng.integers(0, 30, 200) + 1,
                "grade": rng.choice(list("ABC"), 200),
            }
        ),
    }
    keys = (
        ForeignKey("department", ("manager_id",), "employee", ("employee_id",)),
        ForeignKey("employee", ("department_id",), "department", ("department_id",)),
    )
    inferred = ar.read_dataset(frames)
    return Dataset(inferred.tables, keys, inferred.origin)


def require_valid(dataset: Dataset, source: Dataset) -> None:
    """Require unique keys, references to rows that exist, and the types of the source."""
    for name, table in dataset.items():
        assert table.frame.schema == source[name].frame.schema, name
        referred = [key.parent_columns for key in dataset.children_of(name)]
        for columns in {*referred, table.schema.key} - {()}:
            keys = table.frame[list(columns)].drop_nulls()
            assert keys.n_unique() == len(keys), (name, columns)
        for column in table.schema:
            had = source[name].frame[column.name].has_nulls()
            assert had or not table.frame[column.name].has_nulls(), (name, column.name)
    for key in dataset.foreign_keys:
        child, parent = dataset.key_values(key)
        lost = child.drop_nulls().join(parent, on=parent.columns, how="anti")
        assert lost.is_empty(), str(key)
