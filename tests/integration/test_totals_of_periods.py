"""Totals that begin anew each year or month, and tables with a row for every shop, year and month."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import artesian as ar
from artesian.relations.discover import discover
from artesian.relations.parse import parse_relation


def payroll(names: tuple[str, str, str, str]) -> pl.DataFrame:
    """Wages by month, and the wages of the year so far."""
    rng = np.random.default_rng(5)
    rows = []
    for person in range(60):
        wage, first = rng.normal(3500, 600), int(rng.integers(0, 14))
        total, year = 0.0, 0
        for month in range(first, first + int(rng.integers(8, 30))):
            day = date(2021 + (month + 1) // 12, (month + 1) % 12 + 1, 1) - timedelta(1)
            total, year = (total if day.year == year else 0.0), day.year
            gross = round(wage + float(rng.choice([0, 0, 0, 300])) * rng.random(), 2)
            total = round(total + gross, 2)
            rows.append((f"E{1000 + 7 * person}", day, gross, total))
    return pl.DataFrame(rows, schema=list(names), orient="row").sort(names[1], names[0])


@pytest.mark.parametrize(
    "names",
    [("employee", "paid", "gross", "gross_ytd"), ("Personal-Nr", "Zahltag", "Brutto", "kumuliert")],
)
def test_wages_of_the_year_to_date(names: tuple[str, str, str, str]) -> None:
    table = payroll(names)
    person, day, gross, to_date = names
    texts = [str(one.relation) for one in discover(ar.read(table))]
    assert any(text.endswith(" each year") for text in texts), texts
    made = ar.synth(table, metrics=()).data.sort(person, day, maintain_order=True)
    sums = made.select(pl.col(gross).cum_sum().over(person, pl.col(day).dt.year())).to_series()
    assert ((sums - made[to_date]).abs() < 0.005 * 30).all()
    assert made.select(pl.struct(person, day).is_duplicated().sum()).item() == 0


def test_rain_of_the_month_at_stations(tmp_path: Path) -> None:
    rng = np.random.default_rng(6)
    rows = []
    for station in ("Bergen", "Oslo", "Tromsø"):
        total = 0.0
        for number in range(600):
            day = date(2022, 1, 1) + timedelta(number)
            total = 0.0 if day.day == 1 else total
            rain = 0.0 if rng.random() < 0.5 else round(float(rng.gamma(0.8, 6)), 1)
            total = round(total + rain, 1)
            rows.append((station, day.strftime("%d.%m.%Y"), rain, total))
    table = pl.DataFrame(rows, schema=["stasjon", "dato", "mm", "mm_mnd"], orient="row")
    table.write_csv(tmp_path / "regn.csv")
    run = ar.synth(tmp_path / "regn.csv", metrics=("relations",))
    made = run.data.sort("stasjon", "dato")
    month = pl.col("dato").dt.truncate("1mo")
    sums = made.select(pl.col("mm").cum_sum().over("stasjon", month)).to_series()
    assert ((sums - made["mm_mnd"]).abs() < 0.051).all()


def test_a_total_that_never_begins_anew_has_no_period() -> None:
    rng = np.random.default_rng(7)
    days = [date(2020, 1, 1) + timedelta(int(k)) for k in np.cumsum(rng.integers(1, 9, 400))]
    amount = rng.integers(1, 90, 400)
    table = pl.DataFrame({"day": days, "amount": amount, "total": np.cumsum(amount)})
    texts = [str(one.relation) for one in discover(ar.read(table))]
    assert not [text for text in texts if " each " in text]
    noise = table.with_columns(pl.Series("total", rng.integers(1, 900, 400)))
    assert not [s for one in discover(ar.read(noise)) if " each " in (s := str(one.relation))]


def test_the_first_row_of_a_period_begins_at_0() -> None:
    text = "total = previous(total) + amount by shop, day each month"
    relation = parse_relation(text, ("shop", "day", "amount", "total"))
    assert str(relation) == text
    days = [date(2024, 1, 30), date(2024, 1, 31), date(2024, 2, 1), date(2024, 2, 2)]
    frame = pl.DataFrame({"shop": ["A"] * 4, "day": days, "amount": [5, 6, 7, 8]})
    right = frame.with_columns(total=pl.Series([50, 56, 7, 15]))
    assert relation.holds(right).to_list() == [None, True, True, True]
    wrong = frame.with_columns(total=pl.Series([50, 56, 63, 71]))
    assert relation.holds(wrong).to_list() == [None, True, False, True]


def panel(names: tuple[str, str, str], years: range, months: int, *, total: bool) -> pl.DataFrame:
    """A row for every shop, year and month, with the sales of the year so far."""
    rng = np.random.default_rng(8)
    rows = []
    for shop in range(14):
        level = rng.uniform(2e4, 9e4)
        for year in years:
            so_far = 0
            for month in range(1, months + 1):
                sales = round(level * (1 + 0.2 * np.sin(month / 2)) * float(rng.normal(1, 0.1)))
                so_far += sales
                rows.append((f"Shop {shop + 1:02d}", year, month, sales, so_far))
    frame = pl.DataFrame(rows, schema=[*names, "sales", "to date"], orient="row")
    return frame if total else frame.drop("to date")


@pytest.mark.parametrize("total", [True, False])
@pytest.mark.parametrize(
    ("names", "years", "months"),
    [
        (("shop", "year", "month"), range(2019, 2024), 12),
        (("Filiale", "Jahr", "Quartal"), range(2001, 2019), 4),
    ],
)
def test_a_row_for_every_shop_year_and_month(
    names: tuple[str, str, str], years: range, months: int, total: bool
) -> None:
    table = panel(names, years, months, total=total)
    made = ar.synth(table, metrics=()).data
    assert made.height == table.height
    assert made.select(names).n_unique() == made.height
    assert set(made[names[2]].unique()) == set(range(1, months + 1))
    assert set(made[names[1]].unique()) == set(years)
    if total:
        made = made.sort(names)
        sums = made.select(pl.col("sales").cum_sum().over(names[:2])).to_series()
        assert (sums == made["to date"]).all()
