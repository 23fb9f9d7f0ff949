"""`artesian stress` of related tables: policies, the proportion of real data, bad input."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.people import Cli
from tests.synthesizers.relational.shops import shops


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    source = tmp_path / "data"
    source.mkdir()
    for name, table in shops(40).items():
        table.frame.write_csv(source / f"{name}.csv")
    return source


@pytest.mark.parametrize(
    ("policy", "parts"),
    [
        ("replce", ["'replce'", "replace"]),
        ("verified", ["'verified'", "replace, mix=10%, accumulate or subsample"]),
        ("mix=150%", ["'150%'", "from 0 to 1"]),
    ],
)
def test_a_wrong_policy_is_named_and_nothing_is_written(
    cli: Cli, folder: Path, tmp_path: Path, policy: str, parts: list[str]
) -> None:
    ended = cli("stress", folder, "-o", tmp_path / "out", "--policy", policy, "-q")
    assert ended.code == 2
    assert [line.split(":")[0] for line in ended.err.splitlines()] == ["error", "hint"]
    for part in parts:
        assert part in ended.err
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_all_policies_are_printed_and_continued(cli: Cli, folder: Path, tmp_path: Path) -> None:
    options = ["--generations", "2", "--replicates", "2", "--set", "rounds=0"]
    options += ["--policy", "replace", "--policy", "mix=10%", "--policy", "accumulate"]
    ended = cli("stress", folder, "-o", tmp_path / "out", *options)
    assert ended.code == 0, ended.err
    for part in ("mix, 10 % real", "accumulate", "bootstrap", "takings", "report: "):
        assert part in ended.out
    again = cli("stress", folder, "-o", tmp_path / "out", *options, "--json")
    assert again.code == 0
    facts = json.loads(again.out)
    written = json.loads((tmp_path / "out" / "stress.json").read_text())
    assert {name: facts[name] for name in written} == written
    assert facts["min_real_proportion"]["tried"]
    budget = json.loads((tmp_path / "out" / "safe_budget.json").read_text())
    assert budget == written["safe_budget"]
