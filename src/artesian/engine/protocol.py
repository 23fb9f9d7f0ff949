"""What an engine is: it runs one task on many parts, and says what became of each of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, runtime_checkable

from artesian.core.run import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one part.

    Attributes:
        place: The part's position among those given.
        found: What the task returned; None if it did not.
        problem: What the task raised.
        lost: Why there is neither: its process was 'killed' (by the system, for want of memory, or
            by a crash of native code), or it was ended because it passed the 'limit'.
    """

    place: int
    found: Any = None
    problem: BaseException | None = None
    lost: Literal["", "killed", "limit"] = ""


@runtime_checkable
class Engine(Protocol):
    """A frozen, keyword-only dataclass of settings: `workers`, `threads` of each, `limit`."""

    @property
    def threads(self) -> int: ...

    def ready(self) -> None:
        """Do nothing, or say what is missing before anything is begun.

        Raises:
            MissingExtra: what it needs is not installed.
        """
        ...

    def map(
        self, task: Callable[[Any], Any], parts: Sequence[Any], *, run: Run
    ) -> Generator[Outcome, None, None]:
        """Run `task` on every part, each as soon as there is room, and yield outcomes as they come.

        Args:
            task: A function of a module, so that another process can find it.
            parts: Plain things that can be sent to another process.
            run: Where a stop is asked for; what is under way is then ended at once.

        Raises:
            Cancelled: the run was stopped.
        """
        ...


def cores() -> int:
    """Processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
