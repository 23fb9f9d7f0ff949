"""The class to augment: which one, its folds, and targets that are none."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from tests.augmentation.tables import Oracle, two_classes

import artesian as ar
from artesian.augmentation.learners import linear
from artesian.augmentation.study import StudyPlan, run_study
from artesian.augmentation.task import ClassTask
from artesian.core.errors import DataError, SchemaError, UsageError
from artesian.core.run import Run, Seed


def test_the_rarest_class_is_the_one_to_augment() -> None:
    task = ClassTask.from_table(two_classes(), "hit")
    assert task.name == "hit = yes"
    assert task.positive.sum() == 20
    assert task.missing_rows == 360


@pytest.mark.parametrize("written", [1, "1", 1.0])
def test_a_class_can_be_given_as_text_or_as_its_value(written: object) -> None:
    frame = pl.DataFrame({"x": np.arange(60.0) % 7, "y": [1] * 40 + [0] * 20})
    task = ClassTask.from_table(ar.read(frame), "y", written)
    assert task.positive.sum() == 40
    assert task.missing_rows == 0


def test_rows_without_a_class_are_left_out() -> None:
    frame = pl.DataFrame({"x": np.arange(60.0) % 7, "y": ["a"] * 40 + ["b"] * 10 + [None] * 10})
    assert len(ClassTask.from_table(ar.read(frame), "y")) == 50


def test_of_several_classes_the_largest_other_one_is_the_aim() -> None:
    frame = pl.DataFrame({"x": np.arange(90.0) % 7, "y": ["a"] * 50 + ["b"] * 30 + ["c"] * 10})
    assert ClassTask.from_table(ar.read(frame), "y").missing_rows == 40
    assert ClassTask.from_table(ar.read(frame), "y", "b").missing_rows == 20


@pytest.mark.parametrize(
    ("frame", "target", "minority", "error", "problem"),
    [
        ({"x": [1.5, 2.5] * 20, "y": ["a"] * 40}, "y", None, DataError, "one class, 'a'"),
        ({"x": [1.5, 2.5] * 20, "y": ["a", "b"] * 20}, "z", None, SchemaError, "no column 'z'"),
        ({"x": [1.5, 2.5] * 20, "y": ["a", "b"] * 20}, "y", "c", DataError, "no class 'c'"),
        ({"x": np.arange(40) / 7, "y": ["a", "b"] * 20}, "x", None, UsageError, "40 values"),
        ({"y": ["a", "b"] * 20}, "y", None, DataError, "nothing to predict"),
    ],
)
def test_a_target_that_is_no_class_is_refused(
    frame: dict, target: str, minority: str | None, error: type, problem: str
) -> None:
    with pytest.raises(error, match=problem) as raised:
        ClassTask.from_table(ar.read(pl.DataFrame(frame)), target, minority)
    assert raised.value.hint


def test_a_class_needs_as_many_rows_as_folds() -> None:
    with pytest.raises(DataError, match="4 rows have hit = yes, too few for 5 folds"):
        ClassTask.from_table(two_classes(positives=4), "hit").require_rows(5)
    ClassTask.from_table(two_classes(positives=5), "hit").require_rows(5)
    with pytest.raises(DataError, match="5 rows have hit = yes, too few for 2 folds"):
        ClassTask.from_table(two_classes(positives=5), "hit").require_rows(2)


@pytest.mark.parametrize(("positives", "folds"), [(6, 2), (4, 4)])
def test_the_smallest_classes_can_be_measured(positives: int, folds: int) -> None:
    task = ClassTask.from_table(two_classes(positives=positives, rows=80), "hit")
    task.require_rows(folds)
    plan = StudyPlan(folds=folds, repeats=1, learners={"linear": linear})
    study = run_study(task, {"oracle": Oracle()}, plan, Run())
    assert np.isfinite(study.values).all()


def test_folds_divide_each_class_evenly() -> None:
    task = ClassTask.from_table(two_classes(), "hit")
    folds = task.folds(5, Seed(1))
    assert np.bincount(folds[task.positive]).tolist() == [4] * 5
    assert np.bincount(folds[~task.positive]).tolist() == [76] * 5


def test_rows_of_an_entity_are_in_one_fold() -> None:
    rng = np.random.default_rng(2)
    patient = np.repeat([f"P-{number:04d}" for number in range(100, 200)], 4)
    frame = pl.DataFrame(
        {"patient_id": patient, "x": rng.normal(size=400), "y": rng.choice(["a", "b", "b"], 400)}
    )
    task = ClassTask.from_table(ar.read(frame), "y")
    assert task.grouped
    folds = task.folds(5, Seed(1))
    assert all(len(set(folds[patient == one])) == 1 for one in patient)
