"""Formulas of few rows, of products with further terms, and of shares of a total that is no column."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

import artesian as ar
from artesian.relations.discover import discover


def synthetic(source: pl.DataFrame) -> pl.DataFrame:
    return ar.synth(source, method="trees", seed=1, metrics=["validity"]).data


@pytest.mark.parametrize("rows", [6, 9, 15, 30])
def test_a_multiple_and_a_product_hold_in_few_rows(rows: int) -> None:
    rng = np.random.default_rng(rows)
    wage = rng.integers(40, 200, rows) * 25
    hours, rate = rng.integers(5, 160, rows), rng.integers(12, 60, rows) + 0.5
    source = pl.DataFrame(
        {"palkka": wage, "vuosi": 13 * wage, "h": hours, "hinta": rate, "summa": hours * rate}
    )
    made = synthetic(source)
    assert (made["vuosi"] == 13 * made["palkka"]).all()
    assert ((made["h"] * made["hinta"] - made["summa"]).abs() < 1e-6).all()


@pytest.mark.parametrize("rows", [5, 8, 12, 19])
def test_columns_of_few_rows_that_are_unrelated_have_no_formula(rows: int) -> None:
    rng = np.random.default_rng(rows)
    for _ in range(10):
        columns = {f"c{n}": rng.integers(0, 200, rows) for n in range(5)}
        columns |= {f"d{n}": np.round(rng.normal(20, 6, rows), 1) for n in range(3)}
        assert not discover(ar.read(pl.DataFrame(columns)))


def test_a_product_with_a_fee() -> None:
    rng = np.random.default_rng(11)
    tariff = rng.integers(0, 4, 200)
    volume = rng.integers(20, 900, 200)
    price, fee = np.array([2.15, 2.8, 3.05, 1.9])[tariff], np.array([4.5, 3.0, 6.75, 9.0])[tariff]
    source = pl.DataFrame(
        {
            "taxa": [f"T{t}" for t in tariff],
            "m3": volume,
            "preco": price,
            "fixo": fee,
            "fatura": np.round(volume * price + 12 * fee, 2),
        }
    )
    made = synthetic(source)
    error = made["fatura"] - made["m3"] * made["preco"] - 12 * made["fixo"]
    assert (error.abs() < 0.0051).all()
    assert made.select("taxa", "preco", "fixo").n_unique() <= 4


def test_a_share_of_a_total_that_is_no_column() -> None:
    rng = np.random.default_rng(12)
    men, women, children = (rng.integers(5, 900, 300) for _ in range(3))
    shares = (100 * women / (men + women + children)).tolist()
    source = pl.DataFrame(
        {
            "Männer": men,
            "Frauen": women,
            "Kinder": children,
            "Anteil": [f"{share:.1f} %".replace(".", ",") for share in shares],
        }
    )
    made = synthetic(source)
    share = made["Anteil"].str.extract(r"([\d,]+)").str.replace(",", ".").cast(pl.Float64)
    parts = made["Männer"] + made["Frauen"] + made["Kinder"]
    assert ((share - 100 * made["Frauen"] / parts).abs() < 0.0501).all()


def test_points_group_thousands_beside_decimal_commas() -> None:
    rng = np.random.default_rng(13)
    used = rng.integers(900, 9_000, 80)
    text = [f"{n:,} kWh".replace(",", ".") for n in used]
    cost = [f"{n * 0.31:.2f} €".replace(".", ",") for n in used]
    table = ar.read(pl.DataFrame({"verbruik": text, "kosten": cost}))
    assert table.frame["verbruik"].to_list() == used.tolist()


def sales(rows: int = 900) -> pl.DataFrame:
    """What agents earn is a part of the total, and what comes back is refunded; others have 0."""
    rng = np.random.default_rng(2)
    total = (rng.integers(1, 9, rows) * rng.lognormal(3, 0.6, rows)).round(2)
    channel = rng.choice(["direct", "agent", "shop"], rows, p=[0.5, 0.3, 0.2])
    status = rng.choice(["delivered", "returned"], rows, p=[0.85, 0.15])
    weight = rng.gamma(3, 2, rows).round(1)
    return pl.DataFrame(
        {
            "total": total,
            "channel": channel,
            "status": status,
            "weight": weight,
            "commission": np.where(channel == "agent", 0.05 * total, 0).round(2),
            "refund": np.where(status == "returned", np.maximum(0, total - 4.95), 0).round(2),
        }
    )


def claims(rows: int = 900) -> pl.DataFrame:
    """What an insurer pays for settled claims is the damage beyond the deductible, else nothing."""
    rng = np.random.default_rng(3)
    damage = rng.lognormal(7, 1, rows).round(2)
    own = rng.choice([250, 500, 1000], rows)
    status = rng.choice(["settled", "rejected", "open"], rows, p=[0.7, 0.1, 0.2])
    return pl.DataFrame(
        {
            "Schaden": damage,
            "Selbstbehalt": own,
            "Stand": status,
            "bezahlt": np.where(status == "settled", np.maximum(0, damage - own), 0).round(2),
        }
    )


def test_what_is_computed_for_some_labels_and_else_0(tmp_path: Path) -> None:
    source = sales()
    made = ar.synth(source, metrics=(), out=tmp_path / "out", keep_model=True)
    texts = made.table.schema.relations
    assert "commission = 0.05 * total within 0.00500001 if channel in ('agent')" in texts
    rows = made.data
    agents = rows["channel"] == "agent"
    assert ((rows["commission"] - 0.05 * rows["total"]).abs() < 0.0051).filter(agents).all()
    assert (rows["commission"] == 0).filter(~agents).all()
    again = ar.load(tmp_path / "out" / "model").sample(len(source))
    assert again.equals(rows)
    listed = ar.synth(source, metrics=(), schema=tmp_path / "out" / "dataset.toml").data
    part = listed.filter(pl.col("channel") == "agent")
    assert ((part["commission"] - 0.05 * part["total"]).abs() < 0.0051).all()


def test_what_is_paid_for_settled_claims() -> None:
    rows = ar.synth(claims(), metrics=()).data
    paid = (rows["Schaden"] - rows["Selbstbehalt"]).clip(0)
    settled = rows["Stand"] == "settled"
    assert ((rows["bezahlt"] - paid).abs() < 0.0051).filter(settled).all()
    assert (rows["bezahlt"] == 0).filter(~settled).all()


def test_broken_conditions_of_a_formula_are_found() -> None:
    real = claims()
    wrong = real.with_columns(pl.col("Stand").shuffle(seed=1))
    broken = ar.compare(real, wrong, metrics=["relations"])["relations"]
    assert any(text.endswith("if Stand in ('settled')") for text in broken.parts)


def test_zeros_by_chance_are_no_condition() -> None:
    rng = np.random.default_rng(5)
    frame = pl.DataFrame(
        {
            "a": rng.gamma(2, 3, 500).round(1),
            "b": np.where(rng.random(500) < 0.5, 0, rng.gamma(2, 3, 500)).round(1),
            "kind": rng.choice(["x", "y", "z"], 500),
        }
    )
    assert not [t for t in map(str, (d.relation for d in discover(ar.read(frame)))) if " if " in t]
