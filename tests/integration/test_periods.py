"""Periods of one thing that do not overlap: bookings, jobs of machines, prices that are valid."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import artesian as ar
from artesian.relations.search.follows import periods


def bookings() -> pl.DataFrame:
    """Bookings of 30 rooms in the order of their arrival, with the number of nights."""
    rng = np.random.default_rng(5)
    rows = []
    for room in range(30):
        day, rate = int(rng.integers(0, 10)), float(rng.choice([80, 120, 220]))
        while day < 200:
            nights = int(rng.choice([1, 2, 3, 4, 7]))
            arrival = date(2023, 1, 1) + timedelta(days=day)
            leaves = arrival + timedelta(days=nights)
            rows.append((101 + room, arrival, leaves, nights, rate, rate * nights))
            day += nights + int(rng.geometric(0.15)) - 1
    names = ["room", "check_in", "check_out", "nights", "rate", "total"]
    return pl.DataFrame(rows, names, orient="row").sort("check_in")


def jobs() -> pl.DataFrame:
    """Jobs of eight machines, by machine, with their minutes."""
    rng = np.random.default_rng(6)
    rows = []
    for machine in range(8):
        now = datetime(2024, 3, 4, 6)
        for _ in range(60):
            now += timedelta(minutes=int(rng.exponential(40)))
            minutes = int(rng.gamma(3, 20)) + 5
            rows.append((f"M{machine + 1}", now, now + timedelta(minutes=minutes), minutes))
            now += timedelta(minutes=minutes)
    return pl.DataFrame(rows, ["Maschine", "von", "bis", "Minuten"], orient="row")


def prices(open_end: bool = True) -> pl.DataFrame:
    """Prices of articles, each from the day after the one before; the last one is valid today."""
    rng = np.random.default_rng(7)
    rows = []
    for article in range(120):
        day, price, versions = int(rng.integers(0, 300)), rng.lognormal(3, 0.6), rng.integers(1, 8)
        for version in range(versions):
            days = int(rng.integers(20, 300))
            start = date(2019, 1, 1) + timedelta(days=day)
            last = version == versions - 1
            end = None if open_end and last else start + timedelta(days=days - 1)
            rows.append((f"ART-{article + 1000}", round(float(price), 2), start, end))
            day, price = day + days, price * rng.uniform(0.95, 1.15)
    return pl.DataFrame(rows, ["article", "price", "valid_from", "valid_to"], orient="row")


TABLES = {
    "bookings": (bookings, "room", "check_in", "check_out"),
    "jobs": (jobs, "Maschine", "von", "bis"),
    "prices": (prices, "article", "valid_from", "valid_to"),
}


def gaps(frame: pl.DataFrame, thing: str, start: str, end: str) -> pl.Series:
    """Time from the end of each period to the next one of the same thing."""
    ordered = frame.sort(thing, start)
    return ordered.select(pl.col(start) - pl.col(end).shift().over(thing)).to_series().drop_nulls()


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("seed", [0, 1])
def test_no_two_periods_of_a_thing_overlap(name: str, seed: int) -> None:
    make, *columns = TABLES[name]
    source = make()
    made = ar.synth(source, seed=seed, method="trees", metrics=())
    between = gaps(made.data, *columns)
    assert len(between) > 0.8 * len(gaps(source, *columns))
    assert (between >= timedelta(0)).all()
    thing, start, end = columns
    sizes = [frame[thing].value_counts()["count"].mean() for frame in (source, made.data)]
    assert sizes[1] == pytest.approx(sizes[0], rel=0.4)
    assert any(
        str(one).startswith(f"{start} >= previous({end})") for one in made.table.schema.relations
    )


def test_what_follows_from_the_length_holds_and_is_listed(tmp_path: Path) -> None:
    bookings().write_csv(tmp_path / "bookings.csv")
    made = ar.synth(tmp_path / "bookings.csv", metrics=(), out=tmp_path / "out")
    rows = pl.read_csv(tmp_path / "out" / "data" / "bookings.csv", try_parse_dates=True)
    nights = (rows["check_out"] - rows["check_in"]).dt.total_days()
    assert (nights == rows["nights"]).all()
    assert ((rows["nights"] * rows["rate"] - rows["total"]).abs() < 0.01).all()
    texts = [str(one) for one in made.table.schema.relations]
    assert any(text.startswith("check_out = check_in + nights") for text in texts)
    assert any(text.startswith("total = nights * rate") for text in texts)
    assert rows.group_by("room").agg(pl.col("rate").n_unique())["rate"].max() == 1


def test_the_last_price_of_an_article_has_no_end_and_others_follow_the_next_day() -> None:
    made = ar.synth(prices(), metrics=()).data.sort("article", "valid_from")
    assert (gaps(made, "article", "valid_from", "valid_to") == timedelta(days=1)).all()
    is_last = (made["article"] != made["article"].shift(-1)).fill_null(True)
    assert made.filter(~is_last)["valid_to"].null_count() == 0
    # The sample may end within an article.
    assert made.filter(is_last)["valid_to"].is_null().sum() >= is_last.sum() - 1
    # The price of an article changes little from one period to the next.
    change = made.select((pl.col("price") / pl.col("price").shift()).over("article")).to_series()
    assert change.drop_nulls().log().abs().median() < 0.2


def test_an_end_that_any_period_may_lack_is_missing_as_often() -> None:
    rng = np.random.default_rng(1)
    source = prices(open_end=False)
    source = source.with_columns(
        pl.when(pl.Series(rng.random(len(source)) < 0.2))
        .then(None)
        .otherwise("valid_to")
        .alias("valid_to")
    )
    made = ar.synth(source, metrics=()).data
    assert made["valid_to"].null_count() / len(made) == pytest.approx(0.2, abs=0.08)


def test_a_saved_model_and_a_schema_keep_them(tmp_path: Path) -> None:
    source = jobs()
    made = ar.synth(source, metrics=(), out=tmp_path / "out", keep_model=True)
    again = ar.load(tmp_path / "out" / "model").sample(len(source))
    columns = ["Maschine", "von"]
    assert again.sort(columns).equals(made.data.sort(columns))
    listed = ar.synth(source, metrics=(), schema=tmp_path / "out" / "dataset.toml")
    assert (gaps(listed.data, "Maschine", "von", "bis") >= timedelta(0)).all()


def test_periods_that_overlap_by_design_or_hardly_could_are_not_listed() -> None:
    rng = np.random.default_rng(2)
    rows = 600
    start = pl.Series(rng.integers(0, 700, rows))
    frame = pl.DataFrame(
        {
            "patient": rng.integers(0, 250, rows) + 1000,
            "ward": rng.choice(["A", "B", "C"], rows),
            "admitted": start,
            "left": start + pl.Series(rng.integers(0, 3, rows)),
        }
    ).with_columns(
        (pl.date(2024, 1, 1) + pl.duration(days=pl.col(name))).alias(name)
        for name in ("admitted", "left")
    )
    assert list(periods(ar.read(frame), labels=True)) == []
    # One series of periods says nothing of the categories in it.
    single = (
        jobs()
        .filter(pl.col("Maschine") == "M1")
        .with_columns(pl.Series("Maschine", rng.choice(["x", "y"], 60)))
    )
    assert list(periods(ar.read(single), labels=True)) == []


@pytest.mark.parametrize("calendar", ["months", "weeks", "shifts"])
def test_periods_of_a_calendar_keep_it(calendar: str) -> None:
    """Rents from the first to the last of a month, working weeks, and shifts of eight hours."""
    rows: list[tuple[str, datetime, datetime, int]] = []
    for thing in range(25):
        for number in range(thing % 5, 20):
            if calendar == "months":
                start = datetime(2022 + number // 12, number % 12 + 1, 1)
                end = datetime(2022 + (number + 1) // 12, (number + 1) % 12 + 1, 1)
            elif calendar == "weeks":
                start = datetime(2024, 1, 1) + timedelta(weeks=number)
                end = start + timedelta(days=5 - (thing + number) % 3)
            else:
                start = datetime(2024, 1, 1, 6) + timedelta(hours=8 * (number * 3 + thing % 3))
                end = start + timedelta(hours=8)
            rows.append((f"F-{100 + 7 * thing}", start, end, 700 + 50 * (thing % 7)))
    frame = pl.DataFrame(rows, ["flat", "from", "to", "rent"], orient="row")
    assert list(periods(ar.read(frame), labels=True)) == []
    made = ar.synth(frame, method="trees", metrics=()).data
    if calendar == "months":
        assert (made["from"].dt.day() == 1).all()
    elif calendar == "weeks":
        assert (made["from"].dt.weekday() == 1).all()
