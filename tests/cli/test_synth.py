"""The main job through the command line, on a table of 240 people."""

from __future__ import annotations

import csv
import hashlib
import json
import shlex
import sqlite3
from pathlib import Path

import jsonschema
import polars as pl
import pytest
from tests.cli.people import ROWS, Cli, write_people

from artesian.cli.app import call

ROOT = Path(__file__).parents[2]
IN_OUT = {
    *("data", "report.html", "scorecard.json", "scorecard.md"),
    *("dataset.toml", "manifest.json"),
}


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("synth")
    source = write_people(folder / "people.csv")
    tokens = ["synth", str(source), "-o", str(folder / "out"), "--method", "marginals"]
    assert call([*tokens, "--seed", "3", "--target", "pay"]) == 0
    return folder / "out"


def test_out_holds_what_the_docs_say_and_nothing_else_is_left(out: Path) -> None:
    assert {path.name for path in out.iterdir()} == IN_OUT
    assert {path.name for path in out.parent.iterdir()} == {"people.csv", "out"}


def test_the_data_has_the_sources_form(out: Path) -> None:
    source, made = (
        list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
        for path in (out.parent / "people.csv", out / "data" / "people.csv")
    )
    assert made[0] == source[0]
    assert len(made) == len(source)
    assert {row[3] for row in made[1:]} == {"yes", "no"}
    assert {row[1] for row in made[1:]} <= {"Ulm", "Bonn", "Köln", ""}
    assert all(10 <= int(row[0]) < 90 for row in made[1:])
    assert all(len(row[2]) == len("2020-01-31") for row in made[1:])


