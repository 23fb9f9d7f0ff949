"""The check of quoted figures finds what is wrong and passes what is right."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from benchmarks.check_figures import main

RESULT = {"adult": {"trees": {"detection": 0.5249, "rows": 22611, "drop": -0.031}}, "all": [1, 2.5]}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "benchmarks" / "results").mkdir(parents=True)
    (tmp_path / "docs").mkdir()
    (tmp_path / "benchmarks" / "results" / "one.json").write_text(json.dumps(RESULT))
    return tmp_path


@pytest.mark.parametrize(
    "text",
    [
        "detection 0.52<!-- bench: one.json#adult/trees/detection -->",
        "| **0.525**<!-- bench: one.json#adult/trees/detection --> |",
        "22,611<!-- bench: one.json#adult/trees/rows --> rows",
        "52.5 %<!-- bench: one.json#adult/trees/detection -->",
        "-0.03<!-- bench: one.json#adult/trees/drop -->",
        "2.5<!-- bench: one.json#all/1 -->",
        "a text without figures",
    ],
)
def test_true_figures_pass(root: Path, text: str) -> None:
    (root / "docs" / "why.md").write_text(text)
    assert main(root) == 0


@pytest.mark.parametrize(
    "text",
    [
        "detection 0.53<!-- bench: one.json#adult/trees/detection -->",
        "0.52<!-- bench: one.json#adult/forest/detection -->",
        "0.52<!-- bench: two.json#adult -->",
        "0.52<!-- bench: one.json#adult -->",
        "no figure <!-- bench: one.json#all/1 -->",
    ],
)
def test_wrong_figures_and_lost_marks_are_found(
    root: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / "README.md").write_text("\n" + text)
    assert main(root) == 1
    assert "README.md:2" in capsys.readouterr().out


def test_the_docs_of_this_repository_quote_true_figures() -> None:
    assert main() == 0
