"""Stocks that are never negative, payments above a deductible, readings of one visit."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np
import polars as pl

import artesian as ar


def synthetic(source: pl.DataFrame) -> pl.DataFrame:
    return ar.synth(source, method="trees", seed=1, metrics=["validity"]).data


def test_no_stock_is_negative() -> None:
    rng = np.random.default_rng(1)
    rows = []
    for article in range(30):
        stock, when = int(rng.integers(0, 60)), datetime(2024, 1, 2, 8)
        for _ in range(int(rng.integers(10, 30))):
            when += timedelta(minutes=int(rng.integers(10, 2_000)))
            moved = (
                int(rng.integers(20, 60)) if stock < 10 else -int(rng.integers(1, min(stock, 25)))
            )
            rows.append(
                {
                    "artikelnr": f"A{3_000 + 7 * article}",
                    "zeit": when,
                    "menge": moved,
                    "vorher": stock,
                    "nachher": stock + moved,
                }
            )
            stock += moved
    made = synthetic(pl.DataFrame(rows))
    assert (made["vorher"] + made["menge"] == made["nachher"]).all()
    assert made.select("vorher", "nachher").min_horizontal().min() == 0


def test_what_is_paid_exceeds_the_deductible() -> None:
    rng = np.random.default_rng(2)
    damage = np.round(rng.lognormal(6.5, 1, 400), 2)
    own = rng.choice([0.0, 150.0, 300.0, 500.0], 400)
    paid = np.round(np.maximum(damage - own, 0), 2)
    made = synthetic(pl.DataFrame({"skade": damage, "egenandel": own, "utbetalt": paid}))
    expected = (made["skade"] - made["egenandel"]).clip(0)
    assert ((made["utbetalt"] - expected).abs() < 0.0051).all()
    assert (made["utbetalt"] == 0).any()


def test_readings_of_one_visit_have_one_date() -> None:
    rng = np.random.default_rng(3)
    rows = []
    for patient in range(50):
        day = date(2023, 1, 1) + timedelta(days=int(rng.integers(0, 200)))
        for visit in range(1, int(rng.integers(3, 7))):
            day += timedelta(days=int(rng.integers(20, 40)))
            rows += [
                {
                    "patient_id": f"FR-{patient + 100}",
                    "visite": visit,
                    "jour": day,
                    "mesure": mesure,
                    "valeur": round(float(rng.normal(mean, 9)), 1),
                }
                for mesure, mean in (("PAS", 130), ("PAD", 80), ("FC", 70))
            ]
    made = synthetic(pl.DataFrame(rows))
    pairs = made.select("patient_id", "visite", "jour").unique()
    assert pairs.height == made.select("patient_id", "visite").n_unique()
