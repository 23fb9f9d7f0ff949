"""Days of the month on which things happen: hired on the first or fifteenth, paid on the last."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np
import polars as pl

import artesian as ar


def hired(rows: int = 800) -> list[date]:
    rng = np.random.default_rng(1)
    out = []
    for _ in range(rows):
        year, month = int(rng.integers(2008, 2024)), int(rng.integers(1, 13))
        day = int(rng.choice([1, 1, 1, 1, 15, 0]))
        out.append(date(year, month, day or int(rng.integers(1, 29))))
    return out


def test_days_of_the_month_are_kept_together_with_other_columns() -> None:
    rng = np.random.default_rng(2)
    start = hired()
    born = [day - timedelta(days=int(rng.integers(18 * 366, 50 * 365))) for day in start]
    real = pl.DataFrame({"born": born, "hired": start, "pay": rng.normal(3000, 400, 800).round()})
    made = ar.synth(real, metrics=()).data
    for day, fraction in ((1, 0.69), (15, 0.17)):
        assert abs((made["hired"].dt.day() == day).mean() - fraction) < 0.06
    assert (made["born"].dt.day() == 1).mean() < 0.1
    assert (made["born"] < made["hired"]).all()


def test_last_days_of_months_whatever_their_number() -> None:
    rng = np.random.default_rng(3)
    ends = pl.Series(
        [date(2015 + int(m) // 12, int(m) % 12 + 1, 1) for m in rng.integers(0, 96, 600)]
    )
    ends = ends.dt.month_end()
    some = rng.random(600) < 0.15
    days = [
        d - timedelta(days=int(rng.integers(1, 27))) if s else d
        for d, s in zip(ends, some, strict=True)
    ]
    real = pl.DataFrame({"ended": days, "amount": rng.lognormal(3, 1, 600).round(2)})
    made = ar.synth(real, metrics=()).data
    last = (made["ended"] == made["ended"].dt.month_end()).mean()
    assert abs(last - (real["ended"] == real["ended"].dt.month_end()).mean()) < 0.06


def test_times_of_day_stay_with_days_of_the_month() -> None:
    rng = np.random.default_rng(4)
    paid = [
        datetime(day.year, day.month, day.day, int(rng.integers(8, 12)), int(rng.integers(60)))
        for day in hired()
    ]
    real = pl.DataFrame({"paid": paid, "amount": rng.lognormal(3, 1, 800).round(2)})
    made = ar.synth(real, metrics=()).data
    assert abs((made["paid"].dt.day() == 1).mean() - 0.69) < 0.06
    assert made["paid"].dt.hour().is_between(8, 11).mean() > 0.98


def test_dates_of_few_days_have_no_rhythm_of_the_month() -> None:
    rng = np.random.default_rng(5)
    days = [date(2024, 3, int(d)) for d in rng.choice([4, 5, 6, 11, 12], 500)]
    real = pl.DataFrame({"day": days, "amount": rng.normal(0, 1, 500)})
    made = ar.synth(real, metrics=()).data
    assert made["day"].is_between(date(2024, 3, 1), date(2024, 3, 16)).all()
