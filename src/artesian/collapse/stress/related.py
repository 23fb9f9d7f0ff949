"""The stress test of related tables: a relational method fitted on its own datasets again and again.

Every table is followed as one table is, with the number of children of each row as further columns.
Rows of a family, a row that belongs to no other and all that belongs to it, are not independent, so the
control and the test for bias resample whole families. The policy is 'replace'.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from artesian.collapse.policies import Policy
from artesian.collapse.stress import control as controls
from artesian.collapse.stress.bias import bias_by_stratum, bias_counts
from artesian.collapse.stress.chain import digest_of
from artesian.collapse.stress.measures import measure
from artesian.collapse.stress.profile import Ints, Profile
from artesian.collapse.stress.related_result import RelatedStressResult
from artesian.collapse.stress.result import StressResult
from artesian.collapse.stress.runner import check_sizes
from artesian.collapse.stress.store import read_dataset_part, read_measures, write_dataset_part
from artesian.collapse.stress.survival import Chains
from artesian.core import fingerprint
from artesian.core.errors import ArtesianError, DataError
from artesian.core.run import Run, Seed
from artesian.data.dataset import Dataset
from artesian.data.schema import Column, Kind
from artesian.data.table import Table
from artesian.engine.protocol import Engine
from artesian.synthesizers.relational.plan import Plan, parent_rows
from artesian.synthesizers.relational.relational_trees import RelationalTrees

REPLACE = Policy(name="replace")


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedPlan:
    """A stress test of related tables.

    Attributes:
        source: The tables of the first fit.
        method: The relational method.
        generations: Number of generations.
        replicates: Number of chains.
        level: The proportion of rare categories and of tail mass to hold, in (0, 1].
        controls: Simulated chains of the bootstrap.
    """

    source: Dataset
    method: RelationalTrees
    generations: int
    replicates: int
    level: float
    controls: int = controls.REPLICATES

    def __post_init__(self) -> None:
        check_sizes(self.generations, self.replicates, self.level)


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedChain:
    """Generations of one replicate.

    Attributes:
        source: The tables of the first fit.
        profiles: What is followed in each table.
        method: The relational method.
        generations: Number of generations.
        replicate: Number of the replicate, from 0.
        seed: Entropy of the random streams.
        folder: Folder of the chain.
        threads: Threads; affects run time only.
    """

    source: Dataset
    profiles: Mapping[str, Profile]
    method: RelationalTrees
    generations: int
    replicate: int
    seed: int
    folder: Path
    threads: int


def run_related_chain(chain: RelatedChain) -> list[dict[str, Any]]:
    """Run the generations that are not finished, and return what is kept of each table of all.

    Raises:
        ArtesianError: A generation failed; earlier ones are kept.
    """
    kept, train = [], chain.source
    for generation in range(1, chain.generations + 1):
        record = read_measures(chain.folder, generation)
        if record is None:
            record = _generate(chain, generation, train)
        kept.append(record)
        if generation < chain.generations:
            train = read_dataset_part(chain.folder, generation, chain.source)
    return kept


def _generate(chain: RelatedChain, generation: int, train: Dataset) -> dict[str, Any]:
    seed = Seed(chain.seed).child("stress", "related", chain.replicate, generation)
    run = Run(seed=seed.child("fit"), workers=chain.threads)
    try:
        drawn = chain.method.fit(train, run=run).sample(run=run)
    except ArtesianError as problem:
        raise type(problem)(
            f"generation {generation}, replicate {chain.replicate + 1}: {problem.problem}",
            hint=problem.hint,
        ) from problem
    before, after = with_children(train), with_children(drawn)
    record: dict[str, Any] = {}
    for name, profile in chain.profiles.items():
        coded = profile.encode(after[name])
        one = measure(profile, None, coded, profile.encode(before[name]), seed.child("measure"))
        if generation == 1:
            one["bias"] = bias_counts(profile, coded)
        schema = drawn[name].schema
        one["suppressed_below"] = max((c.suppressed_below for c in schema), default=0)
        record[name] = one
    frames = {
        name: table.frame.cast(dict(chain.source[name].frame.schema))  # type: ignore[arg-type]
        for name, table in drawn.items()
    }
    write_dataset_part(chain.folder, generation, frames, record)
    return record


def run_related_stress(
    plan: RelatedPlan, folder: Path, engine: Engine, run: Run
) -> RelatedStressResult:
    """Run what is not finished, and evaluate every table.

    Raises:
        DataError: No table has a category with five rows or a tail.
        ArtesianError: A generation failed; it is named, and earlier ones are kept.
        Cancelled: The run was stopped; finished generations are kept.
    """
    profiles, skipped = _profiles(plan.source)
    if not profiles:
        raise DataError(
            "no table has a category of at least five rows, or numbers with tails",
            hint="a stress test follows categories, booleans, numbers and dates",
        )
    inputs = {
        "source": {name: digest_of(table) for name, table in plan.source.items()},
        "keys": [str(key) for key in plan.source.foreign_keys],
        "method": repr(plan.method),
        "seed": run.seed.entropy,
    }
    digest = fingerprint.hash_json(inputs)[:20]
    chains = [
        RelatedChain(
            source=plan.source,
            profiles=profiles,
            method=plan.method,
            generations=plan.generations,
            replicate=replicate,
            seed=run.seed.entropy,
            folder=folder / f"related-{replicate:03d}-{digest}",
            threads=engine.threads,
        )
        for replicate in range(plan.replicates)
    ]
    records: list[list[dict[str, Any]]] = [[] for _ in chains]
    with closing(engine.map(run_related_chain, chains, run=run)) as outcomes:
        for outcome in run.track(outcomes, "replicates", len(chains)):
            if outcome.problem is not None:
                raise outcome.problem
            if outcome.lost:
                raise ArtesianError(
                    f"replicate {outcome.place + 1}: its process was killed",
                    hint="finished generations are kept: run the same command again to continue",
                )
            records[outcome.place] = outcome.value
    tables = {
        name: _evaluate(plan, profile, [[one[name] for one in chain] for chain in records], run)
        for name, profile in profiles.items()
    }
    return RelatedStressResult(tables=tables, left_out=skipped)


def _evaluate(
    plan: RelatedPlan, profile: Profile, records: list[list[dict[str, Any]]], run: Run
) -> StressResult:
    chains = Chains.from_records(REPLACE, records)
    child = run.child("stress", "related", profile.table.origin.name)
    simulated, suppressing = (
        controls.simulate_families(
            profile, plan.generations, child, suppress=suppress, replicates=plan.controls
        )
        for suppress in (False, True)
    )
    return StressResult(
        plan_level=plan.level,
        label="trees",
        profile=profile,
        generations=plan.generations,
        replicates=plan.replicates,
        bias=bias_by_stratum(
            profile, [chain[0]["bias"] for chain in records], child.seed.child("bias")
        ),
        chains={REPLACE: chains},
        controls={REPLACE: simulated},
        suppressing=suppressing if chains.suppressed_below else None,
        proportion=None,
    )


def with_children(dataset: Dataset) -> dict[str, Table]:
    """The tables, with the number of children of each row, as a number and as a category."""
    tables = dict(dataset.tables)
    for key in dataset.foreign_keys:
        if key.child == key.parent:
            continue
        parents = parent_rows(dataset, key)
        table = tables[key.parent]
        counts = np.bincount(parents[parents >= 0], minlength=len(table))
        name = f"rows of {key.child} by {', '.join(key.columns)}"
        columns = (
            Column(name=name, kind=Kind.NUMBER),
            Column(name=f"number of {name}", kind=Kind.CATEGORY),
        )
        values = pl.Series(counts)
        frame = table.frame.with_columns(
            values.alias(columns[0].name), values.cast(pl.String).alias(columns[1].name)
        )
        schema = replace(table.schema, columns=(*table.schema.columns, *columns))
        tables[key.parent] = replace(table, frame=frame, schema=schema)
    return tables


def _profiles(source: Dataset) -> tuple[dict[str, Profile], dict[str, str]]:
    """The profile of each table with its families, and the tables left out with the reason."""
    families, kept = families_of(source)
    profiles: dict[str, Profile] = {}
    skipped: dict[str, str] = {}
    for name, table in with_children(source).items():
        profile = Profile.from_table(table)
        if kept[name]:
            skipped[name] = f"the table is kept as it is: {kept[name]}"
        elif not len(profile.rows) and not len(profile.tail_rows):
            skipped[name] = "no category of at least five rows, and no numbers with tails"
        else:
            rows, number = families[name]
            profiles[name] = replace(profile, families=rows, family_count=number)
    return profiles, skipped


def families_of(source: Dataset) -> tuple[dict[str, tuple[Ints, int]], dict[str, str]]:
    """Of each table the family of its rows with the number of families, and why it is kept as it is.

    A family is a row of a table without owner, with all that belongs to it; a row without its owner is
    one of its own.
    """
    rows = {key: parent_rows(source, key) for key in source.foreign_keys}
    families: dict[str, tuple[Ints, int]] = {}
    kept: dict[str, str] = {}
    for one in Plan.from_dataset(source, rows):
        kept[one.name], size = one.kept, len(source[one.name])
        if one.owner is None:
            families[one.name] = np.arange(size), size
            continue
        above, number = families[one.owner.parent]
        parents = rows[one.owner]
        own = np.where(parents >= 0, above[np.maximum(parents, 0)], -1)
        lone = own < 0
        own[lone] = number + np.arange(lone.sum())
        families[one.name] = own, number + int(lone.sum())
    return families, kept


def with_families(source: Dataset, rows: int | None, run: Run) -> Dataset:
    """At most `rows` random rows of each table without owner, with all that belongs to them; None for
    all.
    """
    if rows is None:
        return source
    parents = {key: parent_rows(source, key) for key in source.foreign_keys}
    chosen: dict[str, Any] = {}
    for one in Plan.from_dataset(source, parents):
        size = len(source[one.name])
        mask = np.ones(size, bool)
        if one.owner is not None:
            above = parents[one.owner]
            mask = (above < 0) | chosen[one.owner.parent][np.maximum(above, 0)]
        elif size > rows and not one.kept:
            order = run.seed.child("stress", "rows", one.name).rng().permutation(size)
            mask[order[rows:]] = False
        chosen[one.name] = mask
    return source.select_rows(chosen)
