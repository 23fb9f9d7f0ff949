"""Durations written as times of day, and columns that determine each other and depend on a third."""

from __future__ import annotations

from datetime import date, time

import numpy as np
import polars as pl
import pytest

import artesian as ar
from artesian.relations.discover import discover


def texts(frame: pl.DataFrame) -> list[str]:
    return [str(one.relation) for one in discover(ar.read(frame))]


def samples() -> pl.DataFrame:
    """Minutes until an answer, also written as hh:mm."""
    minutes = np.random.default_rng(1).integers(15, 600, 900)
    return pl.DataFrame(
        {"minutter": minutes, "varighet": [time(int(m) // 60, int(m) % 60) for m in minutes]}
    )


def shifts() -> pl.DataFrame:
    """Hours of work with two decimals, after their hh:mm."""
    minutes = np.random.default_rng(2).integers(60, 700, 300)
    return pl.DataFrame(
        {
            "gearbeitet": [time(int(m) // 60, int(m) % 60) for m in minutes],
            "Stunden": np.round(minutes / 60, 2),
        }
    )


@pytest.mark.parametrize(
    ("make", "target", "source", "per_day", "listed"),
    [
        (samples, "varighet", "minutter", 1440, "varighet = clock(minutter / 1440)"),
        (shifts, "gearbeitet", "Stunden", 24, "Stunden = 24 * gearbeitet within 0.00500001"),
    ],
)
def test_a_duration_is_written_as_a_time(
    make: object, target: str, source: str, per_day: int, listed: str
) -> None:
    assert callable(make)
    frame = make()
    assert listed in texts(frame)
    rows = ar.synth(frame, method="trees", seed=1, metrics=()).table.frame
    days = rows[target].cast(pl.Int64) / 86_400e9
    assert ((days - rows[source] / per_day).abs() <= 0.51 / 1440).all()
    assert (rows[target].dt.second() == 0).all()


def goods(items: int, names: tuple[str, ...], rates: tuple[int, ...]) -> pl.DataFrame:
    """Items, each with a category, and a tax rate of each category."""
    rng = np.random.default_rng(3)
    kind = rng.integers(0, len(names), items)
    item = rng.integers(0, items, 1_500)
    return pl.DataFrame(
        {
            "item": [f"{names[kind[i]][:2].upper()}{i:03}" for i in item],
            "group": [names[kind[i]] for i in item],
            "rate": [rates[kind[i]] for i in item],
            "amount": rng.integers(1, 50, 1_500),
        }
    )


@pytest.mark.parametrize(
    "frame",
    [
        goods(60, ("Książki", "Elektronika", "Spożywcze"), (5, 23, 8)),
        goods(90, ("books", "tools", "food", "toys"), (0, 20, 5, 12)),
    ],
)
def test_columns_that_determine_each_other_depend_on_a_third(frame: pl.DataFrame) -> None:
    assert {"item -> group", "item -> rate"} <= set(texts(frame))
    rows = ar.synth(frame, method="trees", seed=1, metrics=()).table.frame
    pairs = dict(frame.select("item", "group").unique().iter_rows())
    of_real = rows.filter(pl.col("item").is_in(list(pairs)))
    assert len(of_real) > 0.9 * len(rows)
    assert (of_real["item"].replace_strict(pairs) == of_real["group"]).mean() > 0.99
    assert rows.select("group", "rate").n_unique() == rows["group"].n_unique()


def test_columns_of_a_key_are_computed_last() -> None:
    """Rents of each flat and month, due on the fifth: the month is distinct, the date follows."""
    rows = [
        {
            "flat": f"F-{100 + 7 * flat}",
            "month": date(2022 + month // 12, month % 12 + 1, 1),
            "due": date(2022 + month // 12, month % 12 + 1, 5),
            "rent": 700 + 50 * (flat % 7),
        }
        for flat in range(40)
        for month in range(flat % 5, 17)
    ]
    frame = pl.DataFrame(rows)
    table = ar.read(frame)
    assert table.schema.key == ("flat", "month")
    assert "due = month + 4" in texts(frame)
    synthetic = ar.synth(frame, method="trees", seed=1, metrics=()).table.frame
    assert not synthetic.select("flat", "month").is_duplicated().any()
    assert (synthetic["due"].dt.day() == 5).all()
    assert (synthetic["due"].dt.month_start() == synthetic["month"]).all()
