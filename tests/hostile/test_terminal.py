"""Names from strangers' files never act on a terminal, whatever the command."""

from __future__ import annotations

import json
import re
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cli.people import Ended

from artesian.cli.app import call
from artesian.cli.terminal import visible

EVIL = "a\x1b]0;owned\x07b\x1b[31mc\x9b2Jd\u202eb\x7f\u2066\x85e\r\x08f"
ACTING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
FAST = ("--method", "marginals")
BENCH = ("--methods", "marginals", "--seeds", "1", "--metrics", "ks")


@pytest.fixture
def evil(tmp_path: Path) -> Path:
    """A table whose name, columns and values hold escape sequences."""
    folder = tmp_path / f"folder{EVIL}"
    folder.mkdir()
    source = folder / f"table{EVIL}.parquet"
    values = [f"v{i % 3}{EVIL}" for i in range(300)]
    columns = {f"n{EVIL}": [i % 50 for i in range(300)], f"c{EVIL}": values, "k": values}
    pl.DataFrame(columns).write_parquet(source)
    return source


def run(capfd: pytest.CaptureFixture[str], *tokens: object) -> Ended:
    code = call([str(token) for token in tokens])
    return Ended(code, *capfd.readouterr())


def commands(evil: Path) -> dict[str, tuple[object, ...]]:
    out, name = evil.parent / f"out{EVIL}", f"n{EVIL}"
    few = ("--metrics", "ks,tv,k_anonymity", "--rows", "100", *FAST)
    return {
        "inspect": ("inspect", evil),
        "inspect --json": ("inspect", evil, "--json"),
        "inspect -o": ("inspect", evil, "-o", out),
        "synth": ("synth", evil, "-o", out, *few),
        "synth --json": ("synth", evil, "--json", *few),
        "fit": ("fit", evil, "-o", out, *FAST),
        "compare": ("compare", evil, evil, "--metrics", "ks,tv,k_anonymity", "--require", "ks<0"),
        "bench": ("bench", "--sources", evil, "-o", out, *BENCH),
        "canaries": ("canaries", evil, "--models", "2", "--count", "20", *FAST),
        "missing file": ("inspect", f"{evil}x"),
        "missing file --json": ("inspect", f"{evil}x", "--json"),
        "missing table": ("inspect", f"{evil}::{EVIL}"),
        "target": ("fit", evil, "-o", out, "--target", f"x{EVIL}"),
        "target with traceback": ("fit", evil, "-o", out, "--target", f"x{EVIL}", "--debug"),
        "where": ("synth", evil, "-o", out, "--where", f"{name}={EVIL}", *FAST),
        "where unknown": ("synth", evil, "-o", out, "--where", f"x{EVIL}=1", *FAST),
        "option": ("synth", evil, f"--x{EVIL}", "1"),
        "option value": ("synth", evil, "--rows", f"x{EVIL}"),
        "verb": (f"x{EVIL}",),
        "method": ("methods", f"x{EVIL}"),
        "metric": ("metrics", f"x{EVIL}"),
        "setting": ("fit", evil, "-o", out, "--set", f"x{EVIL}=1"),
        "schema": ("inspect", evil, "--schema", f"x{EVIL}.toml"),
        "forecast": ("forecast", "--set", f"x{EVIL}=1"),
        "model": ("sample", f"x{EVIL}", "--rows", "1", "-o", f"{out}.csv"),
        "argument": ("inspect", evil, f"x{EVIL}"),
    }


SLOW = ("bench", "canaries")  # they start other processes, or fit several models
NAMES = [pytest.param(n, marks=[pytest.mark.slow] * (n in SLOW)) for n in commands(Path("x"))]


@pytest.mark.parametrize("name", NAMES)
def test_no_command_writes_an_escape_sequence(
    evil: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    tokens = commands(evil)[name]
    ended = run(capfd, *tokens)
    for text in (ended.out, ended.err):
        acting = ACTING.search(text)
        assert acting is None, text[max(0, acting.start() - 200) : acting.end() + 50]
    assert ended.out or ended.err
    if "--json" in tokens:
        json.loads(ended.out)


@given(st.text())
def test_visible_text_is_one_line_without_controls(text: str) -> None:
    shown = visible(text)
    assert ACTING.search(shown) is None
    assert "\n" not in shown
    shown.encode("utf-8")


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs", "M"])))
def test_other_text_is_shown_as_it_is(text: str) -> None:
    assert visible(text) == text


def test_json_gives_the_names_back(evil: Path, capfd: pytest.CaptureFixture[str]) -> None:
    ended = run(capfd, "inspect", evil, "--json")
    names = [column["name"] for column in json.loads(ended.out)["columns"]]
    assert names[2] == "k"
    assert all("\x1b]0;owned\x07" in name for name in names[:2])
