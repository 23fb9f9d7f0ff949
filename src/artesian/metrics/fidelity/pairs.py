"""Dependence between columns: the distance of every pair's correlation or contingency table.

Two numbers: half the gap of their Spearman rank correlations. Any other pair: total variation
distance of their contingency tables, numbers cut at the real deciles, a missing value a cell of
its own. These are the correlation and contingency similarities of SDMetrics (Patki et al. 2016)
turned into distances, with ranks in place of raw numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import ClassVar

import numpy as np

from artesian.core.run import Run
from artesian.metrics.charts import AssociationMatrices
from artesian.metrics.common.arrays import Floats
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.distance import Distances, Side, distance_result, total_variation
from artesian.metrics.common.encoding import encode
from artesian.metrics.common.formatting import beside, percent
from artesian.metrics.fidelity.association import correlations, cramers_v
from artesian.metrics.fidelity.binning import LEVELS, Binning, table_of
from artesian.metrics.protocol import Axis, Better, Comparison, Figure, Headline, Result, Spec

_SHOWN = 60  # columns of the matrices for the heat maps
_ROWS = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs(BaseMetric):
    """Of more than `max_columns` columns, that many are drawn by the seed, to bound the cost."""

    spec: ClassVar[Spec] = Spec(
        name="pairs",
        title="Dependence between columns",
        family="fidelity",
        better=Better.LOWER,
        low=0.0,
        high=1.0,
        description="0 is the same dependence in every pair of columns, 1 is the opposite in all",
        source="Spearman 1904; Patki et al. 2016 (SDMetrics)",
        headline=Headline.DISTANCE,
        figure=Figure.PAIRS,
        axis=Axis.LIKENESS,
        priority=2,
        benchmark=True,
    )
    max_columns: int = 100

    def measure(self, tables: Comparison, run: Run) -> Result:
        encoded = encode(tables).at_most(_ROWS, run.seed.child("pairs", "rows"))
        chosen = encoded.draw_columns(self.max_columns, run.seed.child("pairs", "columns"))
        names, all_of_them = tuple(column.name for column in chosen), len(encoded.columns)
        drawn = f", of {len(names)} columns drawn from {all_of_them}"
        drawn = drawn if len(names) < all_of_them else ""
        cells = {name: Binning.of(encoded, name, LEVELS) for name in names}

        def measure(real: Side, other: Side) -> Distances:
            return _distances(real, other, names, cells, run)

        def explain(found: Distances, reference: float | None) -> str:
            worst = max(found.parts, key=lambda pair: found.parts[pair])
            return (
                f"Pairs of columns depend on each other {percent(found.mean)} differently on "
                f"average ({beside(reference)}); the least alike is {worst!r} with "
                f"{percent(found.parts[worst])}{drawn}."
            )

        return distance_result(
            self.spec,
            encoded,
            measure,
            explain,
            run,
            nothing="there are fewer than two columns to pair",
            shown=100,
        )


def _distances(
    real: Side, other: Side, names: tuple[str, ...], cells: dict[str, Binning], run: Run
) -> Distances:
    numeric = [name for name in names if cells[name].numeric]
    ranks = [correlations(_ranks(side, numeric), side.groups) for side in (real, other)]
    at = {name: i for i, name in enumerate(numeric)}
    sides = (real, other)
    placed = [{name: cells[name].place(side.rows) for name in names} for side in sides]
    maps = np.zeros((3, len(names), len(names)))  # real, other, distance
    maps[:2, range(len(names)), range(len(names))] = 1.0
    parts: dict[str, float] = {}
    left_out = []
    pairs = list(combinations(range(len(names)), 2))
    for i, j in run.track(pairs, "pairs"):
        a, b = cells[names[i]], cells[names[j]]
        if a.numeric and b.numeric:
            rho = [matrix[:, at[a.name], at[b.name]] for matrix in ranks]
            gaps = np.abs(rho[0] - rho[1]) / 2
            strength = [float(values[0]) for values in rho]
        else:
            counts = [
                table_of(side, where[a.name], where[b.name], a.count, b.count)
                for side, where in zip(sides, placed, strict=True)
            ]
            gaps = total_variation(*counts)
            strength = [float(cramers_v(c[0].reshape(a.count, b.count))) for c in counts]
        parts[f"{a.name} x {b.name}"] = float(gaps[0])
        left_out.append(gaps[1:])
        maps[:, i, j] = maps[:, j, i] = (*strength, gaps[0])
    shown = np.round(maps[:, :_SHOWN, :_SHOWN], 4)
    chart = AssociationMatrices(
        columns=names[:_SHOWN],
        real=shown[0].tolist(),
        synthetic=shown[1].tolist(),
        difference=shown[2].tolist(),
    )
    return Distances(parts, np.array(left_out), chart=chart)


def _ranks(side: Side, names: list[str]) -> Floats:
    """(rows, p) ranks of numbers and dates; a missing value has the middle one.

    Ranks are taken once, over all rows: leaving out a twentieth of them moves every rank alike.
    """
    from scipy.stats import rankdata

    ranks = np.zeros((side.rows.height, len(names)))
    for k, name in enumerate(names):
        values = side.rows.numbers[name]
        present = ~np.isnan(values)
        if present.any():
            own = rankdata(values[present])
            ranks[present, k] = own - own.mean()
    return ranks
