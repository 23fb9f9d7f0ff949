"""Judge synthetic rows from any tool, one table or several, against the real rows behind them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from artesian.core.errors import SchemaError, UsageError, did_you_mean
from artesian.data.table import Table
from artesian.metrics.evaluate import Scorecard, judge
from artesian.metrics.protocol import Comparison
from artesian.pipeline.synth import with_target
from artesian.report import candidates
from artesian.report.html import render_report
from artesian.report.markdown import candidates_to_markdown, to_markdown
from artesian.runs.manifest import FORMAT, source_facts, versions
from artesian.runs.output import MANIFEST, REPORT, SCORECARD, SUMMARY, write_json, write_text
from artesian.runs.steps import Steps

Judged = tuple[Comparison, Scorecard]


def compare(
    real: Table,
    synthetic: Table,
    holdout: Table | None,
    steps: Steps,
    metrics: Sequence[str] | None = None,
) -> Judged:
    """The comparison, its columns in the order of `real`, and its scorecard.

    Raises:
        SchemaError: a table lacks one of the real columns, or has one that `real` lacks.
        UsageError: there is no such metric.
    """
    compared = Comparison(
        real,
        aligned(real, synthetic, "the synthetic data"),
        None if holdout is None else aligned(real, holdout, "the holdout"),
    )
    with steps.step("judge"):
        return compared, judge(compared, metrics=metrics, run=steps.run)


def aligned(real: Table, other: Table, whose: str) -> Table:
    """`other` with the columns of `real`, in their order and with their meaning."""
    for name in real.schema.names:
        if name not in other.schema.names:
            raise SchemaError(
                f"{whose} lacks the column {name!r}", hint=did_you_mean(name, other.schema.names)
            )
    for name in other.schema.names:
        if name not in real.schema.names:
            raise SchemaError(
                f"{whose} has a column {name!r} that the real data lacks",
                hint=did_you_mean(name, real.schema.names),
            )
    # What its columns suppressed is a fact of the other table; all else is as in the real one.
    schema = real.schema.with_columns(
        replace(
            column,
            suppressed=other.schema[column.name].suppressed,
            suppressed_below=other.schema[column.name].suppressed_below,
        )
        for column in real.schema
    )
    return Table(other.frame.select(real.schema.names), schema, other.origin)


def with_roles(
    table: Table,
    *,
    target: str | None = None,
    event: str | None = None,
    sensitive: Sequence[str] | None = None,
    quasi_identifiers: Sequence[str] | None = None,
) -> Table:
    """The table with the target and the marked columns that are given; None leaves what is known.

    Raises:
        SchemaError: there is no such column.
        UsageError: an event without a target.
    """
    schema = with_target(table, target).schema
    if event is not None:
        if schema.target is None:
            raise UsageError(
                f"the event {event!r} has no time beside it",
                hint="name the column that holds how long as the target",
            )
        schema = replace(schema, event=schema[event].name)
    for name in (*(sensitive or ()), *(quasi_identifiers or ())):
        schema[name]  # refuses an unknown one
    if sensitive is not None:
        schema = schema.with_columns(replace(c, sensitive=c.name in sensitive) for c in schema)
    if quasi_identifiers is not None:
        schema = schema.with_columns(
            replace(c, quasi_identifier=c.name in quasi_identifiers) for c in schema
        )
    return replace(table, schema=schema)


def names_of(places: Sequence[str]) -> list[str]:
    """A name for each of some paths: the file's own, with folders before it where that is not enough.

    >>> names_of(["a/data.csv", "b/data.csv", "c.parquet"])
    ['a/data', 'b/data', 'c']
    """
    found = []
    paths = [Path(place) for place in places]
    for number, path in enumerate(paths):
        others = [other for other in paths if other != path]
        stem = path.name.partition(".")[0] or "-"
        for depth in range(len(path.parts)):
            folders = path.parts[:-1][len(path.parts) - 1 - depth :]
            name = "/".join((*folders, stem))
            if not any(_ends(other, name) for other in others):
                break
        found.append(name if paths.count(path) == 1 else f"{name} {number + 1}")
    return found


def _ends(path: Path, name: str) -> bool:
    """Whether `name`, folders and a stem, fits the end of `path` as well."""
    stem = path.name.partition(".")[0] or "-"
    return f"/{'/'.join((*path.parts[:-1], stem))}".endswith(f"/{name}")


def write_comparison(
    compared: Comparison, scorecard: Scorecard, folder: Path, steps: Steps, sources: dict[str, Any]
) -> None:
    """Write the report, the scorecard and how they came about into the empty `folder`.

    Args:
        sources: What was given as 'real', 'synthetic' and 'holdout', for names and hashes.
    """
    tables = {"real": compared.real, "synthetic": compared.synthetic, "holdout": compared.holdout}
    schema = compared.real.schema
    facts = {
        "format": FORMAT,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": versions(),
        "seed": steps.run.seed.entropy,
        "sources": {
            name: source_facts(sources.get(name), table)
            for name, table in tables.items()
            if table is not None
        },
        "target": schema.target,
        "sensitive": [column.name for column in schema if column.sensitive],
        "event": schema.event,
        "quasi_identifiers": [column.name for column in schema if column.quasi_identifier],
        "seconds": dict(steps.seconds),
    }
    with steps.step("report"):
        write_text(folder / REPORT, render_report(compared, scorecard, facts))
        write_json(folder / SCORECARD, scorecard.to_dict())
        write_text(folder / SUMMARY, to_markdown(scorecard))
        write_json(folder / MANIFEST, facts)


def write(
    judged: Mapping[str, Judged], folder: Path, steps: Steps, sources: Mapping[str, dict[str, Any]]
) -> None:
    """Write one comparison into the empty `folder`; of several, a folder each, and beside them a page,
    a scorecard and a summary of all.

    Args:
        sources: For each candidate, what `write_comparison` takes.
    """
    if len(judged) == 1:
        for name, (compared, scorecard) in judged.items():
            write_comparison(compared, scorecard, folder, steps, sources[name])
        return
    cards = {name: scorecard for name, (_, scorecard) in judged.items()}
    reports = {}
    for number, (name, (compared, scorecard)) in enumerate(judged.items(), 1):
        own = folder / folder_of(name, number)
        own.mkdir()
        write_comparison(compared, scorecard, own, steps, sources[name])
        reports[name] = f"{own.name}/{REPORT}"
        title = compared.real.origin.name
    with steps.step("report"):
        write_text(folder / REPORT, candidates.render(title, cards, reports))
        write_json(folder / SCORECARD, told(cards))
        write_text(folder / SUMMARY, candidates_to_markdown(cards))


def folder_of(name: str, number: int) -> str:
    """A folder's name for a candidate; its number keeps it apart whatever the name becomes."""
    return f"{number}-{re.sub(r'[^A-Za-z0-9._-]+', '-', name).strip('.-')[:60] or 'candidate'}"


def told(cards: Mapping[str, Scorecard]) -> dict[str, Any]:
    """`scorecard.json`: of one candidate its scorecard, of several a list with their names."""
    if len(cards) == 1:
        return next(iter(cards.values())).to_dict()
    return {"candidates": [{"name": name, **card.to_dict()} for name, card in cards.items()]}
