"""Filters drop planted rows, and about as many real rows as their limits say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from tests.augmentation.tables import two_classes

import artesian as ar
from artesian.augmentation.filters import OPTIONAL, Filters, parse_filters
from artesian.augmentation.generate import generate
from artesian.augmentation.task import ClassTask
from artesian.core.errors import UsageError
from artesian.core.run import Run


@pytest.fixture(scope="module")
def task() -> ClassTask:
    return ClassTask.from_table(two_classes(positives=100, shift=3.0), "hit")


@pytest.fixture(scope="module")
def filters(task: ClassTask) -> Filters:
    return Filters.fit(task, OPTIONAL, Run())


def planted(task: ClassTask, **values: object) -> pl.DataFrame:
    typical = {"a": 3.1, "b": 2.9, "c": 3.0, "town": "Ulm", "hit": "yes"}
    return pl.DataFrame([typical | values]).cast(dict(task.table.frame.schema))


def test_a_typical_row_passes(task: ClassTask, filters: Filters) -> None:
    assert not any(mask.any() for mask in filters.dropped(planted(task)).values())


def test_a_row_far_from_all_real_rows_is_implausible(task: ClassTask, filters: Filters) -> None:
    assert filters.dropped(planted(task, a=30.0))["plausibility"].all()


def test_a_row_like_those_of_the_other_class_is_inconsistent(
    task: ClassTask, filters: Filters
) -> None:
    assert filters.dropped(planted(task, a=0.0, b=0.0, c=0.0))["consistency"].all()


def test_a_copy_of_a_real_row_is_a_duplicate(task: ClassTask, filters: Filters) -> None:
    assert filters.dropped(task.table.frame[:5])["duplicates"].all()


def test_few_real_rows_would_be_dropped(filters: Filters) -> None:
    assert filters.used["plausibility"].reference <= 0.01
    assert filters.used["consistency"].reference <= 0.05
    assert filters.used["duplicates"].reference == 0


def test_where_real_rows_repeat_copies_are_usual() -> None:
    frame = pl.DataFrame({"x": np.arange(200) % 3, "y": ["a"] * 150 + ["b"] * 50})
    task = ClassTask.from_table(ar.read(frame), "y")
    filters = Filters.fit(task, OPTIONAL, Run())
    assert "duplicates" not in filters.used
    assert filters.unused["duplicates"].startswith("100% of the real rows of the class have a copy")


def test_a_key_of_a_real_row_or_of_an_earlier_one_is_dropped() -> None:
    rng = np.random.default_rng(1)
    frame = pl.DataFrame(
        {
            "id": [f"K{n:05d}" for n in rng.permutation(90000)[:200]],
            "x": rng.normal(size=200),
            "y": ["a"] * 150 + ["b"] * 50,
        }
    )
    table = ar.read(frame)
    assert table.schema.key == ("id",)
    filters = Filters.fit(ClassTask.from_table(table, "y"), (), Run())
    rows = pl.DataFrame({"id": [frame["id"][3], "N1", "N1", "N2"], "x": [0.5] * 4, "y": ["b"] * 4})
    assert filters.dropped(rows)["keys"].tolist() == [True, False, True, False]


def test_an_unknown_filter_is_refused() -> None:
    assert parse_filters(["consistency", "duplicates"]) == ("duplicates", "consistency")
    assert parse_filters(["none"]) == ()
    with pytest.raises(UsageError, match="no filter 'plausible'"):
        parse_filters(["plausible"])


def test_values_that_a_constraint_calls_unique_are_not_repeated() -> None:
    rng = np.random.default_rng(2)
    frame = pl.DataFrame(
        {
            "slot": rng.permutation(5_000)[:240],
            "x": rng.normal(size=240),
            "y": ["a"] * 180 + ["b"] * 60,
        }
    )
    table = ar.read(frame)
    table = replace(table, schema=replace(table.schema, constraints=("unique(slot)",), key=()))
    filters = Filters.fit(ClassTask.from_table(table, "y"), (), Run())
    rows = pl.DataFrame(
        {"slot": [frame["slot"][3], 9_001, 9_001, 9_002], "x": [0.5] * 4, "y": ["b"] * 4},
        schema=frame.schema,
    )
    assert filters.dropped(rows)["keys"].tolist() == [True, False, True, False]
    # Nor those of rows that were kept before.
    assert filters.dropped(rows[1:], [rows[3:]])["keys"].tolist() == [False, True, True]
    model = ar.Trees().fit(table)
    made = generate(model.model, ClassTask.from_table(table, "y"), 60, filters, Run())
    assert made.table.frame["slot"].is_unique().all()
    assert not set(made.table.frame["slot"]) & set(frame["slot"])
