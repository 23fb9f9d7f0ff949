"""Threads of this process, for tasks that release the interpreter lock (NumPy, Numba, scikit-learn)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

from artesian.core.run import Run
from artesian.engine.protocol import cores

Part = TypeVar("Part")
Result = TypeVar("Result")


def thread_map(
    task: Callable[[Part], Result],
    parts: Sequence[Part],
    *,
    run: Run,
    name: str,
    ahead: int | None = None,
    workers: int | None = None,
) -> Iterator[Result]:
    """Yield `task(part)` for every part, in the order of the parts.

    Args:
        name: What the progress is called.
        ahead: Number of results that may wait to be consumed beside those being computed, so that
            memory does not grow with the number of parts; None for no limit.
        workers: Number of threads; None for that of the run.

    Raises:
        Cancelled: The run was stopped; parts that were not started are dropped.
    """
    workers = worker_count(run) if workers is None else workers
    limit = len(parts) if ahead is None else workers + ahead
    remaining = iter(parts)
    futures: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(max(1, min(workers, len(parts)))) as pool:
        try:
            for _ in run.track(parts, name):
                futures += [
                    pool.submit(task, part) for part in islice(remaining, limit - len(futures))
                ]
                yield futures.popleft().result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def worker_count(run: Run) -> int:
    """Number of threads a run may use: `run.workers`, or one for each core of this process."""
    return cores() if run.workers is None else run.workers
