"""Orders whose ends are decades apart are kept, and both ends stay in their own range."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import artesian as ar
from artesian.core.run import Run, Seed


def days(rng: np.random.Generator, first: date, last: date, number: int) -> list[date]:
    span = (last - first).days
    return [first + timedelta(days=int(day)) for day in rng.integers(0, span, number)]


def stays(rows: int = 900) -> pl.DataFrame:
    """Hospital stays of patients with several each; some patients are newborn."""
    rng = np.random.default_rng(3)
    patient = rng.integers(0, rows // 3, rows)
    born = days(rng, date(1930, 1, 1), date(2022, 12, 1), rows // 3)
    admitted = days(rng, date(2022, 6, 1), date(2024, 6, 1), rows)
    admitted = [
        max(day, born[p] + timedelta(days=1)) for day, p in zip(admitted, patient, strict=True)
    ]
    nights = rng.poisson(4, rows)
    return pl.DataFrame(
        {
            "patient_id": [f"P{100_000 + 7 * p}" for p in patient],
            "date_of_birth": [born[p] for p in patient],
            "admitted": admitted,
            "nights": nights,
            "discharged": [
                day + timedelta(days=int(n)) for day, n in zip(admitted, nights, strict=True)
            ],
            "ward": rng.choice(["A", "B", "C"], rows),
        }
    )


def employees(rows: int = 700) -> pl.DataFrame:
    """One row per person, in another language."""
    rng = np.random.default_rng(4)
    return pl.DataFrame(
        {
            "Geburtstag": days(rng, date(1955, 1, 1), date(2003, 1, 1), rows),
            "Eintritt": [
                d.replace(day=1) for d in days(rng, date(2021, 1, 1), date(2024, 1, 1), rows)
            ],
            "Gehalt": rng.gamma(9, 500, rows).round(-1),
        }
    )


def orders(rows: int = 900) -> pl.DataFrame:
    """Orders of customers, who registered in the same years."""
    rng = np.random.default_rng(5)
    customer = rng.integers(0, rows // 4, rows)
    registered = days(rng, date(2020, 1, 1), date(2023, 6, 1), rows // 4)
    ordered = [
        registered[c] + timedelta(days=int((date(2024, 1, 1) - registered[c]).days * u))
        for c, u in zip(customer, rng.random(rows), strict=True)
    ]
    return pl.DataFrame(
        {
            "customer_no": 5_000 + customer,
            "registered": [registered[c] for c in customer],
            "ordered": ordered,
            "amount": rng.gamma(2, 30, rows).round(2),
        }
    )


TABLES = {
    "stays": (stays, "date_of_birth", "admitted", "patient_id"),
    "employees": (employees, "Geburtstag", "Eintritt", None),
    "orders": (orders, "registered", "ordered", "customer_no"),
}


@pytest.mark.parametrize("method", ["trees", "marginals"])
@pytest.mark.parametrize("name", TABLES)
def test_both_ends_stay_in_range(name: str, method: str) -> None:
    """The later date was the date of birth of another patient plus a distance: from 1940 to 2067."""
    make, low, high, entity = TABLES[name]
    source = make()
    rows = ar.synth(source, method=method, seed=1, metrics=()).table.frame
    assert (rows[low] <= rows[high]).all()
    for column in (low, high):
        first, last = source[column].min(), source[column].max()
        inside = (rows[column] >= first) & (rows[column] <= last)
        assert inside.mean() >= 0.99
        middle = source[column].cast(pl.Int32).median() - rows[column].cast(pl.Int32).median()
        spread = source[column].cast(pl.Int32).std()
        assert abs(middle) < 0.35 * spread
    if entity:
        assert rows.group_by(entity).agg(pl.col(low).n_unique())[low].max() == 1


def test_days_of_the_month_are_kept_where_they_have_a_rule() -> None:
    """Employees begin on the first of a month, which a distance from their birth would lose."""
    rows = ar.synth(employees(), method="trees", seed=2, metrics=()).table.frame
    assert (rows["Eintritt"].dt.day() == 1).mean() >= 0.99


def test_a_saved_model_draws_the_same_rows(tmp_path: Path) -> None:
    model = ar.synth(stays(300), method="trees", seed=1, metrics=()).model
    ar.save(model, tmp_path / "model")
    again = ar.load(tmp_path / "model")
    drawn = [each.sample(200, run=Run(seed=Seed(5))) for each in (model, again)]
    assert drawn[0].equals(drawn[1])
    assert (drawn[0]["admitted"] >= drawn[0]["date_of_birth"]).all()
    assert again.sample(50, run=Run(seed=Seed(5))).equals(drawn[0].head(50))
