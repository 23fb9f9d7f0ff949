"""Runs that end early: whole-old, whole-new or absent, and nothing left after the next run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.cli.people import left_beside, write_people
from tests.hostile.amounts import amount
from tests.hostile.commands import ARTESIAN, SOURCE, environment
from tests.hostile.kills import VERBS, WHOLE, Campaign, piece

from artesian.core.atomic import staged_file, staged_folder
from artesian.core.claim import remove

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
POLITE = [name for name in WHOLE if name != "SIGKILL"]


@pytest.mark.parametrize("verb", VERBS)
def test_a_few_kills_at_random_moments(tmp_path: Path, verb: str) -> None:
    campaign = Campaign(tmp_path, signal.SIGKILL, seed=7)
    for number in range(3):
        campaign.kill(verb, replacing=number > 0)


@pytest.mark.parametrize("kind", POLITE)
def test_a_few_of_each_signal_at_random_moments(tmp_path: Path, kind: str) -> None:
    campaign = Campaign(tmp_path, signal.Signals[kind], seed=8)
    campaign.kill("fit", replacing=True)
    campaign.kill("synth", replacing=False)


@pytest.mark.slow
@pytest.mark.parametrize("kind", WHOLE)
def test_many_kills_at_random_moments(kind: str) -> None:
    count = amount(WHOLE[kind] // 10, WHOLE[kind])
    left = piece(signal.Signals[kind], count, seed=9)
    assert sum(left["states"].values()) == count


STEPS = """
import os, signal, sys
from pathlib import Path
from artesian.core import atomic, rename

out, kind, last, system = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4]
seen = 0

def step(*_):
    global seen
    if seen == last:
        os.kill(os.getpid(), signal.SIGKILL)
    seen += 1

def watch(event, arguments):
    if event in EVENTS and any(str(out.parent) in str(argument) for argument in arguments):
        step()

def renameat2(*arguments, original=rename._renameat2):
    step()
    result = system == "linux" and original(*arguments)
    step()
    return result

EVENTS = {"os." + name for name in ("mkdir", "rename", "remove", "rmdir", "link", "chmod", "truncate")}
EVENTS.add("open")
rename._renameat2 = renameat2
sys.addaudithook(watch)
staged = atomic.staged_folder if kind == "folder" else atomic.staged_file
with staged(out, force=True) as stage:
    for name in (("manifest.json", "b") if kind == "folder" else ("",)):
        (stage / name).write_text('{"versions": {"artesian": "new"}}')
print(seen)
"""


@pytest.mark.parametrize("kind", ["folder", "file"])
@pytest.mark.parametrize("replacing", [True, False])
@pytest.mark.parametrize("system", ["linux", "without an exchange"])
def test_a_kill_at_every_step_of_an_output(
    tmp_path: Path, kind: str, replacing: bool, system: str
) -> None:
    """Before and after each rename, and before each call that changes the file system.

    Without an exchange of names, as on macOS and Windows, a folder is replaced by two renames, and a
    kill between them leaves none.
    """
    out = tmp_path / "out"
    staged = staged_folder if kind == "folder" else staged_file

    def write(text: str) -> None:
        with staged(out, force=True) as stage:
            for name in ("manifest.json", "b") if kind == "folder" else ("",):
                (stage / name).write_text(f'{{"versions": {{"artesian": "{text}"}}}}')

    def told() -> str:
        if not out.exists():
            return "absent"
        files = sorted(out.iterdir()) if out.is_dir() else [out]
        texts = {path.read_text() for path in files}
        assert len(texts) == 1
        assert len(files) == (2 if kind == "folder" else 1)
        return texts.pop().split('"')[5]

    states = []
    for last in range(200):
        remove(out)
        if replacing:
            write("old")
        ended = subprocess.run(
            [sys.executable, "-c", STEPS, str(out), kind, str(last), system],
            env=environment(PYTHONPATH=str(SOURCE)),
            capture_output=True,
            check=False,
        )
        states.append(told())
        write("next")
        assert told() == "next"
        assert [path.name for path in tmp_path.iterdir()] == ["out"]
        if ended.returncode == 0:
            break
        assert ended.returncode == -signal.SIGKILL, ended.stderr
    else:
        pytest.fail("it did not end")
    before = "old" if replacing else "absent"
    place = states.index("new")
    assert place >= 5
    if kind == "folder" and replacing and system != "linux":
        between = states.count("absent")
        assert 1 <= between <= 2
        states[place - between : place] = [before] * between
    assert states == [before] * place + ["new"] * (len(states) - place)


LOADING = """
import os, sys, threading
import artesian.__main__ as program

def install(original=program.install):
    original()
    threading.Timer({delay}, os.kill, (os.getpid(), {kind})).start()

