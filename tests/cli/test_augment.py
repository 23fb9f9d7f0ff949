"""`artesian augment` and `ar.augment`: outputs, and what bad input gets."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from tests.cli.people import Cli, left_beside, write_people

import artesian as ar
from artesian.cli.app import call

FAST = ("--method", "marginals", "--folds", "2", "--repeats", "1")


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("augment")
    source = write_people(folder / "people.csv")
    options = ["--target", "member", "-o", str(folder / "out"), "--marker", "added", "-q"]
    assert call(["augment", str(source), *options, *FAST]) == 0
    return folder / "out"


def test_the_real_rows_come_first_and_unchanged(out: Path) -> None:
    real = (out.parent / "people.csv").read_text().splitlines()
    rows = (out / "data" / "people.csv").read_text().splitlines()
    assert rows[0] == f"{real[0]},added"
    assert [line.rpartition(",")[0] for line in rows[1 : len(real)]] == real[1:]
    assert {line.rpartition(",")[2] for line in rows[1 : len(real)]} == {"false"}


def test_the_class_is_as_large_as_the_other(out: Path) -> None:
    frame = pl.read_csv(out / "data" / "people.csv")
    counts = frame["member"].value_counts()["count"].to_list()
    assert counts[0] == counts[1]
    assert frame.filter(pl.col("added"))["member"].unique().to_list() == ["yes"]


def test_the_results_state_every_treatment_and_filter(out: Path) -> None:
    results = json.loads((out / "augmentation.json").read_text())
    assert results["verdict"].startswith("Do not augment.")
    for learner in results["study"]["learners"]:
        names = [one["name"] for one in learner["treatments"]]
        assert names == [
            *("nothing", "class weights", "over-sampling", "SMOTE"),
            *("marginals", "marginals, unfiltered"),
        ]
        for one in learner["treatments"]:
            assert set(one["measures"]) == {
                *("f1", "f1_tuned", "auroc", "auprc", "recall_at_precision", "brier")
            }
    assert [one["name"] for one in results["filters"]] == [
        *("plausibility", "duplicates", "consistency")
    ]
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["method"]["settings"]["protect"] is False
    assert any("do not release" in note for note in manifest["notes"])


def test_report_and_summary_state_the_verdict(out: Path) -> None:
    page, summary = (out / "report.html").read_text(), (out / "augmentation.md").read_text()
    assert "Do not augment." in page
    assert "Do not augment." in summary
    assert "http://" not in page.split("<script")[0]


@pytest.mark.parametrize(
    ("tokens", "code", "problem", "hint"),
    [
        (["--target", "membr"], 1, "'membr'", "'member'"),
        (["--target", "age"], 2, "'age' is a number with 52 values", "'pay'"),
        (["--target", "member", "--minority", "maybe"], 1, "no class 'maybe'", "there are"),
        (["--target", "member", "--folds", "1"], 2, "1 folds", "2 folds"),
        (["--target", "member", "--folds", "500"], 1, "500 folds", "at most"),
        (["--target", "member", "--filters", "plausible"], 2, "'plausible'", "'plausibility'"),
        (["--target", "member", "--measure", "auc"], 2, "'auc'", "auroc"),
        (["--target", "member", "--marker", "town"], 2, "'town'", "another name"),
        (["--target", "member", "--minority", "no"], 2, "as many rows", "number of rows"),
        (["--target", "member", "--rows", "5", "--balance"], 2, "--balance", "leave one"),
        (["--target", "member", "--method", "treez"], 2, "'treez'", "'trees'"),
        ([], 2, "--target", "--help"),
    ],
)
def test_bad_input_gets_two_lines_and_leaves_nothing(
    cli: Cli, people: Path, tmp_path: Path, tokens: list[str], code: int, problem: str, hint: str
) -> None:
    ended = cli("augment", people, *tokens, "-o", tmp_path / "out")
    assert ended.code == code
    first, second = ended.err.splitlines()
    assert first.startswith("error: ")
    assert problem in first
    assert second.startswith("hint: ")
    assert hint in second
    assert left_beside(tmp_path / "out") == []


def test_one_class_is_refused(cli: Cli, tmp_path: Path) -> None:
    pl.DataFrame({"x": range(30), "y": ["a"] * 30}).write_csv(tmp_path / "one.csv")
    ended = cli("augment", tmp_path / "one.csv", "--target", "y", "--json")
    assert ended.code == 1
    assert "one class" in ended.json["error"]["problem"]


def test_too_strict_filters_name_how_many_rows_they_drop(cli: Cli, people: Path) -> None:
    ended = cli("augment", people, "--target", "member", "--method", "bootstrap", "--json")
    assert ended.code == 1
    problem = ended.json["error"]["problem"]
    assert problem.startswith("only 0 of ")
    assert "with member = yes pass the filters (dropped by duplicates" in problem


def test_python_returns_the_type_of_the_source(people: Path) -> None:
    frame = pl.read_csv(people).head(100)
    augmented = ar.augment(frame, "member", method="marginals", rows=30, folds=2, repeats=1)
    assert isinstance(augmented.data, pl.DataFrame)
    assert augmented.data.height == frame.height + 30
    assert augmented.data.head(frame.height).equals(frame)
    assert augmented.synthetic.height == 30
    assert set(augmented.recommended.values()) == {"nothing"}
    assert augmented.summary.startswith("**Do not augment.")
