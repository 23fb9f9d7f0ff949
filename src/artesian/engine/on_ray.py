"""Run tasks on Ray: on a cluster, or on this machine. Requires the extra `ray`."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

from artesian.core.extras import require
from artesian.core.run import Run
from artesian.core.settings import at_least
from artesian.engine.protocol import Outcome

POLL = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class OnRay:
    """Settings of the Ray engine.

    The cluster is the connected one, else that of RAY_ADDRESS, else one that is started on this
    machine and ends with this process. Files must be reachable from every node.

    Attributes:
        workers: Number of parallel parts; None for as many as the cluster has cores for.
        limit: Maximum seconds of a part; None for no limit.
        threads: Number of cores of each part.
    """

    workers: int | None = None
    limit: float | None = None
    threads: int = 1

    def __post_init__(self) -> None:
        at_least(self, threads=1)
        if self.workers is not None:
            at_least(self, workers=1)
        if self.limit is not None:
            at_least(self, limit=0.0)

    def ready(self) -> None:
        """Check that the engine can run."""
        self._ray()

    def map(
        self, task: Callable[[Any], Any], parts: Sequence[Any], *, run: Run
    ) -> Generator[Outcome, None, None]:
        """Run `task` on every part; see `Engine.map`."""
        ray = self._ray()
        if not ray.is_initialized():
            os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
            ray.init(include_dashboard=False, log_to_driver=False, logging_level="error")
        remote = ray.remote(num_cpus=self.threads, max_retries=0)(task)
        room = self.workers or max(1, int(ray.cluster_resources()["CPU"]) // self.threads)
        waiting, under_way = deque(enumerate(parts)), dict[Any, tuple[int, float]]()
        try:
            while waiting or under_way:
                # At most `room` parts: the time limit of a part would include its waiting time at Ray.
                while waiting and len(under_way) < room:
                    place, part = waiting.popleft()
                    under_way[remote.remote(part)] = place, time.monotonic()
                done, _ = ray.wait(list(under_way), timeout=POLL)
                run.check("the work")
                for reference in done:
                    place, _ = under_way.pop(reference)
                    yield _outcome(ray, reference, place)
                for reference, (place, since) in list(under_way.items()):
                    if self.limit is not None and time.monotonic() > since + self.limit:
                        del under_way[reference]
                        ray.cancel(reference, force=True)
                        yield Outcome(place=place, lost="limit")
        finally:
            for reference in under_way:
                ray.cancel(reference, force=True)

    def opened(self) -> AbstractContextManager[OnRay]:
        """This engine: Ray keeps processes itself."""
        return nullcontext(self)

    def _ray(self) -> Any:
        return require("ray", extra="ray", purpose="the engine 'ray'")


def _outcome(ray: Any, reference: Any, place: int) -> Outcome:
    try:
        return Outcome(place=place, value=ray.get(reference))
    except ray.exceptions.RayTaskError as problem:
        return Outcome(place=place, problem=problem.cause)
    except (ray.exceptions.WorkerCrashedError, ray.exceptions.OutOfMemoryError):
        return Outcome(place=place, lost="killed")
