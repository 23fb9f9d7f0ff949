"""The first name of a made-up person has the gender that another column shows, in any coding."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from faker import Faker

import artesian as ar

LOCALES: dict[str, tuple[str, tuple[Any, Any], tuple[str, ...]]] = {
    "de_DE": ("Anrede", ("Frau", "Herr"), ("Vorname", "Nachname", "E-Mail")),
    "fr_FR": ("sexe", ("F", "M"), ("prenom", "nom")),
    "en_US": ("male", (0, 1), ("full_name",)),
    "pl_PL": ("plec", ("kobieta", "mężczyzna"), ("imie", "nazwisko")),
}


def persons(locale: str, visits: int) -> pl.DataFrame:
    fake, rng = Faker(locale), np.random.default_rng(2)
    fake.seed_instance(2)
    sex, values, names = LOCALES[locale]
    rows: list[dict[str, Any]] = []
    for number in range(300 // visits):
        man = int(rng.random() < 0.35)
        first = fake.first_name_male() if man else fake.first_name_female()
        last = fake.last_name()
        row: dict[str, Any] = {"customer_id": f"K{7 * number + 1_003}"} if visits > 1 else {}
        row[sex] = values[man]
        row |= (
            {names[0]: f"{first} {last}"} if len(names) == 1 else {names[0]: first, names[1]: last}
        )
        if len(names) > 2:
            row[names[2]] = f"{first}.{last}@firma{number % 9}.de".lower()
        rows += [row | {"height": round(float(rng.normal(165 + 13 * man, 6)))}] * visits
    return pl.DataFrame(rows)


@pytest.mark.parametrize("visits", [1, 3])
@pytest.mark.parametrize("locale", LOCALES)
def test_first_names_follow_the_column(locale: str, visits: int) -> None:
    sex, values, names = LOCALES[locale]
    rows = ar.synth(persons(locale, visits), method="trees", seed=1, metrics=["validity"]).data
    provider = __import__(f"faker.providers.person.{locale}", fromlist=["Provider"]).Provider
    women, men = set(provider.first_names_female), set(provider.first_names_male)
    first = [name if len(names) > 1 else name.split()[0] for name in rows[names[0]]]
    wrong = [
        name
        for name, value in zip(first, rows[sex].cast(pl.String), strict=True)
        if name not in (men if value == str(values[1]) else women)
    ]
    assert len(wrong) <= 0.01 * len(rows), wrong[:5]
    assert rows[sex].n_unique() == 2
    whole = rows[names[0]] if len(names) == 1 else rows[names[0]] + " " + rows[names[1]]
    assert whole.n_unique() > 0.95 * len(rows) / visits
