"""One chain of related tables: generation after generation of one policy and one replicate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from artesian.collapse.policies import POOLED, Policy
from artesian.collapse.stress.bias import bias_counts
from artesian.collapse.stress.families import FamilyPlan, Part
from artesian.collapse.stress.joined_families import JoinedFamilies
from artesian.collapse.stress.measures import measure
from artesian.collapse.stress.profile import Profile
from artesian.collapse.stress.store import read_dataset_part, read_measures, write_dataset_part
from artesian.collapse.stress.training import SOURCE
from artesian.collapse.stress.training_families import training_families, training_parts
from artesian.core import fingerprint
from artesian.core.errors import ArtesianError
from artesian.core.run import Run, Seed
from artesian.data.dataset import Dataset
from artesian.data.schema import Column, Kind
from artesian.data.table import Table
from artesian.synthesizers.relational.plan import parent_rows
from artesian.synthesizers.relational.relational_trees import RelationalTrees


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedChain:
    """Generations of one policy and one replicate.

    Attributes:
        source: The tables of the first fit.
        plan: Which rows belong together.
        profiles: What is followed in each table.
        method: The relational method.
        policy: What generations are fitted on; None for the first generation only, which is fitted on
            the source and shared by all policies.
        replicate: Number of the replicate, from 0.
        generations: Number of generations.
        seed: Entropy of the random streams.
        chains: Folder of the chains.
        digest: Hash of the source, the method and the versions of libraries.
        threads: Threads; affects run time only.
    """

    source: Dataset
    plan: FamilyPlan
    profiles: Mapping[str, Profile]
    method: RelationalTrees
    policy: Policy | None
    replicate: int
    generations: int
    seed: int
    chains: Path
    digest: str
    threads: int = 1

    def place(self, generation: int) -> Path:
        """The chain folder that holds a generation: the first is shared."""
        name = "first" if generation == 1 or self.policy is None else self.policy.text
        inputs = [self.digest, name, self.replicate, self.seed]
        return self.chains / (
            f"related-{name.partition('=')[0]}-{self.replicate:03d}-"
            f"{fingerprint.hash_json(inputs)[:20]}"
        )


def run_related_chain(chain: RelatedChain) -> list[dict[str, Any]]:
    """Run the generations that are not finished, and return what is kept of each table of all.

    Raises:
        ArtesianError: A generation failed; earlier ones are kept.
    """
    kept, earlier = [], _Earlier(chain)
    for generation in range(1, chain.generations + 1):
        record = read_measures(chain.place(generation), generation)
        kept.append(_generation(chain, generation, earlier) if record is None else record)
    return kept


class _Earlier:
    """The source, which is 0, and finished generations, read once."""

    def __init__(self, chain: RelatedChain) -> None:
        self.chain = chain
        self.parts: dict[int, Part] = {}

    def __getitem__(self, generation: int) -> Part:
        if generation not in self.parts:
            source = self.chain.source
            self.parts[generation] = Part.from_dataset(
                source
                if generation == SOURCE
                else read_dataset_part(self.chain.place(generation), generation, source)
            )
        return self.parts[generation]

    def forget(self, generation: int) -> None:
        """Forget a generation that the policy does not use again."""
        if self.chain.policy is None or self.chain.policy.name not in POOLED:
            self.parts.pop(generation, None)


def _generation(chain: RelatedChain, generation: int, earlier: _Earlier) -> dict[str, Any]:
    try:
        return _generate(chain, generation, earlier)
    except ArtesianError as problem:
        policy = "" if chain.policy is None else f" of {chain.policy.label!r}"
        hint = "earlier generations are kept: run the same command again to continue"
        raise type(problem)(
            f"generation {generation}{policy}, replicate {chain.replicate + 1}: {problem.problem}",
            hint=f"{problem.hint}; {hint}" if problem.hint else hint,
        ) from problem


def _generate(chain: RelatedChain, generation: int, earlier: _Earlier) -> dict[str, Any]:
    policy = chain.policy
    name = "first" if policy is None or generation == 1 else policy.text
    seed = Seed(chain.seed).child("stress", "related", name, chain.replicate, generation)
    train, joined, scale = chain.source, None, 1.0
    if generation > 1 and policy is not None:
        used = training_parts(policy, generation)
        parts = [earlier[k] for k in used]
        train = parts[0].dataset
        if len(parts) > 1:
            joined = training_families(chain.plan, policy, parts, seed.child("training"))
            train = joined.dataset
        if policy.name == "accumulate":  # a generation is as large as the source
            scale = 1 / len(parts)
        earlier.forget(used[-1])
    run = Run(seed=seed.child("fit"), workers=chain.threads)
    drawn = chain.method.fit(train, run=run).sample(scale, run=run)
    record = _measured(chain, generation, train, drawn, seed)
    for table, one in record.items():
        one["training"] = _joining(joined, table)
    frames = {
        name: table.frame.cast(dict(chain.source[name].frame.schema))  # type: ignore[arg-type]
        for name, table in drawn.items()
    }
    write_dataset_part(chain.place(generation), generation, frames, record)
    return record


def _measured(
    chain: RelatedChain, generation: int, train: Dataset, drawn: Dataset, seed: Seed
) -> dict[str, Any]:
    """What is kept of each table of a generation."""
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
    return record


def _joining(joined: JoinedFamilies | None, table: str) -> dict[str, int]:
    """What joining changed in the training rows of a table."""
    if joined is None:
        return {"references": 0, "reassigned": 0, "left_out": 0}
    return {
        "references": joined.references[table],
        "reassigned": joined.reassigned[table],
        "left_out": joined.left_out[table],
    }


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
