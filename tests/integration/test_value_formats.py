"""Numbers and times inside text keep their meaning and their form, from every source to its output."""

from __future__ import annotations

import json
import re
import sqlite3
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import artesian as ar

CASES = Path(__file__).parents[1] / "data_sets" / "cases"
FORMS = ("csv", "parquet", "jsonl", "db", "xlsx", "pandas", "polars", "arrow")


def texts(case: str) -> pl.DataFrame:
    """A case with the text of every value."""
    return pl.read_csv(CASES / f"{case}.csv", infer_schema=False)


def through(frame: pl.DataFrame, form: str, folder: Path, **settings: Any) -> pl.DataFrame:
    """Synthetic rows of the texts in `frame` as a file or object of this form, read as it was given."""
    settings = {"metrics": ("ks",), "method": "trees", **settings}
    if form in ("pandas", "polars", "arrow"):
        source: Any = {"pandas": frame.to_pandas, "arrow": frame.to_arrow}.get(
            form, lambda: frame
        )()
        data = ar.synth(source, **settings).data
        if form == "pandas":
            assert list(data.dtypes) == list(source.dtypes)
        return data if form == "polars" else pl.DataFrame(data)
    source = folder / f"table.{form}"
    write = {
        "csv": frame.write_csv,
        "parquet": frame.write_parquet,
        "jsonl": frame.write_ndjson,
        "xlsx": frame.write_excel,
    }
    if form == "db":
        with sqlite3.connect(source) as base:
            columns = ", ".join(f'"{n}" TEXT' for n in frame.columns)
            base.execute(f"CREATE TABLE data ({columns})")
            marks = ", ".join("?" * frame.width)
            base.executemany(f"INSERT INTO data VALUES ({marks})", frame.rows())
        base.close()
    else:
        write[form](source)
    ar.synth(source, out=folder / "out", **settings)
    (made,) = (folder / "out" / "data").iterdir()
    assert made.suffix == source.suffix
    return read_back(made, form)


def read_back(made: Path, form: str) -> pl.DataFrame:
    if form == "csv":
        return pl.read_csv(made, infer_schema=False)
    if form == "jsonl":
        return pl.DataFrame([json.loads(line) for line in made.read_text().splitlines()])
    if form == "db":
        with sqlite3.connect(made) as base:
            cursor = base.execute("SELECT * FROM data")
            names = [column[0] for column in cursor.description]
            rows = cursor.fetchall()
        base.close()
        return pl.DataFrame(rows, schema=names, orient="row")
    return pl.read_parquet(made) if form == "parquet" else pl.read_excel(made)


def all_match(series: pl.Series, expression: str) -> None:
    wrong = series.drop_nulls().filter(~series.drop_nulls().str.contains(f"^(?:{expression})$"))
    assert not len(wrong), (series.name, wrong.head(5).to_list())


def amounts(series: pl.Series) -> np.ndarray:
    """Numbers of texts with a decimal point or comma."""
    out = []
    for text in series:
        digits = re.sub(r"[^\d.,]", "", text)
        comma = digits.rfind(",") > digits.rfind(".") and len(digits) - digits.rfind(",") <= 3
        plain = digits.replace(".", "").replace(",", ".") if comma else digits.replace(",", "")
        out.append(float(plain) * (-1 if "(" in text or "-" in text else 1))
    return np.array(out)


def rank_correlation(x: np.ndarray, y: np.ndarray) -> float:
    return float(pd.Series(x).corr(pd.Series(y), method="spearman"))


DOLLARS = r"\$\d{1,3}(,\d{3})*\.\d\d"
MONEY = {
    "list_price": DOLLARS,
    "price_eur": r"\d{1,3}(\.\d{3})*,\d\d €",
    "qty": r"\d+",
    "revenue": DOLLARS,
    "discount": r"\d{1,2}%",
    "units_year": r"\d{1,3}(,\d{3})*",
    "profit": r"\d{1,3}(,\d{3})*\.\d\d|\(\d{1,3}(,\d{3})*\.\d\d\)",
    "weight": r"\d{1,3}\.\d kg",
}


@pytest.mark.parametrize("form", FORMS)
def test_currency_and_units(form: str, tmp_path: Path) -> None:
    real = texts("B13_currency_units")
    made = through(real, form, tmp_path)
    assert made.height == real.height
    for name, expression in MONEY.items():
        if made[name].dtype == pl.String:
            all_match(made[name], expression)
        assert made[name].null_count() == 0
    before = rank_correlation(amounts(real["list_price"]), amounts(real["price_eur"]))
    after = rank_correlation(amounts(made["list_price"]), amounts(made["price_eur"]))
    assert after > 0.98 * before
    negative = [(frame["profit"].str.contains(r"\(")).mean() for frame in (real, made)]
    assert negative[1] == pytest.approx(negative[0], abs=0.08)
    for name in ("list_price", "weight", "units_year", "profit"):
        low, high = np.quantile(amounts(real[name]), [0.25, 0.75])
        assert np.quantile(amounts(made[name]), 0.5) > low
        assert np.quantile(amounts(made[name]), 0.5) < high


