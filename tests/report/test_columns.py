"""What is told of one column: true counts, and nothing that few rows hold."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.report.people import comparison, people, table

from artesian.data.schema import Kind
from artesian.metrics.protocol import Comparison
from artesian.report.columns import describe


def told(
    real: list[Any], synthetic: list[Any], holdout: list[Any] | None, kind: Kind
) -> dict[str, Any]:
    def one(values: list[Any]) -> Any:
        return table(pl.DataFrame({"x": values}, strict=False), {"x": kind})

    tables = Comparison(one(real), one(synthetic), None if holdout is None else one(holdout))
    found = describe(tables, tables.real.schema["x"])
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    return found


def test_every_kind_of_column_has_its_chart() -> None:
    tables = comparison(400)
    found = {c.name: describe(tables, c) for c in tables.real.schema}
    assert {name: one["chart"] for name, one in found.items()} == {
        "age": "histogram",
        "gain": "histogram",
        "wage": "histogram",
        "joined": "histogram",
        "town": "bars",
        "member": "bars",
        "note": "histogram",
        "id": "histogram",
    }
    assert found["wage"]["scale"] == "log"
    assert found["joined"]["scale"] == "time"
    assert [atom["value"] for atom in found["gain"]["atoms"]] == [0.0]
    for one in found.values():
        assert one["overlap"] == pytest.approx(1.0)  # shuffled columns keep their shares
        assert 0.5 < one["overlap_holdout"] < 1.0 or one["name"] == "id"


def test_overlap_is_one_minus_total_variation() -> None:
    found = told(["a"] * 60 + ["b"] * 40, ["a"] * 30 + ["b"] * 70, ["c"] * 10, Kind.CATEGORY)
    assert found["overlap"] == pytest.approx(0.7)
    assert found["overlap_holdout"] == pytest.approx(0.0)


def test_missing_values_count_for_the_overlap() -> None:
    values = [float(v) for v in range(50)]
    found = told(values * 2, values + [None] * 50, None, Kind.NUMBER)
    assert found["missing"] == {"real": 0.0, "synthetic": 0.5, "holdout": None}
    assert found["overlap"] == pytest.approx(0.5)
    assert found["overlap_holdout"] is None


def test_only_categories_of_five_real_rows_are_named() -> None:
    real = ["common"] * 50 + ["rare-secret"] * 4
    found = told(real, ["rare-secret"] * 50 + ["invented"] * 4, ["held"] * 54, Kind.CATEGORY)
    assert found["labels"] == ["common", "1 other"]
    assert found["counts"] == {"real": [50, 4], "synthetic": [0, 54], "holdout": [0, 54]}
    assert "secret" not in json.dumps(found)
    assert "invented" not in json.dumps(found)


def test_a_column_of_few_values_is_not_drawn() -> None:
    for real, kind in (([1.5] * 3, Kind.NUMBER), (["one", "two"], Kind.CATEGORY)):
        found = told(real, real, None, kind)
        assert found["chart"] == "none"
        assert "single rows" in found["why"]
        assert found["overlap"] is None


def test_a_column_without_values_says_so() -> None:
    for kind in (Kind.NUMBER, Kind.CATEGORY, Kind.TEXT):
        found = told([None] * 30, [None] * 30, None, kind)
        assert found["chart"] == "none"
        assert found["why"] == "every value is missing"


def test_texts_and_keys_show_their_lengths_alone() -> None:
    frame = people(200, 1)
    tables = Comparison(table(frame), table(people(200, 2)))
    for name in ("note", "id"):
        found = describe(tables, tables.real.schema[name])
        text = json.dumps(found)
        assert not any(value in text for value in frame["id"].to_list())
        assert sum(found["counts"]["real"]) == 200


def test_at_most_twenty_categories_are_shown_and_the_others_summed() -> None:
    real = [f"level {n}" for n in range(40) for _ in range(10 + n)]
    found = told(real, real, real, Kind.CATEGORY)
    assert found["labels"][0] == "level 39"
    assert found["labels"][-1] == "20 others"
    assert len(found["labels"]) == 21
    assert sum(found["counts"]["real"]) == len(real)


def test_infinities_and_nan_are_drawn_and_counted_as_missing() -> None:
    values = [float("inf"), float("-inf"), float("nan"), 1.0] * 20
    found = told(values, values, values, Kind.NUMBER)
    assert found["missing"]["real"] == pytest.approx(0.25)
    assert sum(found["counts"]["real"]) == 60


def test_whole_numbers_are_the_same_category_in_any_type() -> None:
    found = told([1, 2] * 50, [1.0, 2.0] * 50, None, Kind.CATEGORY)
    assert found["labels"] == ["1", "2"]
    assert found["overlap"] == pytest.approx(1.0)


def test_other_types_of_time_are_drawn_in_hours() -> None:
    seconds = np.arange(0, 86_400, 600)
    times = pl.Series(seconds * 10**9).cast(pl.Time)
    lengths = pl.Series(seconds * 10**6).cast(pl.Duration("us"))
    for series in (times, lengths):
        one = table(pl.DataFrame({"x": series}), {"x": Kind.DATETIME})
        found = describe(Comparison(one, one), one.schema["x"])
        assert found["scale"] == "linear"
        assert found["edges"][0] == 0.0
        assert 23 < found["edges"][-1] <= 24.5


def test_zones_do_not_move_moments() -> None:
    moments = people(100, 1)["joined"]
    zoned = moments.dt.replace_time_zone("UTC").dt.convert_time_zone("Asia/Tokyo")
    plain, other = (table(pl.DataFrame({"x": s}), {"x": Kind.DATETIME}) for s in (moments, zoned))
    column = plain.schema["x"]
    one = describe(Comparison(plain, plain), column)
    assert describe(Comparison(other, other), column)["counts"] == one["counts"]
