"""Days of an entity that are all different stay on the weekdays that occur."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np
import polars as pl
import pytest

import artesian as ar

START = date(2024, 1, 1)


def attendance(weekdays: int, *, moments: bool = False) -> pl.DataFrame:
    """One row per person and working day, with few days off."""
    rng = np.random.default_rng(0)
    rows = []
    for person in range(40):
        days = [START + timedelta(days=at) for at in range(120)]
        days = [day for day in days if day.weekday() < weekdays and rng.random() < 0.8]
        for day in days[: int(rng.integers(30, 60))]:
            at = datetime(day.year, day.month, day.day) if moments else day
            row = {"person": f"P{1000 + 7 * person}", "day": at}
            rows.append(row | {"hours": float(rng.choice([4, 7.5, 8]))})
    return pl.DataFrame(rows)


@pytest.mark.parametrize("moments", [False, True])
@pytest.mark.parametrize("weekdays", [5, 6])
def test_nobody_works_on_days_off(weekdays: int, moments: bool) -> None:
    source = attendance(weekdays, moments=moments)
    made = ar.synth(source, method="marginals", seed=1, metrics=()).table.frame
    assert not made.select("person", "day").is_duplicated().any()
    assert int(made["day"].dt.weekday().max()) <= weekdays  # type: ignore[arg-type]


def test_days_move_to_any_weekday_where_all_occur() -> None:
    made = ar.synth(attendance(7), method="marginals", seed=1, metrics=()).table.frame
    assert made["day"].dt.weekday().n_unique() == 7
