"""Made-up related tables with planted structure."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl

import artesian as ar
from artesian.data.dataset import Dataset
from artesian.data.schema import ForeignKey


def shops(shops: int = 120, seed: int = 0) -> Dataset:
    """Shops with daily takings of their own level, orders of customers, and items of a catalogue.

    A takings row is a day of a shop: consecutive days, a level and a weekly rhythm of the shop. Notes
    refer to a shop or to none. The manager of an employee is an earlier employee.
    """
    rng = np.random.default_rng(seed)
    size = rng.choice(["small", "large"], shops, p=[0.6, 0.4])
    level = np.where(size == "large", 500, 100) * rng.lognormal(0, 0.3, shops)
    frames = {
        "shop": pl.DataFrame({"shop_id": np.arange(shops) + 10, "size": size}),
    }
    days = rng.integers(5, 25, shops)
    rows = []
    for number in range(shops):
        start = dt.date(2024, 1, 1) + dt.timedelta(days=int(rng.integers(0, 20)))
        for day in range(days[number]):
            date = start + dt.timedelta(days=day)
            factor = 0.2 if date.weekday() == 6 else 1.0
            rows.append(
                {
                    "takings_id": len(rows) + 1,
                    "shop_id": number + 10,
                    "day": date,
                    "weekday": date.strftime("%a"),
                    "amount": round(float(level[number] * factor * rng.lognormal(0, 0.1)), 2),
                }
            )
    frames["takings"] = pl.DataFrame(rows)
    employees = 60
    manager = [None, *[int(rng.integers(0, k)) + 1 for k in range(1, employees)]]
    frames["employee"] = pl.DataFrame(
        {
            "employee_id": np.arange(employees) + 1,
            "manager_id": manager,
            "grade": rng.choice(list("ABC"), employees),
        }
    )
    notes = 400
    to = rng.integers(0, shops, notes)
    frames["note"] = pl.DataFrame(
        {
            "note_id": np.arange(notes) + 1,
            "shop_id": [int(k) + 10 if rng.random() < 0.8 else None for k in to],
            "employee_id": rng.integers(0, employees, notes) + 1,
            "kind": np.where(size[to] == "large", "audit", "visit"),
        }
    )
    keys = (
        ForeignKey("takings", ("shop_id",), "shop", ("shop_id",)),
        ForeignKey("employee", ("manager_id",), "employee", ("employee_id",)),
        ForeignKey("note", ("shop_id",), "shop", ("shop_id",)),
        ForeignKey("note", ("employee_id",), "employee", ("employee_id",)),
    )
    inferred = ar.read_dataset(frames)
    return Dataset(inferred.tables, keys, inferred.origin)


def items(seed: int = 0) -> Dataset:
    """Orders with lines of a composite key, whose products are distinct within an order."""
    rng = np.random.default_rng(seed)
    products, orders = 40, 300
    price = rng.lognormal(2, 1, products).round(2)
    frames = {
        "product": pl.DataFrame(
            {
                "product_id": np.arange(products) + 1,
                "price": price,
                "group": rng.choice(["food", "tools", "toys"], products),
            }
        ),
        "order": pl.DataFrame(
            {
                "order_id": np.arange(orders) + 1000,
                "channel": rng.choice(["web", "shop"], orders),
            }
        ),
    }
    lines = []
    for order in range(orders):
        chosen = rng.choice(products, int(rng.integers(0, 6)), replace=False)
        lines += [
            {
                "order_id": order + 1000,
                "product_id": int(k) + 1,
                "quantity": int(rng.integers(1, 9)),
            }
            for k in chosen
        ]
    frames["line"] = pl.DataFrame(lines)
    keys = (
        ForeignKey("line", ("order_id",), "order", ("order_id",)),
        ForeignKey("line", ("product_id",), "product", ("product_id",)),
    )
    inferred = ar.read_dataset(frames)
    return Dataset(inferred.tables, keys, inferred.origin)
