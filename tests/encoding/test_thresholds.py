"""Thresholds of a number are kept though few of its values have enough rows."""

import numpy as np
import polars as pl
import pytest

import artesian as ar
from artesian.core.disclosure import MIN_COUNT
from artesian.encoding.transforms.thresholds import roundest, threshold_table

rng = np.random.default_rng(4)


def graded(rows, decimals=1):
    score = np.round(rng.uniform(0, 100, rows), decimals)
    grade = np.where(score >= 80, "A", np.where(score >= 60, "B", "C"))
    return pl.DataFrame({"score": score, "grade": grade})


def test_the_ends_of_runs_are_round():
    table = threshold_table(graded(400), "score", "grade", MIN_COUNT)
    assert table["grade"].to_list() == ["C", "C", "B", "B", "A", "A"]
    assert table["score"].round(6).to_list()[1:5] == [60.0, 60.0, 80.0, 80.0]
    assert table["score"].is_sorted()


def test_runs_of_few_rows_are_not_listed():
    frame = pl.DataFrame({"x": range(40), "y": ["a"] * 36 + ["b"] * 4})
    assert threshold_table(frame, "x", "y", MIN_COUNT).is_empty()


def test_a_number_without_thresholds_has_none():
    frame = pl.DataFrame({"x": range(400), "y": rng.integers(0, 2, 400)})
    assert threshold_table(frame, "x", "y", MIN_COUNT).is_empty()


@pytest.mark.parametrize(
    ("above", "up_to", "expected"),
    [(59.8, 60.2, 60), (24.97, 25.04, 25), (999, 1003, 1000), (0.5, 0.6, 0.6), (-0.3, 0.2, 0)],
)
def test_the_roundest_number(above, up_to, expected):
    assert roundest(above, up_to) == expected


@pytest.mark.parametrize("method", ["trees", "marginals"])
def test_grades_follow_scores_in_every_row(method):
    made = ar.synth(graded(400, 0), method=method, metrics=["validity"]).data
    wanted = pl.when(pl.col("score") >= 80).then(pl.lit("A"))
    wanted = wanted.when(pl.col("score") >= 60).then(pl.lit("B")).otherwise(pl.lit("C"))
    assert made.select((pl.col("grade") == wanted).mean()).item() > 0.995


def test_classes_and_flags_keep_their_values():
    rating = rng.integers(1, 6, 300)
    price = np.round(rating + rng.gamma(2, 20, 300) + 5, 2)
    running = rng.integers(0, 2, 300)
    power = np.round(running * rng.uniform(8, 14, 300), 2)
    frame = pl.DataFrame({"rating": rating, "price": price, "running": running, "power": power})
    made = ar.synth(frame, method="marginals", metrics=["validity"]).data
    assert made["rating"].is_between(1, 5).all()
    assert made["running"].is_in([0, 1]).all()
