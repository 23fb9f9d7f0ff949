"""Diagnostics of distances to training rows: near copies, distance ratios, identifiability.

None of them is an attack, and none proves privacy: rows can disclose information at a distance, and
be near without disclosing any.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from artesian.core.run import Run
from artesian.metrics.common.arrays import Floats
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.encoding import encode
from artesian.metrics.common.formatting import percent
from artesian.metrics.common.intervals import newcombe, wilson
from artesian.metrics.common.metric_space import (
    MetricSpace,
    nearest_k,
    nearest_squares,
    neighbour_distances,
    squared_distances,
)
from artesian.metrics.common.roc import Truth
from artesian.metrics.protocol import Better, Comparison, NotMeasurable, Result, Spec

NEAR = 0.02
"""Fraction of the holdout rows that define what is near: those closest to a training row."""

ROWS = 5_000
"""Maximum number of rows of each table whose nearest rows are searched."""

MIN_ROWS = 50
MAX_COLUMNS = 300

_MAX_PAIRS = 4e7  # maximum number of pairs of rows: 2,000 rows against 20,000
_CANDIDATES_PER_ROW = 10  # maximum number of candidate rows per row
_MAX_PRODUCTS = 5e9  # maximum multiplications of a matrix product
_QUANTILE = 0.05  # of the distance ratios
_Z = 1.959964


def _spec(name: str, title: str, better: Better, description: str, source: str) -> Spec:
    return Spec(
        name=name,
        title=title,
        family="diagnostics",
        better=better,
        low=0.0,
        high=1.0,
        description=description,
        source=source,
        needs_holdout=True,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class NearCopies(BaseMetric):
    """Fraction of the synthetic rows that are as close to a training row as the closest 2 % of the
    holdout rows are."""

    spec: ClassVar[Spec] = _spec(
        "near_copies",
        "Near copies",
        Better.LOWER,
        "about 0.02: as holdout rows; 1: every synthetic row is a near copy",
        "Carlini et al. 2023 (near duplicates); Platzer and Reutterer 2021 (the reference)",
    )

    def measure(self, tables: Comparison, run: Run) -> Result:
        records = _records(tables, self.spec, run)
        limit = float(np.quantile(records.holdout[:, 0], NEAR, method="inverted_cdf"))
        return _fraction_result(
            self.spec,
            records,
            records.synthetic[:, 0] <= limit,
            records.holdout[:, 0] <= limit,
            "{} of the synthetic rows are as close to a training row as the closest {} of the "
            "holdout rows are",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NNDR(BaseMetric):
    """5 % quantile of the distance to the nearest training row divided by that to the second
    nearest; 1 where both are 0. A ratio near 0 is a row next to an isolated training row."""

    spec: ClassVar[Spec] = _spec(
        "nndr",
        "Nearest-neighbour distance ratio",
        Better.HIGHER,
        "0: 5 % of the rows equal an isolated training row; 1: all rows are between two training "
        "rows",
        "Lowe 2004 (the ratio); Zhao et al. 2021 (CTAB-GAN, for privacy)",
    )

    def measure(self, tables: Comparison, run: Run) -> Result:
        records = _records(tables, self.spec, run)
        synthetic, holdout = distance_ratios(records.synthetic), distance_ratios(records.holdout)
        (value, interval), (reference, reference_interval) = (
            _low_quantile(synthetic),
            _low_quantile(holdout),
        )
        return Result(
            value=value,
            interval=interval,
            reference=reference,
            reference_interval=reference_interval,
            parts={
                "median": float(np.median(synthetic)),
                "median of holdout": float(np.median(holdout)),
            },
            explanation=(
                "The 5 % quantile of the nearest-neighbour distance ratio of synthetic rows is "
                f"{value:.2f} (holdout rows: {reference:.2f}); a diagnostic, not a proof of "
                "privacy."
            ),
            detail=records.sizes,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifiability(BaseMetric):
    """Fraction of the training rows with a synthetic row nearer than any other training row. Yoon
    et al. weight columns by inverse entropy; here all have the same weight."""

    spec: ClassVar[Spec] = _spec(
        "identifiability",
        "Identifiability",
        Better.LOWER,
        "about 0.5: as holdout rows; 1: a synthetic row next to every training row",
        "Yoon, Drumright and van der Schaar 2020 (ADS-GAN)",
    )

    def measure(self, tables: Comparison, run: Run) -> Result:
        records = _records(tables, self.spec, run)
        return _fraction_result(
            self.spec,
            records,
            records.to_synthetic < records.train_nearest,
            records.to_holdout < records.train_nearest,
            "{} of the training rows have a synthetic row nearer than any other training row (a "
            "holdout row: {})",
        )


@dataclass(frozen=True, slots=True)
class _Records:
    """Squared distances, in steps, for the same number of rows of each table.

    Attributes:
        synthetic, holdout: (rows, 2) from synthetic, and from holdout, rows to the nearest and to
            the second nearest training row.
        train_nearest, to_synthetic, to_holdout: (rows,) from training rows to the nearest other
            training row, synthetic row and holdout row, among as many candidates of each.
        against: Number of training rows that are candidates for rows of other tables.
        columns: Number of columns that distances depend on.
    """

    synthetic: Floats
    holdout: Floats
    train_nearest: Floats
    to_synthetic: Floats
    to_holdout: Floats
    against: int
    columns: int

    @property
    def sizes(self) -> dict[str, int]:
        """Numbers of rows and columns, for the detail of a result."""
        return {"rows": len(self.synthetic), "against": self.against, "columns": self.columns}


def _records(tables: Comparison, spec: Spec, run: Run) -> _Records:
    """Compute the records of a comparison; cached for the three metrics.

    Raises:
        NotMeasurable: there is no holdout, or there are too few rows or no columns.
    """
    return tables.cached(
        ("records", run.seed.entropy, run.seed.path), lambda: _computed(tables, spec.name, run)
    )


def _computed(tables: Comparison, task: str, run: Run) -> _Records:
    encoded = encode(tables)
    if encoded.holdout is None:
        raise NotMeasurable("it needs a holdout: real rows that no model was fitted on")
    if not encoded.columns:
        raise NotMeasurable("there are no columns but keys and free text")
    sides = encoded.real, encoded.synthetic, encoded.holdout
    min_height = min(side.height for side in sides)
    if min_height < MIN_ROWS:
        raise NotMeasurable(f"a table has {min_height} rows, and {MIN_ROWS} are needed")
    seed = run.seed.child("records")
    columns = encoded.draw_columns(MAX_COLUMNS, seed.child("columns"))
    space = MetricSpace.from_encoded(encoded, tuple(column.name for column in columns))
    pairs = min(_MAX_PAIRS, _MAX_PRODUCTS / space.width)
    against = max(MIN_ROWS, int(math.sqrt(_CANDIDATES_PER_ROW * pairs)))
    real, *others = (
        side.take(seed.child(name).rng().permutation(side.height)[:against])
        for side, name in zip(sides, ("real", "made", "held"), strict=True)
    )
    # Scaled to training rows alone: if ranks included the holdout values, holdout rows would be half a
    # rank further away than synthetic rows.
    space = space.scaled_to(real, real)
    train_points, synthetic, holdout_points = (space.embed(side) for side in (real, *others))
    candidates = min(len(train_points), min_height)  # more candidates are closer by chance
    rows = max(MIN_ROWS, min(ROWS, candidates, int(pairs / len(train_points))))
    targets = train_points[:rows]
    return _Records(
        synthetic=nearest_k(synthetic[:rows], train_points, 2, run, task),
        holdout=nearest_k(holdout_points[:rows], train_points, 2, run, task),
        # The first is the row itself.
        train_nearest=nearest_k(targets, train_points[:candidates], 2, run, task)[:, 1],
        to_synthetic=nearest_squares(targets, synthetic[:candidates], run, task),
        to_holdout=nearest_squares(targets, holdout_points[:candidates], run, task),
        against=len(train_points),
        columns=len(columns),
    )


def _fraction_result(
    spec: Spec, records: _Records, synthetic: Truth, holdout: Truth, sentence: str
) -> Result:
    """Result of a fraction of rows, and of the same with holdout rows in place of synthetic ones."""
    rows, hits, reference_hits = len(synthetic), int(synthetic.sum()), int(holdout.sum())
    value, reference = hits / rows, reference_hits / rows
    description = sentence.format(percent(value), percent(reference))
    return Result(
        value=value,
        interval=wilson(hits, rows),
        reference=reference,
        reference_interval=wilson(reference_hits, rows),
        excess_interval=newcombe(hits, rows, reference_hits, rows),
        explanation=f"{description}; a diagnostic, not a proof of privacy.",
        detail=records.sizes,
    )


def identifiability(train: Floats, synthetic: Floats) -> float:
    """Fraction of the training points with a synthetic point nearer than any other training point
    (Yoon, Drumright and van der Schaar 2020, with unit weights).

    Args:
        train, synthetic: (n, d) and (m, d) points.

    >>> identifiability(np.array([[0.0], [1.0], [5.0]]), np.array([[0.1], [0.2]]))
    0.6666666666666666
    """
    nearest_synthetic = squared_distances(train, synthetic).min(axis=1)
    return float((nearest_synthetic < neighbour_distances(train, 1)).mean())


def distance_ratios(squares: Floats) -> Floats:
    """Nearest-neighbour distance ratios (Lowe 2004).

    Args:
        squares: (n, 2) squared distances to the nearest and to the second nearest record.

    Returns:
        (n,) ratios in [0, 1]; 1 where both distances are 0.

    >>> distance_ratios(np.array([[1.0, 4.0], [0.0, 0.0]])).tolist()
    [0.5, 1.0]
    """
    first, second = np.maximum(squares, 0.0).T
    ratios: Floats = np.sqrt(np.where(second > 0, first / np.where(second > 0, second, 1), 1.0))
    return np.minimum(ratios, 1.0)


def _low_quantile(values: Floats) -> tuple[float, tuple[float, float]]:
    """Quantile with its distribution-free interval from order statistics."""
    ordered, rows = np.sort(values), len(values)
    half = _Z * math.sqrt(rows * _QUANTILE * (1 - _QUANTILE))
    at = [
        float(ordered[min(max(math.ceil(rank) - 1, 0), rows - 1)])
        for rank in (rows * _QUANTILE - half, rows * _QUANTILE, rows * _QUANTILE + half)
    ]
    return at[1], (at[0], at[2])
