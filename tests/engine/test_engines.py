"""Engines: every part gets an outcome, whatever becomes of its process; a stop ends it at once."""

from __future__ import annotations

import importlib.util
import os
import signal
import time
from concurrent.futures import ALL_COMPLETED, wait
from contextlib import suppress
from pathlib import Path

import pytest
from tests.engine import tasks

from artesian.core.errors import Cancelled, MissingExtra, UsageError
from artesian.core.run import Run
from artesian.engine import CATALOG, local
from artesian.engine.local import Local
from artesian.engine.on_ray import OnRay
from artesian.engine.protocol import Engine, Outcome, cores

RAY = importlib.util.find_spec("ray") is not None
PARTS = ("a", "raise:no", "b", "die", "sleep", "c")


def outcomes(engine: Engine, parts: tuple[str, ...]) -> dict[str, Outcome]:
    by_part = list(engine.map(tasks.work, parts, run=Run()))
    assert len(by_part) == len(parts)
    return {parts[one.place]: one for one in by_part}


def check_every_part_has_its_outcome(engine: Engine) -> None:
    by_part = outcomes(engine, PARTS)
    assert [by_part[word].value for word in "abc"] == ["aa", "bb", "cc"]
    assert isinstance(by_part["raise:no"].problem, KeyError)
    assert by_part["die"].lost == "killed"
    assert by_part["sleep"].lost == "limit"


def gone(pid: int) -> bool:
    for _ in range(600):
        with suppress(ProcessLookupError):
            os.kill(pid, 0)
            status = Path(f"/proc/{pid}/status")
            if status.is_file() and "State:\tZ" not in status.read_text():
                time.sleep(0.05)
                continue
        return True
    return False


def test_local_gives_every_part_its_outcome() -> None:
    check_every_part_has_its_outcome(Local(workers=2, limit=1.0))


@pytest.mark.skipif(not RAY, reason="ray is not installed here")
@pytest.mark.filterwarnings("ignore")  # of Ray's own
def test_ray_gives_every_part_its_outcome() -> None:
    check_every_part_has_its_outcome(OnRay(workers=2, limit=4.0))


@pytest.mark.skipif(RAY, reason="ray is installed here")
def test_without_ray_the_extra_is_named() -> None:
    with pytest.raises(MissingExtra, match=r"pip install 'artesian\[ray\]'"):
        OnRay().ready()
    with pytest.raises(MissingExtra):
        next(OnRay().map(tasks.work, ["a"], run=Run()))


def test_a_limit_ends_what_the_worker_started_too(tmp_path: Path) -> None:
    place = tmp_path / "pid"
    by_part = outcomes(Local(workers=1, limit=1.0), (f"child:{place}",))
    assert [one.lost for one in by_part.values()] == ["limit"]
    assert gone(int(place.read_text()))


def test_a_stop_ends_everything_at_once() -> None:
    run = Run()
    work = Local(workers=1).map(tasks.work, ["a", "sleep"], run=run)
    assert next(work).value == "aa"
    run.cancel()
    start = time.monotonic()
    with pytest.raises(Cancelled):
        next(work)
    assert time.monotonic() - start < 5


def test_one_part_is_left_for_two_workers_that_end_together(monkeypatch) -> None:
    monkeypatch.setattr(local, "wait", lambda futures, *_: wait(futures, 60, ALL_COMPLETED))
    by_part = outcomes(Local(workers=2), ("a", "b", "c"))
    assert {part: one.value for part, one in by_part.items()} == {"a": "aa", "b": "bb", "c": "cc"}


def test_an_open_engine_keeps_its_processes() -> None:
    def pids(engine: Engine) -> set[str]:
        return {outcome.value for outcome in engine.map(tasks.work, ["pid", "pid"], run=Run())}

    with Local(workers=1).opened() as engine:
        (first,) = pids(engine)
        assert pids(engine) == {first}
        os.kill(int(first), signal.SIGKILL)
        assert gone(int(first))
        (other,) = pids(engine)
        assert other != first
        assert [one.lost for one in engine.map(tasks.work, ["die"], run=Run())] == ["killed"]
        (third,) = pids(engine)
    assert gone(int(third))


def test_the_cores_are_shared_out_among_the_workers() -> None:
    engine = Local(workers=1)
    assert engine.threads == cores()
    (by_part,) = engine.map(tasks.threads, [0], run=Run())
    assert by_part.value == (str(cores()), str(cores()))
    assert Local().threads == 1
    assert Local(workers=10_000).threads == 1


def test_nothing_to_do_is_done() -> None:
    assert list(Local().map(tasks.work, [], run=Run())) == []


@pytest.mark.parametrize("name", CATALOG)
def test_impossible_settings_are_refused(name: str) -> None:
    with pytest.raises(UsageError, match="workers"):
        CATALOG[name](workers=0)
    with pytest.raises(UsageError, match="limit"):
        CATALOG[name](limit=-1)
    assert isinstance(CATALOG[name](), Engine)
