"""Products of three factors, powers and percentages of a total."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

import artesian as ar
from artesian.relations.discover import discover


def formulas(frame: pl.DataFrame) -> dict[str, str]:
    """Target -> expression, without the tolerance."""
    found = [str(one.relation).split(" within ")[0] for one in discover(ar.read(frame))]
    return dict(text.split(" = ", 1) for text in found if " = " in text)


def people(rows: int, seed: int = 1) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    kg, cm = np.round(rng.uniform(45, 120, rows), 1), rng.integers(150, 201, rows)
    return pl.DataFrame({"kg": kg, "cm": cm, "bmi": np.round(kg / (cm / 100) ** 2, 1)})


@pytest.mark.parametrize("rows", [100, 1200, 6000])
def test_body_mass_index(rows: int) -> None:
    assert formulas(people(rows))["bmi"] == "10000 * kg / (cm * cm)"


def test_volumes_and_areas() -> None:
    rng = np.random.default_rng(2)
    a, b, h = rng.integers(10, 81, 800), rng.integers(10, 61, 800), rng.integers(2, 51, 800)
    radius = np.round(rng.uniform(1, 30, 800), 1)
    frame = pl.DataFrame(
        {
            "length": a,
            "width": b,
            "height": h,
            "volume weight": np.round(a * b * h / 5000, 2),
            "litres": a * b * h / 1000,
            "side": radius,
            "area": np.round(radius**2, 2),
        }
    )
    found = formulas(frame)
    assert found['"volume weight"'] in (
        "length * width * height / 5000",
        "0.2 * litres",
        "litres / 5",
    )
    assert "length * width * height / 1000" in found.values() or (
        "length * width * height / 5000" in found.values()
    )
    assert found["area"] == "side * side"


def test_hours_rates_and_discounts() -> None:
    rng = np.random.default_rng(3)
    n = 900
    hours, rate = rng.integers(1, 60, n) / 4, rng.choice([45.0, 62.5, 80.0, 95.5], n)
    factor = rng.choice([1.0, 1.25, 1.5, 2.0], n)
    quantity, price = rng.integers(1, 40, n), np.round(rng.uniform(2, 300, n), 2)
    discount = rng.choice([0, 5, 7.5, 10, 20], n)
    frame = pl.DataFrame(
        {
            "hours": hours,
            "rate": rate,
            "factor": factor,
            "wage": np.round(hours * rate * factor + 1e-9, 2),
            "quantity": quantity,
            "price": price,
            "discount": discount,
            "amount": np.round(quantity * price * (1 - discount / 100) + 1e-9, 2),
        }
    )
    found = formulas(frame)
    assert found["wage"] == "hours * rate * factor"
    assert found["amount"] == "quantity * price * (1 - discount / 100)"


def test_unrelated_amounts_have_no_products() -> None:
    rng = np.random.default_rng(4)
    amounts = {f"a{k}": np.round(np.exp(rng.normal(3, 1, 900)), 2) for k in range(16)}
    counts = {f"n{k}": rng.integers(1, 30, 900) for k in range(12)}
    assert formulas(pl.DataFrame(amounts | counts)) == {}


@pytest.mark.parametrize("method", ["trees", "marginals"])
def test_they_are_kept(method: str) -> None:
    rows = ar.synth(people(500), method=method, seed=1, metrics=()).table.frame
    bmi = rows["kg"] / (rows["cm"] / 100) ** 2
    assert ((rows["bmi"] - bmi).abs() < 0.051).all()
