"""`artesian bench` as scripts see it: codes, JSON, what is refused, Ctrl-C."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pytest
from tests.bench.tools import tool
from tests.cli.people import Cli, write_people


def test_a_benchmark_writes_its_folder_and_continues_it(
    cli: Cli, people: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    command = ("bench", "--sources", people, "--metrics", "ks,copies", "--seeds", 2, "-o", out)
    first = cli(*command, "--methods", "marginals", "--workers", 1, "--json")
    assert first.code == 0
    assert first.json["trials"] == {"all": 2, "done": 2, "failed": 0, "reused": 0}
    assert first.json["out"] == str(out)
    assert first.json["plan"]["metrics"] == ["ks", "exact_copies"]
    assert "[2/2] people, marginals, seed 1: fitted in" in first.err
    assert {path.name for path in out.iterdir()} == {
        *("bench.json", "trials", "results.json", "results.csv"),
        *("leaderboard.html", "leaderboard.md"),
    }
    failing = tool(tmp_path, "fails")
    again = cli(*command, "--methods", "marginals", "--external", f"bad={failing}", "--workers", 1)
    assert again.code == 1
    assert "2 of 2 failed" in again.out
    assert "2 done, 2 failed, 2 reused from an earlier run" in again.out
    assert "failed: the command ended with exit code 1: it could not" in again.err


@pytest.mark.parametrize(
    ("more", "code", "problem", "hint"),
    [
        (["--methods", "tress"], 2, "'tress'", "'trees'"),
        (["--metrics", "kz"], 2, "'kz'", "'ks'"),
        (["--external", "mine"], 2, "no '='", "NAME="),
        (["--external", "a=x {train} {out}", "--external", "a=y"], 2, "more than once", "once"),
        (["--methods", "trees,trees"], 2, "more than once", "once"),
        (["--seeds", "0"], 2, "--seeds", "--help"),
        (["--engine", "dask"], 2, "--engine", "local"),
        (["--target", "pai"], 1, "'pai'", "'pay'"),
        (["--sources", "nowhere.csv"], 1, "nowhere.csv", ""),
    ],
)
def test_what_is_wrong_is_refused_before_anything_is_written(
    cli: Cli, people: Path, tmp_path: Path, more: list[str], code: int, problem: str, hint: str
) -> None:
    ended = cli("bench", "--sources", people, "-o", tmp_path / "out", *more)
    assert ended.code == code
    first, *rest = ended.err.splitlines()[-2:]
    assert problem in first
    assert rest
    assert hint in ended.err  # older cyclopts names the choices in the first line
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(find_spec("ray") is not None, reason="ray is installed here")
def test_without_ray_nothing_is_begun(cli: Cli, people: Path, tmp_path: Path) -> None:
    ended = cli("bench", "--sources", people, "-o", tmp_path / "out", "--engine", "ray")
    assert ended.code == 1
    assert "pip install 'artesian[ray]'" in ended.err
    assert not (tmp_path / "out").exists()


def test_another_folder_is_refused(cli: Cli, people: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").touch()
    ended = cli("bench", "--sources", people, "-o", tmp_path / "out", "--methods", "marginals")
    assert ended.code == 1
    assert "not the folder of a benchmark" in ended.err


def test_ctrl_c_stops_at_once_and_keeps_what_is_finished(tmp_path: Path) -> None:
    source, out = write_people(tmp_path / "people.csv"), tmp_path / "out"
    sleeps = tool(tmp_path, "sleeps")
    command = [sys.executable, "-m", "artesian", "bench", "--sources", str(source), "-o", str(out)]
    command += ["--methods", "marginals", "--external", f"sleeps={sleeps}", "--metrics", "ks"]
    command += ["--workers", "1", "--seeds", "1"]
    with subprocess.Popen(command, stdout=-1, stderr=-1, text=True) as running:
        deadline = time.monotonic() + 60
        while not list(out.glob("trials/*.json")) and time.monotonic() < deadline:
            time.sleep(0.02)
        running.send_signal(signal.SIGINT)
        start = time.monotonic()
        out_text, messages = running.communicate(timeout=60)
    assert running.returncode == 130, messages
    assert time.monotonic() - start < 10
    assert out_text == ""
    assert "stopped after 1 of 2 trials" in messages
    (trial,) = out.glob("trials/*.json")
    assert json.loads(trial.read_text(encoding="utf-8"))["status"] == "done"
    assert not (out / "leaderboard.html").exists()
