"""What one piece of work carries with it: randomness, progress, a way to stop."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterable, Iterator, Sized
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np

from artesian.core.errors import Cancelled
from artesian.core.training import Training

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Seed:
    """A node in a tree of random streams.

    A stream depends on its path alone, so neither the order of work nor the number of workers
    changes a result.

    >>> bool(Seed(7).child("age", 3).rng().random() == Seed(7).child("age", 3).rng().random())
    True
    """

    entropy: int
    path: tuple[str, ...] = ()

    def child(self, *names: str | int) -> Seed:
        return Seed(self.entropy, self.path + tuple(str(name) for name in names))

    def rng(self) -> np.random.Generator:
        return np.random.Generator(np.random.PCG64(self.integer()))

    def integer(self) -> int:
        """A 128-bit integer that stands for this node, for keyed functions and foreign generators."""
        text = "\x1f".join((str(self.entropy), *self.path)).encode()
        return int.from_bytes(hashlib.blake2b(text, digest_size=16).digest(), "little")


@dataclass(frozen=True, slots=True)
class Progress:
    """One report of how far a task has come; `total` is None when it is not known."""

    task: str
    done: int
    total: int | None = None


def _silent(_: Progress) -> None:
    return None


@dataclass(slots=True)
class Run:
    """Handed to every slow call as `run=`. The default is seeded with 0, silent, and uses all cores."""

    seed: Seed = field(default_factory=lambda: Seed(0))
    on_progress: Callable[[Progress], None] = _silent
    workers: int | None = None
    training: Training = field(default_factory=Training)
    _stop: threading.Event = field(default_factory=threading.Event, repr=False)

    @classmethod
    def of(cls, seed: int) -> Run:
        return cls(seed=Seed(seed))

    def child(self, *names: str | int) -> Run:
        """The same run with a seed further down its tree; stops when this one stops."""
        return replace(self, seed=self.seed.child(*names))

    def cancel(self) -> None:
        """Ask the work to stop at its next step; safe from any thread and any signal handler."""
        self._stop.set()

    def check(self, task: str) -> None:
        """Raise `Cancelled` if the run was asked to stop."""
        if self._stop.is_set():
            raise Cancelled(f"{task} was stopped", hint="nothing was left half-written")

    def track(self, items: Iterable[T], task: str, total: int | None = None) -> Iterator[T]:
        """Yield `items`, reporting each, and stop if the run was cancelled."""
        if total is None and isinstance(items, Sized):
            total = len(items)
        done = 0
        for item in items:
            self.check(task)
            self.on_progress(Progress(task, done, total))
            yield item
            done += 1
        self.on_progress(Progress(task, done, done if total is None else total))
