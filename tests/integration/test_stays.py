"""Stays from one moment to another: their length in days, and the times of day at which they end."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import artesian as ar
from artesian.relations.discover import discover
from artesian.surrogates.national_ids import SCHEMES, NationalIds


def stays(names: tuple[str, str, str], rows: int = 900, extra: int = 0) -> pl.DataFrame:
    """Guests come at any time and leave between nine and twelve, some days later."""
    rng = np.random.default_rng(len(names[0]))
    come = [
        datetime(2023, 1, 1) + timedelta(minutes=int(m)) for m in rng.integers(0, 500_000, rows)
    ]
    leave = [
        datetime(c.year, c.month, c.day)
        + timedelta(days=int(d), hours=int(rng.integers(9, 12)), minutes=int(rng.integers(60)))
        for c, d in zip(come, 1 + rng.poisson(3, rows), strict=True)
    ]
    nights = [(b.date() - a.date()).days + extra for a, b in zip(come, leave, strict=True)]
    columns = dict(zip(names, (come, leave, nights), strict=True))
    return pl.DataFrame(columns | {"price": rng.lognormal(4, 0.5, rows).round(2)})


ENGLISH = ("arrived", "left", "nights")
GERMAN = ("Aufnahme", "Entlassung", "Verweildauer")


@pytest.mark.parametrize(("names", "extra"), [(ENGLISH, 0), (GERMAN, 1)])
def test_length_and_time_of_day_of_the_end(names: tuple[str, str, str], extra: int) -> None:
    start, end, nights = names
    real = stays(names, extra=extra)
    made = ar.synth(real, metrics=()).data
    days = (made[end].dt.date() - made[start].dt.date()).dt.total_days()
    assert (made[nights] == days + extra).all()
    assert (made[start] < made[end]).all()
    assert made[end].dt.hour().is_between(9, 11).mean() > 0.97
    assert abs(made[nights].mean() - real[nights].mean()) < 0.4
    assert made[start].dt.hour().n_unique() > 20


def test_whole_days_are_found_in_every_way(tmp_path: Path) -> None:
    real = stays(ENGLISH)
    floor = (real["left"] - real["arrived"]).dt.total_days()
    real = real.with_columns(full_days=floor)
    real.write_csv(tmp_path / "stays.csv")
    texts = [str(one.relation) for one in discover(ar.read(tmp_path / "stays.csv"))]
    assert "nights = date(left) - date(arrived)" in texts
    assert "full_days = floor(left - arrived)" in texts


def test_ends_within_the_day_follow_from_the_start() -> None:
    rng = np.random.default_rng(3)
    come = [
        datetime(2023, 1, 1) + timedelta(days=int(d), hours=9, minutes=int(m))
        for d, m in zip(rng.integers(0, 300, 700), rng.integers(0, 400, 700), strict=True)
    ]
    leave = [c + timedelta(minutes=int(rng.gamma(2, 20)) + 1) for c in come]
    real = pl.DataFrame({"start": come, "end": leave})
    made = ar.synth(real, metrics=()).data
    length = (made["end"] - made["start"]).dt.total_minutes()
    assert (length > 0).all()
    assert abs(length.median() - 33) < 8


def test_a_saved_model_gives_the_same_stays(tmp_path: Path) -> None:
    model = ar.synth(stays(ENGLISH), metrics=(), out=tmp_path / "o", keep_model=True).model
    assert ar.load(tmp_path / "o" / "model").sample(150).equals(model.sample(150))


def test_numbers_that_never_begin_with_a_zero_do_not() -> None:
    scheme = next(one for one in SCHEMES.values() if "Canad" in one.title)
    texts = [str(130_692_544 + 9_000_001 * k) for k in range(60)]
    learned = NationalIds.learn(texts, scheme)
    made = learned.make(np.arange(400, dtype=np.uint64), 5)
    assert not any(text.startswith("0") for text in made)
    other = NationalIds.learn([*texts, "046454286"], scheme)
    assert any(text.startswith("0") for text in other.make(np.arange(400, dtype=np.uint64), 5))
