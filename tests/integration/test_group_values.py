"""Totals, shares and balanced sums of groups, and what is computed from running totals."""

import datetime as dt

import numpy as np
import polars as pl
import pytest

import artesian as ar
from artesian.relations.discover import discover
from artesian.relations.parse import parse_relation


def orders(orders=250, seed=0):
    """Lines of orders with their totals; freight is free above 100."""
    rng = np.random.default_rng(seed)
    price = {f"item {n}": round(float(rng.lognormal(3, 0.6)), 2) for n in range(20)}
    rows = []
    for order in range(orders):
        items = rng.choice(list(price), rng.integers(1, 5), replace=False)
        lines = [(str(item), int(rng.integers(1, 6))) for item in items]
        amounts = [round(q * price[item], 2) for item, q in lines]
        total = round(sum(amounts), 2)
        freight = 0.0 if total > 100 else 4.9
        for (item, q), amount in zip(lines, amounts, strict=True):
            share = round(100 * amount / total, 1)
            rows.append(
                (70_000 + order, item, q, price[item], amount, share, total, len(lines), freight)
            )
    names = ["order_id", "item", "qty", "price", "amount", "share", "total", "lines", "freight"]
    frame = pl.DataFrame(rows, schema=names, orient="row")
    return frame.with_columns(to_pay=(pl.col("total") + pl.col("freight")).round(2))


def journal(entries=250, seed=0):
    """Entries of a double-entry journal, in other words and another language."""
    rng, rows = np.random.default_rng(seed), []
    for entry in range(1, entries + 1):
        day = dt.date(2023, 1, 1) + dt.timedelta(int(rng.integers(0, 365)))
        amount = round(float(rng.lognormal(6, 1)), 2)
        part = round(amount * 0.19, 2)
        lines = (
            [(1200, round(amount + part, 2), 0.0), (8400, 0.0, amount), (1776, 0.0, part)]
            if rng.random() < 0.4
            else [(int(rng.choice([4210, 4120])), amount, 0.0), (1800, 0.0, amount)]
        )
        rows += [(f"B-{entry:05d}", n, day, *line) for n, line in enumerate(lines, 1)]
    names = ["Beleg", "Zeile", "Datum", "Konto", "Soll", "Haben"]
    return pl.DataFrame(rows, schema=names, orient="row")


def visits(subjects=80, seed=0):
    """Visits of subjects, whose weight hardly changes, with the days since the first one."""
    rng, rows = np.random.default_rng(seed), []
    for subject in range(subjects):
        day = dt.date(2022, 3, 1) + dt.timedelta(int(rng.integers(0, 300)))
        weight, town = float(rng.normal(78, 14)), str(rng.choice(["Ulm", "Bonn", "Kiel"]))
        for visit in range(int(rng.integers(3, 7))):
            since = 28 * visit + (int(rng.integers(-3, 4)) if visit else 0)
            weight += float(rng.normal(0, 0.6))
            rows.append(
                (f"S{subject:03d}", town, visit + 1, day + dt.timedelta(since), since, weight)
            )
    names = ["subject", "town", "visit", "date", "day", "weight"]
    return pl.DataFrame(rows, schema=names, orient="row").with_columns(pl.col("weight").round(1))


def stock(pieces=40, seed=0):
    """Movements of pieces with their running stock, and what it is worth."""
    rng, rows = np.random.default_rng(seed), []
    for piece in range(pieces):
        on_hand, cost = int(rng.integers(50, 200)), round(float(rng.lognormal(2.5, 0.8)), 2)
        day = dt.date(2024, 1, 1)
        for _ in range(int(rng.integers(8, 20))):
            day += dt.timedelta(int(rng.integers(1, 9)))
            moved = int(rng.integers(10, 90)) if on_hand < 40 else -int(rng.integers(1, 30))
            on_hand += moved
            rows.append((f"P-{piece:04d}", day, moved, on_hand, cost, round(on_hand * cost, 2)))
    names = ["piece", "day", "moved", "on_hand", "cost", "worth"]
    return pl.DataFrame(rows, schema=names, orient="row")


def found(frame):
    return {str(one.relation) for one in discover(ar.read(frame))}


