"""Functional dependencies in each other's way: kept whatever the model draws."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

import artesian as ar
from artesian.core.run import Run
from artesian.relations.parse import parse_relation
from artesian.synthesizers import CATALOG


def passengers(
    names: tuple[str, str, str], labels: tuple[str, str, str], rows: int
) -> pl.DataFrame:
    """People with a sex and an age, both of which decide what they are called."""
    rng = np.random.default_rng(1)
    sex = rng.choice(["m", "f"], rows)
    age = rng.gamma(4, 8, rows).clip(0, 80).round()
    what = np.select([age < 16, sex == "m"], [labels[0], labels[1]], labels[2])
    return pl.DataFrame({names[0]: sex, names[1]: age, names[2]: what})


def broken(table: pl.DataFrame, method: str) -> dict[str, int]:
    """For each discovered relation, how many of 20,000 rows of a model break it."""
    model = CATALOG[method]().fit(ar.read(table), run=Run.from_seed(1))
    made = model.sample(20_000, run=Run.from_seed(2)).frame
    relations = {text: parse_relation(text, made.columns) for text in model.schema.relations or ()}
    return {text: int((~one.holds(made).fill_null(True)).sum()) for text, one in relations.items()}


@pytest.mark.parametrize("method", ["marginals", "trees"])
@pytest.mark.parametrize(
    ("names", "labels"),
    [
        (("sex", "age", "who"), ("child", "man", "woman")),
        (("Geschlecht", "Alter", "Anrede"), ("Kind", "Herr", "Frau")),
    ],
)
def test_two_columns_decide_and_the_label_tells_one_of_them(
    method: str, names: tuple[str, str, str], labels: tuple[str, str, str]
) -> None:
    found = broken(passengers(names, labels, 700), method)
    assert f"{names[0]}, {names[1]} -> {names[2]}" in found
    assert any(text.startswith(f"{names[2]} in ") for text in found)
    assert not any(found.values()), found


def tariff(rows: int) -> pl.DataFrame:
    """The price of a parcel by zone and whole kilograms, of which few rows have the same."""
    rng = np.random.default_rng(2)
    limits = {"A": (5, 20), "B": (10, 25), "C": (2, 15)}
    zone = rng.choice([*limits], rows)
    weight = rng.integers(1, 400, rows) / 10
    low, high = (np.array([limits[z][k] for z in zone]) for k in (0, 1))
    price = np.select([weight < low, weight < high], ["small", "medium"], "large")
    return pl.DataFrame({"zone": zone, "kg": weight, "class": price})


def test_ranges_of_a_number_differ_by_category() -> None:
    table = tariff(2_500)
    found = broken(table, "marginals")
    assert found.get("zone, kg -> class") == 0
    made = ar.synth(table, metrics=()).data
    limits = {"A": (5, 20), "B": (10, 25), "C": (2, 15)}
    low, high = (np.array([limits[z][k] for z in made["zone"]]) for k in (0, 1))
    weight = made["kg"].to_numpy()
    right = np.select([weight < low, weight < high], ["small", "medium"], "large")
    assert (made["class"].to_numpy() == right).mean() > 0.99


def test_what_is_missing_with_its_source() -> None:
    rng = np.random.default_rng(3)
    town = rng.choice(["Kiel", "Bremen", "Emden", "Husum"], 900)
    land = np.where(town == "Bremen", "HB", np.where(town == "Emden", "NI", "SH"))
    none = rng.random(900) < 0.01
    table = pl.DataFrame({"land": land, "town": town, "n": rng.poisson(3, 900)}).with_columns(
        pl.when(~pl.Series(none)).then(pl.col("land", "town"))
    )
    made = (
        CATALOG["marginals"]()
        .fit(ar.read(table), run=Run.from_seed(1))
        .sample(20_000, run=Run.from_seed(2))
    )
    assert (made.frame["land"].is_null() == made.frame["town"].is_null()).all()
    assert 0.002 < made.frame["town"].is_null().mean() < 0.03  # type: ignore[operator]
