"""The folder a run leaves: data, model, report, scorecard, schema, manifest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from artesian.data.schema_io import write_schema
from artesian.data.write import data_file_name, write_to_url
from artesian.pipeline.synth import SynthesisConfig, SynthesisResult
from artesian.report.html import render_report
from artesian.report.markdown import to_markdown
from artesian.runs.manifest import FORMAT, described, output_facts, source_facts, versions
from artesian.runs.output import (
    MANIFEST,
    REPORT,
    SCHEMA,
    SCORECARD,
    SUMMARY,
    write_json,
    write_rows,
    write_text,
)
from artesian.runs.steps import Steps
from artesian.synthesizers.store import write_into


def write_folder(
    made: SynthesisResult,
    order: SynthesisConfig,
    folder: Path,
    steps: Steps,
    *,
    source: Any,
    evidence: Mapping[str, str],
    to: str | None = None,
) -> dict[str, Any]:
    """Write everything about `made` into the empty `folder` and return the manifest.

    Args:
        source: What was read, for its name and hash.
        evidence: Why each column is taken for what it is.
        to: A database URL to put the rows in instead of a file below `folder`.
    """
    with steps.step("report"):
        facts = manifest(made, order, steps, source=source)
        write_text(folder / REPORT, render_report(made.compared, made.scorecard, facts))
    with steps.step("write"):
        write_json(folder / SCORECARD, made.scorecard.to_dict())
        write_text(folder / SUMMARY, to_markdown(made.scorecard))
        name = made.source.origin.name
        write_schema(folder / SCHEMA, {name: (made.synthetic.schema, evidence)})
        (folder / "model").mkdir()
        write_into(made.model, folder / "model")
        if to is None:
            (folder / "data").mkdir()
            write_rows(folder / "data" / data_file_name(made.source.origin), made.synthetic)
        outputs = output_facts(folder)
        # A database outside the folder comes last: after it only the manifest can fail.
        if to is not None:
            write_to_url(to, made.synthetic, name)
    facts |= {"seconds": dict(steps.seconds), "outputs": outputs, "to": to}
    write_json(folder / MANIFEST, facts)
    return facts


def manifest(
    made: SynthesisResult, order: SynthesisConfig, steps: Steps, *, source: Any
) -> dict[str, Any]:
    """How it was made, as JSON can hold it."""
    settings = made.model.settings
    return {
        "format": FORMAT,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": versions(),
        "source": source_facts(source, made.source),
        "seed": steps.run.seed.entropy,
        "method": {
            "name": settings.capabilities.name,
            "reason": made.reason,
            "settings": asdict(cast(Any, settings)),
        },
        "rows": {
            "made": len(made.synthetic),
            "fitted": len(made.train),
            "held_out": 0 if made.holdout is None else len(made.holdout),
        },
        "holdout": order.holdout,
        "where": described(made.where),
        "target": made.source.schema.target,
        "choices": made.model.facts(),
        "notes": list(made.notes),
        "seconds": dict(steps.seconds),
    }
