"""What ties columns together in every real row ties them together in every synthetic row."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import artesian as ar
from artesian.core.errors import SchemaError
from artesian.core.run import Run
from artesian.data.write import writer

CASES = Path(__file__).parents[1] / "data_sets" / "cases"


def synthetic(path: Path, method: str = "trees", seed: int = 1) -> pl.DataFrame:
    return ar.synth(path, method=method, seed=seed, metrics=["validity"]).table.frame


@pytest.mark.parametrize("method", ["trees", "boosted", "marginals"])
def test_copies_and_conversions(method: str) -> None:
    source = ar.read(CASES / "B24_copied_columns.csv").frame
    rows = synthetic(CASES / "B24_copied_columns.csv", method)
    assert rows.select((pl.col("price_copy") == pl.col("price")).all()).item()
    assert rows.select((pl.col("emp_no2") == pl.col("emp_no")).all()).item()
    assert rows.select(
        ((pl.col("price_vat") - 1.25 * pl.col("price")).abs() <= 0.0051).all()
    ).item()
    assert rows.select((pl.col("paid") <= pl.col("price")).all()).item()
    equal = pl.col("paid") == pl.col("price")
    if method != "marginals":
        difference = rows.select(equal.mean()).item() - source.select(equal.mean()).item()
        assert abs(difference) < 0.03
    assert rows.select((pl.col("date").dt.year() == pl.col("year")).all()).item()
    assert rows.select((pl.col("date_year") == pl.col("year")).all()).item()
    assert rows.select((pl.col("year") // 10 * 10 == pl.col("decade")).all()).item()


def test_debit_and_credit() -> None:
    rows = synthetic(CASES / "O2_bank.csv")
    debit = rows.filter(pl.col("debit").is_not_null())
    credit = rows.filter(pl.col("credit").is_not_null())
    assert debit.height + credit.height == rows.height
    assert ((debit["debit"] + debit["amount"]).abs() < 1e-9).all()
    assert (credit["credit"] == credit["amount"]).all()
    assert rows.filter(pl.col("type") == "FEE")["debit"].unique().to_list() == [4.95]
    assert rows.select(pl.col("description").str.starts_with(pl.col("type")).all()).item()


def test_fahrenheit() -> None:
    rows = synthetic(CASES / "O4_sensor.csv")
    error = (rows["temp_f"] - 1.8 * rows["temp_c"] - 32).abs()
    assert error.max() < 0.0151
    assert (rows["temp_c"].is_null() == rows["temp_f"].is_null()).all()


def test_products_have_their_group_and_their_price() -> None:
    source = ar.read(CASES / "B06_many_products.csv").frame
    rows = synthetic(CASES / "B06_many_products.csv")
    real = source.group_by("product").agg(
        pl.col("group").first(), pl.col("list_price").first(), pl.len()
    )
    assert rows.group_by("product").agg(pl.col("group").n_unique())["group"].max() == 1
    joined = rows.join(real, on="product", how="inner", suffix="_real")
    frequent = joined.filter(pl.col("len") >= 12)  # five and more in four fifths of the rows
    assert frequent.height > 500
    assert (frequent["group"] == frequent["group_real"]).all()
    assert (frequent["list_price"] == frequent["list_price_real"]).all()


def test_loans() -> None:
    rows = synthetic(CASES / "B12_loans_composite_key.csv")
    assert rows.select((pl.col("paid") <= pl.col("amount")).all()).item()
    assert rows.select((pl.col("start") < pl.col("due")).all()).item()
    error = (rows["balance"] - rows["amount"] + rows["paid"]).abs()
    assert error.max() < 0.0051


@pytest.fixture(scope="module")
def invoices() -> pl.DataFrame:
    """A German invoice table: net, tax, gross, due date, discount, cancelled rows, a label."""
    rng = np.random.default_rng(11)
    n = 700
    net = np.round(np.exp(rng.normal(4, 1, n)), 2)
    tax = np.round(net * 0.19 + 1e-9, 2)
    day = [date(2023, 1, 1) + timedelta(days=int(d)) for d in rng.integers(0, 700, n)]
    days = rng.choice([14, 30, 60], n, p=[0.5, 0.4, 0.1])
    cancelled = rng.random(n) < 0.15
    land = rng.choice(["DE", "AT", "CH"], n, p=[0.7, 0.2, 0.1])
    currency = np.where(land == "CH", "CHF", "EUR")
    return pl.DataFrame(
        {
            "Netto": net,
            "MwSt": tax,
            "Brutto": np.round(net + tax, 2),
            "Rechnungsdatum": day,
            "Ziel (Tage)": days,
            "fällig": [d + timedelta(days=int(z)) for d, z in zip(day, days, strict=True)],
            "Status": np.where(cancelled, "storniert", "offen"),
            "Storno am": [
                d + timedelta(days=int(rng.integers(1, 20))) if c else None
                for d, c in zip(day, cancelled, strict=True)
            ],
            "Land": land,
            "Währung": currency,
        }
    )


@pytest.mark.parametrize("suffix", ["csv", "parquet", "jsonl", "sqlite", "xlsx", "pandas"])
def test_invoices_in_every_format(invoices: pl.DataFrame, suffix: str, tmp_path: Path) -> None:
    if suffix == "pandas":
        source: object = invoices.to_pandas()
    else:
        source = tmp_path / f"rechnungen.{suffix}"
        table = ar.read(invoices)
        with writer(source, table.origin) as out:
            out.write(table)
    rows = ar.synth(source, method="trees", seed=3, metrics=["validity"]).table.frame
    assert ((rows["Brutto"] - rows["Netto"] - rows["MwSt"]).abs() < 0.0051).all()
    assert ((rows["MwSt"] - 0.19 * rows["Netto"]).abs() < 0.0051).all()
    start, end = (rows[name].cast(pl.Date) for name in ("Rechnungsdatum", "fällig"))
    assert ((end - start).dt.total_days() == rows["Ziel (Tage)"]).all()
    assert ((rows["Status"] == "storniert") == rows["Storno am"].is_not_null()).all()
    later = rows.filter(pl.col("Storno am").is_not_null())
    assert (later["Rechnungsdatum"].cast(pl.Date) < later["Storno am"].cast(pl.Date)).all()
    assert ((rows["Land"] == "CH") == (rows["Währung"] == "CHF")).all()


def test_inspect_lists_relations_and_a_person_may_delete_and_add_them(tmp_path: Path) -> None:
    path = CASES / "B24_copied_columns.csv"
    schema = tmp_path / "dataset.toml"
    shown = subprocess.run(
        [sys.executable, "-m", "artesian", "inspect", path, "--out", schema],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "price_copy = price" in shown.stdout
    assert "holds in 700 of 700 rows" in shown.stdout
    text = schema.read_text()
    assert '"price_copy = price", # holds in 700 of 700 rows' in text
    kept = text.replace('    "price_copy = price", # holds in 700 of 700 rows\n', "")
    kept = kept.replace("relations = [\n", 'relations = [\n    "decad = year",\n')
    schema.write_text(kept)
    with pytest.raises(SchemaError, match="decad"):
        ar.synth(path, schema=schema, metrics=["validity"])
    schema.write_text(kept.replace('    "decad = year",\n', ""))
    rows = ar.synth(path, schema=schema, method="trees", seed=1, metrics=["validity"]).table.frame
    assert not (rows["price_copy"] == rows["price"]).all()
    assert (rows["emp_no2"] == rows["emp_no"]).all()


def test_a_saved_model_keeps_them(tmp_path: Path) -> None:
    path = CASES / "B24_copied_columns.csv"
    result = ar.synth(
        path, method="trees", seed=1, out=tmp_path / "out", metrics=["validity"], keep_model=True
    )
    again = ar.load(tmp_path / "out" / "model")
    rows = again.sample(200, run=Run.from_seed(9))
    frame = rows.frame if hasattr(rows, "frame") else rows
    assert (frame["price_copy"] == frame["price"]).all()
    assert "price_copy = price" in (result.table.schema.relations or ())


def test_conditions_on_a_restored_column(tmp_path: Path) -> None:
    path = CASES / "B24_copied_columns.csv"
    rows = ar.synth(
        path, method="trees", seed=1, where=["price_copy=5..10"], metrics=["validity"]
    ).table.frame
    assert rows.height == 700
    assert rows["price_copy"].is_between(5, 10).all()
    assert (rows["price_copy"] == rows["price"]).all()


def test_compare_names_what_another_tool_broke(tmp_path: Path) -> None:
    path = CASES / "B24_copied_columns.csv"
    real = ar.read(path).frame
    rng = np.random.default_rng(1)
    broken = real.with_columns(pl.Series("price_copy", rng.permutation(real["price_copy"])))
    result = ar.compare(path, broken, metrics=["relations"])
    card = result.scorecard if hasattr(result, "scorecard") else result
    found = card["relations"]
    assert found.value > 0.95
    assert found.parts["price_copy = price"] > 0.95
    assert found.parts["emp_no2 = emp_no"] == 0
    assert "BREAKS RELATIONS" in card.verdict
    assert json.dumps(card.to_dict())


def test_new_identifiers_are_judged_within_the_synthetic_table() -> None:
    rng = np.random.default_rng(2)

    def orders(day: int) -> pl.DataFrame:
        """Orders 1000 to 1399 with two to five lines each, of which each has one date."""
        lines = rng.integers(2, 6, 400)
        dates = pl.Series(19_000 + day + rng.integers(0, 300, 400)).cast(pl.Int32).cast(pl.Date)
        order = np.repeat(np.arange(400), lines)
        return pl.DataFrame(
            {
                "order_id": 1_000 + order,
                "ordered": dates[order],
                "pieces": rng.integers(1, 30, len(order)),
                "product": rng.choice([f"P{n}" for n in range(12)], len(order)),
            }
        ).with_columns(price=pl.col("product").str.slice(1).cast(pl.Int64) * 2 + 1.5)

    real, other = orders(0), orders(400)
    found = ar.compare(real, other, metrics=["relations"])["relations"]
    assert found.parts["order_id -> ordered"] == 0
    assert found.parts["product -> price"] == 0
    # Within the table the order still has to have one date, and products keep their real prices.
    moved = other.with_columns(
        pl.Series("ordered", rng.permutation(other["ordered"].to_numpy())),
        price=pl.col("price") + 1,
    )
    found = ar.compare(real, moved, metrics=["relations"])["relations"]
    assert found.parts["order_id -> ordered"] > 0.5
    assert found.parts["product -> price"] == 1
