"""Processes of this machine: one pool of one process for each worker.

A pool of several processes breaks as a whole when one of them is killed, and does not say which part
killed it. With a pool for each worker the part is known, the others go on, and a part that passes its
limit can be ended by ending its process.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import connection
from typing import Any

from artesian.core.errors import ArtesianError
from artesian.core.run import Run
from artesian.core.settings import at_least
from artesian.engine.protocol import Outcome, cores

POLL = 0.1
"""Seconds between looks at the clock and at the wish to stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Local:
    """Settings.

    Attributes:
        workers: Processes side by side; None for one a core. The cores are shared out among them.
        limit: Seconds that a part may take, the start of its process not counted; None for no end.
    """

    workers: int | None = None
    limit: float | None = None

    def __post_init__(self) -> None:
        if self.workers is not None:
            at_least(self, workers=1)
        if self.limit is not None:
            at_least(self, limit=0.0)

    @property
    def threads(self) -> int:
        """Threads of each worker, so that workers x threads is the number of cores."""
        return max(1, cores() // (self.workers or cores()))

    def ready(self) -> None:
        return None

    def map(
        self, task: Callable[[Any], Any], parts: Sequence[Any], *, run: Run
    ) -> Generator[Outcome, None, None]:
        waiting = deque(enumerate(parts))
        workers: list[_Worker] = []
        wanted = min(self.workers or cores(), len(parts))
        try:
            while waiting or workers:
                while waiting and len(workers) < wanted:
                    workers.append(_Worker(self.threads))
                for worker in workers:
                    if worker.part is None and waiting:
                        worker.give(task, *waiting.popleft())
                wait([w.future for w in workers], POLL, FIRST_COMPLETED)
                run.check("the work")
                for worker in list(workers):
                    outcome = worker.outcome(self.limit)
                    if outcome is None:
                        continue
                    if outcome.lost or not waiting:
                        workers.remove(worker)
                        worker.end()
                    yield outcome
        finally:
            for worker in workers:
                worker.kill()


class _Worker:
    """A process, and the part it has in hand."""

    def __init__(self, threads: int) -> None:
        spawn = multiprocessing.get_context("spawn")
        self.pool = ProcessPoolExecutor(1, spawn, initializer=_settle, initargs=(threads,))
        with _deaf():
            self.process: Future[int] = self.pool.submit(os.getpid)
        self.future: Future[Any] = Future()
        self.part: int | None = None
        self.since: float | None = None

    def give(self, task: Callable[[Any], Any], place: int, part: Any) -> None:
        self.part, self.since = place, None
        try:
            self.future = self.pool.submit(task, part)
        except BrokenProcessPool as problem:  # it died between two parts, or as it started
            self.future = Future()
            self.future.set_exception(problem)

    def outcome(self, limit: float | None) -> Outcome | None:
        """What became of the part in hand; None while it is under way."""
        assert self.part is not None
        place = self.part
        if self.process.done() and isinstance(self.process.exception(), BrokenProcessPool):
            raise ArtesianError(
                "a worker process ended as it started",
                hint="a script that uses several processes does so below `if __name__ == "
                "'__main__':`",
            )
        if self.future.done():
            self.part = None
            problem = self.future.exception()
            if isinstance(problem, BrokenProcessPool):
                return Outcome(place=place, lost="killed")
            if problem is not None:
                return Outcome(place=place, problem=problem)
            return Outcome(place=place, found=self.future.result())
        if self.since is None and self.process.done():
            self.since = time.monotonic()
        if limit is not None and self.since is not None and time.monotonic() > self.since + limit:
            self.kill()
            return Outcome(place=place, lost="limit")
        return None

    def end(self) -> None:
        self.pool.shutdown(wait=False, cancel_futures=True)

    def kill(self) -> None:
        """End the process and all that it started, at once."""
        if self.process.done() and self.process.exception() is None:
            try:
                if hasattr(os, "killpg"):
                    os.killpg(self.process.result(), signal.SIGKILL)
                else:
                    os.kill(self.process.result(), signal.SIGTERM)
            except ProcessLookupError:
                pass
        self.end()


def _settle(threads: int) -> None:
    """What a worker does first: its share of the cores, and a group of its own to be ended by."""
    from threadpoolctl import threadpool_limits

    for name in ("OMP", "OPENBLAS", "MKL", "NUMBA"):  # read by libraries that are loaded later
        os.environ[f"{name}_NUM_THREADS"] = str(threads)
    os.environ["POLARS_MAX_THREADS"] = str(threads)
    threadpool_limits(threads)  # and by those that are loaded already
    if hasattr(os, "setsid"):
        os.setsid()
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A caller that is killed cannot end its workers: they notice, and end themselves."""
    parent = multiprocessing.parent_process()
    if parent is not None and hasattr(os, "killpg"):
        connection.wait([parent.sentinel])
        os.killpg(0, signal.SIGKILL)


@contextmanager
def _deaf() -> Iterator[None]:
    """Processes started in this block do not hear Ctrl-C: their caller does, and ends them."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
