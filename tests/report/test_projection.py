"""The map of all columns shows lost dependence that no single column shows."""

from __future__ import annotations

import json

import polars as pl
from tests.report.people import comparison, people, table

from artesian.data.schema import Kind
from artesian.metrics.protocol import Comparison
from artesian.report.projection import GRID, project


def linked(rows: int, seed: int) -> pl.DataFrame:
    """Three columns that follow one another closely."""
    age = people(rows, seed)["age"]
    return pl.DataFrame({"a": age, "b": age * 2 + 1, "c": (age > 50).cast(pl.String)})


KINDS = {"a": Kind.NUMBER, "b": Kind.NUMBER, "c": Kind.CATEGORY}


def test_lost_dependence_is_seen() -> None:
    real = linked(3000, 1)
    rolled = real.with_columns(pl.col("b").shuffle(seed=1), pl.col("c").shuffle(seed=2))
    told = project(Comparison(*(table(f, KINDS) for f in (real, rolled, linked(3000, 2)))))
    assert told["overlap_holdout"] > 0.8
    assert told["overlap"] < 0.6
    assert sum(told["counts"]["synthetic"]) == 3000
    assert len(told["counts"]["real"]) == GRID * GRID


def test_it_is_the_same_every_time_and_json() -> None:
    tables = comparison()
    one = project(tables)
    assert one == project(tables)
    assert json.loads(json.dumps(one, allow_nan=False)) == one
    assert {"age", "gain", "wage", "joined", "town", "member"} >= set(one["axes"][0])


def test_what_cannot_be_mapped_says_why() -> None:
    few = table(people(20, 1))
    assert "single rows" in project(Comparison(few, few))["skipped"]
    one = table(people(100, 1).select("age"))
    assert "two columns" in project(Comparison(one, one))["skipped"]
    constant = table(pl.DataFrame({"age": [1] * 100, "town": ["Bath"] * 100}))
    assert "vary" in project(Comparison(constant, constant))["skipped"]


def test_a_table_that_is_not_there_has_no_map() -> None:
    tables = comparison()
    told = project(Comparison(tables.real, tables.synthetic))
    assert told["counts"]["holdout"] is None
    assert told["overlap_holdout"] is None
