"""The audit from the command line: its table, its JSON and its exit code."""

from __future__ import annotations

import re
from pathlib import Path

from tests.cli.people import Cli

OPTIONS = ("--method", "marginals", "--count", 20, "--models", 2)
DOCS = Path(__file__).parents[2] / "docs" / "cli.md"


def test_the_json_has_the_documented_fields(cli: Cli, people: Path) -> None:
    ended = cli("canaries", people, *OPTIONS, "--json")
    (row,) = re.findall(r"^\| `canaries` \|(.*)\|$", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    documented = set(re.findall(r"`(\w+)`", row))
    exposures = ended.json["targets"]
    assert set(exposures) == {"isolated rows", "canaries"}
    assert documented == {*ended.json, *exposures["canaries"]}
    assert ended.code == int(ended.json["memorised"])
    assert ended.json["models"] == 2


def test_the_table_has_a_row_for_each_kind_and_says_what_it_means(cli: Cli, people: Path) -> None:
    ended = cli("canaries", people, *OPTIONS)
    assert "isolated rows" in ended.out
    assert "epsilon at least" in ended.out
    assert ended.out.splitlines()[-1].startswith("2 models were fitted")


def test_an_odd_number_of_models_is_an_error_of_the_command(cli: Cli, people: Path) -> None:
    ended = cli("canaries", people, "--models", 3)
    assert ended.code == 2
    assert "even" in ended.err
