"""What only a real process shows: Ctrl-C, pipes, how fast it starts."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.cli.people import left_beside, write_people

KINDS = [
    getattr(signal, k) for k in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT") if hasattr(signal, k)
]
ARTESIAN = (sys.executable, "-m", "artesian")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize("kind", KINDS)
def test_a_signal_stops_cleanly_and_leaves_nothing(tmp_path: Path, kind: signal.Signals) -> None:
    source = write_people(tmp_path / "people.csv", rows=20_000)
    out = tmp_path / "out"
    command = (*ARTESIAN, "synth", str(source), "-o", str(out), "--rows", "3000000")
    with subprocess.Popen(command, stdout=-1, stderr=-1, text=True) as running:
        deadline = time.monotonic() + 60
        while not left_beside(out) and time.monotonic() < deadline:
            time.sleep(0.02)
        running.send_signal(kind)
        told, said = running.communicate(timeout=60)
    assert running.returncode == 128 + kind, said
    assert told == ""
    assert said.splitlines()[-2].startswith("error: ")  # before it, of kernels being compiled
    assert left_beside(out) == []


def test_a_reader_that_hangs_up_is_no_error(saved: Path) -> None:
    command = (*ARTESIAN, "sample", str(saved), "--rows", "300000", "-o", "-")
    with subprocess.Popen(command, stdout=-1, stderr=-1) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        assert running.stdout.readline() == b"age,town,since,member,pay\n"
        running.stdout.close()
        said = running.stderr.read()
    assert running.returncode == 0
    assert said == b""


def test_standard_input_is_a_source(people: Path) -> None:
    with people.open("rb") as file:
        ended = subprocess.run(
            (*ARTESIAN, "inspect", "-", "--json"), stdin=file, capture_output=True, check=True
        )
    assert b'"rows": 240' in ended.stdout


def test_help_is_there_at_once() -> None:
    resource = pytest.importorskip("resource", reason="times of processes are a matter of POSIX")

    def seconds() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run((*ARTESIAN, "--help"), capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return float(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)

    # Processor time, the best of a few: other work on the machine shall not decide.
    assert min(seconds() for _ in range(3)) < 0.5
