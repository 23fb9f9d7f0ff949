"""Linkability (Giomi et al. 2023): two parties hold different columns of the same people. Do the
synthetic rows tell which record of the one belongs to which of the other?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from artesian.core.run import Run
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.encoding import Rows
from artesian.metrics.common.formatting import percent
from artesian.metrics.common.metric_space import MetricSpace, Singles
from artesian.metrics.privacy.attacks.attack_control import Advantage, AttackSetup
from artesian.metrics.protocol import Better, Comparison, Result, Spec

_BLOCK = 256

Halves = tuple[tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Linkability(BaseMetric):
    """A row is linked if one synthetic row is the nearest to it in both halves of its columns; ties
    count. The quasi-identifiers are one half where the schema marks them, else halves are drawn by the
    seed.

    Attributes:
        rows: Training rows, and unseen rows, that are attacked, at most.
        against: Synthetic rows that the attacker looks into, at most.
        splits: Halves that are drawn; the result is that of the worst.
        max_columns: Of more columns, that many are drawn by the seed.
    """

    spec: ClassVar[Spec] = Spec(
        name="linkability",
        title="Linkability",
        family="privacy",
        better=Better.LOWER,
        low=-1.0,
        high=1.0,
        description="0 is no more than of people in general, 1 is every training row linked",
        source="Giomi et al. 2023 (Anonymeter)",
        needs_holdout=True,
    )
    rows: int = 1_500
    against: int = 10_000
    splits: int = 2
    max_columns: int = 100

    def measure(self, tables: Comparison, run: Run) -> Result:
        ground = AttackSetup.of(tables, self.spec, self.rows, self.against, run)
        found = []
        halves = self._halves(ground)
        for pair in halves:
            spaces = [
                MetricSpace.of(ground.encoded, half).scaled_to(ground.trained, ground.unseen)
                for half in pair
            ]
            hits = []
            for targets in (ground.trained, ground.unseen):
                hits += [_linked(targets, ground.made, spaces, run, self.spec.name), targets.height]
            found.append(Advantage.of(*hits, tries=len(halves)))
        worst = max(found, key=lambda one: one.value)
        return Result(
            value=worst.value,
            interval=worst.interval,
            reference=0.0,
            parts={"training rows linked": worst.trained, "unseen rows linked": worst.unseen},
            explanation=(
                f"With the synthetic rows, two halves of a record's columns are linked in "
                f"{percent(worst.trained)} of the training rows, and in {percent(worst.unseen)} of "
                f"unseen ones."
            ),
            detail={
                "risk": worst.risk,
                "targets": ground.trained.height,
                "splits": len(halves),
            },
        )

    def _halves(self, ground: AttackSetup) -> list[Halves]:
        chosen = ground.encoded.draw_columns(self.max_columns, ground.seed.child("columns"))
        names = [column.name for column in chosen]
        known = tuple(column.name for column in chosen if column.quasi_identifier)
        if 0 < len(known) < len(names):
            return [(known, tuple(name for name in names if name not in known))]
        drawn = []
        for split in range(self.splits):
            order = ground.seed.child("split", split).rng().permutation(len(names))
            first = set(order[: len(names) // 2].tolist())
            drawn.append(
                (
                    tuple(name for i, name in enumerate(names) if i in first),
                    tuple(name for i, name in enumerate(names) if i not in first),
                )
            )
        return drawn


def _linked(targets: Rows, made: Rows, spaces: list[MetricSpace], run: Run, work: str) -> int:
    """How many targets have one synthetic row that is nearest in both halves."""
    sides = [(space.place(targets), space.place(made)) for space in spaces]
    linked = 0
    for start in run.track(range(0, targets.height, _BLOCK), work):
        both = [_nearest(points[start : start + _BLOCK], others) for points, others in sides]
        linked += int((both[0] & both[1]).any(axis=1).sum())
    return linked


def _nearest(points: Singles, others: Singles) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    """(points, others) which are as near as the nearest; exact, for coordinates are whole numbers."""
    squares = np.einsum("ij,ij->i", others, others) - 2 * (points @ others.T)
    return np.asarray(squares == squares.min(axis=1, keepdims=True))
