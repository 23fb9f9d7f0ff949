"""Linkability (Giomi et al. 2023): whether synthetic rows link two records of a person that have
different columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from artesian.core.formatting import percent
from artesian.core.run import Run
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.encoding import Rows
from artesian.metrics.common.metric_space import MetricSpace, Singles
from artesian.metrics.privacy.attacks.attack_control import Advantage, AttackSetup
from artesian.metrics.protocol import Better, Comparison, Result, Spec

_BLOCK = 256

Split = tuple[tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Linkability(BaseMetric):
    """A row is linked if the same synthetic row is nearest to it in both parts of its columns; ties
    count. One part are the quasi-identifiers; if none is marked, columns are split at random.

    Attributes:
        rows: Maximum number of attacked training rows, and of holdout rows.
        against: Maximum number of synthetic rows that the attacker uses.
        splits: Number of random splits; the one with the largest advantage is reported.
        max_columns: Of more columns, a random choice.
    """

    spec: ClassVar[Spec] = Spec(
        name="linkability",
        title="Linkability",
        family="privacy",
        better=Better.LOWER,
        low=-1.0,
        high=1.0,
        description="0: no better than on holdout rows; 1: every training row is linked and no "
        "holdout row",
        source="Giomi et al. 2023 (Anonymeter)",
        needs_holdout=True,
    )
    rows: int = 1_500
    against: int = 10_000
    splits: int = 2
    max_columns: int = 100

    def measure(self, tables: Comparison, run: Run) -> Result:
        setup = AttackSetup.from_comparison(tables, self.spec, self.rows, self.against, run)
        advantages = []
        splits = self._column_splits(setup)
        for split in splits:
            spaces = [
                MetricSpace.from_encoded(setup.encoded, columns).scaled_to(
                    setup.train, setup.holdout
                )
                for columns in split
            ]
            counts = []
            for targets in (setup.train, setup.holdout):
                counts += [
                    _linked_count(targets, setup.synthetic, spaces, run, self.spec.name),
                    targets.height,
                ]
            advantages.append(Advantage.from_counts(*counts, tries=len(splits)))
        worst = max(advantages, key=lambda each: each.value)
        return Result(
            value=worst.value,
            interval=worst.interval,
            p_value=worst.p_value,
            reference=0.0,
            parts={"training rows linked": worst.train, "holdout rows linked": worst.holdout},
            explanation=(
                f"Synthetic rows link two parts of a record for {percent(worst.train)} of the "
                f"training rows and for {percent(worst.holdout)} of the holdout rows."
            ),
            detail={
                "risk": worst.risk,
                "targets": setup.train.height,
                "splits": len(splits),
            },
        )

    def _column_splits(self, setup: AttackSetup) -> list[Split]:
        columns = setup.encoded.draw_columns(self.max_columns, setup.seed.child("columns"))
        names = [column.name for column in columns]
        quasi_identifiers = tuple(column.name for column in columns if column.quasi_identifier)
        if 0 < len(quasi_identifiers) < len(names):
            return [
                (quasi_identifiers, tuple(name for name in names if name not in quasi_identifiers))
            ]
        splits_ = []
        for split in range(self.splits):
            order = setup.seed.child("split", split).rng().permutation(len(names))
            first = set(order[: len(names) // 2].tolist())
            splits_.append(
                (
                    tuple(name for i, name in enumerate(names) if i in first),
                    tuple(name for i, name in enumerate(names) if i not in first),
                )
            )
        return splits_


def _linked_count(
    targets: Rows, synthetic: Rows, spaces: list[MetricSpace], run: Run, task: str
) -> int:
    """Number of targets for which one synthetic row is nearest in both parts."""
    embedded = [(space.embed(targets), space.embed(synthetic)) for space in spaces]
    linked = 0
    for start in run.track(range(0, targets.height, _BLOCK), task):
        nearest_in = [
            _is_nearest(points[start : start + _BLOCK], others) for points, others in embedded
        ]
        linked += int((nearest_in[0] & nearest_in[1]).any(axis=1).sum())
    return linked


def _is_nearest(
    points: Singles, others: Singles
) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    """(points, others) whether the distance equals the smallest; exact, as coordinates are
    integers."""
    squares = np.einsum("ij,ij->i", others, others) - 2 * (points @ others.T)
    return np.asarray(squares == squares.min(axis=1, keepdims=True))
