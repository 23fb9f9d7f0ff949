"""Customers of few orders are made up: each has a code of its own, and one address."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

import artesian as ar

FORMS = {
    "kunde": ("kundennr", "plz", "ort", "land", "{:05d}"),
    "cliente": ("codigo", "cp", "poblacion", "pais", "{:04d}-ES"),
}


@pytest.mark.parametrize("name", FORMS)
def test_made_up_customers_keep_what_determines_what(name: str) -> None:
    code, postcode, town, country, form = FORMS[name]
    rng = np.random.default_rng(3)
    syllables = ["Ba", "Ro", "Mi", "Te", "Su", "La", "Ko", "Ne"]
    words = ["".join(rng.choice(syllables, 3)) for _ in range(200)]
    towns = [f"{word}dorf" for word in words[:30]]
    places = [(form.format(1_000 + 37 * at), towns[at // 2]) for at in range(60)]
    customers = []
    for number in range(120):
        place = places[int(rng.integers(0, 60))]
        customers.append(
            (f"{words[number]} {words[-number]}", "".join(rng.choice(list("ABCDEFGH"), 5)), *place)
        )
    weights = rng.pareto(1.2, 120) + 0.2
    orders = rng.choice(120, 900, p=weights / weights.sum())
    source = pl.DataFrame(
        {
            name: [customers[at][0] for at in orders],
            code: [customers[at][1] for at in orders],
            postcode: [customers[at][2] for at in orders],
            town: [customers[at][3] for at in orders],
            country: ["AB"[towns.index(customers[at][3]) % 2] for at in orders],
            "menge": rng.integers(1, 50, 900),
        }
    )
    rows = ar.synth(source, method="trees", seed=1, metrics=["validity"]).data
    for one, other in (
        (name, code),
        (code, name),
        (name, postcode),
        (postcode, town),
        (town, country),
    ):
        pairs = rows.select(one, other).drop_nulls().unique()
        assert pairs.height == pairs[one].n_unique(), (one, other)
