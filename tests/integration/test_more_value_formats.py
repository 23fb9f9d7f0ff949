"""Formats of other languages and sources: the same kinds as in the case files, with other names."""

from __future__ import annotations

import random
import re
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

import artesian as ar

ROWS = 400
SETTINGS = {"metrics": ("ks",), "method": "trees"}


def grouped(value: float, thousands: str, decimal: str) -> str:
    digits = f"{abs(value):,.2f}"
    return digits.replace(",", "\0").replace(".", decimal).replace("\0", thousands)


def indian(value: int) -> str:
    head, tail = str(value)[:-3], str(value)[-3:]
    parts = [tail]
    while head:
        head, part = head[:-2], head[-2:]
        parts.insert(0, part)
    return ",".join(parts)


@pytest.fixture(scope="module")
def invoices() -> pl.DataFrame:
    """Amounts as accounting programs of several countries print them."""
    draw = random.Random(1)
    rows = []
    for _ in range(ROWS):
        amount = round(draw.lognormvariate(6, 1), 2)
        balance = amount - 300
        sign = "-" if balance < 0 else ""
        rows.append(
            {
                "Betrag": grouped(amount, ".", ",") + " EUR",
                "Saldo": grouped(balance, ".", ",") + sign,
                "Rabatt": f"{draw.uniform(0, 30):.1f} %".replace(".", ","),
                "Franken": "CHF " + grouped(amount * 1.1, "'", "."),
                "belopp": grouped(amount * 10, "\u00a0", ",") + " kr",
                "rupees": "₹" + indian(int(amount * 83) + 1000),
                "reais": f"{sign}R$ {grouped(balance, '.', ',')}",
                "change": f"{draw.gauss(0, 2):+.1f}%",
                "size": draw.choice([f"{draw.randint(1, 900)} MB", f"{draw.uniform(1, 9):.1f} GB"]),
            }
        )
    return pl.DataFrame(rows)


FORMS = {
    "Betrag": r"\d{1,3}(\.\d{3})*,\d\d EUR",
    "Saldo": r"\d{1,3}(\.\d{3})*,\d\d-?",
    "Rabatt": r"-?\d\d?,\d %",
    "Franken": r"CHF \d{1,3}('\d{3})*\.\d\d",
    "belopp": "\\d{1,3}(\u00a0\\d{3})*,\\d\\d kr",
    "rupees": r"₹\d{1,2}(,\d\d)*,\d{3}",
    "reais": r"-?R\$ \d{1,3}(\.\d{3})*,\d\d",
    "change": r"[+-]\d+\.\d%|0\.0%",
    "size": r"\d{1,3} MB|\d+\.\d GB",
}


@pytest.mark.parametrize(("separator", "form"), [(",", "csv"), (";", "csv"), ("\t", "tsv")])
def test_money_of_many_countries(
    invoices: pl.DataFrame, tmp_path: Path, separator: str, form: str
) -> None:
    source = tmp_path / f"rechnungen.{form}"
    invoices.write_csv(source, separator=separator)
    ar.synth(source, out=tmp_path / "out", **SETTINGS)
    made = pl.read_csv(
        tmp_path / "out" / "data" / source.name, infer_schema=False, separator=separator
    )
    assert made.shape == invoices.shape
    for name, expression in FORMS.items():
        wrong = made[name].filter(~made[name].str.contains(f"^(?:{expression})$"))
        assert not len(wrong), (name, wrong.to_list()[:5])
    shares = [frame["size"].str.contains("GB").mean() for frame in (invoices, made)]
    assert shares[1] == pytest.approx(shares[0], abs=0.1)
    gigabytes = made["size"].filter(made["size"].str.contains("GB"))
    assert gigabytes.str.extract(r"^([\d.]+)").cast(pl.Float64).max() < 12


def test_the_schema_file_states_the_format_and_is_obeyed(
    invoices: pl.DataFrame, tmp_path: Path
) -> None:
    source = tmp_path / "rechnungen.csv"
    invoices.write_csv(source)
    first = ar.synth(source, out=tmp_path / "out", **SETTINGS)
    schema = tmp_path / "out" / "dataset.toml"
    assert 'thousands = "."' in schema.read_text()
    again = ar.synth(source, schema=schema, **SETTINGS)
    assert again.data.schema == first.data.schema
    assert again.data["Betrag"].mean() == pytest.approx(first.data["Betrag"].mean(), rel=0.2)


