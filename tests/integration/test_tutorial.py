"""The commands and the code of the tutorial run, on fewer rows."""

from __future__ import annotations

import gzip
import re
import shlex
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from tests.real_tables import path

from artesian.cli.app import call

TEXT = (Path(__file__).parents[2] / "docs" / "tutorial.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(console|python)\n(.*?)```", TEXT, flags=re.DOTALL)


@pytest.mark.slow
def test_the_tutorial_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = gzip.decompress(path("adult").read_bytes()).splitlines(keepends=True)
    (tmp_path / "examples").mkdir()
    (tmp_path / "examples" / "adult.csv.gz").write_bytes(gzip.compress(b"".join(lines[:1501])))
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for language, text in BLOCKS:
        if language == "python":
            exec(text, names)  # our own file
            continue
        for line in text.splitlines():
            program, *arguments = shlex.split(line.removeprefix("$ "))
            assert program == "artesian"
            assert call(arguments) == 0, capsys.readouterr().err
    assert {language for language, _ in BLOCKS} == {"console", "python"}
    assert len(names["rows"]) == 1000
    assert (tmp_path / "out" / "report.html").is_file()
    assert (tmp_path / "out" / "scorecard.json").is_file()
    assert (tmp_path / "out" / "dataset.toml").is_file()
    some = pl.read_csv(tmp_path / "some.csv")
    assert some.height == pl.read_csv(tmp_path / "more.csv").height == 1000
    assert set(some["income"]) == {">50K"}
    assert some["age"].is_between(30, 40).all()
