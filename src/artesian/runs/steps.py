"""The steps of a run: announced, timed, and stopped between if asked."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from artesian.core.run import Progress, Run


@dataclass(slots=True)
class Steps:
    """Attributes:
    seconds: Wall time of each step so far, in seconds.
    """

    run: Run
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Announce `name`, time the block, and stop before or after it if the run was cancelled."""
        self.run.check(name)
        self.run.on_progress(Progress(name, 0, None))
        start = time.perf_counter()
        yield
        spent = time.perf_counter() - start
        self.seconds[name] = round(self.seconds.get(name, 0.0) + spent, 3)
        self.run.on_progress(Progress(name, 1, 1))
        self.run.check(name)
