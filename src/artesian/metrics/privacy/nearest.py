"""Diagnostics of nearness to training rows: near copies, distance ratios, identifiability.

None of them is an attack, and none proves privacy: rows give people away without lying near, and lie
near without giving anybody away.
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
    nearest,
    nearest_few,
    neighbour_distances,
    squared_distances,
)
from artesian.metrics.common.roc import Truth
from artesian.metrics.protocol import Better, Comparison, NotMeasurable, Result, Spec

NEAR = 0.02
"""Share of unseen rows that count as near copies of a training row: as near as people come."""

ROWS = 5_000
"""Synthetic, unseen and training rows whose nearest rows are looked for, at most."""

MIN_ROWS = 50
MAX_COLUMNS = 300

_PAIRS = 4e7  # of rows that are compared at a time, at most: 2,000 rows with 20,000
_AMONG = 10  # rows that are looked among for each row looked for, at most
_PRODUCTS = 5e9  # multiplications of a matrix product for it, at most
_LOW = 0.05  # the quantile of the distance ratios
_Z = 1.959964


def _spec(name: str, title: str, better: Better, means: str, source: str) -> Spec:
    return Spec(
        name=name,
        title=title,
        family="diagnostics",
        better=better,
        low=0.0,
        high=1.0,
        description=means,
        source=source,
        needs_holdout=True,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class NearCopies(BaseMetric):
    """Share of synthetic rows as near to a training row as the nearest 2 % of unseen rows are."""

    spec: ClassVar[Spec] = _spec(
        "near_copies",
        "Near copies",
        Better.LOWER,
        "0.02 or so is what unseen rows get, 1 is every synthetic row a near copy",
        "Carlini et al. 2023 (near duplicates); Platzer and Reutterer 2021 (the reference)",
    )

    def measure(self, tables: Comparison, run: Run) -> Result:
        found = _records(tables, self.spec, run)
        limit = float(np.quantile(found.unseen[:, 0], NEAR, method="inverted_cdf"))
        return _shares(
            self.spec,
            found,
            found.made[:, 0] <= limit,
            found.unseen[:, 0] <= limit,
            "{} of the synthetic rows lie as near to a training row as the nearest {} of unseen rows "
            "do",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NNDR(BaseMetric):
    """The 5 % quantile of the distance to the nearest training row over that to the second nearest:
    near 0 where a row stands by one training row alone. 1 where both are 0."""

    spec: ClassVar[Spec] = _spec(
        "nndr",
        "Nearest-neighbour distance ratio",
        Better.HIGHER,
        "0 is 5 % of the rows on a training row that stands alone, 1 is all between two of them",
        "Lowe 2004 (the ratio); Zhao et al. 2021 (CTAB-GAN, for privacy)",
    )

    def measure(self, tables: Comparison, run: Run) -> Result:
        found = _records(tables, self.spec, run)
        made, unseen = distance_ratios(found.made), distance_ratios(found.unseen)
        (value, interval), (reference, usual) = _low_quantile(made), _low_quantile(unseen)
        return Result(
            value=value,
            interval=interval,
            reference=reference,
            reference_interval=usual,
            parts={"median": float(np.median(made)), "median of unseen": float(np.median(unseen))},
            explanation=(
                f"5 % of the synthetic rows lie nearer to one training row than {value:.2f} times the "
                f"distance to the next (unseen rows: {reference:.2f}); a diagnostic, not a proof of "
                f"privacy."
            ),
            detail=found.sizes,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifiability(BaseMetric):
    """Share of training rows with a synthetic row nearer than any other training row. Yoon et al. weigh
    columns by the inverse of their entropy; here all count alike, as in `dcr_share`."""

    spec: ClassVar[Spec] = _spec(
        "identifiability",
        "Identifiability",
        Better.LOWER,
        "0.5 or so is what unseen rows get, 1 is a synthetic row next to every training row",
        "Yoon, Drumright and van der Schaar 2020 (ADS-GAN)",
    )

    def measure(self, tables: Comparison, run: Run) -> Result:
        found = _records(tables, self.spec, run)
        return _shares(
            self.spec,
            found,
            found.to_made < found.alone,
            found.to_unseen < found.alone,
            "{} of the training rows have a synthetic row nearer than any other training row (unseen "
            "rows in its place: {})",
        )


@dataclass(frozen=True, slots=True)
class _Records:
    """Squared distances, in steps, of as many rows of each table.

    Attributes:
        made, unseen: From synthetic and unseen rows to the nearest training row and the next,
            (rows, 2).
        alone, to_made, to_unseen: From training rows to the nearest other training row, synthetic row
            and unseen row, looked for among as many of each, (rows,).
        against: Training rows that those of other tables look among.
    """

    made: Floats
    unseen: Floats
    alone: Floats
    to_made: Floats
    to_unseen: Floats
    against: int
    columns: int

    @property
    def sizes(self) -> dict[str, int]:
        return {"rows": len(self.made), "against": self.against, "columns": self.columns}


def _records(tables: Comparison, spec: Spec, run: Run) -> _Records:
    """Taken once for all three; or the reason why there are none."""
    return tables.cached(
        ("records", run.seed.entropy, run.seed.path), lambda: _taken(tables, spec.name, run)
    )


def _taken(tables: Comparison, work: str, run: Run) -> _Records:
    encoded = encode(tables)
    if encoded.holdout is None:
        raise NotMeasurable("it needs a holdout: rows that no model was fitted on")
    if not encoded.columns:
        raise NotMeasurable("there are no columns but keys and free text")
    sides = encoded.real, encoded.synthetic, encoded.holdout
    least = min(side.height for side in sides)
    if least < MIN_ROWS:
        raise NotMeasurable(f"a table has {least} rows, and {MIN_ROWS} are needed")
    seed = run.seed.child("records")
    chosen = encoded.draw_columns(MAX_COLUMNS, seed.child("columns"))
    space = MetricSpace.of(encoded, tuple(column.name for column in chosen))
    pairs = min(_PAIRS, _PRODUCTS / space.width)
    against = max(MIN_ROWS, int(math.sqrt(_AMONG * pairs)))
    real, *others = (
        side.take(seed.child(name).rng().permutation(side.height)[:against])
        for side, name in zip(sides, ("real", "made", "held"), strict=True)
    )
    # By training rows alone: were their own values among those that ranks are counted in, unseen rows
    # would lie half a rank further off than synthetic ones.
    space = space.scaled_to(real, real)
    training, made, held = (space.place(side) for side in (real, *others))
    among = min(len(training), least)  # more rows lie nearer by their number alone
    rows = max(MIN_ROWS, min(ROWS, among, int(pairs / len(training))))
    targets = training[:rows]
    return _Records(
        made=nearest_few(made[:rows], training, 2, run, work),
        unseen=nearest_few(held[:rows], training, 2, run, work),
        alone=nearest_few(targets, training[:among], 2, run, work)[
            :, 1
        ],  # the first is the row itself
        to_made=nearest(targets, made[:among], run, work),
        to_unseen=nearest(targets, held[:among], run, work),
        against=len(training),
        columns=len(chosen),
    )


def _shares(spec: Spec, found: _Records, made: Truth, unseen: Truth, words: str) -> Result:
    """The result of a share of rows, and of the same with unseen rows in the synthetic ones' place."""
    rows, near, usual = len(made), int(made.sum()), int(unseen.sum())
    value, reference = near / rows, usual / rows
    told = words.format(percent(value), percent(reference))
    return Result(
        value=value,
        interval=wilson(near, rows),
        reference=reference,
        reference_interval=wilson(usual, rows),
        excess_interval=newcombe(near, rows, usual, rows),
        explanation=f"{told}; a diagnostic, not a proof of privacy.",
        detail=found.sizes,
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
    """The quantile, and its interval from the ranks that it may have: of no law in particular."""
    ordered, rows = np.sort(values), len(values)
    half = _Z * math.sqrt(rows * _LOW * (1 - _LOW))
    at = [
        float(ordered[min(max(math.ceil(rank) - 1, 0), rows - 1)])
        for rank in (rows * _LOW - half, rows * _LOW, rows * _LOW + half)
    ]
    return at[1], (at[0], at[2])
