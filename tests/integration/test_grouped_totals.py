"""Totals of groups of rows that two columns name together: the stock of an article in a warehouse."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import artesian as ar
from artesian.relations.discover import discover
from artesian.relations.parse import parse_relation

ARTICLES = [f"{chr(65 + k % 5)}-{1000 + 37 * k}" for k in range(12)]


def stock() -> pl.DataFrame:
    """Movements of articles in warehouses, with the stock after each of them."""
    rng = np.random.default_rng(3)
    moment, level, rows = datetime(2024, 1, 2, 8), {}, []
    for number in range(900):
        moment += timedelta(minutes=int(rng.integers(5, 300)))
        place = (str(rng.choice(["North", "South", "Port"])), str(rng.choice(ARTICLES)))
        inwards = bool(rng.random() < 0.5)
        before = level.get(place, 0)
        amount = int(rng.integers(20, 90)) if inwards or before < 8 else -int(rng.integers(1, 8))
        level[place] = before + amount
        rows.append((number + 1, moment, *place, amount, level[place]))
    return pl.DataFrame(
        rows, ["movement", "booked", "warehouse", "article", "qty", "stock"], orient="row"
    )


def purses() -> pl.DataFrame:
    """Purses of clubs in two currencies: paid in and out, by a label, with the balance before."""
    rng = np.random.default_rng(4)
    day, level, rows = datetime(2023, 5, 1), {}, []
    for _ in range(700):
        day += timedelta(hours=int(rng.integers(1, 20)))
        purse = (str(rng.choice(["Ruderclub", "Chor", "Theater", "Schach"])),)
        purse += (str(rng.choice(["EUR", "CHF"])),)
        before = level.get(purse, 500.0)
        kind = "Einzahlung" if rng.random() < 0.5 or before < 100 else "Auszahlung"
        amount = round(float(rng.uniform(5, 99)), 2)
        level[purse] = round(before + (amount if kind == "Einzahlung" else -amount), 2)
        rows.append((day, *purse, kind, amount, before, level[purse]))
    names = ["zeit", "verein", "waehrung", "art", "betrag", "vorher", "nachher"]
    return pl.DataFrame(rows, names, orient="row")


@pytest.mark.parametrize(
    ("table", "relations"),
    [
        (stock, ["stock = previous(stock) + qty by warehouse, article, booked"]),
        (
            purses,
            [
                "vorher = previous(nachher) by verein, waehrung, zeit",
                "nachher = vorher + betrag if art in ('Einzahlung')",
            ],
        ),
    ],
)
def test_totals_of_two_columns_are_found_and_kept(
    table: Callable[[], pl.DataFrame], relations: list[str], tmp_path: Path
) -> None:
    real = table()
    found = {str(one.relation) for one in discover(ar.read(real))}
    assert relations[0] in found, found
    real.write_parquet(tmp_path / "real.parquet")
    ar.synth(tmp_path / "real.parquet", out=tmp_path / "out")
    made = pl.read_parquet(tmp_path / "out" / "data" / "real.parquet")
    for text in relations[:1]:
        relation = parse_relation(text, tuple(real.columns))
        assert relation.holds(real).drop_nulls().all()
        holds = relation.holds(made).drop_nulls()
        assert len(holds) > len(made) / 2
        assert holds.all()
    numbers = made.select(pl.col(pl.Int64, pl.Float64))
    assert all((numbers[name].null_count() == 0) for name in numbers.columns)
    balance = "stock" if "stock" in made else "nachher"
    assert float(made[balance].min()) >= 0  # type: ignore[arg-type]
