"""What scripts rely on: exit codes, two-line errors, one JSON object, did-you-mean."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import pytest
from tests.cli.people import Cli

from artesian.cli.app import VERBS
from artesian.core import errors
from artesian.synthesizers import CATALOG as SYNTHESIZERS

DOCS = Path(__file__).parents[2] / "docs" / "cli.md"


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_with_the_common_options_and_stands_in_the_docs(
    cli: Cli, verb: str
) -> None:
    ended = cli(verb, "--help")
    assert ended.code == 0
    for option in ("--seed", "--json", "--force", "--quiet", "--debug"):
        assert option in ended.out
    assert f"artesian {verb}" in DOCS.read_text(encoding="utf-8")


def test_every_exit_code_of_an_error_is_documented() -> None:
    listed = set(re.findall(r"^ *\| (\d+) \|", DOCS.read_text(encoding="utf-8"), re.MULTILINE))
    kinds = [k for k in vars(errors).values() if isinstance(k, type)]
    used = {str(k.exit_code) for k in kinds if issubclass(k, errors.ArtesianError)}
    assert used | {"0"} == listed


def test_version_and_help(cli: Cli) -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+\n", cli("--version").out)
    told = cli("--help")
    assert told.code == 0
    assert all(verb in told.out for verb in VERBS)
    assert cli().code == 0


@pytest.mark.parametrize(
    ("tokens", "problem", "hint"),
    [
        (["synht", "a.csv"], "synht", "synth"),
        (["synth", "a.csv", "--rowz", "3"], "--rowz", "--rows"),
        (["synth", "a.csv", "--rows", "few"], "--rows", "artesian synth --help"),
        (["synth", "a.csv", "--rows", "-1"], "-1", "artesian synth --help"),
        (["synth", "a.csv", "--holdout", "1"], "--holdout", "artesian synth --help"),
        (["synth", "a.csv", "--temperature", "0"], "--temperature", "artesian synth --help"),
        (["synth", "a.csv", "b.csv", "-o", "c"], "b.csv", "artesian synth --help"),
        (["synth"], "SOURCE", "artesian synth --help"),
        (["synth", "a.csv"], "no output folder", "-o"),
        (["synth", "a.csv", "-o", "-"], "standard output", "-o"),
        (["fit", "a.csv", "-o", "-"], "standard output", "-o"),
        (["compare", "a.csv", "a.csv", "-o", "-"], "standard output", "-o"),
        (["inspect", "a.csv", "-o", "-"], "standard output", "-o"),
        (["forecast", "-o", "-"], "standard output", "-o"),
        (["bench", "--sources", "a.csv", "-o", "-"], "standard output", "-o"),
        (["sample", "model", "--rows", "3"], "no output file", "-o"),
        (["compare", "a.csv", "b.csv", "--require", "c2st~1"], "c2st~1", "c2st<=0.6"),
        (["compare", "a.csv", "b.csv", "--require", "kz<=1"], "kz", "ks"),
        (["--frobnicate"], "--frobnicate", ""),
    ],
)
def test_a_wrong_command_ends_with_2_and_says_what_to_do(
    cli: Cli, tokens: list[str], problem: str, hint: str
) -> None:
    ended = cli(*tokens)
    assert ended.code == 2
    assert ended.out == ""
    first, *rest = ended.err.splitlines()
    assert first.startswith("error: ")
    assert problem in first
    assert len(rest) <= 1
    if hint:
        assert rest[0].startswith("hint: ")
        assert hint in rest[0]


def test_an_error_with_json_is_one_object(cli: Cli) -> None:
    ended = cli("synth", "nowhere.csv", "--json")
    assert ended.code == 1
    error = ended.json["error"]
    assert "nowhere.csv" in error["problem"]
    assert error["exit_code"] == 1
    wrong = cli("synth", "nowhere.csv", "--json", "--rowz", "3")
    assert wrong.json["error"]["exit_code"] == wrong.code == 2


def test_debug_shows_the_traceback(cli: Cli) -> None:
    assert "Traceback" not in cli("inspect", "nowhere.csv").err
    assert "Traceback" in cli("inspect", "nowhere.csv", "--debug").err


@pytest.mark.parametrize("verb", ["methods", "metrics", "doctor"])
def test_listings_are_one_json_object_and_a_table(cli: Cli, verb: str) -> None:
    (listed,) = (v for v in cli(verb, "--json").json.values() if isinstance(v, list))
    names = [item.get("name", item.get("check")) for item in listed]
    shown = cli(verb).out
    assert names
    assert all(name in shown for name in names)


@pytest.mark.parametrize("name", SYNTHESIZERS)
def test_a_method_is_described_with_every_setting(cli: Cli, name: str) -> None:
    described = cli("methods", name, "--json").json["method"]
    assert described["source"]
    assert f"--method {name} --set " in described["example"]
    shown = cli("methods", name).out
    fields = {field.name: field.default for field in dataclasses.fields(SYNTHESIZERS[name])}
    assert {one["name"]: one["default"] for one in described["settings"]} == fields
    for one in described["settings"]:
        assert one["type"] in (
            "integer",
            "number",
            "true or false",
            "text",
            "'low' or 'default' or 'high'",
            "'mixed' or 'one_parameter' or 'parametric' or 'nonparametric'",
        )
        assert one["description"], one["name"]
        assert one["name"] in shown
    unknown = cli("methods", name + "z")
    assert unknown.code == 2
    assert f"'{name}'" in unknown.err


def test_a_metric_is_described(cli: Cli) -> None:
    described = cli("metrics", "c2st", "--json").json["metric"]
    assert described["name"] == "c2st_holdout"
    assert described["source"] in " ".join(cli("metrics", "c2st").out.split())
    assert cli("metrics", "c2ts").code == 2


def test_settings_reach_the_method(cli: Cli, people: Path, tmp_path: Path) -> None:
    model = tmp_path / "model"
    options = ("--method", "trees", "--set", "min_gain=12", "--set", "rounds=0", "--no-protect")
    assert cli("fit", people, "-o", model, "-q", *options).code == 0
    settings = json.loads((model / "model.json").read_text(encoding="utf-8"))["settings"]
    assert (settings["min_gain"], settings["rounds"], settings["protect"]) == (12.0, 0, False)


def test_inspect_tells_kinds_with_evidence_and_writes_a_schema(
    cli: Cli, people: Path, tmp_path: Path
) -> None:
    ended = cli("inspect", people, "--json", "-o", tmp_path / "dataset.toml")
    kinds = {column["name"]: column["kind"] for column in ended.json["columns"]}
    assert kinds["age"] == "number"
    assert kinds["pay"] == "category"
    assert kinds["since"] == "datetime"
    assert all(column["evidence"] for column in ended.json["columns"])
    again = cli("inspect", people, "--json", "--schema", tmp_path / "dataset.toml")
    assert {column["name"]: column["kind"] for column in again.json["columns"]} == kinds
    taken = cli("inspect", people, "-o", tmp_path / "dataset.toml")
    assert taken.code == 1
    assert "--force" in taken.err


def test_json_output_has_no_second_line(cli: Cli, people: Path) -> None:
    assert len(cli("inspect", people, "--json").out.splitlines()) == 1
    json.loads(cli("doctor", "--json").out)
