"""Distance to the closest record, training against holdout rows (Platzer and Reutterer 2021).

The training and the holdout table are subsampled to the same number of rows, of whole entities if the
holdout has entities of its own, so that a synthetic row that copies nothing is equally likely to be
nearer to either. Ties count half.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from artesian.core.formatting import percent
from artesian.core.run import Run
from artesian.metrics.charts import DistanceHistogram
from artesian.metrics.common.arrays import Floats
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.encoding import encode
from artesian.metrics.common.intervals import wilson
from artesian.metrics.common.metric_space import MetricSpace, nearest_squares
from artesian.metrics.common.subjects import subsample_entities
from artesian.metrics.protocol import (
    Axis,
    Better,
    Comparison,
    Figure,
    Headline,
    NotMeasurable,
    Result,
    Spec,
)

MIN_ROWS = 50
_MAX_PRODUCTS = 2.5e10  # maximum multiplications of a matrix product: about a second on one core
_BINS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class DCRShare(BaseMetric):
    """Fraction of the synthetic rows that are nearer to a training row than to a holdout row. Keys
    and free text are left out.

    Attributes:
        rows: Maximum number of synthetic rows.
        against: Maximum number of training rows, and of holdout rows.
        max_columns: Of more columns, a random choice.
    """

    spec: ClassVar[Spec] = Spec(
        name="dcr_share",
        title="Distance to closest record (DCR share)",
        family="diagnostics",
        better=Better.LOWER,
        low=0.0,
        high=1.0,
        description="0.5: equally near to holdout and training rows; 1: always nearer to training rows",
        source="Platzer and Reutterer 2021",
        headline=Headline.NEARNESS,
        figure=Figure.NEAREST,
        axis=Axis.PRIVACY,
        priority=1,
        benchmark=True,
        needs_holdout=True,
    )
    rows: int = 5_000
    against: int = 20_000
    max_columns: int = 300

    def measure(self, tables: Comparison, run: Run) -> Result:
        encoded = encode(tables)
        if encoded.holdout is None:
            raise NotMeasurable("it needs a holdout: real rows that no model was fitted on")
        if not encoded.columns:
            raise NotMeasurable("there are no columns but keys and free text")
        seed = run.seed.child("dcr")
        columns = encoded.draw_columns(self.max_columns, seed.child("columns"))
        names = tuple(column.name for column in columns)
        height = min(encoded.real.height, encoded.holdout.height)
        min_height = min(height, encoded.synthetic.height)
        if min_height < MIN_ROWS:
            raise NotMeasurable(f"a table has {min_height} rows, and {MIN_ROWS} are needed")
        rows, against = min(self.rows, encoded.synthetic.height), min(self.against, height)
        space = MetricSpace.from_encoded(encoded, names)
        shrink = math.sqrt(min(1.0, _MAX_PRODUCTS / (2 * rows * against * space.width)))
        rows, against = (max(MIN_ROWS, int(size * shrink)) for size in (rows, against))
        real = subsample_entities(tables, 0, encoded.real, against, seed.child("real"))
        holdout = subsample_entities(tables, 2, encoded.holdout, against, seed.child("holdout"))
        space = space.scaled_to(real, holdout)
        synthetic = space.embed(encoded.synthetic.subsample(rows, seed.child("synthetic")))
        train, holdout_points = space.embed(real), space.embed(holdout)
        to_train = nearest_squares(synthetic, train, run, "dcr_share")
        to_holdout = nearest_squares(synthetic, holdout_points, run, "dcr_share")
        holdout_to_train = nearest_squares(holdout_points[: rows // 2], train, run, "dcr_share")
        nearer, ties = int((to_train < to_holdout).sum()), int((to_train == to_holdout).sum())
        successes = nearer + ties / 2
        value = successes / rows
        return Result(
            value=value,
            interval=wilson(successes, rows),
            reference=0.5,
            parts={
                "nearer to training": nearer / rows,
                "nearer to holdout": 1 - (nearer + ties) / rows,
                "equally near": ties / rows,
            },
            explanation=(
                f"{percent(value)} of the synthetic rows are nearer to a training row than to a "
                "holdout row (without copying: 50 %); a diagnostic, not a proof of privacy."
            ),
            baseline=0.5,
            chart=_histogram(space, to_train, to_holdout, holdout_to_train),
            detail={"rows": rows, "against": against, "columns": len(names)},
        )


def dcr_share(to_train: Floats, to_holdout: Floats) -> float:
    """Fraction of synthetic records that are nearer to a training record than to a holdout record
    (Platzer and Reutterer 2021); ties count half.

    Args:
        to_train, to_holdout: (n,) distance of each synthetic record to the closest record among
            training rows and among as many holdout rows.

    Returns:
        A fraction in [0, 1]; 0.5 if no training row was copied.

    >>> dcr_share(np.array([0.0, 2.0, 1.0]), np.array([1.0, 1.0, 1.0]))
    0.5
    """
    return float((to_train < to_holdout).mean() + (to_train == to_holdout).mean() / 2)


def _histogram(
    space: MetricSpace, to_train: Floats, to_holdout: Floats, holdout_to_train: Floats
) -> DistanceHistogram:
    """Histograms of the distances to the nearest record over the same bins."""
    series = {
        "synthetic to training rows": space.distance(to_train),
        "synthetic to holdout rows": space.distance(to_holdout),
        "holdout to training rows": space.distance(holdout_to_train),
    }
    largest = max(float(np.quantile(distances, 0.99)) for distances in series.values()) or 1.0
    edges = np.linspace(0, largest, _BINS + 1)
    return DistanceHistogram(
        edges=np.round(edges, 5).tolist(),
        series={
            label: np.round(
                np.histogram(np.minimum(distances, largest), edges)[0] / len(distances), 5
            ).tolist()
            for label, distances in series.items()
        },
    )
