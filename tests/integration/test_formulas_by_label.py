"""Numbers and times that are computed in another way for each value of a category."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import artesian as ar

PART = {"SPRING10": 0.10, "VIP15": 0.15, "STAFF": 0.30}
HOURS = {"hoch": 4, "mittel": 24, "niedrig": 72}
BANDS = {"L1": (28_000, 36_000), "L2": (34_000, 45_000), "L3": (43_000, 58_000)}


def shop(rows: int = 1200) -> pl.DataFrame:
    """Orders with vouchers, and what is paid back of them."""
    rng = np.random.default_rng(1)
    subtotal = rng.lognormal(4, 0.6, rows).round(2)
    voucher = rng.choice(["", *PART], rows, p=[0.6, 0.2, 0.12, 0.08])
    discount = np.array(
        [round(PART.get(v, 0) * s + 1e-9, 2) for v, s in zip(voucher, subtotal, strict=True)]
    )
    shipping = rng.choice([0, 4.95, 9.9], rows)
    total = (subtotal - discount + shipping).round(2)
    status = rng.choice(["paid", "cancelled", "returned"], rows, p=[0.75, 0.1, 0.15])
    refund = np.select(
        [status == "cancelled", status == "returned"], [total, subtotal - discount], 0.0
    ).round(2)
    frame = pl.DataFrame(
        {
            "subtotal": subtotal,
            "voucher": voucher,
            "discount": discount,
            "shipping": shipping,
            "total": total,
            "status": status,
            "refund": refund,
        }
    )
    return frame.with_columns(pl.col("voucher").replace("", None))


def tickets(rows: int = 700) -> pl.DataFrame:
    """Requests that are due some hours after they came in, by their urgency."""
    rng = np.random.default_rng(2)
    came = datetime(2024, 1, 2, 8)
    dring = rng.choice([*HOURS], rows)
    times = [came + timedelta(minutes=int(m)) for m in np.cumsum(rng.integers(5, 600, rows))]
    return pl.DataFrame(
        {
            "Eingang": times,
            "Dringlichkeit": dring,
            "fällig": [t + timedelta(hours=HOURS[d]) for t, d in zip(times, dring, strict=True)],
            "Aufwand": rng.gamma(2, 30, rows).round(),
        }
    )


def wages(rows: int = 900) -> pl.DataFrame:
    """Salaries in hundreds within the band of a grade, and their place in the band in percent."""
    rng = np.random.default_rng(3)
    grade = rng.choice([*BANDS], rows)
    low, high = np.array([BANDS[g] for g in grade]).T
    salary = np.round(rng.uniform(low, high) / 100) * 100
    place = np.round(100 * (salary - low) / (high - low), 1)
    return pl.DataFrame(
        {"grade": grade, "band_min": low, "band_max": high, "salary": salary.astype(int)}
    ).with_columns(pl.Series("in_band_pct", place))


def test_discounts_and_refunds_follow_from_voucher_and_status() -> None:
    made = ar.synth(shop(), metrics=()).data
    part = made["voucher"].fill_null("").replace_strict(PART, default=0.0)
    assert ((made["discount"] - part * made["subtotal"]).abs() < 0.0051).mean() > 0.98
    net = made["subtotal"] - made["discount"]
    assert ((made["total"] - net - made["shipping"]).abs() < 0.0051).all()
    back = pl.DataFrame({"net": net, "total": made["total"], "status": made["status"]}).select(
        pl.when(pl.col("status") == "cancelled")
        .then("total")
        .when(pl.col("status") == "returned")
        .then("net")
        .otherwise(0.0)
    )
    assert ((made["refund"] - back.to_series()).abs() < 0.0051).mean() > 0.98
    assert (made["refund"] <= made["total"] + 0.001).mean() > 0.99


def test_what_is_due_follows_from_the_urgency() -> None:
    made = ar.synth(tickets(), metrics=()).data
    hours = (made["fällig"] - made["Eingang"]).dt.total_seconds() / 3600
    assert (hours == made["Dringlichkeit"].replace_strict(HOURS)).mean() > 0.98


def test_the_place_in_a_band_and_the_spacing_of_salaries() -> None:
    made = ar.synth(wages(), metrics=()).data
    low, high = made["band_min"], made["band_max"]
    assert (made["salary"].is_between(low, high)).all()
    assert (made["salary"] % 100 == 0).all()
    place = 100 * (made["salary"] - low) / (high - low)
    assert ((made["in_band_pct"] - place).abs() < 0.051).mean() > 0.98


@pytest.mark.parametrize("table", [shop, tickets, wages])
def test_a_schema_that_is_given_back_keeps_them(
    table: Callable[[], pl.DataFrame], tmp_path: Path
) -> None:
    first = ar.synth(table(), metrics=(), out=tmp_path / "one")
    again = ar.synth(table(), metrics=(), schema=tmp_path / "one" / "dataset.toml")
    assert again.data.equals(first.data)


def test_broken_ones_are_seen() -> None:
    real = shop()
    wrong = real.with_columns(pl.col("discount").shuffle(seed=1))
    broken = ar.compare(real, wrong, metrics=["relations"])["relations"]
    assert any("if voucher in ('SPRING10')" in text for text in broken.parts)


def test_unrelated_categories_decide_nothing() -> None:
    rng = np.random.default_rng(4)
    noise = rng.normal(0, 1, (800, 5)).cumsum(axis=1).round(2)
    frame = pl.DataFrame(noise, schema=[f"x{k}" for k in range(5)]).with_columns(
        pl.Series("label", rng.choice(list("abcd"), 800))
    )
    listed = ar.synth(frame, metrics=()).table.schema.relations
    assert not [text for text in listed or () if " if label" in text]


def imports(rows: int, terms: tuple[str, str], insured: float, charged: float) -> pl.DataFrame:
    """Shipments with freight and insurance for one delivery term, and a value that contains both."""
    rng = np.random.default_rng(6)
    term = rng.choice(terms, rows, p=[0.6, 0.4])
    goods = rng.lognormal(8, 1, rows).round(2)
    paid = term == terms[0]
    freight = np.where(paid, goods * rng.uniform(0.02, 0.09, rows), 0).round(2)
    insurance = np.where(paid, insured * (goods + freight), 0).round(2)
    value = (goods + freight + insurance).round(2)
    return pl.DataFrame(
        {
            "term": term,
            "goods": goods,
            "freight": freight,
            "insurance": insurance,
            "value": value,
            "duty": (charged * value).round(2),
        }
    )


@pytest.mark.parametrize(
    ("terms", "insured", "charged"),
    [(("FOB", "DAP"), 0.003, 0.12), (("ab Werk", "frei"), 0.01, 0.05)],
)
def test_a_part_of_a_total_is_computed_in_the_rows_of_a_label(
    terms: tuple[str, str], insured: float, charged: float
) -> None:
    made = ar.synth(imports(1_200, terms, insured, charged), metrics=()).data
    paid = made["term"] == terms[0]
    assert (made["insurance"].filter(~paid) == 0).all()
    exact = insured * (made["goods"] + made["freight"])
    assert ((made["insurance"] - exact).abs() < 0.0051).filter(paid).mean() > 0.995
    parts = made["goods"] + made["freight"] + made["insurance"]
    assert ((made["value"] - parts).abs() < 0.0051).mean() > 0.995
    assert ((made["duty"] - charged * made["value"]).abs() < 0.0051).mean() > 0.995
