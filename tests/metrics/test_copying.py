"""Nearest records and exact copies, against brute force and planted copies."""

import numpy as np
import polars as pl
import pytest
from tests.metrics.tables import people, suppressing, table

from artesian.metrics.privacy.dcr import DCRShare
from artesian.metrics.privacy.exact_copies import UNIQUE, ExactCopies
from artesian.metrics.protocol import Comparison


def brute_force_share(real, synthetic, holdout, names):
    """The same share with plain loops in float64: ranks, clipped z-scores, one-hot."""
    pool = np.concatenate([real[names].to_numpy(), holdout[names].to_numpy()])

    def place(frame):
        made = []
        for k, name in enumerate(names):
            values, points = frame[name].to_numpy(), np.sort(pool[:, k])
            low, high = (np.searchsorted(points, values, side) for side in ("left", "right"))
            made.append((low + high) / 2 / len(points))
            made.append(np.clip((values - points.mean()) / points.std(), -3, 3) / 3)
        for level in sorted({*real["town"], *holdout["town"]}):
            made.append((frame["town"] == level).to_numpy() * np.sqrt(0.5))
        return np.column_stack(made)

    def nearest(a, b):
        return np.array([((row - b) ** 2).sum(axis=1).min() for row in a])

    made = place(synthetic)
    train, unseen = nearest(made, place(real)), nearest(made, place(holdout))
    return float(np.mean((train < unseen) + 0.5 * (train == unseen)))


def test_the_share_equals_brute_force():
    columns = ["age", "spent", "town"]
    frames = [people(400, seed).frame.select(columns) for seed in (1, 2, 3)]
    noisy = frames[0].with_columns(pl.col("spent") * 1.02)  # half-way to copies
    frames[1] = pl.concat([frames[1][:200], noisy[:200]])
    expected = brute_force_share(*frames, ["age", "spent"])
    found = DCRShare()(Comparison(*(table(frame) for frame in frames)))
    assert expected > 0.6
    assert found.value == pytest.approx(expected, abs=0.006)


def test_copies_are_flagged_and_fresh_rows_are_not():
    real, holdout = people(1500, 1), people(1500, 3)
    copied = Comparison(real, real, holdout)
    fresh = Comparison(real, people(1500, 2), holdout)
    assert DCRShare()(copied).value > 0.98
    assert ExactCopies()(copied).value == 1.0
    assert DCRShare()(fresh).interval[0] < 0.5 < DCRShare()(fresh).interval[1] + 0.02
    assert ExactCopies()(fresh).value == 0.0


def test_rows_copied_from_the_holdout_lie_on_the_other_side():
    tables = Comparison(people(800, 1), people(800, 3), people(800, 3))
    assert DCRShare()(tables).value < 0.02


def test_ties_count_half_and_are_told():
    rows = table({"a": ["x", "y"] * 100, "b": ["u", "v", "v", "u"] * 50})
    result = DCRShare()(Comparison(rows, rows, rows))
    assert result.value == 0.5
    assert result.parts["equally near"] == 1.0


def test_a_number_far_out_or_missing_does_not_break_distances():
    def odd(seed):
        frame = people(300, seed).frame
        wild = pl.when(pl.col("age") > 50).then(float("inf")).when(pl.col("age") < 30).then(None)
        return table(frame.with_columns(age=wild.otherwise(pl.col("age"))))

    result = DCRShare()(Comparison(odd(1), odd(2), odd(3)))
    assert result.value == pytest.approx(0.5, abs=0.1)


def test_histograms_are_shares_and_show_where_copies_lie():
    real = people(600, 1)
    chart = DCRShare()(Comparison(real, real, people(600, 3))).chart
    assert len(chart.series) == 3
    for shares in chart.series.values():
        assert len(shares) == len(chart.edges) - 1
        assert sum(shares) == pytest.approx(1, abs=1e-3)
    assert chart.series["synthetic to training rows"][0] > 0.98
    assert chart.series["holdout to training rows"][0] < 0.5


def test_the_sentence_promises_nothing():
    result = DCRShare()(Comparison(people(200, 1), people(200, 2), people(200, 3)))
    assert "a diagnostic, not a proof of privacy" in result.explanation
    assert "anonym" not in result.explanation


def test_copies_are_equal_in_all_columns_and_in_any_type_of_number():
    real = table({"n": [1, 2, 2, 3], "c": ["a", "b", "b", None]})
    made = table({"n": [1.0, 2.0, 3.0, 3.0], "c": ["a", "b", None, "a"]})
    result = ExactCopies()(Comparison(real, made, made))
    assert result.value == result.reference == 0.75
    assert result.parts[UNIQUE] == 0.5  # ("b", 2) stands there twice


def test_a_suppressed_category_copies_nothing():
    real = table({"c": ["a"] * 40 + ["r1", "r2"]})
    made = table({"c": ["(rare)"] * 42})
    assert ExactCopies()(Comparison(real, suppressing(made, c="(rare)"))).value == 0.0
