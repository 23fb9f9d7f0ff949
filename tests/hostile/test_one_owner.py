"""One run at a time owns an output; what killed runs left is recognised by its lock, and removed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cli.people import left_beside, write_people
from tests.hostile.commands import ARTESIAN, environment, run, shell, two_lines

from artesian.core import rename
from artesian.core.atomic import beside, exclusive, staged_file, staged_folder
from artesian.core.claim import LOCK, claimed
from artesian.core.errors import DataError, OutputError
from artesian.core.fingerprint import hash_file, unchanged
from artesian.core.temporary import private_folder, sweep_temporary
from artesian.runs.manifest import hashed

FAST = ("--method", "marginals", "-q")


@pytest.mark.parametrize("staged", [staged_folder, staged_file])
@pytest.mark.parametrize("force", [False, True])
def test_a_second_run_on_one_output_is_refused(tmp_path: Path, staged, force: bool) -> None:
    out = tmp_path / "out"
    with staged(out, force=force) as stage:
        (stage / "a" if stage.is_dir() else stage).write_text("first")
        with pytest.raises(OutputError, match="another run is writing"), staged(out, force=force):
            pytest.fail("the block was entered")
    assert out.exists()
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("staged", [staged_folder, staged_file])
def test_what_appears_during_a_run_is_kept(tmp_path: Path, staged) -> None:
    def write() -> None:
        with staged(out) as stage:
            (stage / "a" if stage.is_dir() else stage).write_text("ours")
            out.write_text("theirs")

    out = tmp_path / "out"
    with pytest.raises(OutputError, match=r"exists already|created by another program"):
        write()
    assert out.read_text() == "theirs"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("system", ["linux", "other"])
def test_of_many_threads_exactly_one_writes(
    tmp_path: Path, system: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if system == "other":
        monkeypatch.setattr(rename, "_function", lambda: None)
    for number in range(20):
        out, results = tmp_path / f"out{number}", []
        ready = threading.Barrier(4)

        def write(name: str, out: Path = out, ready=ready, results: list = results) -> None:
            ready.wait()
            try:
                with staged_folder(out) as stage:
                    (stage / "who").write_text(name)
                results.append(name)
            except OutputError:
                pass

        threads = [threading.Thread(target=write, args=(str(k),)) for k in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(results) == 1
        assert (out / "who").read_text() == results[0]
    assert left_beside(tmp_path / "none") == []


def test_a_folder_for_unfinished_work_that_is_not_ours_stays(tmp_path: Path) -> None:
    mine = beside(tmp_path / "out")
    mine.mkdir()
    (mine / "thesis.txt").write_text("years of work")
    with pytest.raises(OutputError, match="not made by Artesian"), staged_folder(tmp_path / "out"):
        pytest.fail("the block was entered")
    assert (mine / "thesis.txt").read_text() == "years of work"
    other = beside(tmp_path / "link")
    other.symlink_to(mine, target_is_directory=True)
    with pytest.raises(OutputError), staged_file(tmp_path / "link"):
        pytest.fail("the block was entered")
    assert (mine / "thesis.txt").exists()


def test_leftovers_are_removed_whatever_their_age(tmp_path: Path) -> None:
    left = beside(tmp_path / "out")
    (left / "new" / "data").mkdir(parents=True)
    (left / LOCK).write_text("1 elsewhere\n")
    (left / "new" / "data" / "rows.csv").write_text("half")
    (left / "new" / "data").chmod(0o500)
    with staged_folder(tmp_path / "out") as stage:
        assert list(stage.iterdir()) == []
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_temporary_folders_of_the_dead_are_removed_and_those_of_the_living_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with private_folder() as living:
        (living / "rows.csv").write_text("real")
        assert living.stat().st_mode & 0o077 == 0
        dead = living.with_name(living.name + "-dead")
        dead.mkdir()
        (dead / LOCK).write_text("")
        (dead / "rows.csv").write_text("real")
        stranger = living.with_name(living.name + "-stranger")
        stranger.mkdir()
        (stranger / "rows.csv").write_text("not ours")
        sweep_temporary()
        assert (living / "rows.csv").exists()
        assert not dead.exists()
        assert (stranger / "rows.csv").exists()
    assert sorted(tmp_path.iterdir()) == [stranger]


@given(st.sampled_from(["file", "folder"]), st.sampled_from(["file", "folder"]))
def test_an_exchange_changes_places(tmp_path_factory, one: str, other: str) -> None:
    folder = tmp_path_factory.mktemp("exchange")
    for name, kind in (("new", one), ("old", other)):
        if kind == "folder":
            (folder / name).mkdir()
        (folder / name / "x" if kind == "folder" else folder / name).write_text(name)
    rename.exchange(folder / "new", folder / "old")
    assert (folder / "old" / "x" if one == "folder" else folder / "old").read_text() == "new"
    assert (folder / "new" / "x" if other == "folder" else folder / "new").read_text() == "old"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="renameat2 is of Linux")
def test_on_linux_the_output_is_never_absent(tmp_path: Path) -> None:
    """Replaced a few hundred times, and looked at by another thread all the time."""
    out, seen, done = tmp_path / "out", set(), threading.Event()
    with staged_folder(out) as stage:
        (stage / "manifest.json").write_text('{"versions": {"artesian": "0"}}')

    def look() -> None:
        while not done.is_set():
            seen.add(os.path.exists(out / "manifest.json"))

    thread = threading.Thread(target=look)
    thread.start()
    for _ in range(200):
        with staged_folder(out, force=True) as stage:
            (stage / "manifest.json").write_text('{"versions": {"artesian": "0"}}')
    done.set()
    thread.join()
    assert seen == {True}


def test_two_processes_on_one_output_do_not_both_succeed(tmp_path: Path) -> None:
    source = write_people(tmp_path / "people.csv")
    command = [*ARTESIAN, "fit", str(source), "-o", str(tmp_path / "model"), *FAST]
    runs = [
        subprocess.Popen([*command, "--seed", str(k)], stderr=-1, env=environment())
        for k in range(3)
    ]
    errors = [one.communicate(timeout=120)[1] for one in runs]
    codes = [one.returncode for one in runs]
    assert sorted(codes) == [0, 1, 1]
    for code, error in zip(codes, errors, strict=True):
        assert code == 0 or two_lines(error), error
    assert left_beside(tmp_path / "none") == []


@pytest.mark.slow
def test_two_benchmarks_on_one_folder_do_not_both_run(tmp_path: Path) -> None:
    source = write_people(tmp_path / "people.csv")
    out = tmp_path / "out"
    tokens = ("bench", "--sources", source, "-o", out, "--methods", "marginals", "--seeds", "1")
    tokens += ("--metrics", "ks", "-q")
    assert run(*tokens).returncode == 0
    with exclusive(out):
        ended = run(*tokens)
        assert ended.returncode == 1
        assert b"another run" in ended.stderr
    (out / "trials" / ".a.json.part").mkdir()
    (out / ".bench.json.part").mkdir()
    assert run(*tokens).returncode == 0
    assert list(out.rglob("*.part")) == []


@pytest.mark.slow
def test_a_benchmark_that_was_killed_as_it_began_can_go_on(tmp_path: Path) -> None:
    source = write_people(tmp_path / "people.csv")
    out = tmp_path / "out"
    left = beside(out)
    (left / "new").mkdir(parents=True)
    (left / LOCK).touch()
    tokens = ("bench", "--sources", source, "-o", out, "--methods", "marginals", "--seeds", "1")
    ended = run(*tokens, "--metrics", "ks", "-q")
    assert ended.returncode == 0, ended.stderr
    assert left_beside(tmp_path / "none") == []


@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
@pytest.mark.parametrize("form", ["sqlite", "duckdb"])
@pytest.mark.parametrize("there", [False, True])
def test_a_full_disk_leaves_no_database_and_no_journal(
    tmp_path: Path, form: str, there: bool
) -> None:
    source, base = write_people(tmp_path / "people.csv"), tmp_path / "made.db"
    if there:
        import sqlite3

        import duckdb

        connection = {"sqlite": sqlite3, "duckdb": duckdb}[form].connect(str(base))
        connection.execute("create table other (a integer)")
        connection.commit()
        connection.close()
    before = {path.name for path in tmp_path.iterdir()}
    limit = {"sqlite": 300, "duckdb": 900}[form]  # in units of 1024 bytes
    ended = shell(
        f'ulimit -f {limit}; $ARTESIAN synth "$1" -o "$2" --to {form}:///{base} --rows 200000 '
        "--method marginals --metrics tv -q",
        source,
        tmp_path / "out",
    )
    assert ended.returncode == 1
    assert two_lines(ended.stderr), ended.stderr
    assert {path.name for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("change", ["append", "replace", "same size", "remove"])
def test_a_source_that_changes_while_it_is_read_is_refused(tmp_path: Path, change: str) -> None:
    source = write_people(tmp_path / "people.csv")

    def read() -> None:
        with hashed(source):
            if change == "append":
                with source.open("a") as file:
                    file.write("20,Ulm,2011-01-01,yes,<=50K\n")
            elif change == "replace":
                write_people(tmp_path / "other.csv", seed=9).replace(source)
            elif change == "same size":
                text = source.read_bytes()
                source.write_bytes(text.replace(b"Ulm", b"Rom"))
            else:
                source.unlink()

    with pytest.raises(DataError, match="changed while it was read"):
        read()


def test_touching_a_source_changes_nothing(tmp_path: Path) -> None:
    source = write_people(tmp_path / "people.csv")
    with unchanged(source) as digest:
        os.utime(source, (1, 1))
        source.chmod(0o600)
    assert digest == hash_file(source)


def test_the_manifest_has_the_hash_of_the_rows_that_were_read(tmp_path: Path) -> None:
    """A source that is replaced after it was read keeps the hash of what was read."""
    source = write_people(tmp_path / "people.csv", rows=3000)
    read = hash_file(source)
    out = tmp_path / "out"
    with subprocess.Popen(
        [*ARTESIAN, "synth", str(source), "-o", str(out), *FAST], env=environment()
    ) as running:
        while beside(out) not in tmp_path.iterdir() and running.poll() is None:
            time.sleep(0.01)
        time.sleep(0.05)
        write_people(tmp_path / "other.csv", seed=9).replace(source)
    if running.returncode == 0:  # else it was refused, as another test sees
        manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
        rows = manifest["rows"]["train"] + manifest["rows"]["holdout"]
        assert manifest["source"]["sha256"] == (read if rows == 3000 else hash_file(source))


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.skipif(sys.platform == "win32", reason="processes have no groups there")
@pytest.mark.parametrize("end", ["limit", "SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"])
def test_no_real_rows_stay_when_a_benchmark_of_a_command_ends(tmp_path: Path, end: str) -> None:
    source = write_people(tmp_path / "people.csv")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    command = f"slow={sys.executable} -c 'import time;time.sleep(99)' {{train}} {{out}}"
    options = ["--external", command, "--seeds", "1", "--metrics", "ks", "-q"]
    options += ["--timeout", "1"] if end == "limit" else []
    with subprocess.Popen(
        [*ARTESIAN, "bench", "--sources", str(source), "-o", str(tmp_path / "out"), *options],
        env=environment(TMPDIR=str(temporary)),
        stderr=subprocess.DEVNULL,
    ) as running:
        wait_for(lambda: any(temporary.rglob("train.csv")) or running.poll() is not None)
        assert end == "limit" or running.poll() is None
        if end != "limit":
            running.send_signal(getattr(signal, end))
        running.wait(60)
    wait_for(lambda: not any(temporary.rglob("train.csv")))
    assert not any(temporary.rglob("*.csv"))


def test_a_claimed_folder_is_private_and_gone_afterwards(tmp_path: Path) -> None:
    with claimed(tmp_path / ".x.part") as folder:
        assert folder.stat().st_mode & 0o077 == 0
        assert str(os.getpid()) in (folder / LOCK).read_text()
    assert list(tmp_path.iterdir()) == []
