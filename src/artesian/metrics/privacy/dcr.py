"""Distance to the closest record, as a share: are synthetic rows nearer to training than to unseen
rows?
 Both tables are cut to the same number of rows, so that a row that was not copied is as likely
nearest to either (Platzer and Reutterer 2021). Ties count half.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from artesian.core.run import Run
from artesian.metrics.charts import DistanceHistogram
from artesian.metrics.common.arrays import Floats
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.encoding import encode
from artesian.metrics.common.formatting import percent
from artesian.metrics.common.intervals import wilson
from artesian.metrics.common.metric_space import MetricSpace, nearest
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
_PRODUCTS = 2.5e10  # multiplications of a matrix product, at most: about a second of one core
_BARS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class DCRShare(BaseMetric):
    """Keys and free text are left out.

    Attributes:
        rows: Synthetic rows, at most.
        against: Training rows and unseen rows, at most; the same number of each.
        max_columns: Of more columns, that many are drawn by the seed.
    """

    spec: ClassVar[Spec] = Spec(
        name="dcr_share",
        title="Nearness to training rows",
        family="diagnostics",
        better=Better.LOWER,
        low=0.0,
        high=1.0,
        description="0.5 is as near to unseen as to training rows, 1 is always nearer to "
        "training rows",
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
            raise NotMeasurable("it needs a holdout: rows that no model was fitted on")
        if not encoded.columns:
            raise NotMeasurable("there are no columns but keys and free text")
        seed = run.seed.child("dcr")
        chosen = encoded.draw_columns(self.max_columns, seed.child("columns"))
        names = tuple(column.name for column in chosen)
        height = min(encoded.real.height, encoded.holdout.height)
        least = min(height, encoded.synthetic.height)
        if least < MIN_ROWS:
            raise NotMeasurable(f"a table has {least} rows, and {MIN_ROWS} are needed")
        rows, against = min(self.rows, encoded.synthetic.height), min(self.against, height)
        space = MetricSpace.of(encoded, names)
        shrink = math.sqrt(min(1.0, _PRODUCTS / (2 * rows * against * space.width)))
        rows, against = (max(MIN_ROWS, int(size * shrink)) for size in (rows, against))
        real = encoded.real.at_most(against, seed.child("real"))
        holdout = encoded.holdout.at_most(against, seed.child("holdout"))
        space = space.scaled_to(real, holdout)
        made = space.place(encoded.synthetic.at_most(rows, seed.child("synthetic")))
        train, unseen = space.place(real), space.place(holdout)
        to_train = nearest(made, train, run, "dcr_share")
        to_unseen = nearest(made, unseen, run, "dcr_share")
        between = nearest(unseen[: rows // 2], train, run, "dcr_share")
        nearer, ties = int((to_train < to_unseen).sum()), int((to_train == to_unseen).sum())
        successes = nearer + ties / 2
        value = successes / rows
        return Result(
            value=value,
            interval=wilson(successes, rows),
            reference=0.5,
            parts={
                "nearer to training": nearer / rows,
                "nearer to unseen": 1 - (nearer + ties) / rows,
                "equally near": ties / rows,
            },
            explanation=(
                f"{percent(value)} of the synthetic rows lie nearer to a training row than to an "
                f"unseen one (rows that copy nothing: 50 %); a diagnostic, not a proof of privacy."
            ),
            baseline=0.5,
            chart=_histogram(space, to_train, to_unseen, between),
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
    space: MetricSpace, to_train: Floats, to_unseen: Floats, between: Floats
) -> DistanceHistogram:
    """Shares of rows by their distance to the nearest record, over the same bins."""
    kinds = {
        "synthetic to training rows": space.distance(to_train),
        "synthetic to unseen rows": space.distance(to_unseen),
        "unseen to training rows": space.distance(between),
    }
    top = max(float(np.quantile(distances, 0.99)) for distances in kinds.values()) or 1.0
    edges = np.linspace(0, top, _BARS + 1)
    return DistanceHistogram(
        edges=np.round(edges, 5).tolist(),
        series={
            kind: np.round(
                np.histogram(np.minimum(distances, top), edges)[0] / len(distances), 5
            ).tolist()
            for kind, distances in kinds.items()
        },
    )
