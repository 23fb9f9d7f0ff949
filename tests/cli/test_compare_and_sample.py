"""`compare` with requirements, `sample` to every place it can go."""

from __future__ import annotations

import csv
import io
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
    ended = cli("compare", people, other)
    assert ended.code == 1
    assert "'town'" in ended.err
    assert "'twon'" in ended.err


def test_compare_does_not_mind_the_order_of_columns(cli: Cli, people: Path, tmp_path: Path) -> None:
    frame = pl.read_csv(people)
    frame.select(reversed(frame.columns)).write_csv(tmp_path / "turned.csv")
    told = cli("compare", people, tmp_path / "turned.csv", "--json")
    assert told.code == 0, told.err
    assert next(r for r in told.json["results"] if r["metric"] == "ks")["value"] == 0


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
        assert told.json == {"out": str(file), "rows": 9}
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
