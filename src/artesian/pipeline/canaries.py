"""Audit a method: fit shadow models with and without canaries and isolated rows, and attack them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from artesian.core.errors import DataError, UsageError
from artesian.core.formatting import percent
from artesian.core.run import Run
from artesian.data.dataset import require_single_table
from artesian.data.read import read_dataset
from artesian.data.schema import Schema
from artesian.data.table import Table
from artesian.metrics.common.arrays import Ints
from artesian.metrics.common.roc import Truth
from artesian.metrics.privacy.attacks.canaries import draw_canaries, find_isolated
from artesian.metrics.privacy.attacks.shadow_models import (
    Exposure,
    assign,
    measure_exposure,
    score_targets,
)
from artesian.runs.resolve import AUTO, check_method, resolve_method
from artesian.runs.steps import Steps
from artesian.synthesizers.protocol import Synthesizer

MIN_CANARIES = 20
"""Below this the confidence interval is too wide to be useful."""

MAX_FRACTION = 0.1
"""Canaries as a fraction of the rows; more would change what the method learns."""

ISOLATED, CANARIES = "isolated rows", "canaries"


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryConfig:
    """Configuration of an audit.

    Attributes:
        source: A path, `file.db::table`, or a dataframe.
        method: A name in the catalog, 'auto', or a synthesizer.
        settings: Settings of the method by name.
        schema: Schema, or the path of a schema file, that overrides inference.
        count: Number of canaries, and of isolated rows, 20 or more; at most a tenth of the rows.
        repeats: Number of times each canary is inserted.
        models: Number of shadow models, even; each is fitted on the table with a random half of the
            canaries and without a random half of the isolated rows.
    """

    source: Any
    method: str | Synthesizer = AUTO
    settings: Mapping[str, Any] = field(default_factory=dict)
    schema: Schema | str | Path | None = None
    count: int = 200
    repeats: int = 1
    models: int = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryResult:
    """Result of an audit.

    Attributes:
        models: Number of shadow models.
        repeats: Number of times each canary was inserted.
        exposures: Kind of targets -> how well attacks distinguish those in the training rows.
        method: Name of the fitted method.
        seconds: Wall time of each step, over all models.
    """

    models: int
    repeats: int
    exposures: Mapping[str, Exposure]
    method: str
    seconds: Mapping[str, float]

    @property
    def memorised(self) -> bool:
        """Whether synthetic rows reveal training rows beyond chance."""
        return any(exposure.memorised for exposure in self.exposures.values())

    @property
    def epsilon(self) -> float:
        """Lower 97.5 % bound of the epsilon of differential privacy; 0 if none is proved."""
        return max(exposure.epsilon for exposure in self.exposures.values())

    @property
    def message(self) -> str:
        """The result in a few sentences."""
        times = "" if self.repeats == 1 else f" (canaries {self.repeats} times each)"
        sentences = [
            f"{self.models} models were fitted, each with a random half of the targets{times}."
        ]
        for kind, one in self.exposures.items():
            low, high = one.interval
            copies = (
                ""
                if not one.copies_in + one.copies_out
                else f"; {one.copies_in} were copied exactly when in the training rows and "
                f"{one.copies_out} when not"
            )
            sentences.append(
                f"The attack by {one.attack} tells whether {one.targets} {kind} are in the training "
                f"rows with an AUC of {one.auc:.2f} ({low:.2f} to {high:.2f}; a guess: 0.50), and "
                f"finds {percent(one.rates[0.01])} of them at 1 % false positives{copies}."
            )
        if self.epsilon > 0:
            sentences.append(
                f"If the method were differentially private, its epsilon would be at least "
                f"{self.epsilon:.2f}."
            )
        sentences.append(
            "Synthetic rows reveal training rows."
            if self.memorised
            else "These attacks find no memorisation, which does not rule out others."
        )
        return " ".join(sentences)

    def to_dict(self) -> dict[str, Any]:
        """The result as JSON types."""
        targets = {}
        for kind, one in self.exposures.items():
            targets[kind] = asdict(one) | {
                "interval": list(one.interval),
                "rates": {str(level): rate for level, rate in one.rates.items()},
            }
        return {
            "models": self.models,
            "repeats": self.repeats,
            "targets": targets,
            "epsilon": self.epsilon,
            "memorised": self.memorised,
            "message": self.message,
            "method": self.method,
            "seconds": dict(self.seconds),
        }


@dataclass(frozen=True, slots=True)
class _Targets:
    """The rows that are attacked.

    Attributes:
        source: The real rows.
        isolated: (n,) positions of the isolated rows in the source.
        canaries: The canaries.
        repeats: Number of times a canary is inserted.
    """

    source: Table
    isolated: Ints
    canaries: Table
    repeats: int

    @property
    def rows(self) -> Table:
        """The isolated rows, then the canaries."""
        real = self.source.frame[self.isolated]
        return self.source.with_frame(pl.concat([real, self.canaries.frame]))

    @property
    def kinds(self) -> list[str]:
        """The kind of each target."""
        return [ISOLATED] * len(self.isolated) + [CANARIES] * len(self.canaries)

    def train(self, included: Truth) -> Table:
        """The real rows without the isolated ones, with the targets of `included`, (targets,)."""
        keep = np.ones(len(self.source), bool)
        keep[self.isolated] = included[: len(self.isolated)]
        inserted = self.canaries.frame.filter(pl.Series(included[len(self.isolated) :]))
        frames = [self.source.frame.filter(pl.Series(keep)), *[inserted] * self.repeats]
        return self.source.with_frame(pl.concat(frames))


def run_canaries(config: CanaryConfig, run: Run) -> CanaryResult:
    """Fit shadow models with and without targets, sample from each, and attack the samples.

    Raises:
        DataError: The source has too few rows, or too few columns to combine into new rows.
        UsageError: `count`, `repeats` or `models` is out of range, or the method or a setting does
            not exist.
    """
    _check(config)
    check_method(config.method, config.settings)
    steps = Steps(run)
    with steps.step("read"):
        source = require_single_table(read_dataset(config.source, schema=config.schema))
    with steps.step("targets"):
        targets = _choose_targets(source, config, run)
    synthesizer, _ = resolve_method(config.method, config.settings, source)
    rows, kinds = targets.rows, np.array(targets.kinds)
    included = assign(config.models, len(rows), run.seed.child("assignment"))
    scores = []
    for number, each in enumerate(run.track(included, "models")):
        own = run.child("model", number)
        with steps.step("fit"):
            model = synthesizer.fit(targets.train(each), run=own)
        with steps.step("sample"):
            synthetic = model.sample(len(source), None, run=own)
        with steps.step("attack"):
            # The same streams for every model, so that scores differ by the synthetic rows alone.
            scores.append(score_targets(source, rows, synthetic, run))
    exposures = measure_exposure(
        {attack: np.array([one[attack] for one in scores]) for attack in scores[0]},
        included,
        kinds,
        run.seed.child("exposure"),
    )
    return CanaryResult(
        models=config.models,
        repeats=config.repeats,
        exposures=exposures,
        method=synthesizer.capabilities.name,
        seconds=steps.seconds,
    )


def _check(config: CanaryConfig) -> None:
    if config.count < MIN_CANARIES:
        raise UsageError(
            f"{config.count} canaries are too few for a result", hint=f"use {MIN_CANARIES} or more"
        )
    if config.repeats < 1:
        raise UsageError(
            f"a canary cannot be inserted {config.repeats} times", hint="use 1 or more"
        )
    if config.models < 2 or config.models % 2:
        raise UsageError(
            f"{config.models} models cannot be paired", hint="use an even number of models"
        )


def _choose_targets(source: Table, config: CanaryConfig, run: Run) -> _Targets:
    count = min(config.count, int(MAX_FRACTION * len(source)))
    if count < MIN_CANARIES:
        raise DataError(
            f"{source.origin.name} has {len(source)} rows, too few to insert {MIN_CANARIES} canaries",
            hint=f"use a table with {int(MIN_CANARIES / MAX_FRACTION)} rows or more",
        )
    canaries = draw_canaries(source, count, run.seed.child("canaries"))
    isolated = find_isolated(source, count, run)
    if len(isolated) < MIN_CANARIES:  # nearly all rows occur several times: nobody is isolated
        isolated = isolated[:0]
    return _Targets(source, isolated, canaries, config.repeats)
