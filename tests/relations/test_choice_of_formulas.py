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


def test_a_rate_does_not_follow_from_what_is_computed_with_it() -> None:
    assert not any(text.startswith("percent = ") for text in found(stays()))


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


def test_a_rate_is_no_maximum_of_the_amounts_that_it_is_a_factor_of() -> None:
    """Nobody works more than two hours longer, which are paid with half of the rate each."""
    rng = np.random.default_rng(3)
    rows = []
    for person in range(40):
        rate = float(rng.integers(20, 90))
        for hours in [2.0, *rng.choice([0.0, 0.0, 0.5, 1.0, 2.0], 29)]:
            extra = round(0.5 * hours * rate, 2)
            rows.append(
                {"person": f"P{100 + person}", "rate": rate, "hours": hours, "extra": extra}
            )
    frame = pl.DataFrame(rows)
    listed = found(frame)
    assert not any("max(extra)" in text for text in listed)
    synthetic = ar.synth(frame, method="marginals", seed=1, metrics=()).table.frame
    error = synthetic["extra"] - 0.5 * synthetic["hours"] * synthetic["rate"]
    assert error.abs().max() < 0.01  # type: ignore[operator]


def test_rows_without_a_group_have_no_place_in_it() -> None:
    rng = np.random.default_rng(4)
    rows = []
    for person in range(150):
        total, mail = 0, f"p{person}@example.org" if rng.random() < 0.8 else None
        for number in range(int(rng.integers(1, 9))):
            total += int(rng.integers(5, 90))
            row = {"person": f"D{7000 + 3 * person}", "mail": mail, "number": number + 1}
            rows.append(row | {"total": total})
    frame = pl.DataFrame(rows)
    assert not any(text.startswith("number = rank") and "mail" in text for text in found(frame))


@pytest.mark.parametrize("part", ["part", "Teil"])
def test_limits_do_not_hide_what_two_categories_determine(part: str) -> None:
    """A lower limit of 39.98 is that of one nominal size and tolerance only, among few parts."""
    rng = np.random.default_rng(5)
    sizes = {
        (f"T{p}", feature): (
            float(rng.choice([10, 12.5, 20, 25, 40, 63])),
            float(rng.choice([0.01, 0.02, 0.05, 0.1])),
        )
        for p in range(1, 15)
        for feature in ("length", "width", "bore")
    }
    chosen = [list(sizes)[int(at)] for at in rng.integers(0, len(sizes), 1_500)]
    size, tolerance = (np.array([sizes[one][k] for one in chosen]) for k in (0, 1))
    frame = pl.DataFrame(
        {
            part: [one[0] for one in chosen],
            "feature": [one[1] for one in chosen],
            "size": size,
            "tolerance": tolerance,
            "lowest": np.round(size - tolerance, 2),
        }
    )
    assert f"{part}, feature -> size" in found(frame)


@pytest.mark.parametrize(
    ("rate", "factor"), [(19.0, 19 / 119), (21.0, 21 / 121), (5.5, 5.5 / 105.5)]
)
def test_a_tax_that_several_prices_contain_is_found(rate: float, factor: float) -> None:
    rng = np.random.default_rng(6)
    meals, bar = np.round(rng.gamma(2, 20, 900), 2), np.round(rng.gamma(2, 9, 900), 2)
    tax = np.round((meals + bar) * rate / (100 + rate), 2)
    listed = found(pl.DataFrame({"meals": meals, "bar": bar, "tax": tax}))
    exact = [text for text in listed if text.startswith("tax = ")]
    assert len(exact) == 1
    assert f"{factor:.5f}"[:6] in exact[0] or f"/ {100 + rate:g}" in exact[0]
    assert "within 0.005" in exact[0]


def test_a_share_that_varies_is_no_contained_tax() -> None:
    rng = np.random.default_rng(7)
    meals, bar = np.round(rng.gamma(2, 20, 900), 2), np.round(rng.gamma(2, 9, 900), 2)
    tax = np.round((meals + bar) * rng.uniform(0.12, 0.2, 900), 2)
    assert not any(
        text.startswith("tax = ")
        for text in found(pl.DataFrame({"meals": meals, "bar": bar, "tax": tax}))
    )
