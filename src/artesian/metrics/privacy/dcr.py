"""Distance to the closest record, as a share: are synthetic rows nearer to training than to unseen
rows?
 Both tables are cut to the same number of rows, so that a row that was not copied is as likely
nearest to either (Platzer and Reutterer 2021). Numbers count by their rank and by their clipped
z-score, categories by being equal; the distance is Euclidean and ties count half.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from artesian.core.run import Run
from artesian.metrics.arrays import Floats
from artesian.metrics.encoded import Encoded, Rows, encode
from artesian.metrics.intervals import wilson
from artesian.metrics.protocol import Better, Comparison, Result, Spec, skipped
from artesian.metrics.wording import percent

Singles = npt.NDArray[np.float32]

MIN_ROWS = 50
_PRODUCTS = 2.5e10  # multiplications of a matrix product, at most: about a second of one core
_BLOCK = 512
_LEVELS = 64
_BARS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class DCRShare:
    """Keys and free text are left out.

    Attributes:
        rows: Synthetic rows, at most.
        against: Training rows and unseen rows, at most; the same number of each.
        max_columns: Of more columns, that many are drawn by the seed.
    """

    spec: ClassVar[Spec] = Spec(
        name="dcr_share",
        title="Nearness to training rows",
        family="privacy",
        better=Better.LOWER,
        low=0.0,
        high=1.0,
        means="0.5 is as near to unseen as to training rows, 1 is always nearer to training rows",
        source="Platzer and Reutterer 2021",
        needs_holdout=True,
    )
    rows: int = 5_000
    against: int = 20_000
    max_columns: int = 300

    def __call__(self, tables: Comparison, *, run: Run | None = None) -> Result:
        run = run or Run()
        encoded = encode(tables)
        if encoded.holdout is None:
            return skipped(self.spec, "it needs a holdout: rows that no model was fitted on")
        if not encoded.columns:
            return skipped(self.spec, "there are no columns but keys and free text")
        seed = run.seed.child("dcr")
        chosen = encoded.draw_columns(self.max_columns, seed.child("columns"))
        names = tuple(column.name for column in chosen)
        height = min(encoded.real.height, encoded.holdout.height)
        least = min(height, encoded.synthetic.height)
        if least < MIN_ROWS:
            return skipped(self.spec, f"a table has {least} rows, and {MIN_ROWS} are needed")
        rows, against = min(self.rows, encoded.synthetic.height), min(self.against, height)
        space = _Space.of(encoded, names)
        shrink = math.sqrt(min(1.0, _PRODUCTS / (2 * rows * against * space.width)))
        rows, against = (max(MIN_ROWS, int(size * shrink)) for size in (rows, against))
        real = encoded.real.at_most(against, seed.child("real"))
        holdout = encoded.holdout.at_most(against, seed.child("holdout"))
        space = space.scaled_to(real, holdout)
        made = space.place(encoded.synthetic.at_most(rows, seed.child("synthetic")))
        train, unseen = space.place(real), space.place(holdout)
        to_train = _nearest(made, train, run)
        to_unseen = _nearest(made, unseen, run)
        between = _nearest(unseen[: rows // 2], train, run)
        nearer, ties = int((to_train < to_unseen).sum()), int((to_train == to_unseen).sum())
        successes = nearer + ties / 2
        value = successes / rows
        return Result(
            metric=self.spec.name,
            better=self.spec.better,
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
            detail={
                "rows": rows,
                "against": against,
                "columns": len(names),
                **_histograms(space, to_train, to_unseen, between),
            },
        )


@dataclass(frozen=True, slots=True)
class _Space:
    """Rows as points with whole-number coordinates, few enough digits that float32 sums stay exact.

    Exact distances do not depend on the order in which a BLAS adds, so ties are ties, and the
    share is the same on any machine and with any number of threads.
    """

    numbers: tuple[str, ...]
    codes: tuple[str, ...]
    levels: dict[str, int]
    unit: int  # one unit of distance, in steps
    points: dict[str, Floats]  # name -> sorted values of the two real tables
    scales: dict[str, tuple[float, float]]  # name -> mean and standard deviation

    @classmethod
    def of(cls, encoded: Encoded, names: tuple[str, ...]) -> _Space:
        numbers = tuple(name for name in names if name not in encoded.levels)
        codes = tuple(name for name in names if name in encoded.levels)
        levels = {name: min(len(encoded.levels[name]), _LEVELS) + 1 for name in codes}
        longest = 1.25 * len(numbers) + 0.5 * len(codes)  # of a squared coordinate vector, in units
        # |a - b|^2 is taken from |b|^2 - 2ab, of size up to three times the longest squared vector.
        unit = int(math.sqrt(2**24 / (3 * longest)))
        return cls(numbers, codes, levels, unit, {}, {})

    @property
    def width(self) -> int:
        return 3 * len(self.numbers) + sum(self.levels.values())

    def scaled_to(self, real: Rows, holdout: Rows) -> _Space:
        """Take ranks and z-scores in both real tables together, so that neither is favoured."""
        points, scales = {}, {}
        for name in self.numbers:
            values = np.concatenate([real.numbers[name], holdout.numbers[name]])
            values = np.sort(values[~np.isnan(values)])
            points[name] = values
            with np.errstate(over="ignore", invalid="ignore"):
                scale = float(values.std()) if len(values) else 0.0
            good = math.isfinite(scale) and scale > 0
            scales[name] = (float(values.mean()), scale) if good else (0.0, math.inf)
        return _Space(self.numbers, self.codes, self.levels, self.unit, points, scales)

    def place(self, rows: Rows) -> Singles:
        """(rows, width) whole numbers."""
        made = np.zeros((rows.height, self.width), np.float32)
        for k, name in enumerate(self.numbers):
            values, points, (mean, scale) = rows.numbers[name], self.points[name], self.scales[name]
            present = ~np.isnan(values)
            kept = values[present]
            below = np.searchsorted(points, kept, "left") + np.searchsorted(points, kept, "right")
            rank = below / (2 * max(len(points), 1)) - 0.5
            z = np.clip((kept - mean) / scale, -3, 3) / 3
            made[present, 3 * k] = np.round(rank * self.unit)
            made[present, 3 * k + 1] = np.round(z * self.unit)
            made[~present, 3 * k + 2] = np.round(math.sqrt(0.5) * self.unit)
        start = 3 * len(self.numbers)
        for name in self.codes:
            # Of very many levels some share a coordinate: one pair in 64 is taken for the same.
            at = np.where(rows.codes[name] < 0, 0, 1 + rows.codes[name] % _LEVELS)
            made[np.arange(rows.height), start + at] = np.round(math.sqrt(0.5) * self.unit)
            start += self.levels[name]
        return made

    def distance(self, squares: Floats) -> Floats:
        """Squared steps as a distance in 0..1 or so: the root mean square over columns."""
        columns = len(self.numbers) + len(self.codes)
        distances: Floats = np.sqrt(squares / columns) / self.unit
        return distances


def _nearest(rows: Singles, others: Singles, run: Run) -> Floats:
    """Squared distance from each row to the nearest of `others`. (rows,)"""
    lengths = np.einsum("ij,ij->i", others, others)
    turned = np.ascontiguousarray(others.T)
    nearest = np.empty(len(rows))
    for start in run.track(range(0, len(rows), _BLOCK), "dcr_share"):
        block = rows[start : start + _BLOCK]
        nearest[start : start + _BLOCK] = (lengths - 2 * (block @ turned)).min(axis=1)
    nearest += np.einsum("ij,ij->i", rows, rows, dtype=np.float64)
    return nearest


def _histograms(
    space: _Space, to_train: Floats, to_unseen: Floats, between: Floats
) -> dict[str, Any]:
    """Shares of rows by their distance to the nearest record, over the same bins."""
    kinds = {
        "synthetic_to_training": space.distance(to_train),
        "synthetic_to_unseen": space.distance(to_unseen),
        "unseen_to_training": space.distance(between),
    }
    top = max(float(np.quantile(distances, 0.99)) for distances in kinds.values()) or 1.0
    edges = np.linspace(0, top, _BARS + 1)
    return {
        "edges": np.round(edges, 5).tolist(),
        **{
            kind: np.round(
                np.histogram(np.minimum(distances, top), edges)[0] / len(distances), 5
            ).tolist()
            for kind, distances in kinds.items()
        },
    }
