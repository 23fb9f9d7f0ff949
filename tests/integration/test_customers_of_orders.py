"""Customers with several orders: what belongs to them, although two of them may share an address."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

import artesian as ar
from artesian.data.inference.word_lists import fold

FIRST = ["Anna", "Peter", "Maria", "Hans", "Julia", "Thomas", "Laura", "Jonas", "Lena", "Felix"]
LAST = ["Weber", "Wagner", "Becker", "Schulz", "Koch", "Bauer", "Richter", "Klein", "Wolf", "Braun"]
ENGLISH = ("customer_no", "name", "email", "street", "ordered", "amount")
GERMAN = ("Kundennr", "Name", "E-Mail", "Straße", "bestellt am", "Betrag")


def orders(names: tuple[str, ...], customers: int = 200, rows: int = 800) -> pl.DataFrame:
    """Orders of customers; every fortieth uses the mail address of the one before."""
    rng = np.random.default_rng(len(names[0]))
    people: list[tuple[int, str, str, str]] = []
    for at in range(customers):
        first, last = rng.choice(FIRST), rng.choice(LAST)
        mail = f"{fold(first)[0]}.{fold(last)}{at}@mail.example"
        if at % 40 == 39:
            mail = people[-1][2]
        road = f"{rng.choice(['Gartenweg', 'Lindenallee', 'Am Markt'])} {rng.integers(1, 120)}"
        people.append((100_000 + 7 * at, f"{first} {last}", mail, road))
    times = np.datetime64("2024-01-01T08:00") + np.cumsum(rng.integers(5, 300, rows))
    chosen = [people[int(at)] for at in np.minimum(rng.exponential(60, rows), customers - 1)]
    return pl.DataFrame(
        [
            (*person, str(time), round(float(rng.lognormal(3, 1)), 2))
            for person, time in zip(chosen, times, strict=True)
        ],
        schema=list(names),
        orient="row",
    )


@pytest.mark.parametrize("names", [ENGLISH, GERMAN], ids=["en", "de"])
def test_a_customer_has_one_name_mail_and_street(names: tuple[str, ...]) -> None:
    number, name, mail, street, *_ = names
    real = orders(names)
    result = ar.synth(real, metrics=())
    made = result.data
    assert result.table.schema.entity == number
    for other in (name, mail, street):
        assert made.group_by(number).agg(pl.col(other).n_unique())[other].max() == 1
    last = pl.Series([fold(text.split()[-1]) for text in made[name]])
    fits = pl.select(made[mail].str.contains(last.rename("last"), literal=True)).to_series()
    assert fits.mean() > 0.95
    assert not set(made[mail]) & set(real[mail])
    assert made[street].str.contains(r"^\p{L}[\p{L} .-]+ \d+$").mean() > 0.95


def test_accounts_of_a_person_belong_to_the_person() -> None:
    """Two accounts with one mail address are of one person."""
    rng = np.random.default_rng(1)
    rows = []
    for person in range(150):
        for account in range(int(rng.integers(1, 4))):
            for _ in range(3):
                own = 10_000 + 17 * person + account
                rows.append((own, f"user{person}x@mail.example", float(rng.normal())))
    real = pl.DataFrame(rows, schema=["account_id", "email", "amount"], orient="row")
    made = ar.synth(real, metrics=()).data
    assert made.group_by("account_id").agg(pl.col("email").n_unique())["email"].max() == 1
    several = made.group_by("email").agg(pl.col("account_id").n_unique())["account_id"]
    assert (several > 1).mean() > 0.3
