"""Stress-test pipeline: read, run all chains, judge, write results and report."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from artesian.collapse.policies import parse_policy
from artesian.collapse.stress.chain import Generator
from artesian.collapse.stress.related import RelatedPlan, run_related_stress
from artesian.collapse.stress.related_result import RelatedStressResult
from artesian.collapse.stress.result import StressResult
from artesian.collapse.stress.runner import StressPlan, run_stress, with_rows
from artesian.collapse.stress.store import FORMAT, KIND, open_store
from artesian.core.errors import UsageError
from artesian.core.run import Run
from artesian.data.dataset import Dataset
from artesian.data.read import read_dataset
from artesian.data.schema import Schema
from artesian.data.table import Table
from artesian.engine import CATALOG as ENGINES
from artesian.engine.protocol import Engine
from artesian.report.related_stress import render_related
from artesian.report.stress import render
from artesian.runs.external import parse_command
from artesian.runs.manifest import hashed, versions
from artesian.runs.output import MANIFEST, REPORT, write_json, write_text
from artesian.runs.resolve import AUTO, resolve_method
from artesian.runs.safe_budget import SAFE_BUDGET
from artesian.runs.settings import typed_settings
from artesian.runs.steps import Steps
from artesian.synthesizers.protocol import Synthesizer
from artesian.synthesizers.relational.relational_trees import RelationalTrees

STRESS = "stress.json"
RELATED = (AUTO, "trees")
POLICIES = ("replace", "mix=10%", "subsample")
ROWS = 2_000
"""Default number of rows. Survival depends on the number of rows of a category, so 2,000 rows contain
every case, and the bias test has power at this size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StressConfig:
    """Configuration of a stress test.

    Attributes:
        source: A path, `file.db::table`, a frame, or related tables: a folder, a database, or a mapping
            of names to frames.
        out: Folder of the results; an earlier stress test there is continued.
        method: 'auto', a name in the catalog, or a synthesizer.
        settings: Settings of the method.
        command: External command instead of a method.
        policies: Policies, as `parse_policy` reads them; 'verified' is for one table only.
        generations: Number of generations.
        replicates: Chains of each policy.
        rows: Maximum number of rows of the source, or of each table whose rows belong to no other; None
            or 0 for all.
        level: The proportion of rare categories and of tail mass to hold, in (0, 1].
        bisect: Whether to find the smallest proportion of real data.
        schema: Schema, or the path of a schema file, that overrides inference.
        engine: 'local' or 'ray'.
        workers: Chains that run at the same time; None for one per core.
        timeout: Maximum seconds of one call of the command.
        force: Delete an earlier `out` and start again.
    """

    source: Any
    out: Path
    method: str | Synthesizer = AUTO
    settings: Mapping[str, Any] = field(default_factory=dict)
    command: str | None = None
    policies: Sequence[str] = POLICIES
    generations: int = 10
    replicates: int = 5
    rows: int | None = ROWS
    level: float = 0.9
    bisect: bool = True
    schema: Schema | str | Path | None = None
    engine: str = "local"
    workers: int | None = None
    timeout: float | None = None
    force: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StressOutcome:
    """Result of a stress test, with wall times.

    Attributes:
        result: The verdict, curves and budget.
        seconds: Wall time of each step.
        out: Folder that was written.
    """

    result: StressResult | RelatedStressResult
    seconds: Mapping[str, float]
    out: Path

    def to_dict(self) -> dict[str, Any]:
        """The content of `stress.json`, with output folder and times."""
        return {**self.result.to_dict(), "out": str(self.out), "seconds": dict(self.seconds)}


