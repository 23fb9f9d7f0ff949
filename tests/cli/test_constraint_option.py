"""`--constraint` of synth and fit."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.people import Cli

import artesian as ar
from artesian.data.read import read

AGES = 'col("age").is_between(25, 50)'


def test_synth_keeps_constraints_and_writes_them_into_the_schema(
    cli: Cli, people: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    ended = cli(
        *("synth", people, "-o", out, "--method", "marginals", "--metrics", "validity"),
        *("--constraint", AGES, "--constraint", "age != 30"),
    )
    assert ended.code == 0, ended.err
    assert f"the constraint {AGES!r} is broken by" in ended.out + ended.err
    assert read(people, schema=out / "dataset.toml").schema.constraints == (AGES, "age != 30")


def test_fit_saves_constraints_with_the_model(cli: Cli, people: Path, tmp_path: Path) -> None:
    model = tmp_path / "model"
    ended = cli("fit", people, "-o", model, "--method", "marginals", "--constraint", AGES)
    assert ended.code == 0, ended.err
    assert ar.load(model).sample(5000)["age"].is_between(25, 50).all()


@pytest.mark.parametrize(
    ("texts", "problem"),
    [
        (["age <"], "the constraint 'age <' cannot be parsed"),
        (['col("aeg") > 3'], "at character 5, '\"aeg\") > 3': there is no column 'aeg'"),
        (
            ["age > 40", 'col("age") < 30'],
            "'age > 40' and 'col(\"age\") < 30' contradict each other",
        ),
        (['col("age") > "old"'], "it compares numbers with text"),
    ],
)
@pytest.mark.parametrize("verb", ["synth", "fit"])
def test_what_is_refused_gets_two_lines(
    cli: Cli, people: Path, tmp_path: Path, verb: str, texts: list[str], problem: str
) -> None:
    options = [part for text in texts for part in ("--constraint", text)]
    ended = cli(verb, people, "-o", tmp_path / "out", "--method", "marginals", "-q", *options)
    assert ended.code == 1
    assert [line.split(":")[0] for line in ended.err.splitlines()] == ["error", "hint"]
    assert problem in ended.err
    assert not (tmp_path / "out").exists()
