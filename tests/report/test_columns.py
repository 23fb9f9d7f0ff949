"""Aggregates of one column: exact counts, and no value of few rows."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.report.people import comparison, people, table

from artesian.core.disclosure import MIN_COUNT
from artesian.data.schema import Kind, Schema
from artesian.data.table import Table
from artesian.metrics.protocol import Comparison
from artesian.report.columns import describe


def described(
    real: list[Any], synthetic: list[Any], holdout: list[Any] | None, kind: Kind
) -> dict[str, Any]:
    def one(values: list[Any]) -> Any:
        return table(pl.DataFrame({"x": values}, strict=False), {"x": kind})

    tables = Comparison(one(real), one(synthetic), None if holdout is None else one(holdout))
    column = describe(tables, tables.real.schema["x"])
    assert json.loads(json.dumps(column, allow_nan=False)) == column
    return column


def test_every_kind_of_column_has_a_chart() -> None:
    tables = comparison(400)
    columns = {c.name: describe(tables, c) for c in tables.real.schema}
    assert {name: one["chart"] for name, one in columns.items()} == {
        "age": "histogram",
        "gain": "histogram",
        "wage": "histogram",
        "joined": "histogram",
        "town": "bars",
        "member": "bars",
        "note": "histogram",
        "id": "histogram",
    }
    assert columns["wage"]["scale"] == "log"
    assert columns["joined"]["scale"] == "time"
    assert [one["value"] for one in columns["gain"]["frequent_values"]] == [0.0]
    for one in columns.values():
        assert one["overlap"] == pytest.approx(1.0)  # shuffled columns keep their distributions
        assert 0.5 < one["overlap_holdout"] < 1.0 or one["name"] == "id"


def test_overlap_is_one_minus_total_variation() -> None:
    column = described(["a"] * 60 + ["b"] * 40, ["a"] * 30 + ["b"] * 70, ["c"] * 10, Kind.CATEGORY)
    assert column["overlap"] == pytest.approx(0.7)
    assert column["overlap_holdout"] == pytest.approx(0.0)


def test_missing_values_count_in_the_overlap() -> None:
    values = [float(v) for v in range(50)]
    column = described(values * 2, values + [None] * 50, None, Kind.NUMBER)
    assert column["missing"] == {"train": 0.0, "synthetic": 0.5, "holdout": None}
    assert column["overlap"] == pytest.approx(0.5)
    assert column["overlap_holdout"] is None


def test_only_categories_of_five_train_rows_are_named() -> None:
    real = ["common"] * 50 + ["rare-secret"] * 4
    column = described(real, ["rare-secret"] * 50 + ["invented"] * 4, ["held"] * 54, Kind.CATEGORY)
    assert column["labels"] == ["common", "1 other"]
    assert column["counts"] == {"train": [50, 0], "synthetic": [0, 54], "holdout": [0, 54]}
    assert "secret" not in json.dumps(column)
    assert "invented" not in json.dumps(column)


def released(real: list[Any], synthetic: list[Any], **suppression: Any) -> dict[str, Any]:
    """The aggregates of a category column whose synthetic table declares what it suppresses."""
    tables = [table(pl.DataFrame({"x": v}), {"x": Kind.CATEGORY}) for v in (real, synthetic)]
    column = replace(tables[1].schema["x"], **suppression)
    tables[1] = Table(tables[1].frame, Schema(columns=(column,)), tables[1].origin)
    return describe(Comparison(*tables), tables[0].schema["x"])


def test_suppressed_categories_have_a_bar_of_their_own_and_are_no_loss() -> None:
    real = ["common"] * 90 + ["rare-a"] * 4 + ["rare-b"] * 3 + ["lost"] * 3
    synthetic = ["common"] * 90 + ["(rare)"] * 10
    column = released(real, synthetic, suppressed="(rare)", suppressed_below=5)
    assert column["labels"] == ["common", "suppressed (3 categories)"]
    assert column["counts"]["train"] == column["counts"]["synthetic"] == [90, 10]
    assert column["overlap"] == pytest.approx(1.0)
    assert column["suppressed"] == 3
    assert "rare-" not in json.dumps(column)


def test_a_frequent_category_that_is_absent_is_lost_and_not_suppressed() -> None:
    real = ["common"] * 80 + ["frequent"] * 16 + ["rare"] * 4
    column = released(real, ["common"] * 80 + ["(rare)"] * 20, suppressed="(rare)")
    assert column["labels"] == ["common", "frequent", "suppressed (1 category)"]
    assert column["counts"]["synthetic"] == [80, 0, 20]
    assert column["overlap"] == pytest.approx(0.84)


def test_undeclared_rare_categories_count_as_loss() -> None:
    column = described(["a"] * 96 + ["b"] * 4, ["a"] * 100, None, Kind.CATEGORY)
    assert column["labels"] == ["a", "1 other"]
    assert column["overlap"] == pytest.approx(0.96)
    assert column["suppressed"] == 0


def test_suppressed_numeric_categories_count_as_the_nearest_frequent_one() -> None:
    real = [1] * 50 + [2] * 46 + [9] * 4
    column = released(real, [1] * 50 + [2] * 50, suppressed_below=5)
    assert column["labels"] == ["1", "2"]
    assert column["counts"]["train"] == [50, 50]
    assert column["suppressed"] == 1


def test_a_column_of_few_values_is_not_drawn() -> None:
    for real, kind in (([1.5] * 3, Kind.NUMBER), (["one", "two"], Kind.CATEGORY)):
        column = described(real, real, None, kind)
        assert column["chart"] == "none"
        assert "single rows" in column["reason"]
        assert column["overlap"] is None


def test_a_column_without_values_states_the_reason() -> None:
    for kind in (Kind.NUMBER, Kind.CATEGORY, Kind.TEXT):
        column = described([None] * 30, [None] * 30, None, kind)
        assert column["chart"] == "none"
        assert column["reason"] == "every value is missing"


def test_texts_and_keys_show_only_their_lengths() -> None:
    frame = people(200, 1)
    tables = Comparison(table(frame), table(people(200, 2)))
    for name in ("note", "id"):
        column = describe(tables, tables.real.schema[name])
        text = json.dumps(column)
        assert not any(value in text for value in frame["id"].to_list())
        assert 150 < sum(column["counts"]["train"]) <= 200


def test_categories_beyond_twenty_are_merged() -> None:
    real = [f"level {n}" for n in range(40) for _ in range(10 + n)]
    column = described(real, real, real, Kind.CATEGORY)
    assert column["labels"][0] == "level 39"
    assert column["labels"][-1] == "20 others"
    assert len(column["labels"]) == 21
    assert sum(column["counts"]["train"]) == len(real)


def test_infinities_and_nan_are_drawn_and_counted_as_missing() -> None:
    values = [float("inf"), float("-inf"), float("nan"), 1.0] * 20
    column = described(values, values, values, Kind.NUMBER)
    assert column["missing"]["train"] == pytest.approx(0.25)
    assert sum(column["counts"]["train"]) == 60


def test_whole_numbers_are_the_same_category_in_any_type() -> None:
    column = described([1, 2] * 50, [1.0, 2.0] * 50, None, Kind.CATEGORY)
    assert column["labels"] == ["1", "2"]
    assert column["overlap"] == pytest.approx(1.0)


def test_other_types_of_time_are_drawn_in_hours() -> None:
    seconds = np.arange(0, 86_400, 600)
    times = pl.Series(seconds * 10**9).cast(pl.Time)
    lengths = pl.Series(seconds * 10**6).cast(pl.Duration("us"))
    for series in (times, lengths):
        one = table(pl.DataFrame({"x": series}), {"x": Kind.DATETIME})
        column = describe(Comparison(one, one), one.schema["x"])
        assert column["scale"] == "linear"
        assert column["edges"][0] == 0.0
        assert 23 < column["edges"][-1] <= 24.5


def test_time_zones_do_not_change_counts() -> None:
    datetimes = people(100, 1)["joined"]
    zoned = datetimes.dt.replace_time_zone("UTC").dt.convert_time_zone("Asia/Tokyo")
    plain, other = (table(pl.DataFrame({"x": s}), {"x": Kind.DATETIME}) for s in (datetimes, zoned))
    column = plain.schema["x"]
    one = describe(Comparison(plain, plain), column)
    assert describe(Comparison(other, other), column)["counts"] == one["counts"]


def test_no_bar_shows_fewer_than_five_real_rows() -> None:
    for seed in range(5):
        tables = Comparison(table(people(300, seed)), table(people(300, 9)), table(people(80, 10)))
        for column in tables.real.schema:
            counts = describe(tables, column).get("counts") or {}
            for side in ("train", "holdout"):
                assert set(counts.get(side) or ()).isdisjoint(range(1, MIN_COUNT)), column.name


def test_durations_of_centuries_are_hours() -> None:
    long = [timedelta(days=110_000 + n) for n in range(30)]
    column = described(long, long, None, Kind.DATETIME)
    assert column["median"]["train"] == pytest.approx(24 * 110_014.5, abs=24)
