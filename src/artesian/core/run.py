"""The context of a computation: random streams, progress, cancellation."""

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
        """The node at the path `names` below this one."""
        return Seed(self.entropy, self.path + tuple(str(name) for name in names))

    def rng(self) -> np.random.Generator:
        """A new generator of this node's stream, at its start."""
        return np.random.Generator(np.random.PCG64(self.integer()))

    def integer(self) -> int:
        """A 128-bit integer of this node, to seed keyed functions and other generators."""
        text = "\x1f".join((str(self.entropy), *self.path)).encode()
        return int.from_bytes(hashlib.blake2b(text, digest_size=16).digest(), "little")


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a task; `total` is None if it is unknown."""

    task: str
    done: int
    total: int | None = None


def _silent(_: Progress) -> None:
    return None


@dataclass(slots=True)
class Run:
    """Context of a slow call, passed as `run=`. Default: seed 0, no progress reports, all cores."""

    seed: Seed = field(default_factory=lambda: Seed(0))
    on_progress: Callable[[Progress], None] = _silent
    workers: int | None = None
    training: Training = field(default_factory=Training)
    _stop: threading.Event = field(default_factory=threading.Event, repr=False)

    @classmethod
    def from_seed(cls, seed: int) -> Run:
        """A run with this seed."""
        return cls(seed=Seed(seed))

    def child(self, *names: str | int) -> Run:
        """The same run with the seed of a child node; it is cancelled together with this one."""
        return replace(self, seed=self.seed.child(*names))

    def cancel(self) -> None:
        """Request cancellation at the next step; safe in any thread and signal handler."""
        self._stop.set()

    def check(self, task: str) -> None:
        """Raise `Cancelled` if the run was cancelled."""
        if self._stop.is_set():
            raise Cancelled(f"{task} was stopped", hint="nothing was left half-written")

    def track(self, items: Iterable[T], task: str, total: int | None = None) -> Iterator[T]:
        """Yield `items` and report progress; raise `Cancelled` if the run was cancelled."""
        if total is None and isinstance(items, Sized):
            total = len(items)
        done = 0
        for item in items:
            self.check(task)
            self.on_progress(Progress(task, done, total))
            yield item
            done += 1
        self.on_progress(Progress(task, done, done if total is None else total))
