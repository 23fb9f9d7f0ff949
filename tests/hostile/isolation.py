"""Calls in another process, with a limit of time and memory, so that a crash or a hang is a result."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

MEMORY = 3 * 2**30
"""Bytes of address space that a call may take beyond those of the libraries."""

SECONDS = 10.0

WALL_FACTOR = 6
"""Multiple of a limit of time that may pass on the wall."""

START_SECONDS = 60.0


def outcomes(
    call: Callable[[Any], str], inputs: Iterable[Any], *, seconds: float = SECONDS
) -> Iterator[tuple[Any, str]]:
    """Each input with what `call` returned for it: a text, 'crash' or 'hang'."""
    worker: _Worker | None = None
    try:
        for each in inputs:
            worker = worker or _Worker(call)
            result = worker.ask(each, seconds)
            if result in ("crash", "hang"):
                worker.stop()
                worker = None
            yield each, result
    finally:
        if worker is not None:
            worker.stop()


class _Worker:
    def __init__(self, call: Callable[[Any], str]) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, call))
        self._process.start()
        theirs.close()
        assert self._pipe.poll(START_SECONDS), "the process does not start"
        self._pipe.recv()

    def ask(self, each: Any, seconds: float) -> str:
        self._pipe.send(each)
        try:
            return str(self._pipe.recv()) if self._answers(seconds) else "hang"
        except (EOFError, ConnectionResetError):
            return "crash"

    def _answers(self, seconds: float) -> bool:
        """Whether there is an answer within a limit of the process's own time.

        On a busy machine the process may wait for its turn, so the clock on the wall has more.
        """
        before = self._own_seconds()
        for _ in range(WALL_FACTOR):
            if self._pipe.poll(seconds):
                return True
            if before is None or self._own_seconds() - before >= seconds:  # type: ignore[operator]
                return False
        return False

    def _own_seconds(self) -> float | None:
        """The processor time that the process has taken; None where the system does not say."""
        path = Path(f"/proc/{self._process.pid}/stat")
        if not path.exists():
            return None
        fields = path.read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self) -> None:
        self._process.kill()
        self._process.join()
        self._pipe.close()


def _serve(pipe: Connection, call: Callable[[Any], str]) -> None:
    import artesian.synthesizers.sequential.boosting
    import artesian.trees.kernels  # noqa: F401

    pages = Path("/proc/self/statm")
    if pages.exists():  # Linux, where the limit is kept
        import resource

        taken = int(pages.read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (taken + MEMORY, taken + MEMORY))
    pipe.send("ready")
    while True:
        try:
            each = pipe.recv()
        except EOFError:
            return
        pipe.send(call(each))
