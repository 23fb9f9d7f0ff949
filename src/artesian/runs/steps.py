"""Steps of a run: reported, timed, and interrupted between if the run is cancelled."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from artesian.core.run import Progress, Run


@dataclass(slots=True)
class Steps:
    """Steps of a run.

    Attributes:
        run: Seed, progress and cancellation.
        seconds: Wall time of each finished step, in seconds.
    """

    run: Run
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Run a block as the step `name`: report progress, add its time, and check for cancellation.

        Raises:
            Cancelled: The run was stopped.
        """
        self.run.check(name)
        self.run.on_progress(Progress(name, 0, None))
        start = time.perf_counter()
        yield
        elapsed = time.perf_counter() - start
        self.seconds[name] = round(self.seconds.get(name, 0.0) + elapsed, 3)
        self.run.on_progress(Progress(name, 1, 1))
        self.run.check(name)
