"""Run a stress test: all chains on an engine, the control beside them, and the bisection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from artesian.collapse.policies import Policy
from artesian.collapse.stress import control as controls
from artesian.collapse.stress.bias import bias_by_stratum
from artesian.collapse.stress.chain import Chain, Generator, digest_of, run_chain
from artesian.collapse.stress.control import Control
from artesian.collapse.stress.measures import Landscape
from artesian.collapse.stress.parallel import run_chains
from artesian.collapse.stress.profile import Profile
from artesian.collapse.stress.proportion import MinProportion, smallest_proportion
from artesian.collapse.stress.result import StressResult
from artesian.collapse.stress.survival import Chains, Level
from artesian.core.errors import DataError, UsageError
from artesian.core.formatting import count
from artesian.core.run import Run
from artesian.data.table import Table
from artesian.engine.protocol import Engine

MIN_ROWS = 20
"""Rows of the source that are needed."""

REPLACE = Policy(name="replace")


@dataclass(frozen=True, slots=True, kw_only=True)
class StressPlan:
    """A stress test.

    Attributes:
        source: The rows of the first fit.
        generator: What generates rows.
        policies: Policies, each with chains of its own.
        generations: Number of generations.
        replicates: Chains of each policy.
        level: The proportion of rare categories and of tail mass to hold, in (0, 1].
        bisect: Whether to find the smallest proportion of real data.
        controls: Simulated chains of the bootstrap of each policy.
    """

    source: Table
    generator: Generator
    policies: tuple[Policy, ...]
    generations: int
    replicates: int
    level: float
    bisect: bool = True
    controls: int = controls.REPLICATES

    def __post_init__(self) -> None:
        check_sizes(self.generations, self.replicates, self.level)
        check_policies(self.policies)
        if len(self.source) < MIN_ROWS:
            raise DataError(
                f"the source has {count(len(self.source), 'row')}",
                hint=f"give {MIN_ROWS} rows or more",
            )


def check_sizes(generations: int, replicates: int, level: float) -> None:
    """Check the size of a test.

    Raises:
        UsageError: There are no generations or replicates, or the level is no proportion.
    """
    if generations < 1:
        raise UsageError(
            f"{count(generations, 'generation')} cannot be tested",
            hint="give 1 generation or more",
        )
    if replicates < 1:
        raise UsageError(
            f"{count(replicates, 'replicate')} cannot be run",
            hint="give 1 replicate or more; intervals need 2",
        )
    if not 0 < level <= 1:
        raise UsageError(
            f"the level {level:g} is not a proportion",
            hint="give a number above 0 and up to 1, as 0.9",
        )


def check_policies(policies: Sequence[Policy]) -> None:
    """Check the policies of a test.

    Raises:
        UsageError: There is none, or one is given more than once.
    """
    if not policies:
        raise UsageError("there is no policy to test", hint="give --policy replace")
    if len(set(policies)) < len(policies):
        raise UsageError("a policy is given more than once", hint="give every policy once")


def run_stress(plan: StressPlan, chains: Path, engine: Engine, run: Run) -> StressResult:
    """Run what is not finished, and evaluate all of it.

    Args:
        chains: Folder of the chains; finished generations in it are reused.

    Raises:
        DataError: The source has neither a category with five rows nor a tail.
        ArtesianError: A generation failed; it is named, and earlier ones are kept.
        Cancelled: The run was stopped; finished generations are kept.
    """
    from threadpoolctl import threadpool_limits

    # Matrices are small, and threads of BLAS would wait for each other.
    with threadpool_limits(1), engine.opened() as opened:
        return _run(plan, chains, opened, run)


def _run(plan: StressPlan, chains: Path, engine: Engine, run: Run) -> StressResult:
    profile = Profile.from_table(plan.source)
    if not len(profile.rows) and not len(profile.tail_rows):
        raise DataError(
            "no column has a category of at least five rows, or numbers with tails",
            hint="a stress test follows categories, booleans, numbers and dates; keys and texts have "
            "no distribution that could be lost",
        )
    scene = Landscape.from_profile(profile, run.seed.child("stress", "scene"))
    work = _Work(plan, profile, scene, chains, digest_of(plan.source), engine, run)
    started = work.first()
    first = Chains.from_records(REPLACE, started)
    tested = work.chains(plan.policies)
    below = first.suppressed_below
    simulated = {p: work.control(p) for p in plan.policies}
    replaced = tested.get(REPLACE)
    suppressing = None
    if below and replaced is not None:
        suppressing = work.control(REPLACE, suppress=True)
    proportion = work.bisect(first, tested) if plan.bisect and profile.has_level else None
    return StressResult(
        plan_level=plan.level,
        label=plan.generator.label,
        profile=profile,
        generations=plan.generations,
        replicates=plan.replicates,
        bias=bias_by_stratum(
            profile, [chain[0]["bias"] for chain in started], run.seed.child("stress", "bias")
        ),
        chains={p: tested[p] for p in plan.policies},
        controls=simulated,
        suppressing=suppressing,
        proportion=proportion,
    )


class _Work:
    """The chains of a plan."""

    def __init__(
        self,
        plan: StressPlan,
        profile: Profile,
        scene: Landscape | None,
        folder: Path,
        digest: str,
        engine: Engine,
        run: Run,
    ) -> None:
        self.plan, self.profile, self.scene, self.run = plan, profile, scene, run
        self.folder, self.digest, self.engine = folder, digest, engine

    def first(self) -> list[list[dict[str, Any]]]:
        """Run the first generation of all replicates, which the policies share."""
        return self._map(self._parts([None], 1), "first generation")

    def chains(self, policies: Sequence[Policy]) -> dict[Policy, Chains]:
        """Run all replicates of the policies."""
        records = self._map(self._parts(policies, self.plan.generations), "generations")
        n = self.plan.replicates
        return {
            policy: Chains.from_records(policy, records[k * n : (k + 1) * n])
            for k, policy in enumerate(policies)
        }

    def _parts(self, policies: Sequence[Policy | None], generations: int) -> list[Chain]:
        return [
            Chain(
                profile=self.profile,
                scene=self.scene,
                generator=self.plan.generator,
                policy=policy,
                replicate=replicate,
                generations=generations,
                seed=self.run.seed.entropy,
                chains=self.folder,
                digest=self.digest,
                threads=self.engine.threads,
            )
            for policy in policies
            for replicate in range(self.plan.replicates)
        ]

    def _map(self, parts: list[Chain], task: str) -> list[list[dict[str, Any]]]:
        return run_chains(run_chain, parts, self.engine, self.run, task)

    def control(self, policy: Policy, *, suppress: bool = False) -> Control:
        """Simulate the control of a policy; 'verified' has that of 'replace'."""
        simulated = REPLACE if policy.name == "verified" else policy
        scene = self.scene if not suppress else None
        generations = self.plan.generations
        return controls.simulate(
            self.profile,
            scene,
            simulated,
            generations,
            self.run,
            suppress=suppress,
            replicates=self.plan.controls,
        )

    def bisect(self, first: Chains, tested: Mapping[Policy, Chains]) -> MinProportion:
        """Find the smallest proportion of real data that holds the level in the last generation."""

        def evaluate(proportion: float) -> Level:
            policy = Policy(name="mix", real=proportion)
            return self._level(self.chains([policy])[policy])

        # With real rows only, every generation is like the first; with none, the policy is 'replace'.
        evaluated = {1.0: self._level(first)}
        evaluated |= {
            p.real: self._level(c) for p, c in tested.items() if p.name in ("mix", "replace")
        }
        return smallest_proportion(evaluate, self.plan.level, evaluated)

    def _level(self, chains: Chains) -> Level:
        return Level.from_counts(self.profile, chains.counts, chains.tails)[-1]


def with_rows(table: Table, rows: int | None, run: Run) -> Table:
    """At most `rows` random rows of a table, in their order; None for all."""
    if rows is None or len(table) <= rows:
        return table
    chosen = run.seed.child("stress", "rows").rng().permutation(len(table))[:rows]
    chosen.sort()
    return replace(table, frame=table.frame[chosen])
