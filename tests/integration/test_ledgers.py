"""Ledgers: totals that add some columns and subtract others, and are carried to the next row."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import artesian as ar
from artesian.relations.discover import discover


def statements() -> pl.DataFrame:
    """Accounts with paid in and paid out, opening and closing balance; several bookings a day."""
    rng = np.random.default_rng(1)
    rows = []
    for account in range(40):
        balance, day = round(float(rng.uniform(500, 9_000)), 2), date(2024, 1, 1)
        for _ in range(int(rng.integers(12, 30))):
            day += timedelta(days=int(rng.choice([0, 0, 1, 2])))
            wage = bool(rng.random() < 0.15)
            amount = round(float(rng.uniform(900, 3_000) if wage else rng.uniform(3, 200)), 2)
            opening, balance = balance, round(balance + (amount if wage else -amount), 2)
            rows.append(
                {
                    "konto": f"K{1_000_000 + 7_919 * account}",
                    "dag": day,
                    "ind": amount if wage else None,
                    "ud": None if wage else amount,
                    "primo": opening,
                    "ultimo": balance,
                }
            )
    return pl.DataFrame(rows)


def rents() -> pl.DataFrame:
    """What tenants owe: rent and fines less what they paid, from zero."""
    rng = np.random.default_rng(2)
    rows = []
    for tenant in range(50):
        rent, owed = float(rng.choice([800, 950.5, 1_200])), 0.0
        for month in range(1, int(rng.integers(8, 13))):
            paid = rent if rng.random() < 0.7 else float(rng.choice([0, rent / 2]))
            fine = round(rent * 0.02, 2) if rng.random() < 0.2 else 0.0
            owed = round(owed + rent + fine - paid, 2)
            rows.append(
                {
                    "tenant": f"T-{tenant:04d}",
                    "due": date(2023, month, 5),
                    "rent": rent,
                    "fine": fine,
                    "paid": paid,
                    "owed": owed,
                }
            )
    return pl.DataFrame(rows)


def stocks() -> pl.DataFrame:
    """Whole numbers: received less sold, for articles."""
    rng = np.random.default_rng(3)
    rows = []
    for article in range(60):
        stock = int(rng.integers(50, 400))
        for week in range(15):
            received = int(rng.integers(20, 90)) if rng.random() < 0.4 else 0
            sold = int(min(stock + received, rng.poisson(12)))
            stock += received - sold
            rows.append(
                {
                    "Artikel": f"A{70_000 + 13 * article}",
                    "Woche": date(2024, 1, 1) + timedelta(days=7 * week),
                    "Zugang": received,
                    "Abgang": sold,
                    "Bestand": stock,
                }
            )
    return pl.DataFrame(rows)


def readings(meters: int, decimals: int, first: float) -> pl.DataFrame:
    """Few meters with readings that are large against their last decimal."""
    rng = np.random.default_rng(4)
    rows = []
    for meter in range(meters):
        reading = round(float(rng.uniform(first, 2 * first)), decimals)
        for hour in range(48):
            used = round(float(rng.gamma(2, 0.3)), decimals)
            reading = round(reading + used, decimals)
            rows.append(
                {
                    "contador": f"ES{1_000_003 * (meter + 7)}AB",
                    "hora": datetime(2024, 1, 1) + timedelta(hours=hour),
                    "consumo": used,
                    "lectura": reading,
                }
            )
    return pl.DataFrame(rows)


LEDGERS = {
    "statements": (statements, "konto", "ultimo", ("ind",), ("ud",), "primo"),
    "rents": (rents, "tenant", "owed", ("rent", "fine"), ("paid",), None),
    "stocks": (stocks, "Artikel", "Bestand", ("Zugang",), ("Abgang",), None),
}


@pytest.mark.parametrize("method", ["trees", "marginals"])
@pytest.mark.parametrize("name", LEDGERS)
def test_totals_add_up_in_every_row(name: str, method: str) -> None:
    make, entity, total, plus, minus, opening = LEDGERS[name]
    source = make()
    synthesis = ar.synth(source, method=method, seed=1, metrics=("relations",))
    rows = synthesis.table.frame
    added = sum(rows[n].fill_null(0) for n in plus) - sum(rows[n].fill_null(0) for n in minus)
    before = rows[total].shift(1)
    same = (rows[entity] == rows[entity].shift(1)).fill_null(False)
    assert same.sum() > 100
    assert ((rows[total] - before - added).abs() < 0.006).filter(same).all()
    if opening:
        assert ((rows[opening] - before).abs() < 0.006).filter(same).all()
        assert ((rows[opening] + added - rows[total]).abs() < 0.006).all()
    for column in (*plus, *minus):
        assert rows[column].min() >= 0
        assert rows[column].null_count() / len(rows) == pytest.approx(
            source[column].null_count() / len(source), abs=0.1
        )
    result = synthesis.scorecard["relations"]
    assert any(f"previous({total})" in text for text in result.parts)
    assert result.value == 0


@pytest.mark.parametrize(("meters", "decimals", "first"), [(20, 3, 20_000), (45, 2, 900_000)])
def test_totals_keep_their_decimals(meters: int, decimals: int, first: float) -> None:
    source = readings(meters, decimals, first)
    rows = ar.synth(source, method="trees", seed=1, metrics=()).table.frame
    same = (rows["contador"] == rows["contador"].shift(1)).fill_null(False)
    assert same.sum() > 100
    change = rows["lectura"] - rows["lectura"].shift(1)
    assert ((change - rows["consumo"]).abs() < 0.1**decimals / 2).filter(same).all()


def test_a_broken_ledger_is_named() -> None:
    source = ar.read(statements())
    wrong = source.frame.with_columns(pl.col("ultimo").shuffle(seed=1))
    halves = [source.frame.filter(pl.col("konto").hash(1) % 2 == k) for k in (0, 1)]
    card = ar.compare(halves[0], wrong, halves[1], metrics=["relations"])
    broken = [name for name, value in card["relations"].parts.items() if value > 0.5]
    assert any(name.startswith("primo = previous(ultimo)") for name in broken)
    assert "BREAKS RELATIONS" in card.verdict


def test_a_saved_ledger_is_drawn_again(tmp_path: Path) -> None:
    model = ar.synth(statements(), method="trees", seed=1, metrics=()).model
    ar.save(model, tmp_path / "model")
    rows = ar.load(tmp_path / "model").sample(300)
    assert rows.equals(model.sample(300))
    added = rows["ind"].fill_null(0) - rows["ud"].fill_null(0)
    assert ((rows["primo"] + added - rows["ultimo"]).abs() < 0.006).all()


def test_a_person_may_declare_a_ledger() -> None:
    source = statements().drop("primo")
    table = ar.read(source)
    text = "ultimo = previous(ultimo) + ind - ud by konto, dag"

    schema = replace(table.schema, relations=(text,))
    rows = ar.synth(source, schema=schema, method="trees", seed=1, metrics=()).table.frame
    same = (rows["konto"] == rows["konto"].shift(1)).fill_null(False)
    added = rows["ind"].fill_null(0) - rows["ud"].fill_null(0)
    assert ((rows["ultimo"] - rows["ultimo"].shift(1) - added).abs() < 0.006).filter(same).all()


def loans() -> pl.DataFrame:
    """Plans of repayment whose last payment settles the rest, without the balance before."""
    rng = np.random.default_rng(5)
    rows = []
    for loan in range(60):
        rate = float(rng.choice([1.9, 2.4, 3.15, 4.5, 5.25, 6.8]))
        months = int(rng.choice([12, 18, 24]))
        balance = float(rng.integers(10, 90) * 500)
        monthly = rate / 1200
        payment = round(balance * monthly / (1 - (1 + monthly) ** -months), 2)
        for month in range(months):
            interest = round(balance * rate / 1200, 2)
            if month == months - 1:
                payment = round(balance + interest, 2)
            principal = round(payment - interest, 2)
            balance = round(balance - principal, 2)
            rows.append(
                {
                    "loan": f"L-{20_011 + 37 * loan}",
                    "due": date(2021 + month // 12, month % 12 + 1, 15),
                    "rate": rate,
                    "payment": payment,
                    "interest": interest,
                    "principal": principal,
                    "balance": balance,
                }
            )
    return pl.DataFrame(rows)


def savings() -> pl.DataFrame:
    """Numbered months of savings with one rate for all and the balance before."""
    rng = np.random.default_rng(6)
    rows = []
    for account in range(80):
        balance = round(float(rng.uniform(800, 20_000)), 2)
        for month in range(1, int(rng.integers(9, 25))):
            paid = float(rng.choice([0, 25, 50, 150]))
            before, interest = balance, round(balance * 0.0025, 2)
            balance = round(balance + interest + paid, 2)
            rows.append(
                {
                    "Konto": f"SK{4_100 + 13 * account}",
                    "Monat": month,
                    "Anfangsbestand": before,
                    "Zinsen": interest,
                    "Einzahlung": paid,
                    "Endbestand": balance,
                }
            )
    return pl.DataFrame(rows)


def test_interest_follows_from_the_balance_before() -> None:
    synthesis = ar.synth(loans(), method="trees", seed=1, metrics=("relations",))
    rows = synthesis.table.frame
    same = (rows["loan"] == rows["loan"].shift(1)).fill_null(False)
    before = rows["balance"].shift(1)
    assert same.sum() > 500
    assert ((rows["interest"] - before * rows["rate"] / 1200).abs() < 0.0051).filter(same).all()
    assert ((rows["payment"] - rows["interest"] - rows["principal"]).abs() < 0.001).all()
    assert ((before - rows["principal"] - rows["balance"]).abs() < 0.001).filter(same).all()
    assert rows["balance"].min() >= 0
    parts = synthesis.scorecard["relations"].parts
    wanted = "interest = rate * previous(balance) / 1200 within 0.00500001 by loan, due"
    assert wanted in parts, list(parts)
    assert max(parts.values()) == 0


def test_interest_follows_from_an_opening_balance() -> None:
    synthesis = ar.synth(savings(), method="trees", seed=1, metrics=("relations",))
    rows = synthesis.table.frame
    same = (rows["Konto"] == rows["Konto"].shift(1)).fill_null(False)
    assert same.sum() > 300
    assert (rows["Anfangsbestand"] == rows["Endbestand"].shift(1)).filter(same).all()
    assert ((rows["Zinsen"] - 0.0025 * rows["Anfangsbestand"]).abs() < 0.0051).all()
    total = rows["Anfangsbestand"] + rows["Zinsen"] + rows["Einzahlung"]
    assert ((total - rows["Endbestand"]).abs() < 0.001).all()
    assert max(synthesis.scorecard["relations"].parts.values()) == 0


@pytest.mark.parametrize("make", [loans, savings])
def test_listed_interest_is_kept(make: Callable[[], pl.DataFrame]) -> None:
    table = ar.read(make())
    listed = tuple(str(one.relation) for one in discover(table))
    schema = replace(table.schema, relations=listed)
    synthesis = ar.synth(make(), schema=schema, method="trees", seed=1, metrics=("relations",))
    assert max(synthesis.scorecard["relations"].parts.values()) == 0


def movements(labels: str = "kind") -> pl.DataFrame:
    """Accounts whose kind of movement decides whether an amount is added; a memo changes nothing."""
    rng = np.random.default_rng(3)
    rows = []
    for account in range(90):
        balance, now = round(float(rng.gamma(2, 500)), 2), datetime(2024, 1, 1)
        for _ in range(int(rng.integers(4, 20))):
            now += timedelta(hours=int(rng.exponential(70)) + 1)
            kind = str(
                rng.choice(["deposit", "card", "interest", "memo"], p=[0.3, 0.55, 0.1, 0.05])
            )
            amount = round(float(rng.gamma(2, 60)), 2)
            sign = {"deposit": 1, "interest": 1, "card": -1, "memo": 0}[kind]
            balance = round(balance + sign * amount, 2)
            rows.append((f"AC{70_000 + account}", now, kind, amount, balance))
    return pl.DataFrame(rows, ["account", "booked", labels, "amount", "balance"], orient="row")


def stock() -> pl.DataFrame:
    """What 60 articles have in stock, which is never negative, and its value."""
    rng = np.random.default_rng(4)
    rows = []
    for article in range(60):
        left, cost, day = int(rng.integers(20, 80)), round(float(rng.uniform(2, 90)), 2), 0
        for _ in range(18):
            day += int(rng.geometric(0.2))
            comes = left < 15 or rng.random() < 0.35
            number = int(rng.integers(10, 60) if comes else rng.integers(1, min(left, 25) + 1))
            left += number if comes else -number
            when = date(2024, 1, 1) + timedelta(days=day)
            move = "IN" if comes else "OUT"
            rows.append(
                (f"SKU-{article + 100}", when, move, number, left, cost, round(left * cost, 2))
            )
    names = ["sku", "date", "move", "qty", "stock", "cost", "value"]
    return pl.DataFrame(rows, names, orient="row")


def test_a_label_decides_whether_an_amount_is_added_or_subtracted(tmp_path: Path) -> None:
    made = ar.synth(movements(), metrics=(), out=tmp_path / "out", keep_model=True)
    text = (
        "balance = previous(balance) + amount if kind in ('deposit', 'interest') "
        "- amount if kind in ('card') by account, booked"
    )
    assert text in [str(one) for one in made.table.schema.relations]
    sign = pl.col("kind").replace_strict({"deposit": 1, "interest": 1, "card": -1, "memo": 0})

    def steps(frame: pl.DataFrame) -> pl.Series:
        change = pl.col("balance").diff().over("account", order_by="booked")
        return frame.select((change - sign * pl.col("amount")).abs()).to_series().drop_nulls()

    assert len(steps(made.data)) > 500
    assert steps(made.data).max() < 0.006
    again = ar.load(tmp_path / "out" / "model").sample(len(movements()))
    columns = ["account", "booked"]
    # The written rows have accounts that are numbered one by one, as those of the source are.
    same = again.sort(columns).drop("account").equals(made.data.sort(columns).drop("account"))
    assert same
    listed = ar.synth(movements(), metrics=(), schema=tmp_path / "out" / "dataset.toml").data
    assert steps(listed).max() < 0.006


def test_a_stock_follows_from_what_comes_and_goes_and_its_value_from_it() -> None:
    made = ar.synth(stock(), metrics=()).data
    change = pl.col("stock").diff().over("sku", order_by="date")
    moved = pl.when(pl.col("move") == "IN").then("qty").otherwise(-pl.col("qty"))
    assert made.select((change - moved).abs()).to_series().drop_nulls().max() == 0
    assert made["stock"].min() >= 0
    assert ((made["stock"] * made["cost"] - made["value"]).abs() < 0.006).all()
    assert made.group_by("sku").agg(pl.col("cost").n_unique())["cost"].max() == 1


def test_other_rows_break_a_total_whose_label_decides() -> None:
    real = movements()
    wrong = real.with_columns(pl.col("kind").shuffle(seed=1))
    broken = ar.compare(real, wrong, metrics=["relations"])["relations"]
    assert broken.value > 0.3
    assert any("amount if kind" in text for text in broken.parts)
