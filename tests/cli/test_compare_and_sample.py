"""`compare` with requirements, `sample` to every place it can go."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import polars as pl
import pytest
from tests.cli.people import Cli, write_people


def test_compare_ends_with_1_and_names_the_requirement_not_met(
    cli: Cli, people: Path, tmp_path: Path
) -> None:
    other = write_people(tmp_path / "other.csv", seed=6)
    met = cli("compare", people, other, "--require", "ks<=1", "--json", "-o", tmp_path / "out")
    assert met.code == 0
    assert met.json["met"] is True
    assert {p.name for p in (tmp_path / "out").iterdir()} == {
        "report.html",
        "scorecard.json",
        "scorecard.md",
        "manifest.json",
    }
    unmet = cli("compare", people, other, "--require", "ks<=1", "--require", "ks<0", "--json")
    assert unmet.code == 1
    assert "ks<0" in unmet.err
    assert [one["met"] for one in unmet.json["requirements"]] == [True, False]
    assert "error" not in unmet.json


def test_a_skipped_metric_meets_nothing(cli: Cli, people: Path) -> None:
    ended = cli("compare", people, people, "--require", "c2st<=1", "-q")
    assert ended.code == 1
    assert "c2st_holdout" in ended.err


def test_compare_names_a_column_that_one_side_lacks(cli: Cli, people: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text(people.read_text(encoding="utf-8").replace("town", "twon", 1), "utf-8")
    ended = cli("compare", people, other, "--json")
    assert ended.code == 0, ended.err
    words = {each["code"]: each["words"] for each in ended.json["findings"]}
    assert "'town'" in words["missing_columns"]
    assert "'twon'" in words["surplus_columns"]


def test_compare_does_not_mind_the_order_of_columns(cli: Cli, people: Path, tmp_path: Path) -> None:
    frame = pl.read_csv(people)
    frame.select(reversed(frame.columns)).write_csv(tmp_path / "turned.csv")
    told = cli("compare", people, tmp_path / "turned.csv", "--json")
    assert told.code == 0, told.err
    assert next(r for r in told.json["results"] if r["metric"] == "ks")["value"] == 0


def test_several_candidates_are_set_side_by_side(cli: Cli, people: Path, tmp_path: Path) -> None:
    places = []
    for seed, folder in ((6, "a"), (7, "b")):
        (tmp_path / folder).mkdir()
        places.append(write_people(tmp_path / folder / "made.csv", seed=seed))
    out = tmp_path / "out"
    asked = ("--metrics", "ks,tv", "--require", "ks<0", "--json", "-o", out)
    told = cli("compare", people, *places, *asked)
    assert told.code == 1
    assert [one["name"] for one in told.json["candidates"]] == ["a/made", "b/made"]
    assert [one["candidate"] for one in told.json["requirements"]] == ["a/made", "b/made"]
    card = json.loads((out / "scorecard.json").read_text(encoding="utf-8"))
    assert card["candidates"] == told.json["candidates"]
    assert {p.name for p in out.iterdir()} == {
        *("1-a-made", "2-b-made", "report.html", "scorecard.json", "scorecard.md"),
        "manifest.json",
    }
    assert {p.name for p in (out / "2-b-made").iterdir()} >= {"report.html", "scorecard.json"}
    table = (out / "scorecard.md").read_text(encoding="utf-8")
    assert "| metric | a/made | b/made | holdout reference |" in table
    assert cli("compare", people, *places, "--metrics", "ks").out.count("a/made") == 2


def test_the_same_file_twice_has_two_names(cli: Cli, people: Path) -> None:
    told = cli("compare", people, people, people, "--metrics", "ks", "--json")
    assert [one["name"] for one in told.json["candidates"]] == ["people 1", "people 2"]


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["--metrics", "kss"], 2, "did you mean 'ks'"),
        (["--sensitive", "twon"], 1, "did you mean 'town'"),
        (["--quasi-identifier", "twon"], 1, "did you mean 'town'"),
    ],
)
def test_compare_refuses_names_it_does_not_know(
    cli: Cli, people: Path, options: list[str], code: int, words: str
) -> None:
    ended = cli("compare", people, people, *options)
    assert ended.code == code
    assert words in ended.err.lower()


def test_compare_needs_synthetic_data(cli: Cli, people: Path) -> None:
    ended = cli("compare", people)
    assert ended.code == 2
    assert "no synthetic data" in ended.err


def test_families_name_their_metrics(cli: Cli, people: Path) -> None:
    told = cli("compare", people, people, "--metrics", "utility,ks", "--json").json
    names = [one["metric"] for one in told["results"]]
    assert "tstr" in names
    assert names[-1] == "ks"


def test_ten_rows_are_the_head_of_ten_thousand(cli: Cli, saved: Path) -> None:
    few = cli("sample", saved, "--rows", 10, "-o", "-").out
    many = cli("sample", saved, "--rows", 10_000, "-o", "-").out
    assert many.startswith(few)
    assert len(many.splitlines()) == 10_001


def test_sample_writes_the_format_of_the_ending(cli: Cli, saved: Path, tmp_path: Path) -> None:
    plain = pl.read_csv(io.StringIO(cli("sample", saved, "--rows", 9, "-o", "-").out))
    for ending, read in (("parquet", pl.read_parquet), ("jsonl", pl.read_ndjson)):
        file = tmp_path / f"made.{ending}"
        told = cli("sample", saved, "--rows", 9, "-o", file, "--json")
        assert told.json == {"out": str(file), "rows": 9, "notes": []}
        assert read(file)["age"].to_list() == plain["age"].to_list()


def test_rows_stand_in_the_json_object_if_no_file_is_given(cli: Cli, saved: Path) -> None:
    told = cli("sample", saved, "--rows", 4, "--json").json
    assert told["rows"] == len(told["data"]) == 4
    assert list(told["data"][0]) == ["age", "town", "since", "member", "pay"]


@pytest.mark.parametrize(
    ("condition", "column", "holds"),
    [
        ("age=30..40", "age", lambda v: 30 <= int(v) <= 40),
        ("age=..25", "age", lambda v: int(v) <= 25),
        ("pay=>50K", "pay", lambda v: v == ">50K"),
        ("town=Ulm,Bonn", "town", lambda v: v in ("Ulm", "Bonn")),
        ("town=", "town", lambda v: v == ""),
        ("member=yes", "member", lambda v: v == "yes"),
        ("since=2012-01-01..2015-12-31", "since", lambda v: "2012-01-01" <= v <= "2015-12-31"),
    ],
)
def test_every_row_meets_the_condition(
    cli: Cli, saved: Path, condition: str, column: str, holds: object
) -> None:
    ended = cli("sample", saved, "--rows", 60, "-o", "-", "--where", condition)
    assert ended.code == 0, ended.err
    rows = list(csv.DictReader(io.StringIO(ended.out)))
    assert len(rows) == 60
    assert callable(holds)
    assert all(holds(row[column]) for row in rows)
    assert len({row["age"] for row in rows}) > 1
