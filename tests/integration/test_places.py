"""Rare postcodes are represented by other postcodes, not by a mark, and have one town each."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from faker import Faker

import artesian as ar


@pytest.mark.parametrize(
    ("locale", "code", "town", "form"),
    [
        ("nl_NL", "postcode", "plaats", r"^\d{4} [A-Z]{2}$"),
        ("sv_SE", "postnummer", "ort", r"^\d{3} \d{2}$"),
        ("pl_PL", "kod_pocztowy", "miasto", r"^\d{2}-\d{3}$"),
    ],
)
def test_rare_postcodes(locale: str, code: str, town: str, form: str) -> None:
    fake, rng = Faker(locale), np.random.default_rng(3)
    fake.seed_instance(3)
    places = []
    for _ in range(64):
        text = fake.unique.postcode()
        if locale == "nl_NL":
            text = f"{text[:4]} {text[-2:]}"
        elif locale == "sv_SE":
            text = f"{text[:3]} {text[-2:]}"
        places.append((text, f"{fake.city()} {fake.unique.last_name()}"))
    weights = np.where(np.arange(64) < 16, 0.25, 1.0)  # a quarter has about three rows
    at = rng.choice(64, 600, p=weights / weights.sum())
    real = pl.DataFrame(
        {
            code: [places[n][0] for n in at],
            town: [places[n][1] for n in at],
            "weight": np.round(rng.gamma(2, 3, 600), 1),
        }
    )
    rare = [row for row in real[code].value_counts().iter_rows() if row[1] < 5]
    assert len(rare) > 5
    made = ar.synth(real, method="trees", seed=1, metrics=["validity"]).data
    assert made[code].str.contains(form).all()
    assert made.group_by(code).agg(pl.col(town).n_unique())[town].max() == 1
    released = {code for code, _ in rare}
    assert made[code].is_in(list(released)).mean() < 0.01  # type: ignore[operator]
