"""Insert canary rows into the training data, fit a method, and test whether it memorises them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from artesian.core.errors import DataError, UsageError
from artesian.core.run import Run
from artesian.data.dataset import require_single_table
from artesian.data.read import read_dataset
from artesian.data.schema import Schema
from artesian.metrics.common.formatting import percent
from artesian.metrics.privacy.attacks.canaries import CanaryAttack, attack, draw_canaries
from artesian.pipeline.fit import fit_model
from artesian.runs.resolve import AUTO, check_method
from artesian.runs.steps import Steps
from artesian.synthesizers.protocol import Synthesizer

MIN_CANARIES = 20
"""Below this the confidence interval is too wide to be useful."""

MAX_FRACTION = 0.1
"""Canaries as a fraction of the rows; more would change what the method learns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryConfig:
    """Configuration of a canary test.

    Attributes:
        source: A path, `file.db::table`, or a dataframe.
        method: A name in the catalog, 'auto', or a synthesizer.
        settings: Settings of the method by name.
        schema: Schema, or the path of a schema file, that overrides inference.
        count: Canaries to insert, 20 or more; at most a tenth of the rows are inserted.
        repeats: Number of times each canary is inserted.
    """

    source: Any
    method: str | Synthesizer = AUTO
    settings: Mapping[str, Any] = field(default_factory=dict)
    schema: Schema | str | Path | None = None
    count: int = 200
    repeats: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryResult:
    """Result of a canary test.

    Attributes:
        inserted: Number of inserted canaries; there are as many control canaries.
        repeats: Number of times each canary was inserted.
        attack: Separation of inserted from control canaries.
        method: Name of the fitted method.
        seconds: Wall time of each step.
    """

    inserted: int
    repeats: int
    attack: CanaryAttack
    method: str
    seconds: Mapping[str, float]

    @property
    def memorised(self) -> bool:
        """Whether synthetic rows reveal inserted canaries beyond chance."""
        return self.attack.memorised

    @property
    def message(self) -> str:
        """The result in one sentence."""
        low, high = (percent(end) for end in self.attack.interval)
        times = "" if self.repeats == 1 else f", {self.repeats} times each"
        conclusion = (
            "the method memorises rows"
            if self.memorised
            else "this attack finds no memorisation, which does not rule out other attacks"
        )
        return (
            f"{self.inserted} canaries were inserted{times}; the distance to synthetic rows separates "
            f"them from control canaries with an AUC of {percent(self.attack.auc)} ({low} to {high}; "
            f"random guess: 50 %), and {self.attack.inserted_copies} of them were copied exactly: "
            f"{conclusion}."
        )

    def to_dict(self) -> dict[str, Any]:
        """The result as JSON types."""
        return {
            "inserted": self.inserted,
            "repeats": self.repeats,
            **asdict(self.attack),
            "interval": list(self.attack.interval),
            "memorised": self.memorised,
            "message": self.message,
            "method": self.method,
            "seconds": dict(self.seconds),
        }


def run_canaries(config: CanaryConfig, run: Run) -> CanaryResult:
    """Insert canaries, fit, sample as many rows as the source has, and attack.

    Raises:
        DataError: The source has too few rows, or too few columns to combine into new rows.
        UsageError: `count` or `repeats` is out of range, or the method or a setting does not exist.
    """
    if config.count < MIN_CANARIES:
        raise UsageError(
            f"{config.count} canaries are too few for a result", hint=f"use {MIN_CANARIES} or more"
        )
    if config.repeats < 1:
        raise UsageError(
            f"a canary cannot be inserted {config.repeats} times", hint="use 1 or more"
        )
    check_method(config.method, config.settings)
    steps = Steps(run)
    with steps.step("read"):
        source = require_single_table(read_dataset(config.source, schema=config.schema))
    count = min(config.count, int(MAX_FRACTION * len(source)))
    if count < MIN_CANARIES:
        raise DataError(
            f"{source.origin.name} has {len(source)} rows, too few to insert {MIN_CANARIES} canaries",
            hint=f"use a table with {int(MIN_CANARIES / MAX_FRACTION)} rows or more",
        )
    canaries = draw_canaries(source, count, run.seed.child("canaries"))
    train = pl.concat([source.frame, *([canaries.inserted.frame] * config.repeats)])
    model, _ = fit_model(source.with_frame(train), config.method, config.settings, steps)
    with steps.step("sample"):
        synthetic = model.sample(len(source), None, run=run)
    with steps.step("evaluate"):
        result = attack(canaries, synthetic, run)
    return CanaryResult(
        inserted=count,
        repeats=config.repeats,
        attack=result,
        method=model.settings.capabilities.name,
        seconds=steps.seconds,
    )
