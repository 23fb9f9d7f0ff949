"""The protocol of engines: run one task on many parts, and yield the outcome of each."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable

from artesian.core.run import Run
from artesian.engine.containers import ROOT, cpu_limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The outcome of one part.

    Attributes:
        place: The index of the part.
        value: The result of the task; None if it failed.
        problem: The exception that the task raised.
        lost: Why there is neither: its process was 'killed' (by the system for lack of memory, or
            by a crash of native code), or it exceeded the time 'limit'.
    """

    place: int
    value: Any = None
    problem: BaseException | None = None
    lost: Literal["", "killed", "limit"] = ""


@runtime_checkable
class Engine(Protocol):
    """A frozen, keyword-only dataclass of settings: `workers`, `threads` of each, `limit`."""

    @property
    def threads(self) -> int:
        """Number of threads of each worker."""
        ...

    def ready(self) -> None:
        """Check that the engine can run, before any work starts.

        Raises:
            MissingExtra: a required library is not installed.
        """
        ...

    def map(
        self, task: Callable[[Any], Any], parts: Sequence[Any], *, run: Run
    ) -> Generator[Outcome, None, None]:
        """Run `task` on every part in parallel, and yield outcomes as they complete.

        Args:
            task: A function of a module, so that another process can import it.
            parts: Objects that can be pickled.
            run: Cancelling it ends running parts immediately.

        Raises:
            Cancelled: the run was cancelled.
        """
        ...

    def opened(self) -> AbstractContextManager[Engine]:
        """Open the engine for several calls of `map`: its processes stay, and do not start again for
        each.
        """
        ...


def cores(root: Path = ROOT) -> int:
    """Number of processor cores that this process may use, as its container limits them; 1 or more."""
    available = os.cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):
        available = len(os.sched_getaffinity(0))
    limit = cpu_limit(root)
    return available if limit is None else max(1, min(available, int(limit)))
