"""Damaged inputs end with rows or with an error of two lines, whatever the command."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.hostile.amounts import amount
from tests.hostile.commands import environment
from tests.hostile.mutations import WHOLE, Campaign, Sources
from tests.hostile.traces import foreign_acts, traced


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory, fitted: dict[str, Path]) -> Sources:
    return Sources.write(tmp_path_factory.mktemp("sources"), list(fitted.values()))


def test_a_few_damaged_inputs(
    sources: Sources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARTESIAN_MAX_MEMORY", "1GB")
    campaign = Campaign(tmp_path)
    campaign.run(sources, 12, seed=3)
    assert campaign.wrong == []
    assert campaign.results.total() == 12


@pytest.mark.slow
def test_many_damaged_inputs_under_a_trace() -> None:
    command = [sys.executable, "-m", "tests.hostile.mutations", str(amount(300, WHOLE))]
    ended = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr


ACTS = """
import os, socket, subprocess, sys
from pathlib import Path

Path("inside").write_text("x")
Path("/dev/null").open("w").close()
Path(sys.argv[1]).read_bytes()
if len(sys.argv) > 2:
    Path("../outside").write_text("x")
    os.rename("inside", "../moved")
    os.unlink("../outside")
    socket.socket().close()
    subprocess.run(["true"])
"""


@pytest.mark.parametrize("guilty", [False, True])
def test_the_trace_sees_what_is_done_elsewhere(tmp_path: Path, guilty: bool) -> None:
    own, trace, read = tmp_path / "own", tmp_path / "trace", tmp_path / "read"
    own.mkdir()
    read.write_text("x")
    command = [sys.executable, "-c", ACTS, str(read), *["guilty"] * guilty]
    subprocess.run(traced(command, trace), cwd=own, check=True)
    if not trace.exists():
        pytest.skip("there is no strace here")
    with trace.open() as lines:
        acts = list(foreign_acts(lines, own))
    found = [act.partition("(")[0].split()[-1] for act in acts]
    expected = {"openat", "rename", "unlink", "socket", "execve"} if guilty else set()
    assert set(found) == expected, acts
