"""Commands and code of README.md and the tutorial run as written and print what is shown."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from artesian.cli.app import call

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```(console|python|text)\n(.*?)^```", re.DOTALL | re.MULTILINE)

NOT_RUN = {
    *("make demo", "make test", "pip install ."),
    "artesian stress people.csv --method trees -o stress",
}
"""Commands that build environments, where `make` itself is checked for the targets, and one that takes
minutes."""


def run_page(page: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """Run every block of `page` in order in the current folder, and compare the output shown.

    Returns:
        The names that its Python blocks define.
    """
    names: dict[str, Any] = {}
    printed = ""
    for language, text in BLOCK.findall(page.read_text(encoding="utf-8")):
        if language == "text":
            for line in text.splitlines():
                assert masked(line) in masked(printed), line
            continue
        printed = ""
        if language == "python":
            exec(text, names)  # our own page
            continue
        for line in text.replace("\\\n", " ").splitlines():
            program, *arguments = shlex.split(line.removeprefix("$ "), comments=True)
            if shlex.join([program, *arguments]) in NOT_RUN:
                continue
            assert program == "artesian", line
            code = call(arguments)
            output = capsys.readouterr()
            assert code == 0, f"{line}\n{output.err}"
            printed += output.out + output.err
    return names


def masked(text: str) -> str:
    """`text` without numbers and line breaks: values depend on the versions of libraries."""
    return " ".join(re.sub(r"\d[\d.,]*", "#", text).split())


@pytest.fixture
def adult() -> pl.DataFrame:
    return pl.read_csv(ROOT / "examples" / "adult.csv.gz")


@pytest.mark.slow
def test_the_readme_runs(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    adult: pl.DataFrame,
) -> None:
    columns = ["age", "hours_per_week", "income"]
    for number, name in enumerate(("people", "train", "synthetic", "holdout")):
        adult[columns].slice(300 * number, 300).write_csv(tmp_path / f"{name}.csv")
    monkeypatch.chdir(tmp_path)
    names = run_page(ROOT / "README.md", capsys)
    assert names["result"].data.height == 300
    assert names["rows"]["age"].is_between(30, 40).all()
    assert pl.read_csv("some.csv")["age"].is_between(30, 40).all()
    for file in ("report.html", "data/people.csv", "scorecard.json", "dataset.toml"):
        assert (tmp_path / "out" / file).exists()
    assert (tmp_path / "out" / "manifest.json").is_file()


def test_make_has_the_targets_of_the_readme() -> None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert {"demo", "test"} <= set(targets)


@pytest.mark.slow
def test_the_tutorial_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "examples").mkdir()
    shutil.copy(ROOT / "examples" / "adult.csv.gz", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    names = run_page(ROOT / "docs" / "tutorial.md", capsys)
    assert names["some"].height == 1000
    some = pl.read_csv("some.csv")
    assert set(some["income"]) == {">50K"}
    assert some["age"].is_between(30, 40).all()
    for file in ("out/report.html", "compared/report.html", "bench/leaderboard.html"):
        assert (tmp_path / file).is_file()


@pytest.mark.slow
def test_the_page_of_the_forecast_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (ROOT / "docs" / "forecast.md").read_text(encoding="utf-8")
    (plans,) = re.findall(r"^```toml\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    monkeypatch.chdir(tmp_path)
    Path("plans.toml").write_text(plans)
    header = "Model,Domain,Publication date,Training dataset size (total),Confidence\n"
    Path("all_ai_models.csv").write_text(f"{header}A,Language,2026-06-01,4e13,Confident\n")
    Path("stress").mkdir()
    budget = {
        "kind": "artesian safe budget",
        "format": 1,
        "generations": 3,
        "real_proportion": 0.6,
        "generations_without_real": 1,
        "level": 0.9,
        "generator": "trees",
        "rows": 2000,
        "tested_generations": 3,
        "replicates": 5,
    }
    Path("stress/safe_budget.json").write_text(json.dumps(budget))
    names = run_page(ROOT / "docs" / "forecast.md", capsys)
    assert names["forecast"].simulation.demand.ndim == 2
    assert call(shlex.split("forecast --scenario plans.toml --draws 200")) == 0
    for file in ("out/report.html", "corpus/forecast.json", "series.csv"):
        assert (tmp_path / file).is_file()