def run_stress_test(config: StressConfig, run: Run) -> StressOutcome:
    """Run the generations that are not finished, and write the results.

    Raises:
        UsageError: A method, setting, policy or engine does not exist, or a number is out of range.
        DataError: The source cannot be read, or has nothing to follow.
        ArtesianError: A generation failed; it is named, and earlier ones are kept.
        OutputError: `out` is not the folder of a stress test, or cannot be written.
        Cancelled: The run was stopped; finished generations are kept.
    """
    engine = ENGINES[config.engine](workers=config.workers)
    engine.ready()
    steps = Steps(run)
    with steps.step("read"), hashed(config.source) as digest:
        dataset = read_dataset(config.source, schema=config.schema)
    if len(dataset) > 1:
        return _related(dataset, config, engine, digest, steps)
    table = with_rows(next(iter(dataset.values())), config.rows or None, run)
    policies = tuple(parse_policy(text) for text in config.policies)
    generator, reason = _generator(config, table)
    plan = StressPlan(
        source=table,
        generator=generator,
        policies=policies,
        generations=config.generations,
        replicates=config.replicates,
        level=config.level,
        bisect=config.bisect,
    )
    with open_store(config.out, force=config.force, sources=[config.source]) as chains:
        with steps.step("generations"):
            result = run_stress(plan, chains, engine, run)
        outcome = StressOutcome(result=result, seconds=steps.seconds, out=config.out)
        about = {
            "rows": len(table),
            "generator": generator.to_dict(),
            "policies": [policy.text for policy in policies],
            "method_reason": reason,
            "sha256": digest,
        }
        _write(outcome, config, about, steps)
    return outcome


def _related(
    dataset: Dataset, config: StressConfig, engine: Engine, digest: Any, steps: Steps
) -> StressOutcome:
    """The stress test of related tables."""
    refused = {
        "a command": (config.command is not None, "leave --command out"),
        "a time limit": (config.timeout is not None, "leave --timeout out"),
        f"the method {config.method!r}": (config.method not in RELATED, "use trees"),
    }
    for name, (given, hint) in refused.items():
        if given:
            raise UsageError(f"related tables cannot be tested with {name} yet", hint=hint)
    settings = typed_settings(RelationalTrees, config.settings)
    plan = RelatedPlan(
        source=dataset,
        method=RelationalTrees(**settings),
        policies=tuple(parse_policy(text) for text in config.policies),
        generations=config.generations,
        replicates=config.replicates,
        level=config.level,
        bisect=config.bisect,
        rows=config.rows or None,
    )
    with open_store(config.out, force=config.force, sources=[config.source]) as chains:
        with steps.step("generations"):
            result = run_related_stress(plan, chains, engine, steps.run)
        outcome = StressOutcome(result=result, seconds=steps.seconds, out=config.out)
        about = {
            "rows": dict(result.rows),
            "generator": {"method": "trees", "settings": settings},
            "policies": [policy.text for policy in plan.policies],
            "sha256": digest,
        }
        _write(outcome, config, about, steps)
    return outcome


def _generator(config: StressConfig, table: Table) -> tuple[Generator, str]:
    if config.command is not None:
        if config.method != AUTO or config.settings:
            raise UsageError(
                "both a command and a method, or settings of one, are given",
                hint="give either --command or --method",
            )
        command = parse_command(config.command)
        return Generator(command=command, limit=config.timeout), "external command"
    if config.timeout is not None:
        raise UsageError(
            "a time limit applies to external commands only", hint="leave --timeout out"
        )
    synthesizer, reason = resolve_method(config.method, config.settings, table)
    settings: Any = synthesizer
    values = {f.name: getattr(synthesizer, f.name) for f in dataclasses.fields(settings)}
    return Generator(method=synthesizer.capabilities.name, settings=values), reason


def _write(
    outcome: StressOutcome, config: StressConfig, about: Mapping[str, Any], steps: Steps
) -> None:
    manifest = {
        "kind": KIND,
        "format": FORMAT,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": versions(),
        "seed": steps.run.seed.entropy,
        "source": str(config.source) if isinstance(config.source, str | Path) else "in memory",
        **about,
        "generations": config.generations,
        "replicates": config.replicates,
        "level": config.level,
        "seconds": dict(steps.seconds),
    }
    with steps.step("report"):
        write_json(config.out / STRESS, outcome.result.to_dict())
        write_json(config.out / SAFE_BUDGET, outcome.result.safe_budget.to_dict())
        result = outcome.result
        if isinstance(result, RelatedStressResult):
            page = render_related(result, manifest)
        else:
            page = render(result, manifest)
        write_text(config.out / REPORT, page)
        write_json(config.out / MANIFEST, manifest)
