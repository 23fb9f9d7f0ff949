"""Independent fits on all cores: one thread each, and one core inside each.
 Learners that share out one small fit over cores spend most of the time waiting for each other,
and on a busy machine burn whole cores doing so. Fits side by side need not wait.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from artesian.core.run import Run
from artesian.engine.threads import thread_map

Job = TypeVar("Job")
Found = TypeVar("Found")


def side_by_side(
    work: Callable[[Job], Found], jobs: Sequence[Job], run: Run, task: str
) -> list[Found]:
    """`[work(job) for job in jobs]`, for work that leaves the interpreter lock alone.

    Raises:
        Cancelled: the run was stopped; jobs not yet begun are dropped.
    """
    # Both before any thread begins: looking for libraries while another thread loads one waits for a
    # lock that the other holds, which waits for the interpreter's.
    import sklearn.ensemble  # noqa: F401
    from threadpoolctl import ThreadpoolController

    libraries = ThreadpoolController()

    def alone(job: Job) -> Found:
        run.check(task)
        with libraries.limit(limits=1, user_api="openmp"):  # holds for the calling thread only
            return work(job)

    return list(thread_map(alone, jobs, run=run, name=task))
