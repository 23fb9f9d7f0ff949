"""Train on synthetic, test on real."""

import numpy as np
import polars as pl
import pytest
from tests.metrics.tables import people, table

from artesian.data.schema import Kind
from artesian.metrics.common.encoding import encode
from artesian.metrics.protocol import Comparison, NotMeasurable
from artesian.metrics.utility.target import find_target
from artesian.metrics.utility.tstr import TSTR


def split(make, rows=1200):
    return Comparison(make(rows, 1), make(rows, 2), make(rows, 3))


def test_rows_of_the_same_law_are_as_useful():
    result = TSTR()(split(people))
    low, high = result.excess_interval
    assert result.target == "member"
    assert result.reference > 0.8
    assert low - 0.01 <= 0 <= high + 0.01


def test_a_shuffled_target_is_of_no_use():
    tables = split(people)
    frame = tables.synthetic.frame.with_columns(pl.col("member").shuffle(seed=0))
    result = TSTR()(Comparison(tables.real, tables.synthetic.with_frame(frame), tables.holdout))
    assert result.value == pytest.approx(0.5, abs=0.08)
    assert result.excess_interval[1] < -0.2


def test_a_number_is_judged_by_r2_and_many_classes_by_their_mean_area():
    number = TSTR()(split(lambda n, seed: table(people(n, seed).frame, target="spent")))
    assert number.chart.measure == "R2"
    assert number.value == pytest.approx(number.reference, abs=0.15)
    classes = TSTR()(split(lambda n, seed: table(people(n, seed).frame, target="town")))
    assert classes.chart.measure == "AUC"
    assert classes.value == pytest.approx(0.5, abs=0.06)


def test_a_class_that_synthetic_rows_lack_counts_as_guessed():
    def three(rows, seed):
        rng = np.random.default_rng(seed)
        x = rng.integers(0, 3, rows)
        return table(
            {"x": x + 0.1 * rng.normal(size=rows), "c": np.array(["a", "b", "c"])[x]}, target="c"
        )

    tables = split(three)
    frame = tables.synthetic.frame.filter(pl.col("c") != "c")
    result = TSTR()(Comparison(tables.real, tables.synthetic.with_frame(frame), tables.holdout))
    assert result.reference > 0.98
    assert 0.6 < result.value < 0.9


def test_one_class_is_skipped_with_the_reason():
    tables = split(people)
    frame = tables.synthetic.frame.with_columns(member=True)
    result = TSTR()(Comparison(tables.real, tables.synthetic.with_frame(frame), tables.holdout))
    assert result.value is None
    assert result.skipped == "'member' has one class in the synthetic rows"


@pytest.mark.parametrize(
    ("columns", "target", "found"),
    [
        ({"age": [1, 2], "income": ["a", "b"], "c": ["a", "b"]}, None, "income"),
        (
            {"median_income": [1, 2], "median_house_value": [1, 2], "c": ["a", "b"]},
            None,
            "median_house_value",
        ),
        ({"a": ["x", "y"], "b": ["x", "y"], "n": [1, 2]}, None, "b"),
        ({"n": [1, 2], "m": [1, 2], "same": ["x", "x"]}, None, "m"),
        ({"n": [1, 2], "income": [1, 2]}, "n", "n"),
    ],
)
def test_the_target_is_the_one_named_or_told_by_its_name_or_the_last(columns, target, found):
    real = table(columns, target=target)
    assert find_target(encode(Comparison(real, real)), real.schema).name == found


def test_a_target_that_cannot_be_predicted_says_why():
    real = table({"n": [1, 2], "k": ["a", "b"]}, target="k", k=Kind.KEY)
    with pytest.raises(NotMeasurable, match="key column"):
        find_target(encode(Comparison(real, real)), real.schema)
