"""The stress test of related tables: a relational method fitted on its own datasets again and again.

Every table is followed as one table is, with the number of children of each row as further columns.
Rows of a family, a row that belongs to no other and all that belongs to it, are not independent, so
policies choose whole families, and the control and the test for bias resample them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from artesian.collapse.policies import Policy
from artesian.collapse.stress import control as controls
from artesian.collapse.stress.bias import bias_by_stratum
from artesian.collapse.stress.chain import digest_of
from artesian.collapse.stress.control import Control
from artesian.collapse.stress.families import FamilyPlan, Part, families_of
from artesian.collapse.stress.family_control import simulate_families
from artesian.collapse.stress.parallel import Records, run_chains
from artesian.collapse.stress.profile import Profile
from artesian.collapse.stress.proportion import MinProportion, smallest_proportion
from artesian.collapse.stress.related_chain import RelatedChain, run_related_chain, with_children
from artesian.collapse.stress.related_result import RelatedStressResult, joint_level
from artesian.collapse.stress.result import StressResult
from artesian.collapse.stress.runner import REPLACE, check_policies, check_sizes
from artesian.collapse.stress.survival import Chains, Level
from artesian.collapse.stress.training_families import with_families
from artesian.core import fingerprint
from artesian.core.errors import DataError, UsageError
from artesian.core.run import Run
from artesian.data.dataset import Dataset
from artesian.engine.protocol import Engine
from artesian.synthesizers.relational.relational_trees import RelationalTrees
from artesian.synthesizers.relational.source_keys import without_orphans


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedPlan:
    """A stress test of related tables.

    Attributes:
        source: The tables of the first fit.
        method: The relational method.
        policies: Policies, each with chains of its own; 'verified' is not among them.
        generations: Number of generations.
        replicates: Chains of each policy.
        level: The proportion of rare categories and of tail mass to hold, in (0, 1].
        bisect: Whether to find the smallest proportion of real data.
        rows: Maximum number of families of each table; None for all.
        controls: Simulated chains of the bootstrap of each policy.
    """

    source: Dataset
    method: RelationalTrees
    policies: tuple[Policy, ...]
    generations: int
    replicates: int
    level: float
    bisect: bool = True
    rows: int | None = None
    controls: int = controls.REPLICATES

    def __post_init__(self) -> None:
        check_sizes(self.generations, self.replicates, self.level)
        check_policies(self.policies)
        if any(policy.name == "verified" for policy in self.policies):
            raise UsageError(
                "related tables cannot be tested with the policy 'verified': its classifier compares "
                "rows of one table",
                hint="give replace, mix=10%, accumulate or subsample",
            )


def run_related_stress(
    plan: RelatedPlan, chains: Path, engine: Engine, run: Run
) -> RelatedStressResult:
    """Run what is not finished, and evaluate every table.

    Args:
        chains: Folder of the chains; finished generations in it are reused.

    Raises:
        DataError: No table has a category with five rows or a tail.
        ArtesianError: A generation failed; it is named, and earlier ones are kept.
        Cancelled: The run was stopped; finished generations are kept.
    """
    with engine.opened() as opened:
        return _run(plan, chains, opened, run)


def _run(plan: RelatedPlan, folder: Path, engine: Engine, run: Run) -> RelatedStressResult:
    method = plan.method
    source = without_orphans(plan.source) if method.orphans == "drop" else plan.source
    part = Part.from_dataset(source)
    families = FamilyPlan.from_part(part, method.keep, method.generate)
    source = with_families(families, part, plan.rows, run)
    if source is not part.dataset:
        part = Part.from_dataset(source)
    profiles, skipped = _profiles(families, part)
    if not profiles:
        raise DataError(
            "no table has a category of at least five rows, or numbers with tails",
            hint="a stress test follows categories, booleans, numbers and dates",
        )
    work = _Work(plan, source, families, profiles, folder, engine, run)
    first = work.records([None], 1)[0]
    tested = dict(zip(plan.policies, work.records(plan.policies, plan.generations), strict=True))
    started = {name: work.chains(REPLACE, first, name) for name in profiles}
    followed = {
        name: {policy: work.chains(policy, own, name) for policy, own in tested.items()}
        for name in profiles
    }
    levels: dict[float, dict[str, Level]] = {}
    if plan.bisect:
        levels = work.bisect(started, followed)
    tables = {
        name: StressResult(
            plan_level=plan.level,
            label="trees",
            profile=profile,
            generations=plan.generations,
            replicates=plan.replicates,
            bias=bias_by_stratum(
                profile,
                [chain[0][name]["bias"] for chain in first],
                run.child("stress", "related", name).seed.child("bias"),
            ),
            chains=followed[name],
            controls={policy: work.control(name, policy) for policy in plan.policies},
            suppressing=work.suppressing(name, started[name], followed[name]),
            proportion=_proportion(
                plan, {x: one[name] for x, one in levels.items() if name in one}
            ),
        )
        for name, profile in profiles.items()
    }
    return RelatedStressResult(
        tables=tables,
        left_out=skipped,
        rows={name: len(table) for name, table in source.items()},
        proportion=_proportion(plan, {x: joint_level(one) for x, one in levels.items()}),
        joining={
            name: {policy: _joining(own, name) for policy, own in tested.items()}
            for name in profiles
        },
    )


class _Work:
    """The chains of a plan."""

    def __init__(
        self,
        plan: RelatedPlan,
        source: Dataset,
        families: FamilyPlan,
        profiles: Mapping[str, Profile],
        folder: Path,
        engine: Engine,
        run: Run,
    ) -> None:
        self.plan, self.source, self.families, self.profiles = plan, source, families, profiles
        self.folder, self.engine, self.run = folder, engine, run
        inputs = {
            "source": {name: digest_of(table) for name, table in source.items()},
            "keys": [str(key) for key in source.foreign_keys],
            "method": repr(plan.method),
        }
        self.digest = fingerprint.hash_json(inputs)

    def records(self, policies: Sequence[Policy | None], generations: int) -> list[list[Records]]:
        """Run all replicates of each policy; None for the first generation, which they share."""
        parts = [
            RelatedChain(
                source=self.source,
                plan=self.families,
                profiles=self.profiles,
                method=self.plan.method,
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
        title = "generations" if generations > 1 else "first generation"
        records = run_chains(run_related_chain, parts, self.engine, self.run, title)
        n = self.plan.replicates
        return [records[k * n : (k + 1) * n] for k in range(len(policies))]

    def chains(self, policy: Policy, records: list[Records], table: str) -> Chains:
        """All replicates of a policy, of one table."""
        return Chains.from_records(policy, [[one[table] for one in chain] for chain in records])

    def control(self, table: str, policy: Policy, *, suppress: bool = False) -> Control:
        """Simulate the control of a table."""
        return simulate_families(
            self.profiles[table],
            policy,
            self.plan.generations,
            self.run.child("stress", "related", table),
            suppress=suppress,
            replicates=self.plan.controls,
        )

    def suppressing(
        self, table: str, first: Chains, followed: Mapping[Policy, Chains]
    ) -> Control | None:
        """The control that suppresses as the method does; None if it does not, or without 'replace'."""
        if not first.suppressed_below or REPLACE not in followed:
            return None
        return self.control(table, REPLACE, suppress=True)

    def bisect(
        self, first: Mapping[str, Chains], followed: Mapping[str, Mapping[Policy, Chains]]
    ) -> dict[float, dict[str, Level]]:
        """The level of each table in the last generation, for every proportion of real families tried.

        The bisection looks for the smallest proportion that is enough for all tables which one
        generation of real rows alone is enough for; nothing can be found for the others.
        """
        # With real rows only, every generation is like the first; with none, the policy is 'replace'.
        levels = {1.0: self._levels(first)}
        for policy in self.plan.policies:
            if policy.name in ("mix", "replace"):
                levels[policy.real] = self._levels({n: own[policy] for n, own in followed.items()})
        if not levels[1.0]:
            return {}
        able = [name for name, one in levels[1.0].items() if one.value >= self.plan.level]
        if not able:
            return levels

        def evaluate(proportion: float) -> Level:
            policy = Policy(name="mix", real=proportion)
            (records,) = self.records([policy], self.plan.generations)
            levels[proportion] = self._levels(
                {name: self.chains(policy, records, name) for name in self.profiles}
            )
            return joint_level({name: levels[proportion][name] for name in able})

        tried = {x: joint_level({name: one[name] for name in able}) for x, one in levels.items()}
        smallest_proportion(evaluate, self.plan.level, tried)
        return levels

    def _levels(self, chains: Mapping[str, Chains]) -> dict[str, Level]:
        """The level in the last generation, of the tables that have one."""
        levels = {
            name: Level.from_counts(self.profiles[name], own.counts, own.tails)
            for name, own in chains.items()
        }
        return {name: own[-1] for name, own in levels.items() if own}


def _proportion(plan: RelatedPlan, levels: Mapping[float, Level]) -> MinProportion | None:
    """The smallest of the proportions tried that is enough; None if none was tried."""
    if not levels:
        return None
    # All proportions are evaluated already, so that none is tried.
    return smallest_proportion(levels.__getitem__, plan.level, levels, among=())


def _joining(records: list[Records], table: str) -> dict[str, float]:
    """What joining families changed in a table: proportion of its references that go to another row,
    and mean number of rows left out in a generation.
    """
    ones = [one[table]["training"] for chain in records for one in chain]
    references = sum(one["references"] for one in ones)
    return {
        "reassigned": sum(one["reassigned"] for one in ones) / max(references, 1),
        "rows_left_out": sum(one["left_out"] for one in ones) / len(ones),
    }


def _profiles(plan: FamilyPlan, source: Part) -> tuple[dict[str, Profile], dict[str, str]]:
    """The profile of each table with its families, and the tables left out with the reason."""
    families, kept = families_of(plan, source), plan.kept
    profiles: dict[str, Profile] = {}
    skipped: dict[str, str] = {}
    for name, table in with_children(source.dataset).items():
        profile = Profile.from_table(table)
        if name in kept:
            skipped[name] = f"the table is kept as it is: {kept[name]}"
        elif not len(profile.rows) and not len(profile.tail_rows):
            skipped[name] = "no category of at least five rows, and no numbers with tails"
        else:
            rows, number = families[name]
            profiles[name] = replace(profile, families=rows, family_count=number)
    return profiles, skipped
