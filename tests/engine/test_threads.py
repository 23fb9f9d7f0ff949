"""Threads: results in order, as many threads as the run says, bounded waiting, and a stop."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

import artesian
from artesian.core.errors import Cancelled
from artesian.core.run import Progress, Run
from artesian.engine.protocol import cores
from artesian.engine.threads import thread_map, worker_count


@pytest.mark.parametrize("ahead", [None, 0, 3])
def test_results_come_in_the_order_of_the_parts(ahead: int | None) -> None:
    def task(part: int) -> int:
        time.sleep(0.01 * (part % 3))
        return part * part

    run = Run(workers=4)
    assert list(thread_map(task, range(20), run=run, name="x", ahead=ahead)) == [
        part * part for part in range(20)
    ]
    assert list(thread_map(task, [], run=run, name="x", ahead=ahead)) == []


def test_the_number_of_threads_is_that_of_the_run() -> None:
    assert worker_count(Run()) == cores()
    assert worker_count(Run(workers=3)) == 3
    for workers in (1, 3):
        barrier = threading.Barrier(workers, timeout=10)

        def task(_: int, barrier: threading.Barrier = barrier) -> str:
            barrier.wait()  # returns only if this many threads run at the same time
            return threading.current_thread().name

        names = set(thread_map(task, range(6), run=Run(workers=workers), name="x"))
        assert len(names) == workers


def test_results_that_wait_are_bounded() -> None:
    started = []
    results = thread_map(started.append, range(100), run=Run(workers=2), name="x", ahead=1)
    next(results)
    time.sleep(0.1)
    assert len(started) <= 3
    results.close()  # type: ignore[attr-defined]


def test_a_stop_and_an_error_drop_the_parts_that_are_not_started() -> None:
    started = []

    def task(part: int) -> None:
        started.append(part)
        time.sleep(0.01)
        if part == 3:
            raise KeyError(part)

    with pytest.raises(KeyError):
        list(thread_map(task, range(1000), run=Run(workers=1), name="x"))
    assert len(started) < 100
    run = Run(workers=1)
    seen: list[Progress] = []

    def stop(progress: Progress) -> None:
        seen.append(progress)
        if progress.done == 2:
            run.cancel()

    run.on_progress = stop
    with pytest.raises(Cancelled):
        list(thread_map(task, [0] * 1000, run=run, name="work"))
    assert [one.done for one in seen] == [0, 1, 2]
    assert seen[0] == Progress("work", 0, 1000)


def test_no_other_module_starts_threads_of_its_own() -> None:
    package = Path(artesian.__file__).parent
    users = [
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if "ThreadPoolExecutor" in path.read_text(encoding="utf-8")
    ]
    assert users == ["engine/threads.py"]
