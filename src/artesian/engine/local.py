"""Run tasks in local processes: one pool of one process for each worker.

A pool of several processes breaks as a whole when one of them is killed, and does not say which part
killed it. With a pool for each worker the part is identified, the others continue, and a part that
exceeds its time limit can be ended by ending its process.
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
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from multiprocessing import connection
from typing import Any

from artesian.core.claim import abandon
from artesian.core.errors import ArtesianError
from artesian.core.run import Run
from artesian.core.settings import at_least
from artesian.engine.protocol import Outcome, cores

POLL = 0.1
"""Seconds between checks of time limits and cancellation."""

ENDING = 5.0
"""Maximum seconds that a killed process takes to end."""

SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGQUIT", "SIGHUP") if hasattr(signal, name)
)
"""Signals of a terminal, which the parent process answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Local:
    """Settings of the engine of local processes.

    Attributes:
        workers: Number of parallel processes, which divide the cores; None for one per core.
        limit: Maximum seconds of a part, without the start of its process; None for no limit.
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
        """Check that the engine can run."""
        return None

    def map(
        self, task: Callable[[Any], Any], parts: Sequence[Any], *, run: Run
    ) -> Generator[Outcome, None, None]:
        """Run `task` on every part; see `Engine.map`."""
        with self.opened() as engine:
            yield from engine.map(task, parts, run=run)

    @contextmanager
    def opened(self) -> Iterator[OpenLocal]:
        """Keep the processes between calls of `map`; see `Engine.opened`."""
        engine = OpenLocal(self)
        try:
            yield engine
        finally:
            engine.close()


class OpenLocal:
    """The engine with its processes, of which those without a part wait for the next call of `map`."""

    def __init__(self, settings: Local) -> None:
        self.settings = settings
        self.threads = settings.threads
        self._idle: list[_Worker] = []

    def ready(self) -> None:
        """Check that the engine can run."""
        self.settings.ready()

    def opened(self) -> AbstractContextManager[OpenLocal]:
        """This engine; who opened it closes it."""
        return nullcontext(self)

    def map(
        self, task: Callable[[Any], Any], parts: Sequence[Any], *, run: Run
    ) -> Generator[Outcome, None, None]:
        """Run `task` on every part; see `Engine.map`."""
        waiting, busy = deque(enumerate(parts)), list[_Worker]()
        count = min(self.settings.workers or cores(), len(parts))
        try:
            while waiting or busy:
                while waiting and len(busy) < count:
                    busy.append(self._worker())
                    busy[-1].give(task, *waiting.popleft())
                wait([worker.future for worker in busy], POLL, FIRST_COMPLETED)
                run.check("the work")
                for worker in list(busy):
                    outcome = worker.outcome(self.settings.limit)
                    if outcome is None:
                        continue
                    busy.remove(worker)
                    if outcome.lost:
                        worker.end()
                    else:
                        self._idle.append(worker)
                    yield outcome
        finally:
            for worker in busy:
                worker.kill()

    def _worker(self) -> _Worker:
        while self._idle:
            worker = self._idle.pop()
            if worker.alive:
                return worker
            worker.end()
        return _Worker(self.threads)

    def close(self) -> None:
        """End all processes."""
        while self._idle:
            self._idle.pop().kill()


class _Worker:
    """A process and its current part."""

    def __init__(self, threads: int) -> None:
        spawn = multiprocessing.get_context("spawn")
        self.pool = ProcessPoolExecutor(1, spawn, initializer=_initialise, initargs=(threads,))
        with _without_interrupts():
            self.process: Future[int] = self.pool.submit(os.getpid)
        self.future: Future[Any] = Future()
        self.part: int | None = None
        self.since: float | None = None

    @property
    def alive(self) -> bool:
        """Whether its process, which was started, has not ended since."""
        pid = self.process.result()
        # A process that another thread waits for is still listed when it has ended.
        return any(
            process.pid == pid and not connection.wait([process.sentinel], 0)
            for process in multiprocessing.active_children()
        )

    def give(self, task: Callable[[Any], Any], place: int, part: Any) -> None:
        self.part, self.since = place, None
        try:
            self.future = self.pool.submit(task, part)
        except BrokenProcessPool as problem:  # it ended between two parts, or when it started
            self.future = Future()
            self.future.set_exception(problem)

    def outcome(self, limit: float | None) -> Outcome | None:
        """The outcome of the current part; None while it is running."""
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
            return Outcome(place=place, value=self.future.result())
        if self.since is None and self.process.done():
            self.since = time.monotonic()
        if limit is not None and self.since is not None and time.monotonic() > self.since + limit:
            self.kill()
            return Outcome(place=place, lost="limit")
        return None

    def end(self) -> None:
        self.pool.shutdown(wait=False, cancel_futures=True)

    def kill(self) -> None:
        """End the process and all processes that it started, immediately."""
        if self.process.done() and self.process.exception() is None:
            try:
                if hasattr(os, "killpg"):
                    os.killpg(self.process.result(), signal.SIGKILL)
                else:
                    os.kill(self.process.result(), signal.SIGTERM)
            except ProcessLookupError:
                pass
            for process in multiprocessing.active_children():
                if process.pid == self.process.result():
                    process.join(ENDING)  # its locks are free, and its files can be removed
        self.end()


def _initialise(threads: int) -> None:
    """Initialise a worker: limit its threads, and give it a process group that can be ended."""
    from threadpoolctl import threadpool_limits

    for name in ("OMP", "OPENBLAS", "MKL", "NUMBA"):  # read by libraries that are imported later
        os.environ[f"{name}_NUM_THREADS"] = str(threads)
    os.environ["POLARS_MAX_THREADS"] = str(threads)
    threadpool_limits(threads)  # for those that are imported already
    if hasattr(os, "setsid"):
        os.setsid()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End this worker when its parent process ends, also if it was killed."""
    parent = multiprocessing.parent_process()
    if parent is not None and hasattr(os, "killpg"):
        connection.wait([parent.sentinel])
        abandon()
        os.killpg(0, signal.SIGKILL)


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Block signals of the terminal in processes started in this block, until they have a group of
    their own: their parent receives the signals, and ends them.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
