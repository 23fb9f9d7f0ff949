"""One chain: generation after generation of one policy and one replicate. It runs in a process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from artesian.collapse.policies import POOLED, Policy
from artesian.collapse.stress.bias import bias_counts
from artesian.collapse.stress.measures import Landscape, measure
from artesian.collapse.stress.profile import Coded, Profile, concatenated
from artesian.collapse.stress.store import read_measures, read_rows, write_part
from artesian.collapse.stress.training import SOURCE, joined, training_rows
from artesian.collapse.stress.verification import CANDIDATES, verified_rows
from artesian.core import fingerprint
from artesian.core.errors import ArtesianError, DataError
from artesian.core.run import Run, Seed
from artesian.data.table import Table
from artesian.metrics.common.compatibility import check_compatible
from artesian.metrics.protocol import Comparison
from artesian.runs.external import generate
from artesian.runs.manifest import versions
from artesian.synthesizers import CATALOG

BIAS_ROWS = 10
"""Multiple of the source's rows that the bias test draws from a fitted method: sampling is cheap, and
the noise of few rows would hide a bias. A command writes as many rows as the source has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Generator:
    """What generates rows.

    Attributes:
        method: Name in the catalog; '' for a command.
        settings: All settings of the method.
        command: Arguments of an external command.
        limit: Maximum seconds of one call of the command; None for no limit.
    """

    method: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    command: tuple[str, ...] = ()
    limit: float | None = None

    @property
    def label(self) -> str:
        """Its name in sentences."""
        return self.method or "the command"

    def to_dict(self) -> dict[str, Any]:
        """Everything that determines its rows."""
        files = {w: fingerprint.hash_file(Path(w)) for w in self.command if Path(w).is_file()}
        return {
            "method": self.method,
            "settings": {name: repr(value) for name, value in self.settings.items()},
            "command": list(self.command),
            "files": files,
        }

    def rows(self, train: Table, rows: int, run: Run) -> Table:
        """Fit on `train` and generate `rows` rows."""
        if not self.command:
            model = CATALOG[self.method](**self.settings).fit(train, run=run)
            table: Table = model.sample(rows, run=run)
            return table
        seed = run.seed.integer() % 2**31
        table = generate(self.command, train, rows=rows, seed=seed, limit=self.limit)
        check_compatible(Comparison(train, table))
        if len(table) < rows:
            raise DataError(
                f"the command wrote {len(table):,} of {rows:,} rows",
                hint="write as many rows as {rows} states, or as {train} has",
            )
        return table.with_frame(table.frame.head(rows))


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """Generations of one policy and one replicate.

    Attributes:
        profile: The source.
        scene: The source as points; None if it has neither numbers nor categories.
        generator: What generates rows.
        policy: What generations are fitted on; None for the first generation only, which is fitted on
            the source and shared by all policies.
        replicate: Number of the replicate, from 0.
        generations: Number of generations.
        seed: Entropy of the random streams.
        chains: Folder of the chains.
        digest: Hash of the source's rows and of the versions of libraries.
        threads: Threads; affects run time only.
    """

    profile: Profile
    scene: Landscape | None
    generator: Generator
    policy: Policy | None
    replicate: int
    generations: int
    seed: int
    chains: Path
    digest: str
    threads: int = 1

    @property
    def folder(self) -> Path:
        """The folder of this chain."""
        return self.chains / self._name(self.policy)

    def _name(self, policy: Policy | None) -> str:
        verified = policy is not None and policy.name == "verified"
        inputs = {
            "source": self.digest,
            "generator": self.generator.to_dict(),
            "policy": "first" if policy is None else policy.text,
            "verified": verified,
            "replicate": self.replicate,
            "seed": self.seed,
        }
        policy_name = "first" if policy is None else policy.name
        return f"{policy_name}-{self.replicate:03d}-{fingerprint.hash_json(inputs)[:20]}"

    def place(self, generation: int) -> Path:
        """The chain folder that holds a generation: the first is shared, except for 'verified'."""
        shared = generation == 1 and self.policy is not None and self.policy.name != "verified"
        return self.chains / self._name(None if shared else self.policy)


