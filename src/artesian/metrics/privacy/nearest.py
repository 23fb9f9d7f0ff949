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
from artesian.metrics.arrays import Floats
from artesian.metrics.intervals import newcombe, wilson
from artesian.metrics.neighbours import neighbours
from artesian.metrics.protocol import Better, Comparison, Result, Spec, skipped
from artesian.metrics.space import nearest
from artesian.metrics.wording import percent

NEAR = 0.02
"""Share of unseen rows that count as near copies of a training row: as near as people come."""

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
        means=means,
        source=source,
        needs_holdout=True,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class NearCopies:
    """Share of synthetic rows as near to a training row as the nearest 2 % of unseen rows are."""

    spec: ClassVar[Spec] = _spec(
        "near_copies",
        "Near copies",
        Better.LOWER,
        "0.02 or so is what unseen rows get, 1 is every synthetic row a near copy",
        "Carlini et al. 2023 (near duplicates); Platzer and Reutterer 2021 (the reference)",
    )

    def __call__(self, tables: Comparison, *, run: Run | None = None) -> Result:
        run = run or Run()
        run.check(self.spec.name)
        found = neighbours(tables, run)
        if isinstance(found, str):
            return skipped(self.spec, found)
        held = found.between["unseen", "training"].to_b
        made = found.between["training", "synthetic"].to_a
        limit = float(np.quantile(held, NEAR, method="inverted_cdf"))
        near, usual = int((made <= limit).sum()), int((held <= limit).sum())
        value, reference = near / found.rows, usual / found.rows
        return Result(
            metric=self.spec.name,
            better=self.spec.better,
            value=value,
            interval=wilson(near, found.rows),
            reference=reference,
            explanation=(
                f"{percent(value)} of the synthetic rows lie as near to a training row as the nearest "
                f"{percent(reference)} of unseen rows do; a diagnostic, not a proof of privacy."
            ),
            detail={
                "rows": found.rows,
                "reference_interval": wilson(usual, found.rows),
                "excess_interval": newcombe(near, found.rows, usual, found.rows),
            },
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NNDR:
    """The 5 % quantile of the distance to the nearest training row over that to the second nearest:
    near 0 where a row stands by one training row alone. 1 where both are 0."""

    spec: ClassVar[Spec] = _spec(
        "nndr",
        "Nearest-neighbour distance ratio",
        Better.HIGHER,
        "0 is 5 % of the rows on a training row that stands alone, 1 is all between two of them",
        "Lowe 2004 (the ratio); Zhao et al. 2021 (CTAB-GAN, for privacy)",
    )

    def __call__(self, tables: Comparison, *, run: Run | None = None) -> Result:
        run = run or Run()
        run.check(self.spec.name)
        found = neighbours(tables, run)
        if isinstance(found, str):
            return skipped(self.spec, found)
        training = found.own["training"].points
        (value, interval), (reference, usual) = (
            _low_quantile(
                _ratios(*(nearest(points, training, run, self.spec.name, rank=k) for k in (0, 1)))
            )
            for points in (found.own["synthetic"].points, found.own["unseen"].points)
        )
        return Result(
            metric=self.spec.name,
            better=self.spec.better,
            value=value,
            interval=interval,
            reference=reference,
            explanation=(
                f"5 % of the synthetic rows lie nearer to one training row than {value:.2f} times the "
                f"distance to the next (unseen rows: {reference:.2f}); a diagnostic, not a proof of "
                f"privacy."
            ),
            detail={"rows": found.rows, "reference_interval": usual},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifiability:
    """Share of training rows with a synthetic row nearer than any other training row. Yoon et al. weigh
    columns by the inverse of their entropy; here all count alike, as in `dcr_share`."""

    spec: ClassVar[Spec] = _spec(
        "identifiability",
        "Identifiability",
        Better.LOWER,
        "0.5 or so is what unseen rows get, 1 is a synthetic row next to every training row",
        "Yoon, Drumright and van der Schaar 2020 (ADS-GAN)",
    )

    def __call__(self, tables: Comparison, *, run: Run | None = None) -> Result:
        run = run or Run()
        run.check(self.spec.name)
        found = neighbours(tables, run)
        if isinstance(found, str):
            return skipped(self.spec, found)
        alone = found.own["training"].nearest
        made = int((found.between["training", "synthetic"].to_b < alone).sum())
        held = int((found.between["unseen", "training"].to_a < alone).sum())
        value, reference = made / found.rows, held / found.rows
        return Result(
            metric=self.spec.name,
            better=self.spec.better,
            value=value,
            interval=wilson(made, found.rows),
            reference=reference,
            explanation=(
                f"{percent(value)} of the training rows have a synthetic row nearer than any other "
                f"training row (unseen rows in its place: {percent(reference)}); a diagnostic, not a "
                f"proof of privacy."
            ),
            detail={
                "rows": found.rows,
                "reference_interval": wilson(held, found.rows),
                "excess_interval": newcombe(made, found.rows, held, found.rows),
            },
        )


def _ratios(first: Floats, second: Floats) -> Floats:
    """From squared distances, (rows,)."""
    first, second = np.maximum(first, 0.0), np.maximum(second, 0.0)
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
