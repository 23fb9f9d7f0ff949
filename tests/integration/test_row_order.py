"""Synthetic rows are in the order of the source: order numbers and dates rise together."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import artesian as ar
from artesian.runs.row_order import sort_columns


def orders(rows: int = 400, seed: int = 0) -> pl.DataFrame:
    """Orders in the order of their time, numbered, with the number as part of a text."""
    rng = np.random.default_rng(seed)
    days = np.sort(rng.integers(0, 500, rows))
    return pl.DataFrame(
        {
            "order_no": np.arange(30_001, 30_001 + rows),
            "ordered": [date(2023, 1, 1) + timedelta(days=int(day)) for day in days],
            "town": rng.choice(["Ulm", "Bonn", "Kiel"], rows),
            "paid": rng.gamma(2, 40, rows).round(2),
        }
    ).with_columns(pl.format("RE-{}", "order_no").alias("invoice"))


def test_numbers_and_times_rise_together_and_what_follows_from_a_number_stays_with_it(
    tmp_path: Path,
) -> None:
    orders().write_csv(tmp_path / "orders.csv")
    made = ar.synth(tmp_path / "orders.csv", metrics=(), out=tmp_path / "out").data
    written = pl.read_csv(tmp_path / "out" / "data" / "orders.csv", try_parse_dates=True)
    assert made["ordered"].is_sorted()
    assert written["ordered"].is_sorted()
    assert made["order_no"].is_sorted()
    assert made["order_no"].n_unique() == len(made)
    assert (made["invoice"] == made.select(pl.format("RE-{}", "order_no")).to_series()).all()
    # Not the earliest of a longer sample: all times of the source.
    span = made["ordered"].max() - made["ordered"].min()
    assert span > timedelta(days=450)


def test_falling_times_and_times_within_sorted_labels() -> None:
    falling = orders().drop("invoice", "order_no").reverse()
    made = ar.synth(falling, metrics=()).data
    assert made["ordered"].is_sorted(descending=True)
    by_town = orders().drop("invoice", "order_no").sort("town", "ordered")
    made = ar.synth(by_town, metrics=()).data
    assert made["town"].is_sorted()
    assert made.select(pl.col("ordered").is_sorted().over("town")).to_series().all()


def test_rows_in_no_order_are_not_sorted() -> None:
    shuffled = orders().sample(fraction=1, shuffle=True, seed=1)
    made = ar.synth(shuffled, metrics=()).data
    assert not made["ordered"].is_sorted()
    assert sort_columns(ar.read(shuffled)) == {}


@pytest.mark.parametrize("values", [[0] * 39 + [1], [1, 2, 3], [5] * 40, [0.0] * 38 + [1.0, 1.0]])
def test_an_order_that_may_be_chance_is_none(values: list[float]) -> None:
    table = ar.read(pl.DataFrame({"x": values, "y": np.random.default_rng(0).random(len(values))}))
    assert sort_columns(table) == {}


def test_running_totals_hold_in_sorted_rows() -> None:
    rng = np.random.default_rng(3)
    rows = []
    for account in range(40):
        balance, now = 100.0, datetime(2024, 1, 1)
        for _ in range(12):
            now += timedelta(hours=int(rng.exponential(50)) + 1)
            amount = round(float(rng.normal(5, 60)), 2)
            balance = round(balance + amount, 2)
            rows.append((f"K{5000 + account}", now, amount, balance))
    names = ["account", "booked", "amount", "balance"]
    source = pl.DataFrame(rows, names, orient="row").sort("booked")
    made = ar.synth(source, metrics=()).data
    assert made["booked"].is_sorted()
    change = pl.col("balance").diff().over("account", order_by="booked")
    assert made.select((change - pl.col("amount")).abs()).to_series().drop_nulls().max() < 0.006