def run_chain(chain: Chain) -> list[dict[str, Any]]:
    """Run the generations that are not finished, and return what is kept of all.

    Raises:
        ArtesianError: A generation failed; earlier ones are kept.
    """
    kept, earlier = [], _Earlier(chain)
    for generation in range(1, chain.generations + 1):
        finished = read_measures(chain.place(generation), generation)
        kept.append(_generation(chain, generation, earlier) if finished is None else finished)
    return kept


class _Earlier:
    """The source, which is 0, and finished generations: rows and their codes, read and encoded once."""

    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        self.source = (chain.profile.table.frame, chain.profile.coded)
        self.generations: dict[int, tuple[pl.DataFrame, Coded]] = {}

    def __getitem__(self, generation: int) -> tuple[pl.DataFrame, Coded]:
        if generation == SOURCE:
            return self.source
        if generation not in self.generations:
            rows = read_rows(self.chain.place(generation), generation)
            coded = self.chain.profile.encode(self.chain.profile.table.with_frame(rows))
            self.generations[generation] = rows, coded
        return self.generations[generation]

    def add(self, generation: int, rows: pl.DataFrame, coded: Coded) -> None:
        """Add a generation; earlier ones are kept for policies that pool them."""
        policy = self.chain.policy
        if policy is None or policy.name not in POOLED:
            self.generations.clear()
        self.generations[generation] = rows, coded


def _generation(chain: Chain, generation: int, earlier: _Earlier) -> dict[str, Any]:
    try:
        return _generate(chain, generation, earlier)
    except ArtesianError as problem:
        policy = "" if chain.policy is None else f" of {chain.policy.label!r}"
        hint = "earlier generations are kept: run the same command again to continue"
        raise type(problem)(
            f"generation {generation}{policy}, replicate {chain.replicate + 1}: {problem.problem}",
            hint=f"{problem.hint}; {hint}" if problem.hint else hint,
        ) from problem


def _generate(chain: Chain, generation: int, earlier: _Earlier) -> dict[str, Any]:
    profile, policy = chain.profile, chain.policy
    source, n = profile.table, len(profile.table)
    name = "first" if policy is None or generation == 1 else policy.text
    seed = Seed(chain.seed).child("stress", name, chain.replicate, generation)
    train, first = source, generation == 1 and not chain.generator.command
    train_coded = profile.coded
    if generation > 1 and policy is not None:
        pieces = training_rows(policy, [n] * generation, seed.child("training").rng())
        used = {k: earlier[k] for k, rows in pieces if len(rows)}
        train = concatenated(source, [used[k][0][rows] for k, rows in pieces if len(rows)])
        train_coded = joined({k: coded for k, (_, coded) in used.items()}, pieces)
    run = Run(seed=seed.child("fit"), workers=chain.threads)
    verified = policy is not None and policy.name == "verified"
    times = CANDIDATES if verified else BIAS_ROWS if first else 1
    table = drawn = chain.generator.rows(train, n * times, run)
    if verified:
        table = drawn = verified_rows(profile, chain.scene, table, n, seed.child("verify"))
    elif times > 1:  # the first rows of a sample are a sample
        table = table.with_frame(table.frame.head(n))
    coded = profile.encode(table)
    kept = measure(profile, chain.scene, coded, train_coded, seed.child("measure"))
    if generation == 1:
        kept["bias"] = bias_counts(profile, coded if drawn is table else profile.encode(drawn))
    kept["suppressed_below"] = max((column.suppressed_below for column in table.schema), default=0)
    frame = concatenated(source, [table.frame]).frame
    write_part(chain.place(generation), generation, frame, kept)
    earlier.add(generation, frame, coded)
    return kept


def digest_of(table: Table) -> str:
    """Hash of the rows and the schema of a table, and of the versions of libraries."""
    rows = table.frame.hash_rows(seed=7).to_numpy() if table.frame.width else np.empty(0)
    schema = {column.name: column.to_dict() for column in table.schema}
    return fingerprint.hash_json([rows.tolist(), repr(schema), versions()])