@pytest.mark.parametrize("form", FORMS)
def test_packed_dates_and_codes(form: str, tmp_path: Path) -> None:
    real = texts("B05_packed_dates_codes")
    made = through(real, form, tmp_path)
    for name in ("zip", "store", "sku", "version"):
        assert set(made[name]) <= set(real[name]), name
        assert made[name].n_unique() == real[name].n_unique(), name
    days = [datetime.strptime(text, "%d%m%Y") for text in made["visit_date"]]
    first = [datetime.strptime(text, "%d%m%Y") for text in real["visit_date"]]
    assert min(first) - timedelta(30) <= min(days) <= max(days) <= max(first) + timedelta(30)
    all_match(made["conc"], r"\d\.\d\dE[+-]\d\d")
    exponents = [frame["conc"].str.slice(-3).cast(pl.Int64).mean() for frame in (real, made)]
    assert exponents[1] == pytest.approx(exponents[0], abs=0.3)


@pytest.mark.parametrize("form", FORMS)
def test_times_of_many_forms(form: str, tmp_path: Path) -> None:
    real = texts("B17_time_forms")
    made = through(real, form, tmp_path)
    assert all(date.fromisoformat(text) for text in made["isoweek"])
    all_match(made["isoweek"], r"\d{4}-W\d\d")
    european = []
    for text in made["mixed2"]:
        european.append("/" in text)
        datetime.strptime(text, "%d/%m/%Y" if european[-1] else "%Y-%m-%d")
    share = real["mixed2"].str.contains("/").mean()
    assert np.mean(european) == pytest.approx(share, abs=0.1)
    timed = made["mixed_time"].str.contains(":")
    assert timed.mean() == pytest.approx(real["mixed_time"].str.contains(":").mean(), abs=0.1)
    for text in made["mixed_time"]:
        datetime.strptime(text, "%Y-%m-%d %H:%M:%S" if ":" in text else "%Y-%m-%d")
    for text in made["rfc"]:
        moment = datetime.strptime(text, "%a, %d %b %Y %H:%M:%S +0000")
        assert moment.strftime("%a") == text[:3]
    all_match(made["iso_dur"], r"PT\d+H[0-5]?\dM")
    for text in made["hhmm"]:
        assert time(int(text[:2]), int(text[2:])), text
    for text in made["time24"]:
        assert text == "24:00" or time.fromisoformat(text) is not None
    for text in made["dirty"].drop_nulls():
        datetime.strptime(text, "%d.%m.%Y")
    assert made["mixed2"].null_count() == made["time24"].null_count() == 0


def test_misfits_are_noted(tmp_path: Path) -> None:
    table = ar.read(CASES / "B17_time_forms.csv")
    assert table.schema["dirty"].kind is ar.Kind.DATETIME
    assert table.frame["dirty"].null_count() == 7
    assert any("31.02.2020" in note and "missing" in note for note in table.origin.notes)


def test_half_hour_offset_and_local_time_of_day(tmp_path: Path) -> None:
    real = texts("B02_offset_0530")
    made = through(real, "csv", tmp_path)
    assert set(made["call_time"].str.slice(-6)) == {"+05:30"}
    hours = [set(frame["call_time"].str.slice(11, 2).cast(pl.Int64)) for frame in (real, made)]
    assert hours[1] <= set(range(min(hours[0]) - 1, max(hours[0]) + 2))


def test_a_typed_source_of_strings_only_has_numbers_all_the_same():
    rng = np.random.default_rng(0)
    number = rng.integers(1, 9, 200)
    price = rng.integers(100, 9_999, 200)
    frame = pl.DataFrame(
        {
            "qty": [str(n) for n in number],
            "price": [f"${p / 100:.2f}" for p in price],
            "total": [f"${n * p / 100:.2f}" for n, p in zip(number, price, strict=True)],
            "shop": [f"{n:03d}" for n in rng.integers(1, 5, 200)],
        }
    )
    made = ar.synth(frame, method="marginals", metrics=["validity"]).data
    assert made.schema == frame.schema
    value = {n: made[n].str.strip_prefix("$").cast(pl.Float64) for n in ("qty", "price", "total")}
    assert ((value["qty"] * value["price"] - value["total"]).abs() < 0.006).all()
    assert set(made["shop"]) <= set(frame["shop"])
