"""The projection of all columns shows lost dependence that no single column shows."""

from __future__ import annotations

import json

import polars as pl
from tests.report.people import comparison, people, table

from artesian.core.disclosure import MIN_COUNT
from artesian.data.schema import Kind
from artesian.metrics.protocol import Comparison
from artesian.report.projection import MAX_GRID, project


def linked(rows: int, seed: int) -> pl.DataFrame:
    """Three columns that depend strongly on each other."""
    age = people(rows, seed)["age"]
    return pl.DataFrame({"a": age, "b": age * 2 + 1, "c": (age > 50).cast(pl.String)})


KINDS = {"a": Kind.NUMBER, "b": Kind.NUMBER, "c": Kind.CATEGORY}


def test_lost_dependence_lowers_the_overlap() -> None:
    real = linked(3000, 1)
    rolled = real.with_columns(pl.col("b").shuffle(seed=1), pl.col("c").shuffle(seed=2))
    projection = project(Comparison(*(table(f, KINDS) for f in (real, rolled, linked(3000, 2)))))
    assert projection["overlap_holdout"] > 0.8
    assert projection["overlap"] < 0.6
    assert sum(projection["counts"]["synthetic"]) == 3000
    assert projection["grid"] < MAX_GRID
    assert len(projection["counts"]["train"]) == projection["grid"] ** 2


def test_no_bin_of_the_grid_shows_fewer_than_five_real_rows() -> None:
    for rows in (60, 600, 12_000):
        counts = project(comparison(rows))["counts"]
        for side in ("train", "holdout"):
            assert set(counts[side]).isdisjoint(range(1, MIN_COUNT))
            assert sum(counts[side]) > 0.5 * rows * (0.5 if side == "holdout" else 1)


def test_it_is_deterministic_and_json() -> None:
    tables = comparison()
    one = project(tables)
    assert one == project(tables)
    assert json.loads(json.dumps(one, allow_nan=False)) == one
    assert {"age", "gain", "wage", "joined", "town", "member"} >= set(one["axes"][0])


def test_a_skipped_projection_states_the_reason() -> None:
    few = table(people(20, 1))
    assert "single rows" in project(Comparison(few, few))["skipped"]
    one = table(people(100, 1).select("age"))
    assert "two columns" in project(Comparison(one, one))["skipped"]
    constant = table(pl.DataFrame({"age": [1] * 100, "town": ["Bath"] * 100}))
    assert "vary" in project(Comparison(constant, constant))["skipped"]


def test_an_absent_table_has_no_counts() -> None:
    tables = comparison()
    projection = project(Comparison(tables.real, tables.synthetic))
    assert projection["counts"]["holdout"] is None
    assert projection["overlap_holdout"] is None
