"""Laboratory pipeline: run one experiment of model collapse, and write its curves and report."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from artesian.collapse import LABS
from artesian.collapse.labs.results import LabResult
from artesian.core.atomic import staged_folder
from artesian.core.run import Run
from artesian.report.lab import render
from artesian.runs.manifest import FORMAT, versions
from artesian.runs.output import MANIFEST, REPORT, write_json, write_text
from artesian.runs.settings import typed_settings
from artesian.runs.steps import Steps

LAB = "lab.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabConfig:
    """Configuration of an experiment.

    Attributes:
        name: Name in the catalog of experiments.
        settings: Settings of the experiment; text is converted.
        out: Folder for report, curves and manifest; None to write nothing.
        force: Replace an existing `out`.
    """

    name: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    out: Path | None = None
    force: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LabOutcome:
    """Result of an experiment, with wall times.

    Attributes:
        result: The curves.
        seconds: Wall time of each step.
        out: Folder that was written.
    """

    result: LabResult
    seconds: Mapping[str, float]
    out: Path | None = None

    def to_dict(self) -> dict[str, Any]:
        """The content of `lab.json`, with output folder and times."""
        out = None if self.out is None else str(self.out)
        return {**self.result.to_dict(), "out": out, "seconds": dict(self.seconds)}


def run_lab(config: LabConfig, run: Run) -> LabOutcome:
    """Run the experiment and write the results.

    Raises:
        UsageError: The experiment or a setting does not exist, or a value is not possible.
        MissingExtra: The experiment needs a library that is not installed.
        OutputError: `out` cannot be written.
        Cancelled: The run was stopped.
    """
    make = LABS[config.name]
    settings = typed_settings(make, config.settings, noun="experiment", name=repr(config.name))
    lab, steps = make(**settings), Steps(run)
    stage = nullcontext() if config.out is None else staged_folder(config.out, force=config.force)
    with stage as folder:
        with steps.step("simulate"):
            result: LabResult = lab.run(run)
        outcome = LabOutcome(result=result, seconds=steps.seconds)
        if folder is not None:
            _write(outcome, folder, steps)
    return replace(outcome, out=config.out)


def _write(outcome: LabOutcome, folder: Path, steps: Steps) -> None:
    result = outcome.result
    manifest = {
        "format": FORMAT,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": versions(),
        "seed": steps.run.seed.entropy,
        "experiment": result.name,
        "settings": dict(result.settings),
        "source": result.source,
        "seconds": dict(steps.seconds),
    }
    with steps.step("report"):
        write_json(folder / LAB, result.to_dict())
        write_text(folder / REPORT, render(result, manifest))
        write_json(folder / MANIFEST, manifest)