def test_a_saved_model_keeps_formats_and_templates(invoices: pl.DataFrame, tmp_path: Path) -> None:
    model = ar.Trees().fit(invoices)
    ar.save(model, tmp_path / "model")
    rows = ar.load(tmp_path / "model").sample(50)
    assert rows.equals(model.sample(50))
    assert rows["size"].str.contains(FORMS["size"]).all()
    assert rows["Betrag"].str.contains(FORMS["Betrag"]).all()


@pytest.fixture(scope="module")
def visits() -> pl.DataFrame:
    """Measurements, places and times in the forms of medicine, maps and logs."""
    draw = random.Random(2)
    rows = []
    for _ in range(ROWS):
        day = date(2019, 1, 1) + timedelta(draw.randrange(1500))
        moment = datetime.combine(day, time(draw.randrange(7, 19), draw.randrange(60)))
        upper = draw.randint(95, 180)
        rows.append(
            {
                "pressure": f"{upper}/{upper - draw.randint(25, 60)}",
                "crp": draw.choice(["<0.05", f"{0.05 + draw.expovariate(1):.2f}"]),
                "place": f"POINT ({draw.gauss(16, 1):.5f} {draw.gauss(48, 1):.5f})",
                "position": f"{draw.gauss(48, 1):.4f},{draw.gauss(16, 1):.4f}",
                "details": f'{{"n": {draw.randint(1, 400)}, "ok": {draw.choice(["true", "false"])}}}',
                "height": f"{draw.randint(4, 6)}'{draw.randint(0, 11)}\" / {draw.randint(40, 99)} kg",
                "month": day.strftime("%b %Y"),
                "quarter": f"Q{(day.month + 2) // 3} {day.year}",
                "stay": f"{day} to {day + timedelta(draw.randrange(40))}",
                "logged": moment.isoformat() + draw.choice(["+05:30", "+01:00", "-03:00"]),
                "took": f"{draw.randint(0, 48)}:{draw.randint(0, 59):02}:{draw.randint(0, 59):02}",
                "wait": draw.choice(["PT9M", f"PT{draw.randint(1, 30)}H{draw.randint(1, 59)}M"]),
                "titre": f"{draw.lognormvariate(0, 3):.3e}",
            }
        )
    return pl.DataFrame(rows)


@pytest.mark.parametrize("form", ["parquet", "pandas"])
def test_measurements_places_and_times(visits: pl.DataFrame, tmp_path: Path, form: str) -> None:
    if form == "parquet":
        visits.write_parquet(tmp_path / "visits.parquet")
        ar.synth(tmp_path / "visits.parquet", out=tmp_path / "out", **SETTINGS)
        made = pl.read_parquet(tmp_path / "out" / "data" / "visits.parquet")
    else:
        made = pl.DataFrame(ar.synth(visits.to_pandas(), **SETTINGS).data)
    assert made.schema == visits.schema
    assert sum(made.null_count().row(0)) == 0
    pressures = [tuple(map(int, text.split("/"))) for text in made["pressure"]]
    assert all(60 < upper < 230 for upper, _ in pressures)
    assert all(lower < upper for upper, lower in pressures)
    low = [frame["crp"].str.starts_with("<").mean() for frame in (visits, made)]
    assert low[1] == pytest.approx(low[0], abs=0.1)
    assert all(float(text.removeprefix("<")) >= 0.05 for text in made["crp"])
    for text in made["place"]:
        x, y = map(float, re.fullmatch(r"POINT \(([\d.]+) ([\d.]+)\)", text).groups())
        assert 8 < x < 24, text
        assert 40 < y < 56, text
    assert made["position"].str.contains(r"^\d\d\.\d{4},\d\d?\.\d{4}$").all()
    assert made["details"].str.contains(r'^\{"n": \d+, "ok": (true|false)\}$').all()
    assert made["height"].str.contains(r"""^[4-6]'(\d|1[01])" / \d\d+ kg$""").all()
    for text in made["month"]:
        datetime.strptime(text, "%b %Y")
    assert made["quarter"].str.contains(r"^Q[1-4] (19|20)\d\d$").all()
    for text in made["stay"]:
        start, end = map(date.fromisoformat, text.split(" to "))
        assert start <= end < start + timedelta(60)
    moments = [datetime.fromisoformat(text) for text in made["logged"]]
    assert {str(moment.utcoffset()) for moment in moments} == {
        "5:30:00",
        "1:00:00",
        "-1 day, 21:00:00",
    }
    assert all(6 <= moment.hour <= 19 for moment in moments)
    assert made["took"].str.contains(r"^\d\d?:[0-5]\d:[0-5]\d$").all()
    assert made["wait"].str.contains(r"^PT(\d+H)?([1-5]?\dM)?$").all()
    assert made["titre"].str.contains(r"^\d\.\d{3}e[+-]\d\d$").all()


