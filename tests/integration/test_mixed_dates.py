"""Dates of mixed precision: whole dates, months and years in one column."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

import artesian as ar

FORMS = {
    "iso": ("%Y-%m-%d", "%Y-%m", "%Y"),
    "german": ("%d.%m.%Y", "%m.%Y", "%Y"),
    "around": ("%d/%m/%Y", "%m/%Y", "ca. %Y"),
}


def register(form: str, born: str, died: str, married: str) -> pl.DataFrame:
    """People with the dates of their lives, whose days or months are not always known."""
    rng = np.random.default_rng(5)
    rows = []
    for _ in range(400):
        birth = date(1760, 1, 1) + timedelta(days=int(rng.integers(0, 60_000)))
        death = birth + timedelta(days=int(365 * rng.triangular(1, 70, 95)))
        wedding = birth + timedelta(days=int(365 * rng.uniform(18, 40)))
        how = rng.choice(3, 2, p=[0.7, 0.1, 0.2])
        rows.append(
            {
                born: birth.strftime(FORMS[form][how[0]]),
                f"{born} J": birth.year,
                married: wedding.isoformat() if wedding < death else None,
                died: death.strftime(FORMS[form][how[1]]),
                f"{died} J": death.year,
                "age": death.year
                - birth.year
                - ((death.month, death.day) < (birth.month, birth.day)),
            }
        )
    return pl.DataFrame(rows)


def years(values: pl.Series) -> pl.Series:
    return values.str.extract(r"(\d{4})").cast(pl.Int64)


@pytest.mark.parametrize("form", FORMS)
def test_every_row_keeps_the_order_and_the_years_of_its_dates(form: str) -> None:
    born, died, married = ("né le", "mort", "noce") if form == "iso" else ("geb", "gest", "Trauung")
    source = register(form, born, died, married)
    rows = ar.synth(source, method="trees", seed=1, metrics=["validity"]).data
    birth, death = years(rows[born]), years(rows[died])
    assert birth.equals(rows[f"{born} J"], check_names=False)
    assert death.equals(rows[f"{died} J"], check_names=False)
    assert (birth <= death).all()
    wedding = years(rows[married].cast(pl.String))
    assert ((birth <= wedding) & (wedding <= death)).drop_nulls().all()
    assert (death - birth - rows["age"]).is_in([0, 1]).all()
    lengths = rows[born].str.len_chars().value_counts(normalize=True)
    wanted = source[born].str.len_chars().value_counts(normalize=True)
    both = lengths.join(wanted, on=born, suffix=" real")
    assert both.height == wanted.height
    assert (both["proportion"] - both["proportion real"]).abs().max() < 0.1


def test_numbers_of_four_digits_are_no_dates() -> None:
    rng = np.random.default_rng(6)
    source = pl.DataFrame({"pin": [str(n) for n in rng.integers(1000, 9999, 200)]})
    assert not ar.read(source).schema["pin"].value_format.templated