program.install = install
sys.argv = ["artesian", "synth", "{source}", "-o", "{out}", "--rows", "3000000", "-q"]
program.main()
"""


@pytest.mark.parametrize("kind", POLITE)
@pytest.mark.parametrize("delay", [0.0, 0.1, 0.4])
def test_a_signal_while_the_program_loads(tmp_path: Path, kind: str, delay: float) -> None:
    """From the first handler on: two lines or none, never a traceback."""
    source, out = write_people(tmp_path / "people.csv"), tmp_path / "out"
    script = LOADING.format(delay=delay, kind=int(signal.Signals[kind]), source=source, out=out)
    ended = subprocess.run(
        [sys.executable, "-c", script],
        env=environment(),
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert ended.returncode == 128 + signal.Signals[kind], ended.stderr
    assert b"Traceback" not in ended.stderr
    assert left_beside(tmp_path / "out") == []


@pytest.mark.parametrize("raised", ["PanicException('unwrap')", "DataError('cannot be read')"])
def test_what_a_library_makes_of_a_signal_is_an_interruption(tmp_path: Path, raised: str) -> None:
    """An exception of a handler, in Python that a library calls, becomes one of the library."""
    script = f"""
import os, signal, sys
import artesian.pipeline.fit as fit
from artesian.__main__ import main
from artesian.core.errors import DataError

class PanicException(BaseException):
    pass

def interrupted(*_):
    os.kill(os.getpid(), signal.SIGTERM)
    raise {raised}

fit.resolve_method = interrupted
sys.argv = ["artesian", "fit", {str(write_people(tmp_path / "people.csv"))!r}, "-o", "model"]
main()
"""
    ended = subprocess.run(
        [sys.executable, "-c", script],
        env=environment(),
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert ended.returncode == 128 + signal.SIGTERM
    assert ended.stderr.splitlines()[-2:] == [
        b"error: interrupted",
        b"hint: no incomplete output was left",
    ]


WAITING = ("a named pipe", "silent standard input", "a library")
LIBRARY = """
import ctypes
import artesian.pipeline.fit as fit

def native(*_):  # code of a library that a signal does not end, and that lets other threads run
    mutex = ctypes.create_string_buffer(256)
    ctypes.CDLL(None).pthread_mutex_lock(mutex)
    ctypes.CDLL(None).pthread_mutex_lock(mutex)

fit.resolve_method = native
from artesian.__main__ import main
main()
"""


@pytest.mark.parametrize("kind", ["SIGINT", "SIGTERM"])
@pytest.mark.parametrize("where", WAITING)
def test_a_signal_is_heard_while_the_program_waits(tmp_path: Path, kind: str, where: str) -> None:
    out = tmp_path / "out"
    source = tmp_path / "pipe"
    script = "from artesian.__main__ import main; main()"
    if where == "a named pipe":
        os.mkfifo(source)
    elif where == "a library":
        write_people(source)
        script = LIBRARY
    name = "-" if where == "silent standard input" else str(source)
    with subprocess.Popen(
        [sys.executable, "-c", script, "fit", name, "-o", str(out), "-q"],
        env=environment(),
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as running:
        deadline = time.monotonic() + 60
        while not left_beside(out) and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(0.5)
        start = time.monotonic()
        running.send_signal(signal.Signals[kind])
        running.wait(30)
        assert time.monotonic() - start < 10
        assert running.stderr is not None
        said = running.stderr.read().decode()
    assert running.returncode == 128 + signal.Signals[kind], said
    assert [line.split(":")[0] for line in said.splitlines()] == ["error", "hint"]
    assert left_beside(out) == []


@pytest.mark.parametrize("kind", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_the_cursor_of_the_terminal_is_shown_again(tmp_path: Path, kind: str) -> None:
    pty = pytest.importorskip("pty")
    source = write_people(tmp_path / "people.csv", rows=20_000)
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*ARTESIAN, "synth", str(source), "-o", str(tmp_path / "out"), "--rows", "3000000"],
        env=environment(TERM="xterm"),
        stdout=subprocess.DEVNULL,
        stderr=theirs,
    ) as running:
        os.close(theirs)
        text = b""
        while b"fitting" not in text:
            text += os.read(ours, 4096)
        running.send_signal(signal.Signals[kind])
        while True:
            try:
                part = os.read(ours, 4096)
            except OSError:  # the other end is closed
                break
            if not part:
                break
            text += part
        running.wait(60)
    os.close(ours)
    assert b"\x1b[?25l" in text
    assert text.rindex(b"\x1b[?25h") > text.rindex(b"\x1b[?25l")
    assert running.returncode == 128 + signal.Signals[kind]


def test_a_signal_that_is_ignored_stays_ignored(tmp_path: Path) -> None:
    """As `nohup` and shells ask for of programs in the background."""
    source = write_people(tmp_path / "people.csv")
    command = (
        f"trap '' HUP; {' '.join(ARTESIAN)} fit {source} -o {tmp_path / 'm'} --method marginals"
    )
    with subprocess.Popen(
        ["bash", "-c", f"{command} -q & sleep 0.4; kill -HUP $!; wait $!"], env=environment()
    ) as running:
        assert running.wait(60) == 0
    assert (tmp_path / "m" / "model.json").is_file()