def test_the_manifest_tells_the_truth(out: Path) -> None:
    told = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    source = (out.parent / "people.csv").read_bytes()
    assert told["source"]["sha256"] == hashlib.sha256(source).hexdigest()
    assert told["seed"] == 3
    assert told["method"]["name"] == "marginals"
    assert told["rows"] == {"synthetic": ROWS, "train": ROWS * 4 // 5, "holdout": ROWS // 5}
    assert told["target"] == "pay"
    assert {"read", "fit", "sample", "evaluate", "report", "write"} <= set(told["seconds"])
    for name, digest in told["outputs"].items():
        assert hashlib.sha256((out / name).read_bytes()).hexdigest() == digest
    files = {p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file()}
    assert files == {*told["outputs"], "manifest.json"}


def test_the_scorecard_has_the_published_form(out: Path) -> None:
    published = json.loads((ROOT / "docs" / "scorecard.schema.json").read_text(encoding="utf-8"))
    card = json.loads((out / "scorecard.json").read_text(encoding="utf-8"))
    jsonschema.validate(card, published)
    assert card["results"]
    assert all((r["value"] is None) == bool(r["skipped"]) for r in card["results"])
    del card["results"][0]["interval"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(card, published)


def test_the_same_seed_gives_the_same_rows_and_another_does_not(
    cli: Cli, out: Path, tmp_path: Path
) -> None:
    source = out.parent / "people.csv"
    first = (out / "data" / "people.csv").read_bytes()
    with_model = tmp_path / "out"
    options = ("--method", "marginals", "--seed", "3", "--target", "pay", "--keep-model")
    ended = cli("synth", source, "-o", with_model, *options)
    assert ended.code == 0, ended.err
    assert (with_model / "data" / "people.csv").read_bytes() == first
    found = []
    for seed in ("3", "4"):
        drawn = cli("sample", with_model / "model", "--rows", ROWS, "--seed", seed, "-o", "-")
        found.append(drawn.out.encode())
    assert found == [first, found[1]]
    assert found[1] != first
    assert source.exists()


def test_the_model_is_saved_only_on_request_with_a_warning(
    cli: Cli, people: Path, tmp_path: Path
) -> None:
    warning = "as sensitive as the rows it was fitted on"
    tokens = ("synth", people, "--method", "marginals", "--rows", 20, "--metrics", "tv")
    without = cli(*tokens, "-o", tmp_path / "without")
    assert {path.name for path in (tmp_path / "without").iterdir()} == IN_OUT
    assert "--keep-model" in without.out
    assert warning not in without.out
    saved = cli(*tokens, "-o", tmp_path / "saved", "--keep-model")
    assert {path.name for path in (tmp_path / "saved").iterdir()} == {*IN_OUT, "model"}
    assert warning in saved.out
    assert warning in (tmp_path / "saved" / "report.html").read_text(encoding="utf-8")
    # The hint is a command that works as it is printed.
    (hint,) = (line for line in saved.out.splitlines() if line.startswith("more rows: artesian "))
    model = shlex.split(hint)[4]
    assert cli("sample", model, "--rows", 3, "-o", tmp_path / "more.csv").code == 0
    manifests = [
        json.loads((tmp_path / name / "manifest.json").read_text())["model"]
        for name in ("without", "saved")
    ]
    assert manifests == [None, "model"]
    refused = cli(*tokens, "--json", "--keep-model")
    assert refused.code == 2
    assert "-o" in refused.json["error"]["hint"]


def test_fit_says_that_the_model_is_sensitive(cli: Cli, people: Path, tmp_path: Path) -> None:
    tokens = ("fit", people, "--method", "marginals")
    ended = cli(*tokens, "-o", tmp_path / "a")
    assert "as sensitive as the rows it was fitted on" in ended.out
    assert f"artesian sample {tmp_path / 'a'} " in ended.out
    (note,) = cli(*tokens, "-o", tmp_path / "b", "--json").json["notes"]
    assert "do not release it" in note


def test_dataset_toml_is_taken_back(cli: Cli, out: Path, tmp_path: Path) -> None:
    text = (out / "dataset.toml").read_text(encoding="utf-8")
    (tmp_path / "dataset.toml").write_text(text, encoding="utf-8")
    told = cli(
        "inspect", out.parent / "people.csv", "--schema", tmp_path / "dataset.toml", "--json"
    )
    assert told.json["target"] == "pay"


def test_json_without_out_gives_figures_and_writes_nothing(
    cli: Cli, people: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(people.parent)
    ended = cli(
        "synth", people, "--json", "--rows", 50, "--method", "marginals", "--where", "pay=>50K"
    )
    assert ended.code == 0, ended.err
    told = ended.json
    assert told["out"] is None
    assert told["manifest"]["rows"]["synthetic"] == 50
    assert told["manifest"]["where"] == {"pay": ">50K"}
    assert told["results"]
    assert [p.name for p in people.parent.iterdir()] == ["people.csv"]


def test_an_existing_out_is_refused_and_kept_until_force(
    cli: Cli, people: Path, tmp_path: Path
) -> None:
    place = tmp_path / "out"
    tokens = ("synth", people, "-o", place, "--method", "marginals", "--rows", 20, "-q")
    assert cli(*tokens).code == 0
    (place / "mine.txt").write_text("mine")
    refused = cli(*tokens)
    assert refused.code == 1
    assert "--force" in refused.err
    assert (place / "mine.txt").read_text() == "mine"
    # A run that fails in the end, with --force, must not have touched what was there.
    assert cli(*tokens, "--force", "--where", "age=500").code == 1
    assert (place / "mine.txt").read_text() == "mine"
    assert cli(*tokens, "--force").code == 0
    assert {path.name for path in place.iterdir()} == IN_OUT


def test_rows_can_go_to_a_database(cli: Cli, people: Path, tmp_path: Path) -> None:
    target = tmp_path / "made.db"
    ended = cli(
        "synth", people, "-o", tmp_path / "out", "--to", f"sqlite:///{target}", "--rows", 30,
        "--method", "marginals", "-q",
    )  # fmt: skip
    assert ended.code == 0, ended.err
    assert not (tmp_path / "out" / "data").exists()
    with sqlite3.connect(target) as connection:
        assert connection.execute("select count(*) from people").fetchone() == (30,)


@pytest.mark.parametrize("ending", ["parquet", "jsonl", "feather", "csv.gz"])
def test_the_sources_own_format_comes_out(
    cli: Cli, people: Path, tmp_path: Path, ending: str
) -> None:
    source = tmp_path / f"table.{ending}"
    frame = pl.read_csv(people, try_parse_dates=True)
    if ending == "parquet":
        frame.write_parquet(source)
    elif ending == "feather":
        frame.write_ipc(source)
    elif ending == "jsonl":
        frame.write_ndjson(source)
    else:
        import gzip

        source.write_bytes(gzip.compress(people.read_bytes()))
    model = tmp_path / "model"
    assert cli("fit", source, "-o", model, "--method", "marginals", "-q").code == 0
    assert cli("sample", model, "--rows", 5, "-o", tmp_path / f"made.{ending}", "-q").code == 0
    told = cli("inspect", tmp_path / f"made.{ending}", "--json").json
    assert [column["name"] for column in told["columns"]] == frame.columns
    assert told["rows"] == 5


def test_too_few_rows_to_hold_out_works_and_is_said(cli: Cli, tmp_path: Path) -> None:
    source = write_people(tmp_path / "few.csv", rows=7)
    ended = cli("synth", source, "--json", "--method", "marginals")
    assert ended.code == 0, ended.err
    assert ended.json["manifest"]["rows"]["holdout"] == 0
    assert any("too few" in note for note in ended.json["manifest"]["notes"])


@pytest.mark.parametrize("text", ["only\n7\n", "x,y\n1,\n1,\n1,\n", "x\na\n"])
def test_one_row_one_column_constants_and_missing_columns_simply_work(
    cli: Cli, tmp_path: Path, text: str
) -> None:
    source = tmp_path / "tiny.csv"
    source.write_text(text)
    ended = cli("synth", source, "-o", tmp_path / "out", "-q", "--rows", 25, "--no-protect")
    assert ended.code == 0, ended.err
    made = (tmp_path / "out" / "data" / "tiny.csv").read_text().splitlines()
    assert made[0] == text.splitlines()[0]
    assert len(made) == 26


def test_a_release_model_is_saved_in_place_of_the_model_and_attacked(tmp_path, people, cli):
    out = tmp_path / "out"
    tokens = ("synth", people, "--method", "trees", "--metrics", "tv", "-o", out)
    ended = cli(*tokens, "--holdout", 0.4, "--release-model")
    assert ended.code == 0, ended.err
    assert "the saved model is a release model" in ended.out
    assert "as sensitive as the rows" not in ended.out
    release = json.loads((out / "manifest.json").read_text())["release"]
    assert 0 <= release["white_box"]["interval"][0] <= release["white_box"]["auc"]
    assert "whoever reads it tells" in (out / "report.html").read_text(encoding="utf-8")
    assert cli("sample", out / "model", "--rows", 5, "-o", tmp_path / "rows.csv").code == 0
    both = cli(*tokens, "--force", "--release-model", "--keep-model")
    assert both.code == 2
    assert "either the model or a release model" in both.err
    nowhere = cli("synth", people, "--json", "--release-model")
    assert nowhere.code == 2
    assert "-o" in nowhere.json["error"]["hint"]


def test_fit_saves_a_release_model_whose_attack_needs_a_holdout(tmp_path, people, cli):
    ended = cli("fit", people, "--method", "marginals", "-o", tmp_path / "model", "--release-model")
    assert ended.code == 0, ended.err
    assert "was not measured: there is no holdout" in ended.out
    assert cli("sample", tmp_path / "model", "--rows", 5, "-o", tmp_path / "rows.csv").code == 0
