"""Coefficients and their intervals agree with statsmodels; concordance with its definition."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.metrics.tables import people, table

import artesian
from artesian.metrics.protocol import Comparison
from artesian.metrics.utility.coefficients import Coefficients
from artesian.metrics.utility.survival import ComparablePairs, Survival
from artesian.metrics.utility.time_to_event import TimeToEvent

REFERENCE = Path(__file__).parents[1] / "reference"
MODELS = {
    "logistic": (["age", "education_num", "hours_per_week", "sex", "income"], "income", None),
    "linear": (["age", "education_num", "hours_per_week", "sex"], "hours_per_week", None),
    "cox": (
        ["age", "education_num", "hours_per_week", "sex", "income"],
        "hours_per_week",
        "income",
    ),
}


@pytest.fixture(scope="module")
def theirs():
    return json.loads((REFERENCE / "statsmodels.json").read_text())


@pytest.fixture(scope="module")
def adult():
    return [
        artesian.read(REFERENCE / f"adult_{side}.csv") for side in ("real", "synthetic", "holdout")
    ]


def compared(tables, columns, target, event, rows):
    sides = [side.with_frame(side.frame.head(rows)).select(tuple(columns)) for side in tables]
    schema = replace(sides[0].schema, target=target, event=event)
    return Comparison(*(replace(side, schema=schema) for side in sides))


@pytest.mark.parametrize("model", MODELS)
def test_estimates_errors_and_overlaps_equal_statsmodels(adult, theirs, model):
    result = Coefficients()(compared(adult, *MODELS[model], theirs["rows"]))
    names = [name for name in MODELS[model][0] if name not in MODELS[model][1:]]
    ours = result.detail["coefficients"]
    assert [name.split(" = ")[0] for name in ours] == names
    for side, own in (("real", "real"), ("synthetic", "synthetic"), ("holdout", "holdout")):
        for at, pair in enumerate(ours.values()):
            said = theirs[model][side]
            assert pair[own] == pytest.approx([said["beta"][at], said["error"][at]], abs=1e-6)
    overlaps = []
    for at in range(len(names)):
        (a, b), (c, d) = (
            [said["beta"][at] + sign * 1.959964 * said["error"][at] for sign in (-1, 1)]
            for said in (theirs[model]["real"], theirs[model]["synthetic"])
        )
        shared = min(b, d) - max(a, c)
        overlaps.append(max(0.0, (shared / (b - a) + shared / (d - c)) / 2))
    assert list(result.parts.values()) == pytest.approx(overlaps, abs=1e-6)
    assert result.value == pytest.approx(np.mean(overlaps), abs=1e-6)


def test_the_same_rows_overlap_fully_and_noise_hardly():
    real, noise = people(1000, 1), people(1000, 2, blur=1.0)
    assert Coefficients()(Comparison(real, real)).value == pytest.approx(1.0)
    result = Coefficients()(Comparison(real, noise, people(1000, 3)))
    assert result.value < 0.7 * result.reference
    assert result.excess_interval[1] < 0


def test_a_column_that_others_give_away_is_left_out():
    def twice(seed):
        frame = people(600, seed).frame
        return table(frame.with_columns(years=pl.col("age") * 2 + 1), target="member")

    names = list(Coefficients()(Comparison(twice(1), twice(2), twice(3))).parts)
    assert "age" in names
    assert "years" not in names


def test_too_few_rows_or_events_are_skipped_with_the_reason():
    few = Coefficients()(Comparison(people(30, 1), people(30, 2), people(30, 3)))
    assert "are needed" in few.skipped
    frame = people(500, 1).frame.with_columns(member=pl.lit(False))
    same = table(frame, target="member")
    assert "classes" in Coefficients()(Comparison(same, people(500, 2))).skipped


def lives(rows, seed, *, strength=1.0):
    """Times that fall with x, some rows lost sight of before the event."""
    rng = np.random.default_rng(seed)
    x, z = rng.normal(size=rows), rng.choice(["a", "b"], rows)
    time = rng.exponential(np.exp(-strength * x - 0.5 * strength * (z == "b")))
    lost = rng.exponential(2.0, rows)
    made = table(
        {"x": x, "z": z, "time": np.minimum(time, lost), "died": time <= lost}, target="time"
    )
    return replace(made, schema=replace(made.schema, event="died"))


def test_rows_of_the_same_law_tell_who_comes_first():
    result = Survival()(Comparison(lives(1500, 1), lives(1500, 2), lives(1500, 3)))
    assert result.reference > 0.7
    assert result.value == pytest.approx(result.reference, abs=0.03)
    assert result.excess_interval[0] < 0.01
    assert result.excess_interval[1] > -0.01
    plain = result.parts["Cox, trained on real"]
    assert plain == pytest.approx(result.reference, abs=0.05)


def test_times_that_follow_nothing_teach_nothing():
    tables = Comparison(lives(1500, 1), lives(1500, 2, strength=0.0), lives(1500, 3))
    result = Survival()(tables)
    assert result.value == pytest.approx(0.5, abs=0.12)
    assert result.excess_interval[1] < 0


def test_concordance_is_harrells():
    rng = np.random.default_rng(0)
    times, seen, risk = (
        rng.integers(1, 9, 60).astype(float),
        rng.random(60) < 0.6,
        rng.normal(size=60),
    )
    risk[::7] = risk[0]
    right = known = 0.0
    for i in range(60):
        for j in range(60):
            if seen[i] and (times[i] < times[j] or (times[i] == times[j] and not seen[j])):
                known += 1
                right += 1.0 if risk[i] > risk[j] else 0.5 if risk[i] == risk[j] else 0.0
    assert ComparablePairs(times, seen).concordance(risk, np.ones(60)) == pytest.approx(
        right / known
    )


def test_without_an_event_column_survival_says_what_to_name():
    result = Survival()(Comparison(people(300, 1), people(300, 2), people(300, 3)))
    assert "no time-to-event target" in result.skipped
    few = replace(lives(300, 1), schema=replace(lives(300, 1).schema, target="z"))
    assert "not a number" in Survival()(Comparison(few, few, few)).skipped


def test_an_event_may_be_0_and_1(adult):
    from artesian.metrics.common.encoding import encode

    made = lives(200, 1)
    frame = made.frame.with_columns(pl.col("died").cast(pl.Int64))
    told = table(frame, target="time")
    schema = replace(told.schema, event="died")
    found = TimeToEvent.from_schema(encode(Comparison(told, told)), schema)
    assert found.event_code is None
    assert (found.times_and_events(encode(Comparison(told, told)).real)[1].sum()) == frame[
        "died"
    ].sum()
