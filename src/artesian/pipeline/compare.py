"""Judge synthetic rows from any tool against the real rows they were made from."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from artesian.core.errors import SchemaError, did_you_mean
from artesian.data.table import Table
from artesian.metrics.judge import Scorecard, judge
from artesian.metrics.protocol import Comparison
from artesian.pipeline.clock import Clock
from artesian.pipeline.folder import MANIFEST, REPORT, SCORECARD, write_json
from artesian.pipeline.manifest import FORMAT, source_facts, versions
from artesian.report.html import write_report


def compare(
    real: Table, synthetic: Table, holdout: Table | None, clock: Clock
) -> tuple[Comparison, Scorecard]:
    """The comparison, its columns in the order of `real`, and its scorecard.

    Raises:
        SchemaError: a table lacks one of the real columns, or has one that `real` lacks.
    """
    compared = Comparison(
        real,
        aligned(real, synthetic, "the synthetic data"),
        None if holdout is None else aligned(real, holdout, "the holdout"),
    )
    with clock.step("judge"):
        return compared, judge(compared, run=clock.run)


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
    frame = other.frame.select(real.schema.names)
    return Table(frame, real.schema, other.origin)


def write_comparison(
    compared: Comparison, scorecard: Scorecard, folder: Path, clock: Clock, sources: dict[str, Any]
) -> None:
    """Write the report, the scorecard and how they came about into the empty `folder`.

    Args:
        sources: What was given as 'real', 'synthetic' and 'holdout', for names and hashes.
    """
    tables = {"real": compared.real, "synthetic": compared.synthetic, "holdout": compared.holdout}
    facts = {
        "format": FORMAT,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": versions(),
        "seed": clock.run.seed.entropy,
        "sources": {
            name: source_facts(sources.get(name), table)
            for name, table in tables.items()
            if table is not None
        },
        "target": compared.real.schema.target,
        "seconds": dict(clock.seconds),
    }
    with clock.step("report"):
        write_report(folder / REPORT, compared, scorecard, facts)
        write_json(folder / SCORECARD, scorecard.to_dict())
        write_json(folder / MANIFEST, facts)
