"""Canary rows: a test of memorisation (Carlini et al. 2019, "The Secret Sharer", USENIX Security).

Canaries combine values that occur in the table into rows that do not: each column is sampled on its
own. One half is inserted into the training data, the other half is the control group. If synthetic rows
are closer to inserted canaries than to control canaries, the method memorises rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from artesian.core.errors import DataError
from artesian.core.run import Run, Seed
from artesian.data.table import Table
from artesian.metrics.common.arrays import row_hashes
from artesian.metrics.common.encoding import encode
from artesian.metrics.common.intervals import normal
from artesian.metrics.common.metric_space import MetricSpace, nearest_squares
from artesian.metrics.common.roc import auc_delong
from artesian.metrics.protocol import Comparison


@dataclass(frozen=True, slots=True)
class Canaries:
    """Canaries to insert into the training data, and as many control canaries."""

    inserted: Table
    control: Table


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryAttack:
    """Result of distinguishing inserted from control canaries by their distance to synthetic rows.

    Attributes:
        auc: Area under the ROC curve; 0.5 is a random guess.
        interval: 95 % confidence interval of `auc` (DeLong 1988).
        inserted_copies: Inserted canaries that equal a synthetic row.
        control_copies: Control canaries that equal a synthetic row.
    """

    auc: float
    interval: tuple[float, float]
    inserted_copies: int
    control_copies: int

    @property
    def memorised(self) -> bool:
        """Whether synthetic rows reveal inserted canaries beyond chance."""
        return self.interval[0] > 0.5 or self.inserted_copies > self.control_copies


def draw_canaries(source: Table, count: int, seed: Seed) -> Canaries:
    """Sample `count` canaries to insert and `count` control canaries.

    Raises:
        DataError: Sampling columns independently yields too few rows that are not in `source`.
    """
    columns = {}
    for at, name in enumerate(source.schema.names):
        rng = seed.child("column", at).rng()
        columns[name] = source.frame[name][rng.integers(len(source), size=6 * count)]
    candidates = source.with_frame(pl.DataFrame(columns).unique(maintain_order=True))
    hashes = row_hashes(Comparison(source, candidates))
    new = np.flatnonzero(~np.isin(hashes[1], hashes[0])) if hashes else np.empty(0, dtype=np.int64)
    if len(new) < 2 * count:
        raise DataError(
            "sampling the columns independently yields too few rows that the table does not contain",
            hint="use a table with more columns, or with more distinct values",
        )
    return Canaries(
        inserted=source.with_frame(candidates.frame[new[:count]]),
        control=source.with_frame(candidates.frame[new[count : 2 * count]]),
    )


def attack(canaries: Canaries, synthetic: Table, run: Run) -> CanaryAttack:
    """Measure how well the distance to the nearest synthetic row separates the two groups.

    Raises:
        DataError: The table has only keys and free text, in which distances are not defined.
    """
    inserted, control = canaries.inserted, canaries.control
    tables = Comparison(inserted, inserted.with_frame(synthetic.frame), control)
    encoded = encode(tables)
    assert encoded.holdout is not None
    if not encoded.columns:
        raise DataError(
            "all columns are keys or free text",
            hint="use a table with numbers, categories or dates",
        )
    space = MetricSpace.from_encoded(encoded, tuple(column.name for column in encoded.columns))
    space = space.scaled_to(encoded.real, encoded.holdout)
    points = space.embed(encoded.synthetic)
    distances = [
        nearest_squares(space.embed(rows), points, run, "canaries")
        for rows in (encoded.real, encoded.holdout)
    ]
    is_inserted = np.repeat([True, False], [len(each) for each in distances])
    auc, variance = auc_delong(is_inserted, -np.concatenate(distances))
    hashes = row_hashes(tables)
    copies = [int(np.isin(hashes[k], hashes[1]).sum()) for k in (0, 2)]
    return CanaryAttack(
        auc=auc,
        interval=normal(auc, variance, 0.0, 1.0),
        inserted_copies=copies[0],
        control_copies=copies[1],
    )
