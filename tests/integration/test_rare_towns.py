"""Towns of few rows, beside postal codes that are made anew, are towns too."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from faker import Faker

import artesian as ar


def customers(locale: str, code: str, town: str, street: str) -> pl.DataFrame:
    """Most customers live in one of some towns, a few in others."""
    fake, rng = Faker(locale), np.random.default_rng(1)
    fake.seed_instance(1)
    places = {fake.unique.postcode(): fake.unique.city() for _ in range(40)}
    codes = list(places)
    weights = np.array([12.0] * 25 + [1.0] * 15)
    chosen = rng.choice(codes, 500, p=weights / weights.sum())
    return pl.DataFrame(
        {
            street: [fake.street_name() for _ in chosen],
            code: chosen,
            town: [places[one] for one in chosen],
            "total": np.round(rng.gamma(2, 40, 500), 2),
        }
    )


@pytest.mark.parametrize(
    ("locale", "names"),
    [
        ("nl_NL", ("postcode", "plaats", "straat")),
        ("de_DE", ("PLZ", "Ort", "Straße")),
        ("pl_PL", ("kod_pocztowy", "miasto", "ulica")),
    ],
)
def test_made_up_codes_have_towns_of_the_same_country(locale: str, names: tuple[str, ...]) -> None:
    code, town, _ = names
    source = customers(locale, *names)
    rows = ar.synth(source, method="trees", seed=1, metrics=["validity"]).data
    assert not rows[town].cast(pl.String).str.contains(r"\(rare\)").any()
    assert rows.select(code, town).n_unique() == rows[code].n_unique()
    new = set(rows[town]) - set(source[town])
    fake = Faker(locale)
    cities = {fake.city() for _ in range(5_000)}
    assert not new or len(new & cities) >= len(new) / 2
