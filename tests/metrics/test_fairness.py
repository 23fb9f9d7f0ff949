"""Fairness: agreement with fairlearn, a minority that vanishes, a relation turned for one group."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.metrics.tables import table

from artesian.metrics import CATALOG
from artesian.metrics.fairness.group_differences import (
    calibration_differences,
    odds_differences,
    parity_differences,
)
from artesian.metrics.fairness.representation import Representation
from artesian.metrics.protocol import Comparison

FAIRLEARN = json.loads((Path(__file__).parents[1] / "reference" / "fairlearn.json").read_text())
MODELS = ("demographic_parity", "equalized_odds", "subgroup_calibration")


def citizens(rows, seed, turned=False):
    """Who is hired follows from skill; `turned`: in group b from the lack of it."""
    rng = np.random.default_rng(seed)
    group = rng.choice(["a", "b", "c"], rows, p=[0.6, 0.3, 0.1])
    skill = rng.normal(size=rows)
    sign = np.where(turned & (group == "b"), -1.0, 1.0)
    found = table(
        {"group": group, "skill": skill, "hired": sign * skill + 0.5 * rng.normal(size=rows) > 0.3},
        target="hired",
    )
    schema = found.schema
    marked = schema.with_columns([replace(schema["group"], sensitive=True)])
    return replace(found, schema=marked)


def test_gaps_agree_with_fairlearn():
    truth = np.array(FAIRLEARN["truth"], bool)
    scores, groups = np.array(FAIRLEARN["scores"]), np.array(FAIRLEARN["groups"])
    even = np.ones((1, len(truth)))
    for name, gap in (
        ("demographic_parity", parity_differences),
        ("equalized_odds", odds_differences),
    ):
        found = gap(truth, scores, groups, 3, even)[0]
        assert found == pytest.approx(FAIRLEARN[name], abs=1e-6)
    by_hand = max(abs(scores[groups == g].mean() - truth[groups == g].mean()) for g in range(3))
    assert calibration_differences(truth, scores, groups, 3, even)[0] == pytest.approx(by_hand)


def test_weights_are_as_good_as_repeated_rows():
    truth = np.array(FAIRLEARN["truth"], bool)
    scores, groups = np.array(FAIRLEARN["scores"]), np.array(FAIRLEARN["groups"])
    times = np.random.default_rng(0).integers(0, 3, len(truth))
    again = np.repeat(np.arange(len(truth)), times)
    even = np.ones((1, len(again)))
    for gap in (parity_differences, odds_differences, calibration_differences):
        weighted = gap(truth, scores, groups, 3, times[None].astype(float))
        assert weighted == pytest.approx(gap(truth[again], scores[again], groups[again], 3, even))


@pytest.mark.parametrize("name", MODELS)
def test_fresh_rows_are_as_fair_as_real_ones(name):
    alarms = 0
    for seed in (1, 11, 21):
        tables = [citizens(1200, seed + at) for at in range(3)]
        alarms += CATALOG[name]()(Comparison(*tables)).excess_interval[0] > 0
    assert alarms == 0


@pytest.mark.parametrize("name", ["equalized_odds"])
def test_a_relation_turned_for_one_group_is_found(name):
    found = CATALOG[name]()(
        Comparison(citizens(2000, 1), citizens(2000, 2, turned=True), citizens(2000, 3))
    )
    assert found.excess_interval[0] > 0.3
    assert "'group'" in found.explanation


def test_a_minority_that_vanishes_is_named():
    real, made, holdout = citizens(2000, 1), citizens(2000, 2), citizens(2000, 3)
    without = made.with_frame(made.frame.filter(pl.col("group") != "c"))
    found = Representation()(Comparison(real, without, holdout))
    assert "group = c" in found.explanation
    assert found.detail["ratios"]["group = c"] == 0
    assert found.excess_interval[0] > 0
    fresh = Representation()(Comparison(real, made, holdout))
    assert fresh.excess_interval[0] < 0


def test_intersections_are_groups_as_well():
    def both(rows, seed, correlated):
        rng = np.random.default_rng(seed)
        sex, race = rng.choice(["f", "m"], rows), rng.choice(["x", "y"], rows)
        race = np.where(sex == "f", "x", "y") if correlated else race
        found = table({"sex": sex, "race": race})
        schema = found.schema
        return replace(
            found, schema=schema.with_columns(replace(c, sensitive=True) for c in schema)
        )

    found = Representation()(
        Comparison(both(800, 1, False), both(800, 2, True), both(800, 3, False))
    )
    assert found.parts["sex"] < 0.1
    assert found.parts["all together"] > 0.4
    assert found.detail["ratios"]["sex = f, race = y"] == 0


def test_reasons_for_skipping():
    plain = citizens(500, 1)
    schema = plain.schema
    unmarked = replace(
        plain, schema=schema.with_columns([replace(schema["group"], sensitive=False)])
    )
    one_class = plain.with_frame(plain.frame.with_columns(hired=pl.lit(value=True)))
    of_numbers = replace(plain, schema=replace(schema, target="skill"))
    for name in MODELS:
        metric = CATALOG[name]()
        assert "sensitive" in metric(Comparison(unmarked, unmarked, unmarked)).skipped
        assert "one class" in metric(Comparison(plain, one_class, plain)).skipped
        assert "two classes" in metric(Comparison(of_numbers, of_numbers, of_numbers)).skipped