def test_the_total_of_an_order_is_that_of_its_lines():
    frame = orders()
    relations = found(frame)
    assert "total = sum(amount) by order_id" in relations
    assert "share = 100 * amount / total within 0.05" in relations
    without = found(frame.drop("total", "to_pay", "freight"))
    assert "share = percent(amount) within 0.05 by order_id" in without
    assert "lines = count() by order_id" in relations
    made = ar.Trees().fit(frame).sample(1200)
    # The last order of a sample may be cut.
    made = made.filter(pl.col("order_id") != made["order_id"][-1])
    total = pl.col("amount").sum().over("order_id")
    kept = made.select(
        amount=(pl.col("amount") - pl.col("qty") * pl.col("price")).abs() < 0.006,
        total=(total - pl.col("total")).abs() < 0.006,
        share=(100 * pl.col("amount") / total - pl.col("share")).abs() < 0.051,
        lines=pl.len().over("order_id") == pl.col("lines"),
        to_pay=(pl.col("total") + pl.col("freight") - pl.col("to_pay")).abs() < 0.006,
    )
    assert all(kept.mean().row(0)[k] == 1 for k in range(5)), kept.mean()
    assert made.height / made["order_id"].n_unique() == pytest.approx(
        frame.height / frame["order_id"].n_unique(), rel=0.1
    )


def test_entries_of_a_journal_balance():
    frame = journal()
    assert "sum(Soll) = sum(Haben) by Beleg" in found(frame)
    made = ar.Trees().fit(frame).sample(900)
    made = made.filter(pl.col("Beleg") != made["Beleg"][-1])
    sums = made.group_by("Beleg").agg(pl.col("Soll", "Haben").sum(), pl.len())
    assert (sums["Soll"] - sums["Haben"]).abs().max() < 0.006
    assert ((made["Soll"] > 0) != (made["Haben"] > 0)).all()
    assert sums["len"].mean() == pytest.approx(frame.height / 250, rel=0.1)


def test_a_visit_follows_the_first_one_and_a_person_hardly_changes():
    frame = visits()
    assert "day = since_first(date) by subject" in found(frame)
    made = ar.Trees().fit(frame).sample(800)
    first = pl.col("date").min().over("subject")
    since = made.select((pl.col("date") - first).dt.total_days() == pl.col("day")).to_series()
    assert since.all()
    step = pl.col("weight").diff().over("subject", order_by="visit")
    real, synthetic = (one.select(step.std()).item() for one in (frame, made))
    assert synthetic < 2 * real
    assert made["weight"].std() == pytest.approx(frame["weight"].std(), rel=0.25)
    assert made.group_by("subject").agg(pl.col("town").n_unique())["town"].max() == 1
    # The days of a visit are those of visits of its number.
    off = (made["day"] - 28 * (made["visit"] - 1)).abs()
    assert (off <= 3).mean() > 0.8


def test_what_follows_from_a_running_total_is_computed_after_it():
    frame = stock()
    made = ar.Trees().fit(frame).sample(700)
    before = pl.col("on_hand").shift(1).over("piece", order_by="day")
    rest = made.select(before + pl.col("moved") - pl.col("on_hand")).to_series().drop_nulls()
    assert (rest == 0).all()
    assert ((made["on_hand"] * made["cost"] - made["worth"]).abs() < 0.006).all()


@pytest.mark.parametrize("make", [orders, journal, visits, stock])
def test_a_saved_model_makes_the_same_rows(make, tmp_path):
    model = ar.Trees().fit(make(120))
    ar.save(model, tmp_path / "model")
    again = ar.load(tmp_path / "model").sample(200)
    assert model.sample(200).equals(again)


@pytest.mark.parametrize(
    "text",
    [
        "total = sum(amount) by order",
        "n = count() by order",
        'share = percent(amount) within 0.05 by "the order"',
        "day = since_first(date) by order",
        "sum(debit) = sum(credit) by order",
    ],
)
def test_texts_of_the_relations(text):
    names = (
        "total",
        "amount",
        "order",
        "n",
        "share",
        "the order",
        "day",
        "date",
        "debit",
        "credit",
    )
    assert str(parse_relation(text, names)) == text


def test_chance_is_no_total():
    rng = np.random.default_rng(0)
    for _ in range(20):
        rows = 400
        frame = pl.DataFrame(
            {
                "team_id": rng.integers(1_000, 1_080, rows),
                "points": rng.integers(0, 9, rows),
                "fouls": rng.integers(0, 9, rows),
                "budget": rng.integers(5, 60, rows),
            }
        )
        assert not {one for one in found(frame) if " by " in one}
