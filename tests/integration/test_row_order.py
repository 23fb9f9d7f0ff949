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
    assert all(part["ordered"].is_sorted() for part in made.partition_by("town"))


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


def test_identifiers_of_several_rows_rise_with_their_times() -> None:
    rng = np.random.default_rng(4)
    rows = []
    for invoice in range(150):
        day = date(2024, 1, 1) + timedelta(days=2 * invoice)
        customer = f"C{int(rng.integers(1, 60)):04d}"
        for line in range(int(rng.integers(1, 6))):
            price = round(float(rng.gamma(2, 30)), 2)
            rows.append((2_024_000 + invoice, line + 1, day, customer, price))
    source = pl.DataFrame(rows, ["invoice", "line", "day", "customer", "price"], orient="row")
    made = ar.synth(source, metrics=()).data
    assert made["invoice"].is_sorted()
    assert made["day"].is_sorted()
    per_invoice = made.group_by("invoice").agg(
        pl.col("day", "customer").n_unique(), lines=pl.col("line").max(), rows=pl.len()
    )
    assert per_invoice["day"].max() == per_invoice["customer"].max() == 1
    assert (per_invoice["lines"] == per_invoice["rows"]).all()


def statement() -> pl.DataFrame:
    """The bookings of one account, several on some days, with the balance after each."""
    rng = np.random.default_rng(11)
    day, balance, rows = date(2023, 1, 2), 1520.33, []
    for _ in range(420):
        day += timedelta(days=int(rng.choice([0, 0, 1, 1, 2])))
        wage = rng.random() < 0.03
        amount = round(float(rng.normal(2900, 60) if wage else -rng.gamma(1.6, 50) - 1), 2)
        balance = round(balance + amount, 2)
        rows.append((day, "Gehalt" if wage else "Karte", amount, balance))
    return pl.DataFrame(rows, ["Buchung", "Art", "Betrag", "Saldo"], orient="row")


def test_the_statement_of_one_account_adds_up(tmp_path: Path) -> None:
    statement().write_csv(tmp_path / "konto.csv")
    made = ar.synth(tmp_path / "konto.csv", metrics=(), out=tmp_path / "out")
    rows = made.data
    assert ((rows["Saldo"].diff() - rows["Betrag"]).abs().drop_nulls() < 0.006).all()
    text = "Saldo = previous(Saldo) + Betrag by Buchung"
    assert text in made.table.schema.relations
    toml = (tmp_path / "out" / "dataset.toml").read_text(encoding="utf-8")
    assert f'"{text}", # holds in' in toml
    again = ar.synth(tmp_path / "konto.csv", metrics=(), schema=tmp_path / "out" / "dataset.toml")
    assert ((again.data["Saldo"].diff() - again.data["Betrag"]).abs().drop_nulls() < 0.006).all()
    # The statement of nobody: it does not begin with the balance of the real one.
    assert rows["Saldo"][0] - rows["Betrag"][0] == 1500.0


def test_a_statement_that_does_not_add_up_is_found() -> None:
    real = statement()
    wrong = real.with_columns(pl.col("Betrag").shuffle(seed=1))
    broken = ar.compare(real, wrong, metrics=["relations"])["relations"]
    assert any("previous(Saldo)" in text for text in broken.parts)


def test_a_meter_in_sorted_rows_follows_from_what_was_used_and_no_row_is_lost() -> None:
    rng = np.random.default_rng(12)
    rows = 600
    used = rng.gamma(3, 0.4, rows).round(2)
    source = pl.DataFrame(
        {
            "time": [datetime(2024, 1, 1) + timedelta(hours=hour) for hour in range(rows)],
            "used": used,
            "meter": (12_345.6 + np.cumsum(used)).round(2),
        }
    )
    made = ar.synth(source, metrics=()).data
    assert len(made) == rows
    assert ((made["meter"].diff() - made["used"]).abs().drop_nulls() < 0.006).all()
    assert made.columns == source.columns
    assert made.schema == source.schema


def test_numbers_of_different_length_in_a_text_rise() -> None:
    source = (
        orders()
        .with_columns(pl.format("T{}", pl.int_range(1, 401)).alias("order_no"))
        .drop("invoice")
    )
    made = ar.synth(source, metrics=()).data
    assert made["ordered"].is_sorted()
    numbers = made["order_no"].str.slice(1).cast(pl.Int64)
    assert numbers.is_sorted()
    assert numbers.is_unique().all()
