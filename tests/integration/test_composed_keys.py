"""Keys of entities that are made of columns: orders of a branch, lots of a sale, tickets of a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import artesian as ar
from artesian.data.dataframes import from_dataframe
from artesian.encoding.transforms.composed_keys import ComposedKeys


def orders(*, scattered: bool = False) -> pl.DataFrame:
    """Lines of orders that are numbered within each branch, from 1 or at random."""
    rng = np.random.default_rng(5)
    rows = []
    for branch in ("Nord", "Süd", "West"):
        numbers = np.sort(rng.choice(900, 90, replace=False)) + 100 if scattered else range(1, 91)
        for serial in map(int, numbers):
            day = date(2024, 1, 1) + timedelta(days=int(rng.integers(0, 300)))
            paid, deposit = (
                str(rng.choice(["bar", "Karte"])),
                round(float(rng.lognormal(4, 0.6)), 2),
            )
            for line in range(1, int(rng.integers(2, 7))):
                amount = round(float(rng.lognormal(3, 0.5)), 2)
                key = f"{branch}-{serial:04d}"
                rows.append((key, branch, serial, day, paid, deposit, line, amount))
    names = ["Auftrag", "Filiale", "Nummer", "Datum", "Zahlung", "Anzahlung", "Zeile", "Betrag"]
    return pl.DataFrame(rows, schema=names, orient="row")


def lots() -> pl.DataFrame:
    """Bids for the lots of sales: the lot number is text, and sold lots have the highest bid."""
    rng = np.random.default_rng(6)
    rows = []
    for sale in range(6):
        day = date(2022, 3, 1) + timedelta(days=120 * sale)
        for lot in range(1, 61):
            title = str(rng.choice(["montre", "gravure", "vase", "fauteuil"]))
            bids = 100 + np.cumsum(rng.integers(1, 9, int(rng.integers(1, 8)))) * 10
            price = int(bids[-1]) if rng.random() < 0.6 else None
            for bid in bids.tolist():
                key = f"V{day:%y%m}/{lot:03d}"
                rows.append((key, day, f"{lot:03d}", title, int(bid), len(bids), price))
    names = ["cle", "vente", "lot", "titre", "offre", "offres", "adjuge"]
    return pl.DataFrame(rows, schema=names, orient="row")


def tickets() -> pl.DataFrame:
    """Lines of tickets, whose number begins anew each day and is no column."""
    rng = np.random.default_rng(7)
    rows = []
    for number in range(40):
        day = date(2024, 2, 1) + timedelta(days=number)
        for ticket in range(1, int(rng.integers(5, 14))):
            table = int(rng.integers(1, 20))
            for _ in range(int(rng.integers(1, 5))):
                key = f"T{day:%y%m%d}-{ticket:03d}"
                rows.append((key, day, table, round(float(rng.uniform(2, 30)), 2)))
    return pl.DataFrame(rows, schema=["ticket", "day", "table_no", "price"], orient="row")


def constant(frame: pl.DataFrame, key: str, *names: str) -> bool:
    return all(frame.select(key, name).n_unique() == frame[key].n_unique() for name in names)


@pytest.mark.parametrize("scattered", [False, True])
def test_what_belongs_to_an_order_is_the_same_in_its_lines(scattered: bool) -> None:
    source = orders(scattered=scattered)
    made = ar.synth(source, method="trees", seed=1, metrics=["relations"])
    frame = made.data
    assert constant(frame, "Auftrag", "Filiale", "Nummer", "Datum", "Zahlung", "Anzahlung")
    text = frame["Filiale"] + "-" + frame["Nummer"].cast(pl.String).str.zfill(4)
    assert text.equals(frame["Auftrag"])
    count = frame.select(pl.col("Zeile") - pl.int_range(1, pl.len() + 1).over("Auftrag"))
    assert (count.to_series() == 0).all()
    assert 0.5 < frame["Auftrag"].n_unique() / source["Auftrag"].n_unique() < 2
    each = frame.unique("Auftrag", maintain_order=True)
    steps = each.select(pl.col("Nummer").diff().over("Filiale")).to_series().drop_nulls()
    assert (steps > 1).any() if scattered else (steps == 1).all()
    assert 'Auftrag = text("{Filiale}-{Nummer:04}")' in made.table.schema.relations


def test_lots_have_one_title_and_the_price_of_the_highest_bid() -> None:
    frame = ar.synth(lots(), method="trees", seed=1, metrics=()).data
    assert constant(frame, "cle", "vente", "lot", "titre", "offres", "adjuge")
    assert (frame["cle"].str.slice(1, 4) == frame["vente"].dt.strftime("%y%m")).all()
    assert (frame["cle"].str.slice(6) == frame["lot"]).all()
    assert (frame["offres"] == frame.select(pl.len().over("cle")).to_series()).all()
    sold = frame.with_columns(best=pl.col("offre").max().over("cle")).drop_nulls("adjuge")
    assert 0.4 < sold.height / frame.height < 0.8
    assert (sold["adjuge"] == sold["best"]).all()


def test_numbers_that_are_no_column_begin_anew_each_day() -> None:
    frame = ar.synth(tickets(), method="trees", seed=1, metrics=()).data
    assert constant(frame, "ticket", "day", "table_no")
    assert (frame["ticket"].str.slice(1, 6) == frame["day"].dt.strftime("%y%m%d")).all()
    each = frame.unique("ticket", maintain_order=True)
    number = each.select(pl.col("ticket").str.slice(8).cast(pl.Int64), "day")
    rank = number.select(pl.int_range(1, pl.len() + 1).over("day")).to_series()
    assert (number["ticket"] == rank).all()


def test_a_saved_model_and_listed_relations_keep_such_keys(tmp_path: Path) -> None:
    model = ar.synth(orders(), method="trees", seed=1, metrics=()).model
    ar.save(model, tmp_path / "model")
    rows = ar.load(tmp_path / "model").sample(300)
    assert rows.equals(model.sample(300))
    table = from_dataframe(orders())
    discovered = ComposedKeys.learn(table, protect=True)
    listed = ('Auftrag = text("{Filiale}-{Nummer:04}")', "Auftrag -> Datum")
    schema = replace(table.schema, relations=listed)
    assert ComposedKeys.learn(replace(table, schema=schema), protect=True) == discovered
    schema = replace(table.schema, relations=())
    assert ComposedKeys.learn(replace(table, schema=schema), protect=True) is None


def test_a_text_that_determines_nothing_and_an_own_number_are_left_alone() -> None:
    rng = np.random.default_rng(3)
    branch, number = rng.choice(["A", "B"], 800), rng.integers(1, 150, 800)
    alone = pl.DataFrame(
        {
            "key_id": [f"{b}-{n:03d}" for b, n in zip(branch, number, strict=True)],
            "branch": branch,
            "number": number,
            "amount": rng.uniform(1, 9, 800).round(2),
        }
    )
    simple = orders().with_columns(pl.col("Auftrag").rank("dense").alias("Nummer"))
    simple = simple.with_columns(
        Auftrag=pl.lit("AU-") + pl.col("Nummer").cast(pl.String).str.zfill(5)
    )
    for frame in (alone, simple):
        assert ComposedKeys.learn(from_dataframe(frame), protect=True) is None
