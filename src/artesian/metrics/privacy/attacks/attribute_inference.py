"""Attribute inference: who knows a person's other columns looks for the nearest synthetic row, and
takes its value for the column not known (Giomi et al. 2023, after Stadler et al. 2022)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from artesian.core.run import Run
from artesian.data.schema import Schema
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.encoding import Encoded, Rows
from artesian.metrics.common.formatting import percent
from artesian.metrics.common.metric_space import MetricSpace, nearest_at
from artesian.metrics.common.roc import Truth
from artesian.metrics.privacy.attacks.attack_control import Advantage, AttackSetup
from artesian.metrics.protocol import Better, Comparison, NotMeasurable, Result, Spec

NEAR = 0.05
"""Of a column's standard deviation: a number guessed so closely counts as known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeInference(BaseMetric):
    """The worst column's advantage over the same attack on unseen rows. Guessed are the columns that
    the schema marks as sensitive, else all; known are the quasi-identifiers, else all others.

    Attributes:
        rows: Training rows, and unseen rows, that are attacked, at most.
        against: Synthetic rows that the attacker looks into, at most.
        secrets: Columns that are guessed, at most; of more, that many are drawn by the seed.
        max_columns: Columns that the attacker knows, at most.
    """

    spec: ClassVar[Spec] = Spec(
        name="attribute_inference",
        title="Attribute inference",
        family="privacy",
        better=Better.LOWER,
        low=-1.0,
        high=1.0,
        description="0 is no more than of people in general, 1 is every training row's "
        "value guessed",
        source="Giomi et al. 2023 (Anonymeter)",
        needs_holdout=True,
    )
    rows: int = 1_000
    against: int = 10_000
    secrets: int = 12
    max_columns: int = 100

    def measure(self, tables: Comparison, run: Run) -> Result:
        ground = AttackSetup.of(tables, self.spec, self.rows, self.against, run)
        encoded, schema = ground.encoded, tables.real.schema
        secrets = self._secrets(encoded, schema, ground)
        known = [c.name for c in encoded.columns if c.quasi_identifier]
        found: dict[str, Advantage] = {}
        for secret in run.track(secrets, self.spec.name):
            others = [n for n in known if n != secret] or [
                column.name
                for column in encoded.draw_columns(
                    self.max_columns, ground.seed.child("columns"), without=(secret,)
                )
            ]
            attack = self._attack(ground, secret, tuple(others), len(secrets), run)
            if attack is not None:
                found[secret] = attack
        if not found:
            raise NotMeasurable("no column has enough values to guess")
        worst = max(found, key=lambda name: (found[name].value, name))
        told = found[worst]
        return Result(
            value=told.value,
            interval=told.interval,
            reference=0.0,
            parts={name: one.value for name, one in found.items()},
            explanation=(
                f"Who knows the other columns of a training row guesses {worst!r} from the nearest "
                f"synthetic row in {percent(told.trained)} of the cases; of an unseen row in "
                f"{percent(told.unseen)}."
            ),
            detail={
                "column": worst,
                "guessed": {name: [one.trained, one.unseen] for name, one in found.items()},
                "risk": told.risk,
                "targets": ground.trained.height,
            },
        )

    def _secrets(self, encoded: Encoded, schema: Schema, ground: AttackSetup) -> list[str]:
        names = [c.name for c in encoded.columns if c.sensitive]
        names = names or [column.name for column in encoded.columns]
        if len(names) > self.secrets:
            drawn = ground.seed.child("secrets").rng().permutation(len(names))[: self.secrets]
            names = [names[i] for i in np.sort(drawn)]
        return names

    def _attack(
        self, ground: AttackSetup, secret: str, others: tuple[str, ...], tries: int, run: Run
    ) -> Advantage | None:
        space = MetricSpace.of(ground.encoded, others).scaled_to(ground.trained, ground.unseen)
        made = space.place(ground.made)
        hits = []
        for targets in (ground.trained, ground.unseen):
            held = targets.take(np.flatnonzero(_known(targets, secret)))
            if held.height < 20:
                return None
            at = nearest_at(space.place(held), made, run, self.spec.name)
            right = _right(held, ground.made.take(at), secret, ground.encoded.real)
            hits += [int(right.sum()), held.height]
        return Advantage.of(*hits, tries=tries)


def _known(rows: Rows, name: str) -> Truth:
    if name in rows.codes:
        return np.asarray(rows.codes[name] >= 0)
    return ~np.isnan(rows.numbers[name])


def _right(truth: Rows, guess: Rows, name: str, real: Rows) -> Truth:
    if name in truth.codes:
        return np.asarray(truth.codes[name] == guess.codes[name])
    with np.errstate(over="ignore", invalid="ignore"):
        spread = float(np.nanstd(real.numbers[name]))
        near = NEAR * spread if np.isfinite(spread) else 0.0
        return np.asarray(np.abs(truth.numbers[name] - guess.numbers[name]) <= near)
