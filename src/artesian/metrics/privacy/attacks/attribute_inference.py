"""Attribute inference (Giomi et al. 2023, after Stadler et al. 2022): an attacker who knows the
other columns of a person guesses the value of the nearest synthetic row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from artesian.core.formatting import percent
from artesian.core.run import Run
from artesian.data.schema import Schema
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.encoding import Encoded, Rows
from artesian.metrics.common.metric_space import MetricSpace, nearest_positions
from artesian.metrics.common.roc import Truth
from artesian.metrics.privacy.attacks.attack_control import Advantage, AttackSetup
from artesian.metrics.protocol import Better, Comparison, NotMeasurable, Result, Spec

NEAR = 0.05
"""Tolerance of a correct guess of a number, in standard deviations of the column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeInference(BaseMetric):
    """Advantage over the same attack on holdout rows, for the column with the largest one.

    The attacker guesses the sensitive columns, or all if none is marked, and knows the
    quasi-identifiers, or all other columns if none is marked.

    Attributes:
        rows: Maximum number of attacked training rows, and of holdout rows.
        against: Maximum number of synthetic rows that the attacker uses.
        secrets: Maximum number of guessed columns; of more, a random choice.
        max_columns: Maximum number of columns that the attacker knows.
    """

    spec: ClassVar[Spec] = Spec(
        name="attribute_inference",
        title="Attribute inference",
        family="privacy",
        better=Better.LOWER,
        low=-1.0,
        high=1.0,
        description="0: no better than on holdout rows; 1: every value of training rows is guessed, "
        "none of holdout rows",
        source="Giomi et al. 2023 (Anonymeter)",
        needs_holdout=True,
    )
    rows: int = 1_000
    against: int = 10_000
    secrets: int = 12
    max_columns: int = 100

    def measure(self, tables: Comparison, run: Run) -> Result:
        setup = AttackSetup.from_comparison(tables, self.spec, self.rows, self.against, run)
        encoded, schema = setup.encoded, tables.real.schema
        secrets = self._secrets(encoded, schema, setup)
        quasi_identifiers = [c.name for c in encoded.columns if c.quasi_identifier]
        advantages: dict[str, Advantage] = {}
        for secret in run.track(secrets, self.spec.name):
            attacker_columns = [n for n in quasi_identifiers if n != secret] or [
                column.name
                for column in encoded.draw_columns(
                    self.max_columns, setup.seed.child("columns"), without=(secret,)
                )
            ]
            advantage = self._attack(setup, secret, tuple(attacker_columns), len(secrets), run)
            if advantage is not None:
                advantages[secret] = advantage
        if not advantages:
            raise NotMeasurable("no column has enough values to guess")
        worst = max(advantages, key=lambda name: (advantages[name].value, name))
        largest = advantages[worst]
        return Result(
            value=largest.value,
            interval=largest.interval,
            p_value=largest.p_value,
            reference=0.0,
            parts={name: each.value for name, each in advantages.items()},
            explanation=(
                f"An attacker who knows the other columns guesses {worst!r} from the nearest "
                f"synthetic row correctly for {percent(largest.train)} of the training rows and "
                f"for {percent(largest.holdout)} of the holdout rows."
            ),
            detail={
                "column": worst,
                "guessed": {name: [each.train, each.holdout] for name, each in advantages.items()},
                "risk": largest.risk,
                "targets": setup.train.height,
            },
        )

    def _secrets(self, encoded: Encoded, schema: Schema, setup: AttackSetup) -> list[str]:
        names = [c.name for c in encoded.columns if c.sensitive]
        names = names or [column.name for column in encoded.columns]
        if len(names) > self.secrets:
            drawn = setup.seed.child("secrets").rng().permutation(len(names))[: self.secrets]
            names = [names[i] for i in np.sort(drawn)]
        return names

    def _attack(
        self,
        setup: AttackSetup,
        secret: str,
        attacker_columns: tuple[str, ...],
        tries: int,
        run: Run,
    ) -> Advantage | None:
        space = MetricSpace.from_encoded(setup.encoded, attacker_columns).scaled_to(
            setup.train, setup.holdout
        )
        synthetic = space.embed(setup.synthetic)
        hits = []
        for targets in (setup.train, setup.holdout):
            attacked = targets.take(np.flatnonzero(_has_value(targets, secret)))
            if attacked.height < 20:
                return None
            neighbours = nearest_positions(space.embed(attacked), synthetic, run, self.spec.name)
            correct = _is_correct(
                attacked, setup.synthetic.take(neighbours), secret, setup.encoded.real
            )
            hits += [int(correct.sum()), attacked.height]
        return Advantage.from_counts(*hits, tries=tries)


def _has_value(rows: Rows, name: str) -> Truth:
    if name in rows.codes:
        return np.asarray(rows.codes[name] >= 0)
    return ~np.isnan(rows.numbers[name])


def _is_correct(actual: Rows, guessed: Rows, name: str, real: Rows) -> Truth:
    if name in actual.codes:
        return np.asarray(actual.codes[name] == guessed.codes[name])
    with np.errstate(over="ignore", invalid="ignore"):
        deviation = float(np.nanstd(real.numbers[name]))
        tolerance = NEAR * deviation if np.isfinite(deviation) else 0.0
        return np.asarray(np.abs(actual.numbers[name] - guessed.numbers[name]) <= tolerance)
