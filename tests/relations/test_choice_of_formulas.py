"""Which of several formulas is listed: exact ones before loose ones, and none that goes in circles."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

import artesian as ar
from artesian.relations.discover import discover

DAY = date(2024, 1, 2)


def found(frame: pl.DataFrame) -> set[str]:
    return {str(one.relation) for one in discover(ar.read(frame))}


def stays(n: int = 900) -> pl.DataFrame:
    """Bills of a hotel: a commission where there is no discount, and a tax that the price contains."""
    rng = np.random.default_rng(0)
    channel = rng.choice(["direct", "agency", "firm"], n, p=[0.4, 0.45, 0.15])
    nights, rate = rng.integers(1, 9, n), rng.choice([79.0, 99.5, 129.0, 158.8], n)
    room = np.round(nights * rate, 2)
    percent = np.where(
        channel == "firm", 10, np.where(channel == "direct", rng.choice([0, 0, 5], n), 0)
    )
    discount = np.round(room * percent / 100, 2)
    meals = np.round(rng.uniform(0, 90, n), 2)
    bar = np.where(rng.random(n) < 0.3, np.round(rng.gamma(2, 4, n), 2), np.nan)
    agency = channel == "agency"
    return pl.DataFrame(
        {
            "channel": channel,
            "nights": nights,
            "rate": rate,
            "room": room,
            "percent": percent,
            "discount": discount,
            "meals": meals,
            "bar": bar,
            "total": np.round(room - discount + meals + np.nan_to_num(bar), 2),
            "tax": np.round((room - discount) * 7 / 107, 2),
            "commission": np.where(agency, np.round(0.15 * room, 2), np.nan),
        }
    ).with_columns(pl.col("bar", "commission").fill_nan(None))


def test_exact_formulas_come_before_what_a_rounded_tax_says() -> None:
    listed = found(stays())
    assert "discount = room * percent / 100 within 0.00500001" in listed
    assert "total = room + meals + or_zero(bar) - discount" in listed


@pytest.mark.parametrize("names", [("days", "sent", "due"), ("frist", "datum", "faellig")])
def test_the_days_may_stand_before_the_date_that_they_are_added_to(names: tuple[str, ...]) -> None:
    rng = np.random.default_rng(1)
    days = rng.choice([14, 30, 60], 400)
    sent = [DAY + timedelta(days=int(d)) for d in rng.integers(0, 500, 400)]
    due = [one + timedelta(days=int(d)) for one, d in zip(sent, days, strict=True)]
    listed = found(pl.DataFrame(dict(zip(names, (days, sent, due), strict=True))))
    first, second, third = names
    assert f"{third} = {second} + {first} within 0.5" in listed


def test_steps_of_a_tariff_are_found_beside_the_bill() -> None:
    rng = np.random.default_rng(2)
    used = rng.gamma(4, 70, 800).astype(int) + 5
    cheap = np.minimum(used, 300)
    listed = found(
        pl.DataFrame(
            {
                "used": used,
                "cheap": cheap,
                "rest": used - cheap,
                "cheap_price": np.round(cheap * 0.15, 2),
                "rest_price": np.round((used - cheap) * 0.19, 2),
            }
        )
    )
    assert "cheap = min(used, 300) within 0.5" in listed
    assert "rest = max(0, used - 300) within 0.5" in listed
