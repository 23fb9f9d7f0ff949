"""Columns that follow from one or several rows that a row refers to, and totals of further kinds."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import artesian as ar
from artesian.core.run import Run
from artesian.data.dataset import Dataset
from artesian.data.schema import ForeignKey

c = pl.col


def agency(seed: int = 0) -> dict[str, pl.DataFrame]:
    """Agenten, Tarife, and Buchungen, which refer to both; Zahlungen of these."""
    rng = np.random.default_rng(seed)
    agents = pl.DataFrame(
        {
            "agent_id": range(1, 61),
            "satz": rng.choice([0.02, 0.03, 0.05, 0.08, 0.1], 60),
            "region": rng.choice(["Nord", "Sued"], 60),
            "seit": [date(2020, 1, 1) + timedelta(days=int(k)) for k in rng.integers(0, 400, 60)],
        }
    )
    tariffs = pl.DataFrame(
        {
            "tarif_id": [f"T{k}" for k in range(30)],
            "preis": rng.uniform(3, 30, 30).round(2),
            "plaetze": rng.integers(5, 60, 30),
            "ab": [date(2021, 6, 1) + timedelta(days=int(k)) for k in rng.integers(0, 200, 30)],
            "bis": [date(2022, 6, 1) + timedelta(days=int(k)) for k in rng.integers(0, 200, 30)],
        }
    )
    own, other = agents.to_dicts(), tariffs.to_dicts()
    rows = []
    for number in range(1_200):
        agent, tariff = own[rng.integers(60)], other[rng.integers(30)]
        seats = int(rng.integers(1, tariff["plaetze"] + 1))
        amount = round(seats * tariff["preis"], 2)
        days = (tariff["bis"] - tariff["ab"]).days
        begin = int(rng.integers(0, days))
        day = tariff["ab"] + timedelta(days=begin)
        rows.append(
            {
                "buchung_id": number,
                "agent_id": agent["agent_id"],
                "tarif_id": tariff["tarif_id"],
                "personen": seats,
                "betrag": amount,
                "provision": round(amount * agent["satz"], 2),
                "region": agent["region"],
                "beginn": day,
                "ende": day + timedelta(days=int(rng.integers(0, days - begin + 1))),
                "dienstzeit": (day - agent["seit"]).days,
            }
        )
    bookings = pl.DataFrame(rows)
    paid = bookings.sample(700, seed=seed).select("buchung_id").with_row_index("zahlung_id")
    rates = bookings.join(agents, on="agent_id").select("buchung_id", "satz")
    totals = bookings.group_by("agent_id").agg(
        erste=c("beginn").min(), mittel=c("personen").mean().round(2)
    )
    return {
        "agent": agents.join(totals, on="agent_id", how="left"),
        "tarif": tariffs,
        "buchung": bookings,
        "zahlung": paid.join(rates, on="buchung_id"),
    }


def kept(tables: dict[str, pl.DataFrame]) -> dict[str, float]:
    """Fraction of the rows that keep each relation."""
    row = tables["buchung"].join(tables["agent"], on="agent_id", suffix="_a")
    row = row.join(tables["tarif"], on="tarif_id", suffix="_t")
    assert row.height == tables["buchung"].height
    each = (
        tables["buchung"]
        .group_by("agent_id")
        .agg(first=c("beginn").min(), mean=c("personen").mean())
    )
    agent = tables["agent"].join(each, on="agent_id", how="left")
    pay = tables["zahlung"].join(tables["buchung"], on="buchung_id")
    pay = pay.join(tables["agent"], on="agent_id", suffix="_a")

    def near(one: str, other: pl.Expr) -> pl.Expr:
        return (c(one) - other).abs() < 0.0051

    wanted = {
        "product": (row, near("betrag", c("personen") * c("preis"))),
        "two parents": (row, near("provision", c("betrag") * c("satz"))),
        "label": (row, c("region") == c("region_a")),
        "days": (row, c("dienstzeit") == (c("beginn") - c("seit")).dt.total_days()),
        "from": (row, c("beginn") >= c("ab")),
        "to": (row, c("ende") <= c("bis")),
        "period": (row, c("beginn") <= c("ende")),
        "seats": (row, c("personen") <= c("plaetze")),
        "first": (agent, c("erste").eq_missing(c("first"))),
        "mean": (agent, near("mittel", c("mean"))),
        "parent of parent": (pay, c("satz") == c("satz_a")),
    }
    return {name: frame.select(rule.mean()).item() for name, (frame, rule) in wanted.items()}


KEYS = (
    ForeignKey("buchung", ("agent_id",), "agent", ("agent_id",)),
    ForeignKey("buchung", ("tarif_id",), "tarif", ("tarif_id",)),
    ForeignKey("zahlung", ("buchung_id",), "buchung", ("buchung_id",)),
)


def dataset(tables: dict[str, pl.DataFrame]) -> Dataset:
    read = ar.read_dataset(tables)
    return Dataset(read.tables, KEYS, read.origin)


def test_relations_with_several_parents_are_found_and_kept(tmp_path: Path) -> None:
    real = agency()
    assert min(kept(real).values()) == 1
    fitted = ar.RelationalTrees(rounds=0).fit(dataset(real))
    found = fitted.facts()["relations"]
    assert 'buchung: betrag = personen * "tarif.preis" within 0.00500001' in found
    assert "agent.mittel = mean(buchung.personen)" in found
    ar.save(fitted, tmp_path / "model")
    for seed in range(2):
        made = dict(ar.load(tmp_path / "model").sample(1.2, run=Run.from_seed(seed)).items())
        assert min(kept(made).values()) >= 0.995, kept(made)


def test_totals_of_parents_that_the_holdout_divides_are_kept() -> None:
    real = agency()
    sold = real["buchung"].group_by("tarif_id").agg(verkauft=c("personen").sum())
    real["tarif"] = real["tarif"].join(sold, on="tarif_id", how="left")
    made = dict(ar.synth_related(dataset(real), metrics=["referential_integrity"]).data.items())
    assert min(kept(made).values()) >= 0.995, kept(made)
    sold = made["buchung"].group_by("tarif_id").agg(total=c("personen").sum())
    both = made["tarif"].join(sold, on="tarif_id", how="left").fill_null(0)
    assert (both["verkauft"] == both["total"]).mean() == 1


@pytest.mark.parametrize("table", ["agent", "tarif"])
def test_nothing_follows_from_the_rows_of_other_parents(table: str) -> None:
    real = agency()
    key = f"{table}_id"
    rng = np.random.default_rng(5)
    # Every row refers to another parent than that from which its values came.
    real["buchung"] = real["buchung"].with_columns(
        pl.Series(key, rng.choice(real[table][key].to_list(), 1_200))
    )
    found = ar.RelationalTrees(rounds=0).fit(dataset(real)).facts()["relations"]
    assert not [one for one in found if f'"{table}.' in one or f" {table}." in one]
