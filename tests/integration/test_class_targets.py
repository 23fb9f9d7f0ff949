"""A target of two values has classes, whether they are written as numbers, booleans or words."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import artesian as ar
from artesian.cli.app import call

CASE = Path(__file__).parents[1] / "data_sets" / "cases" / "B22_target_0_1.csv"
MEASURED = (
    *("tstr", "tstr_linear", "tstr_groups"),
    *("demographic_parity", "equalized_odds", "subgroup_calibration"),
    *("c2st_holdout", "tv", "pairs", "dcr_share", "attribute_inference"),
)
FAIRNESS = ("demographic_parity", "equalized_odds", "subgroup_calibration", "representation")


def defendants(seed: int, rows: int = 600) -> tuple[pl.DataFrame, np.ndarray]:
    """Rows with a sensitive column, and whether each reoffends."""
    rng = np.random.default_rng(seed)
    priors, age = rng.poisson(2, rows), rng.integers(18, 70, rows)
    sex = rng.choice(["F", "M"], rows)
    odds = np.exp(0.6 * priors - 0.04 * age + (sex == "M"))
    frame = pl.DataFrame({"priors": priors, "age": age, "sex": sex})
    return frame, rng.random(rows) < odds / (1 + odds)


def scorecard(values: Sequence[object], target: str = "again") -> ar.Scorecard:
    """Compare three samples; `values` are how 'no' and 'yes' are written."""
    tables = []
    for seed in range(3):
        frame, again = defendants(seed)
        written = pl.Series(target, [values[int(each)] for each in again])
        tables.append(frame.with_columns(written))
    real, synthetic, holdout = tables
    return ar.compare(real, synthetic, holdout, target=target, metrics=MEASURED)


@pytest.fixture(scope="module")
def words() -> ar.Scorecard:
    return scorecard(("no", "yes"))


@pytest.mark.parametrize("values", [(0, 1), (0.0, 1.0), (False, True), (1, 2), (-1, 1)], ids=str)
def test_every_way_of_writing_two_classes_has_the_same_figures(
    words: ar.Scorecard, values: Sequence[object]
) -> None:
    written = scorecard(values)
    assert written.verdict == words.verdict
    for metric in MEASURED:
        one, other = written[metric], words[metric]
        assert other.value is not None, other.skipped
        assert one.value == other.value, metric
        assert one.interval == other.interval
        assert one.reference == other.reference


def test_the_command_measures_auc_and_fairness_of_a_0_1_target(tmp_path: Path) -> None:
    out = tmp_path / "out"
    status = call(
        ["synth", str(CASE), "--target", "reoffend", "-o", str(out), "--method", "trees", "--quiet"]
    )
    assert status == 0
    results = {
        each["metric"]: each for each in json.loads((out / "scorecard.json").read_text())["results"]
    }
    assert "AUC" in results["tstr"]["explanation"]
    assert 0.7 < results["tstr"]["reference"] < 1
    for metric in FAIRNESS:
        assert results[metric]["value"] is not None, results[metric]["skipped"]
    assert "'reoffend = 1'" in results["equalized_odds"]["explanation"]


def test_a_few_whole_numbers_that_are_named_as_the_target_are_classes() -> None:
    rng = np.random.default_rng(4)
    size = rng.normal(size=900)
    severity = np.digitize(size + rng.normal(scale=0.5, size=900), [-0.7, 0.4]) + 1
    frame = pl.DataFrame({"size": size, "severity": severity})
    card = ar.compare(frame[:300], frame[300:600], frame[600:], target="severity", metrics=["tstr"])
    assert "AUC" in card["tstr"].explanation
    assert card["tstr"].baseline == 0.5


def test_counts_and_measurements_that_are_named_as_the_target_stay_numbers() -> None:
    rng = np.random.default_rng(5)
    size = rng.normal(size=900)
    frame = pl.DataFrame({"size": size, "visits": rng.poisson(np.exp(size) * 5)})
    card = ar.compare(frame[:300], frame[300:600], frame[600:], target="visits", metrics=["tstr"])
    assert card["tstr"].baseline == 0.0
    assert "R2" in card["tstr"].explanation


def test_a_time_to_an_event_and_its_indicator_are_no_classes() -> None:
    rng = np.random.default_rng(6)
    size = rng.normal(size=900)
    frame = pl.DataFrame(
        {
            "size": size,
            "years": rng.integers(1, 4, 900) + (size < 0),
            "died": rng.integers(0, 2, 900),
        }
    )
    card = ar.compare(
        *(frame[:300], frame[300:600], frame[600:]),
        target="years",
        event="died",
        metrics=["survival", "tstr"],
    )
    assert card["survival"].value is not None, card["survival"].skipped
    assert "see the survival metric" in card["tstr"].skipped


def test_a_generator_that_writes_fractions_between_0_and_1_is_scored_by_the_nearer_class() -> None:
    tables = []
    for seed in range(3):
        frame, again = defendants(seed)
        tables.append(frame.with_columns(again=pl.Series(again.astype(float))))
    real, synthetic, holdout = tables
    noise = np.random.default_rng(7).uniform(-0.2, 0.2, len(synthetic))
    blurred = synthetic.with_columns(again=pl.col("again") + noise)
    metrics = ["tstr", "validity"]
    exact = ar.compare(real, synthetic, holdout, target="again", metrics=metrics)
    card = ar.compare(real, blurred, holdout, target="again", metrics=metrics)
    assert card["tstr"].value == pytest.approx(exact["tstr"].value, abs=0.03)
    assert card["validity"].value < 0.6 < exact["validity"].value


def test_a_sensitive_column_of_codes_has_groups() -> None:
    tables = []
    for seed in range(3):
        frame, again = defendants(seed)
        coded = frame.with_columns(sex=(pl.col("sex") == "M").cast(pl.Int64) + 1)
        tables.append(coded.with_columns(again=pl.Series(again.astype(int))))
    card = ar.compare(*tables, target="again", sensitive=["sex"], metrics=["fairness"])
    for metric in FAIRNESS:
        assert card[metric].value is not None, card[metric].skipped
    assert [each["group"] for each in card["equalized_odds"].detail["groups"]["sex"]] == ["1", "2"]
