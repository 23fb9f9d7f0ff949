"""Run chains on an engine: the records of each, or an error that names the chain."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Any, Protocol, TypeVar

from artesian.collapse.policies import Policy
from artesian.core.errors import ArtesianError, Cancelled
from artesian.core.run import Run
from artesian.core.temporary import sweep_temporary
from artesian.engine.protocol import Engine

LOST = {
    "killed": "its process was killed or crashed, perhaps for lack of memory",
    "limit": "it exceeded the time limit",
}
"""Why a process gives no result."""

KEPT = "finished generations are kept: run the same command again to continue"

Records = list[dict[str, Any]]
"""What is kept of each generation of a chain."""


class AnyChain(Protocol):
    """Generations of one policy and one replicate."""

    @property
    def policy(self) -> Policy | None:
        """The policy; None for the first generation, which all share."""
        ...

    @property
    def replicate(self) -> int:
        """Number of the replicate, from 0."""
        ...


T = TypeVar("T", bound=AnyChain)


def run_chains(
    task: Callable[[T], Records], chains: Sequence[T], engine: Engine, run: Run, title: str
) -> list[Records]:
    """Run all chains, and return the records of each.

    Args:
        task: Runs one chain.
        title: What progress is called.

    Raises:
        ArtesianError: A generation failed, or a process ended; earlier generations are kept.
        Cancelled: The run was stopped.
    """
    records: list[Records] = [[] for _ in chains]
    outcomes = engine.map(task, chains, run=run)
    try:
        with closing(outcomes):
            for outcome in run.track(outcomes, title, len(chains)):
                if outcome.lost:
                    chain = chains[outcome.place]
                    name = "first" if chain.policy is None else chain.policy.label
                    raise ArtesianError(
                        f"replicate {chain.replicate + 1} of {name!r}: {LOST[outcome.lost]}",
                        hint=KEPT,
                    )
                if outcome.problem is not None:
                    raise outcome.problem
                records[outcome.place] = outcome.value
    except Cancelled as stopped:
        raise Cancelled("the stress test was stopped", hint=KEPT) from stopped
    finally:
        sweep_temporary()
    return records
