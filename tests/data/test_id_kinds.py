"""Identifiers: which columns number rows, people or things, and which only look like it."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from artesian.data.inference.infer import infer
from artesian.data.readers.raw import Raw
from artesian.data.row_groups import entity_of, repeating_ids
from artesian.data.schema import Kind


def kind_of(values, name):
    inferred = infer(Raw(frame=pl.DataFrame({name: values})))
    return inferred.table.schema[name].kind


def text_kind_of(values, name):
    frame = pl.DataFrame({name: pl.Series([str(v) for v in values])})
    return infer(Raw(frame=frame, text=True)).table.schema[name].kind


RNG = np.random.default_rng(5)
CUSTOMERS = RNG.integers(67, 72_941, 300)[RNG.integers(0, 300, 900)]


@pytest.mark.parametrize(
    "name",
    ["customer_id", "CustomerID", "kunden_nr", "Kundennummer", "id_cliente", "emp_no2", "userid"],
)
def test_repeating_identifiers_of_people_are_keys(name):
    assert kind_of(CUSTOMERS, name) is Kind.KEY
    assert text_kind_of(CUSTOMERS, name) is Kind.KEY
    assert text_kind_of([f"C-{n:06}" for n in CUSTOMERS], name) is Kind.KEY


def test_people_are_keys_however_few_they_are_and_codes_without_id_in_their_name_too():
    assert kind_of([1, 2, 3, 4] * 50, "patient_id") is Kind.KEY
    assert text_kind_of([f"NO{n:011}" for n in CUSTOMERS], "account") in (Kind.KEY, Kind.TEXT)
    assert kind_of(RNG.integers(1, 301, 900), "customer") is Kind.KEY


def test_identifiers_with_missing_values_are_keys_in_pandas_types():
    values = CUSTOMERS.astype(float)
    values[::7] = np.nan
    assert kind_of(values, "customer_id") is Kind.KEY
    assert (
        kind_of(pl.Series([f"P{n}" for n in CUSTOMERS]).cast(pl.Categorical), "person_id")
        is Kind.KEY
    )


def test_codes_that_a_reader_looks_up_are_categories():
    assert kind_of(np.arange(400) % 200, "PULocationID") is Kind.CATEGORY
    assert kind_of(np.arange(400) % 30, "order_status_id") is Kind.CATEGORY
    assert kind_of(np.arange(400) % 7, "StoreID") is Kind.CATEGORY


def test_numbers_within_something_and_amounts_are_numbers():
    within = np.concatenate([np.arange(1, n + 1) for n in RNG.integers(1, 6, 300)])
    assert kind_of(within, "loan_number") is Kind.NUMBER
    assert kind_of(RNG.integers(0, 9, 500), "customer") is Kind.NUMBER
    assert kind_of(RNG.lognormal(6, 1, 500).astype(int), "loan") is Kind.NUMBER
    assert kind_of(CUSTOMERS, "price") is Kind.NUMBER


def test_the_entity_of_a_row_is_the_outermost_identifier_that_is_no_label():
    order = np.repeat(np.arange(400), 2)
    frame = pl.DataFrame(
        {
            "line_id": np.arange(800) + 10,
            "order_id": order + 5000,
            "customer_id": (order // 3) + 100,
            "product_id": np.arange(800) % 40,
        }
    )
    table = infer(Raw(frame=frame)).table
    assert repeating_ids(table) == ("order_id", "customer_id")
    assert entity_of(table) == "customer_id"
    assert table.schema.key == ("line_id",)


def test_unique_numbers_without_a_telling_name_are_keys_if_they_behave_like_keys():
    consecutive = np.cumsum(RNG.choice([1, 1, 1, 1, 2, 5], 400)) + 70_000
    assert kind_of(consecutive, "Matrikel") is Kind.KEY
    assert kind_of(np.arange(5_000, 5_600), "beleg") is Kind.KEY
    scattered = RNG.permutation(np.arange(1_000, 10_000))[:600]
    assert kind_of(scattered, "badge") is Kind.KEY
    assert kind_of(RNG.permutation(np.arange(100_000, 1_000_000))[:500], "n1") is Kind.KEY


def test_unique_quantities_are_numbers():
    rows = 500
    assert kind_of(RNG.permutation(np.arange(1_000, 10_000))[:rows], "price") is Kind.NUMBER
    assert kind_of(np.unique(RNG.lognormal(10.5, 0.4, rows).astype(int)), "gross") is Kind.NUMBER
    assert kind_of(RNG.permutation(np.arange(20_000, 60_000))[:rows], "gross") is Kind.NUMBER
    assert kind_of(np.unique(RNG.pareto(1.2, rows) * 1e5).astype(int), "inhabitants") is Kind.NUMBER
    assert kind_of(np.arange(1_900, 2_020), "vintage") is Kind.NUMBER
    assert kind_of(np.cumsum(RNG.integers(3, 900, rows)), "reading") is Kind.NUMBER
    seconds = 1_600_000_000 + np.cumsum(RNG.integers(1, 99, rows))
    assert kind_of(seconds, "offset") is Kind.NUMBER
    assert kind_of(seconds, "ts") is Kind.DATETIME
    load = RNG.permutation(np.arange(100_000, 1_000_000))[:rows]
    frame = pl.DataFrame({"load": load, "heat": load * 0.3 + RNG.normal(0, 1e4, rows)})
    assert infer(Raw(frame=frame)).table.schema["load"].kind is Kind.NUMBER


def test_keys_of_several_columns_need_more_than_chance():
    rows = 400
    panel = pl.DataFrame(
        {
            "country": np.repeat([f"c{n}" for n in range(20)], 20),
            "year": list(range(2000, 2020)) * 20,
            "gdp": RNG.normal(size=rows).round(3),
        }
    )
    inferred = infer(Raw(frame=panel))
    assert inferred.table.schema.key == ("country", "year")
    assert "chance would make about" in inferred.evidence["year"]
    survey = panel.with_columns(
        country=pl.Series(RNG.choice(["a", "b", "c"], rows)),
        year=pl.Series(RNG.permutation(np.arange(1900, 2300))),
    )
    assert infer(Raw(frame=survey)).table.schema.key == ()
