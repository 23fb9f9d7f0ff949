"""Fit independent models in parallel, one thread per fit.

Learners that parallelize one small fit over several cores spend most of the time synchronizing.
Independent fits need no synchronization, so each gets a single core.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from artesian.core.run import Run
from artesian.engine.threads import thread_map

Job = TypeVar("Job")
Output = TypeVar("Output")


def fit_in_parallel(
    work: Callable[[Job], Output], jobs: Sequence[Job], run: Run, task: str
) -> list[Output]:
    """`[work(job) for job in jobs]` in threads, for work that releases the interpreter lock.

    Raises:
        Cancelled: the run was stopped; jobs that have not started are dropped.
    """
    # Imported before any thread starts: searching for libraries while another thread loads one can
    # deadlock between the loader lock and the interpreter lock.
    import sklearn.ensemble  # noqa: F401
    from threadpoolctl import ThreadpoolController

    libraries = ThreadpoolController()

    def run_job(job: Job) -> Output:
        run.check(task)
        with libraries.limit(limits=1, user_api="openmp"):  # affects the calling thread only
            return work(job)

    return list(thread_map(run_job, jobs, run=run, name=task))