@pytest.mark.parametrize(
    ("pattern", "name"), [("%Y%m%d", "ymd"), ("%d%m%Y", "Datum"), ("%m%d%Y", "visit")]
)
def test_packed_dates_in_integers(pattern: str, name: str, tmp_path: Path) -> None:
    draw = random.Random(3)
    days = [date(2018, 1, 1) + timedelta(draw.randrange(2000)) for _ in range(ROWS)]
    frame = pd.DataFrame(
        {
            name: np.array([int(day.strftime(pattern)) for day in days], np.int32),
            "Kosten": [float(day.month) + draw.random() for day in days],
        }
    )
    made = ar.synth(frame, **SETTINGS).data
    assert made[name].dtype == np.int32
    synthetic = [datetime.strptime(f"{value:08d}", pattern) for value in made[name]]
    months = [day.month for day in synthetic]
    assert np.corrcoef(months, made["Kosten"])[0, 1] > 0.5
    pl.from_pandas(frame).write_parquet(tmp_path / "besuche.parquet")
    ar.synth(tmp_path / "besuche.parquet", out=tmp_path / "out", **SETTINGS)
    written = pl.read_parquet(tmp_path / "out" / "data" / "besuche.parquet")
    assert written[name].dtype.is_integer()
    for value in written[name]:
        datetime.strptime(f"{value:08d}", pattern)
    frame.to_csv(tmp_path / "besuche.csv", index=False)
    ar.synth(tmp_path / "besuche.csv", out=tmp_path / "text", **SETTINGS)
    for value in pl.read_csv(tmp_path / "text" / "data" / "besuche.csv", infer_schema=False)[name]:
        assert not value.startswith("0")
        datetime.strptime(value.zfill(8), pattern)


def test_opening_hours_and_free_weekends() -> None:
    draw = random.Random(4)
    moments = []
    while len(moments) < 1500:
        day = datetime(2016, 1, 1, tzinfo=UTC) + timedelta(draw.randrange(3000))
        if day.weekday() < 5:
            moments.append(day + timedelta(minutes=draw.randrange(8 * 60, 17 * 60)))
    frame = pl.DataFrame({"opened": moments, "x": [draw.random() for _ in moments]})
    made = ar.synth(frame, **SETTINGS).data
    assert made.schema == frame.schema
    assert made["opened"].dt.weekday().max() <= 5
    assert made["opened"].dt.hour().is_between(7, 17).all()


def test_last_days_of_months_stay_last_days() -> None:
    draw = random.Random(5)
    starts = [date(2015 + draw.randrange(8), 1 + draw.randrange(12), 1) for _ in range(ROWS)]
    frame = pl.DataFrame({"Monat": starts, "x": [draw.random() for _ in starts]})
    frame = frame.with_columns(pl.col("Monat").dt.offset_by("2mo").dt.month_end().alias("Ende"))
    made = ar.synth(frame, **SETTINGS).data
    assert (made["Monat"].dt.day() == 1).all()
    assert (made["Ende"] == made["Ende"].dt.month_end()).all()


def test_codes_stay_letter_by_letter(tmp_path: Path) -> None:
    draw = random.Random(6)
    rows = {
        "part": [draw.choice(["4E7", "11E2", "300", "52"]) for _ in range(ROWS)],
        "release": [draw.choice(["2.9", "2.10", "2.11", "3.0"]) for _ in range(ROWS)],
        "plz": [draw.choice(["01067", "80331", "04109"]) for _ in range(ROWS)],
        "icd": [draw.choice(["250.8", "V27", "E909", "401.9"]) for _ in range(ROWS)],
        "phone": [
            f"{draw.randint(200, 999)}-{draw.randint(200, 999)}-{draw.randint(0, 9999):04}"
            for _ in range(ROWS)
        ],
    }
    frame = pl.DataFrame(rows)
    frame.write_csv(tmp_path / "codes.csv")
    ar.synth(tmp_path / "codes.csv", out=tmp_path / "out", **SETTINGS)
    made = pl.read_csv(tmp_path / "out" / "data" / "codes.csv", infer_schema=False)
    for name in ("part", "release", "plz", "icd"):
        assert set(made[name]) <= set(frame[name])
    assert made["phone"].str.contains(r"^[\d-]{12}$").all()
