"""Numbers of documents without gaps, pieces without decimals, round percentages, new labels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

import artesian as ar
from artesian.runs.counters import counted_up


def invoices(*, restart: bool) -> pl.DataFrame:
    rng = np.random.default_rng(4)
    rows, number, year = [], 0, 2022
    days = np.sort(rng.integers(0, 700, 320))
    for day in days:
        date = np.datetime64("2022-01-03") + int(day)
        this = int(str(date)[:4])
        number = 1 if restart and this != year else number + 1
        year = this
        for line in range(int(rng.integers(1, 5))):
            amount = round(float(rng.uniform(3, 400)), 2)
            rows.append((f"INV-{year}-{number:05}", line + 1, date.astype(object), amount))
    return pl.DataFrame(rows, schema=["invoice", "line", "day", "amount"], orient="row")


@pytest.mark.parametrize("restart", [True, False])
def test_invoices_are_numbered_without_gaps(restart: bool) -> None:
    source = invoices(restart=restart)
    made = ar.synth(source, method="trees", seed=2, metrics=["validity"]).data
    first = made.unique("invoice", maintain_order=True).select(
        pl.col("invoice").str.slice(4, 4).cast(pl.Int64).alias("year"),
        pl.col("invoice").str.slice(9).cast(pl.Int64).alias("number"),
        pl.col("day"),
    )
    assert (first["year"] == first["day"].dt.year()).all()
    assert first["day"].is_sorted()
    steps = first["number"].diff().drop_nulls()
    new_year = (first["year"].diff() != 0).slice(1)
    if restart:
        assert (steps.filter(~new_year) == 1).all()
        assert (first["number"].slice(1).filter(new_year) == 1).all()
    else:
        assert (steps == 1).all()


def test_keys_with_gaps_keep_them() -> None:
    gaps = pl.Series("key", [f"K{7000 + n}" for n in range(400) if n % 7])
    keys = pl.Series("key", [f"K{7000 + n}" for n in range(300) if n % 3])
    assert counted_up(keys, gaps).equals(keys)
    assert counted_up(keys, keys).equals(keys)
    whole = pl.Series("key", [f"K{7000 + n}" for n in range(400)])
    assert counted_up(keys, whole).to_list() == [f"K{7001 + n}" for n in range(len(keys))]


def test_pieces_are_written_without_decimals(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    unit = rng.choice(["Stk", "kg"], 800, p=[0.7, 0.3])
    quantity = [
        str(rng.integers(1, 40)) if u == "Stk" else f"{rng.uniform(0.3, 30):.1f}".replace(".", ",")
        for u in unit
    ]
    source = tmp_path / "lager.csv"
    pl.DataFrame({"einheit": unit, "menge": quantity}).write_csv(source, separator=";")
    ar.synth(source, out=tmp_path / "out", method="trees", metrics=["validity"])
    made = pl.read_csv(tmp_path / "out/data/lager.csv", separator=";", infer_schema=False)
    pieces = made.filter(pl.col("einheit") == "Stk")["menge"]
    assert pieces.str.contains(r"^\d+$").all()
    kilograms = made.filter(pl.col("einheit") == "kg")["menge"]
    assert kilograms.str.contains(r"^\d+(,[1-9])?$").all()


def test_a_discount_is_a_round_percentage_that_no_column_shows() -> None:
    rng = np.random.default_rng(8)
    price = np.round(rng.uniform(20, 900, 900), 2)
    percent = rng.choice([0, 0.05, 0.1, 0.15, 0.2], 900, p=[0.4, 0.2, 0.2, 0.1, 0.1])
    source = pl.DataFrame({"price": price, "discount": np.round(price * percent, 2)})
    made = ar.synth(source, method="trees", seed=2, metrics=["validity"]).data
    near = np.array([0, 0.05, 0.1, 0.15, 0.2])
    off = np.abs(made["discount"].to_numpy()[:, None] - near * made["price"].to_numpy()[:, None])
    assert (off.min(axis=1) < 0.0051).mean() > 0.98


def labelled(seed: int, codes: list[str]) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    chosen = rng.integers(0, len(codes), 900)
    return pl.DataFrame(
        {
            "article_no": [codes[k] for k in chosen],
            "article": [f"Article {chr(65 + k)}" for k in chosen],
            "amount": np.round(rng.exponential(40, 900), 2),
        }
    )


def test_a_new_label_that_a_real_thing_has_breaks_nothing() -> None:
    codes = [f"A-{1000 + 7 * n}" for n in range(24)]
    other = [*(f"A-{1003 + 7 * n}" for n in range(23)), codes[3]]
    real = labelled(1, codes)
    made = ar.compare(real, labelled(2, other), holdout=labelled(3, codes), metrics=["relations"])
    assert made["relations"].value == 0
    mixed = labelled(2, codes).with_columns(pl.col("article").shuffle(seed=1))
    broken = ar.compare(real, mixed, holdout=labelled(3, codes), metrics=["relations"])
    assert broken["relations"].value > 0.5


def receipts(form: str, *, restart: bool = True, sort: bool = True) -> pl.DataFrame:
    """One row per receipt, whose number begins anew with each day, year or district in it."""
    rng = np.random.default_rng(9)
    days = np.sort(rng.integers(0, 60 if "d" in form else 1100, 700))
    seen: dict[str, int] = {}
    rows = []
    for number, offset in enumerate(days.tolist(), 1):
        day = (np.datetime64("2022-02-01") + offset).astype(object)
        district = str(rng.choice(["40033", "40210", "41007"]))
        stem = district if form == "district" else day.strftime(form)
        seen[stem] = seen.get(stem, 0) + 1
        key = f"{stem}-{seen[stem] if restart else number:03d}"
        rows.append((key, day, district, round(float(rng.uniform(3, 90)), 2)))
    frame = pl.DataFrame(rows, schema=["ticket", "jour", "lieu", "montant"], orient="row")
    return frame if sort else frame.sample(fraction=1, shuffle=True, seed=1)


@pytest.mark.parametrize("sort", [True, False])
@pytest.mark.parametrize("form", ["T%y%m%d", "%Y", "district"])
def test_numbers_of_receipts_begin_anew(form: str, sort: bool) -> None:
    source = receipts(form, sort=sort)
    made = ar.synth(source, method="trees", seed=2, metrics=["validity"]).data
    assert made["ticket"].is_unique().all()
    stem, number = (made["ticket"].str.extract(part) for part in (r"^(.*)-", r"-(\d+)$"))
    rows = pl.DataFrame({"stem": stem, "number": number.cast(pl.Int64)})
    count = rows.select(pl.int_range(1, pl.len() + 1).over("stem")).to_series()
    assert (rows["number"] == count).all()
    expected = made["lieu"] if form == "district" else made["jour"].dt.strftime(form)
    assert (stem == expected).all()
    if sort:
        assert made["jour"].is_sorted()
    assert number.str.len_chars().min() == 3


def test_numbers_of_receipts_that_count_all_rows_go_on() -> None:
    source = receipts("T%y%m%d", restart=False)
    made = ar.synth(source, method="trees", seed=2, metrics=["validity"]).data
    number = made["ticket"].str.extract(r"-(\d+)$").cast(pl.Int64)
    assert made["jour"].is_sorted()
    assert (number.diff().drop_nulls() == 1).all()
