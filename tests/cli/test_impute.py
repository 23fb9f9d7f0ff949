"""`artesian impute` and `ar.impute`: outputs, the check, and what bad input gets."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.cli.people import Cli, left_beside, write_people

import artesian as ar
from artesian.cli.app import call
from artesian.pipeline.imputation_check import check_columns, mask_values

FAST = ("--method", "gaussian_mixture")


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("impute")
    source = write_people(folder / "people.csv", rows=600)
    assert (
        call(["impute", str(source), "-o", str(folder / "out"), "--imputations", "2", "-q", *FAST])
        == 0
    )
    return folder / "out"


def test_known_values_are_written_as_in_the_source(out: Path) -> None:
    with (out.parent / "people.csv").open(newline="") as file:
        real = list(csv.reader(file))
    for number in (1, 2):
        with (out / "data" / f"people_{number}.csv").open(newline="") as file:
            rows = list(csv.reader(file))
        assert len(rows) == len(real)
        for own, imputed in zip(real, rows, strict=True):
            assert all(b == a or a == "" for a, b in zip(own, imputed, strict=True))
            assert "" not in imputed


def test_the_results_state_what_was_imputed_and_how_well(out: Path) -> None:
    results = json.loads((out / "imputation.json").read_text())
    missing = pl.read_csv(out.parent / "people.csv")["town"].null_count()
    assert results["imputed"] == {"town": missing}
    assert results["check"]["nominal_coverage"] == 0.9
    (check,) = results["check"]["columns"]
    assert check["column"] == "town"
    assert 0 <= check["imputed"] <= 1
    assert "| town |" in (out / "imputation.md").read_text()
    assert any(
        "sensitive" in note for note in json.loads((out / "manifest.json").read_text())["notes"]
    )


@pytest.mark.parametrize(
    ("tokens", "code", "problem", "hint"),
    [
        (["--columns", "twon"], 1, "'twon'", "'town'"),
        (["--columns", "age"], 1, "'age' has no missing values", "leave it out"),
        (["--method", "marginals"], 1, "'marginals' cannot draw missing values", "trees"),
        (["--imputations", "0"], 2, "--imputations", "--help"),
    ],
)
def test_bad_input_gets_two_lines_and_leaves_nothing(
    cli: Cli, people: Path, tmp_path: Path, tokens: list[str], code: int, problem: str, hint: str
) -> None:
    ended = cli("impute", people, *tokens, "-o", tmp_path / "out")
    assert ended.code == code
    first, second = ended.err.splitlines()
    assert problem in first
    assert hint in second
    assert left_beside(tmp_path / "out") == []


def test_without_missing_values_there_is_nothing_to_impute(cli: Cli, tmp_path: Path) -> None:
    pl.DataFrame({"x": range(60), "y": ["a", "b"] * 30}).write_csv(tmp_path / "full.csv")
    ended = cli("impute", tmp_path / "full.csv", "--json")
    assert ended.code == 1
    assert "no missing values to impute" in ended.json["error"]["problem"]


def test_a_column_with_only_missing_values_stays_as_it_is(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {"x": [1.5, None, 2.5, 3.0] * 20, "y": pl.Series([None] * 80, dtype=pl.Float64)}
    )
    imputed = ar.impute(frame, method="gaussian_mixture", imputations=1)
    assert imputed.data[0]["x"].null_count() == 0
    assert imputed.data[0]["y"].null_count() == 80
    assert any("'y' has only missing values" in note for note in imputed.result.notes)
    with pytest.raises(ar.ArtesianError, match="'y' has only missing values"):
        ar.impute(frame, columns=["y"])


def test_the_check_knows_the_truth_and_the_baseline() -> None:
    rng = np.random.default_rng(3)
    frame = pl.DataFrame(
        {"n": rng.normal(size=400), "c": rng.choice(["a", "b"], 400, p=[0.7, 0.3])}
    )
    table = ar.read(frame)
    hidden, masked = mask_values(table, ["n", "c"], ar.Run())
    assert [len(at) for at in masked.values()] == [40, 40]
    assert hidden.frame["n"].null_count() == 40
    perfect = {one.name: one for one in check_columns(table, table, [table] * 19, masked)}
    assert perfect["n"].imputed == pytest.approx(0)
    assert perfect["c"].imputed == 0
    assert perfect["n"].coverage == perfect["c"].coverage == 1
    assert perfect["c"].baseline == pytest.approx((frame["c"][masked["c"]] == "b").mean())
    shuffled = [table.with_frame(frame.sample(400, shuffle=True, seed=s)) for s in range(19)]
    guessed = {one.name: one for one in check_columns(table, table, shuffled, masked)}
    assert abs(guessed["n"].coverage - 0.9) < 0.15
    assert guessed["n"].imputed > 0.9 * guessed["n"].baseline
