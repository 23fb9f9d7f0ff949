"""A date in one column and the time of day in another: together they order the rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import artesian as ar


def meters(rows: int = 40 * 24) -> pl.DataFrame:
    """Readings of three meters, one each hour."""
    rng, out = np.random.default_rng(1), []
    for meter in ("ES0021000007", "ES0021000013", "ES0021000026"):
        reading, moment = float(rng.uniform(5_000, 9_000)), datetime(2024, 1, 8)
        for _ in range(rows // 3):
            used = round(float(rng.gamma(2, 0.2)), 3)
            reading = round(reading + used, 3)
            out.append((meter, moment.date(), moment.time(), used, reading))
            moment += timedelta(hours=1)
    names = ["CUPS", "Fecha", "Hora", "Consumo", "Lectura"]
    return pl.DataFrame(out, schema=names, orient="row")


def tills(days: int = 60) -> pl.DataFrame:
    """Payments into and out of tills, with the balance; the shop opens at nine."""
    rng, out = np.random.default_rng(2), []
    balance = dict.fromkeys(("north", "south", "port", "hill", "lake", "mill"), 200.0)
    for day in range(days):
        for till in balance:
            minutes = np.sort(rng.choice(np.arange(540, 1080), int(rng.integers(2, 7)), False))
            for minute in minutes.tolist():
                moment = datetime(2023, 3, 1) + timedelta(days=day, minutes=minute)
                amount = round(float(rng.normal(5, 40)), 2)
                balance[till] = round(balance[till] + amount, 2)
                out.append((till, moment.date(), moment.time(), amount, balance[till]))
    names = ["till", "day", "time", "amount", "balance"]
    return pl.DataFrame(out, schema=names, orient="row")


@pytest.mark.parametrize(
    ("table", "names"),
    [
        (meters, ("CUPS", "Fecha", "Hora", "Consumo", "Lectura")),
        (tills, ("till", "day", "time", "amount", "balance")),
    ],
    ids=["meters", "tills"],
)
def test_what_adds_up_does_so_in_order_of_both(
    table: Callable[[], pl.DataFrame], names: tuple[str, ...], tmp_path: Path
) -> None:
    entity, day, clock, change, total = names
    result = ar.synth(table(), metrics=(), out=tmp_path / "one")
    rows = result.data.sort(entity, day, clock, maintain_order=True)
    same = rows[entity] == rows[entity].shift(1)
    added = (rows[total] - rows[total].shift(1) - rows[change]).filter(same)
    assert (added.abs() < 1e-6).mean() > 0.99
    # Of few payments in many minutes, two of one minute are no more than chance.
    assert rows.select(entity, day, clock).is_duplicated().mean() < (
        0.02 if change == "amount" else 1e-9
    )
    again = ar.synth(table(), metrics=(), schema=tmp_path / "one" / "dataset.toml")
    assert again.data.equals(result.data)


def test_hours_of_a_shop_stay_hours() -> None:
    rows = ar.synth(tills(), metrics=()).data
    assert rows["time"].dt.hour().is_between(9, 17).mean() > 0.98


def test_a_model_that_is_saved_draws_both(tmp_path: Path) -> None:
    model = ar.synth(meters(), metrics=(), out=tmp_path / "out", keep_model=True).model
    rows = ar.load(tmp_path / "out" / "model").sample(200)
    assert rows.equals(model.sample(200))
    assert rows.columns == ["CUPS", "Fecha", "Hora", "Consumo", "Lectura"]


def test_durations_are_written_with_two_digits_where_the_source_has_them(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    minutes = rng.integers(3, 900, 400)
    frame = pl.DataFrame(
        {
            "padded": [f"{m // 60}h {m % 60:02}m" for m in minutes],
            "plain": [f"{m // 60}h {m % 60}m" for m in minutes],
            "n": rng.integers(0, 9, 400),
        }
    )
    frame.write_csv(tmp_path / "t.csv")
    out = ar.synth(tmp_path / "t.csv", metrics=(), out=tmp_path / "out").out
    rows = pl.read_csv(next((out / "data").iterdir()), infer_schema=False)
    assert rows["padded"].str.contains(r"^\d+h \d\dm$").all()
    assert rows["plain"].str.contains(r"^\d+h (0|[1-9]\d?)m$").all()
