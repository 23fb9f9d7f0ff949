"""Pairwise dependence: distances of rank correlations and of contingency tables.

Two numbers: half the absolute difference of their Spearman correlations. Any other pair: total
variation distance of the contingency tables, with numbers binned at the real deciles and missing
values as a bin. These are the correlation and contingency similarities of SDMetrics (Patki et al.
2016) as distances, with ranks instead of raw numbers.
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
from artesian.metrics.common.formatting import percent, reference_note
from artesian.metrics.fidelity.association import correlations, cramers_v
from artesian.metrics.fidelity.binning import LEVELS, Binning, contingency_table
from artesian.metrics.protocol import Axis, Better, Comparison, Figure, Headline, Result, Spec

_CHART_COLUMNS = 60  # columns of the matrices for the heat maps
_MAX_ROWS = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs(BaseMetric):
    """The mean distance over pairs of columns.

    Attributes:
        max_columns: Of more columns, a random choice, to bound the cost.
    """

    spec: ClassVar[Spec] = Spec(
        name="pairs",
        title="Dependence of column pairs",
        family="fidelity",
        better=Better.LOWER,
        low=0.0,
        high=1.0,
        description="0: every pair of columns has the same dependence; 1: the opposite in all pairs",
        source="Spearman 1904; Patki et al. 2016 (SDMetrics)",
        headline=Headline.DISTANCE,
        figure=Figure.PAIRS,
        axis=Axis.LIKENESS,
        priority=2,
        benchmark=True,
    )
    max_columns: int = 100

    def measure(self, tables: Comparison, run: Run) -> Result:
        encoded = encode(tables).subsample(_MAX_ROWS, run.seed.child("pairs", "rows"))
        columns = encoded.draw_columns(self.max_columns, run.seed.child("pairs", "columns"))
        names, available = tuple(column.name for column in columns), len(encoded.columns)
        drawn_note = f", of {len(names)} columns drawn from {available}"
        drawn_note = drawn_note if len(names) < available else ""
        binnings = {name: Binning.from_column(encoded, name, LEVELS) for name in names}

        def measure(real: Side, other: Side) -> Distances:
            return _distances(real, other, names, binnings, run)

        def explain(distances: Distances, reference: float | None) -> str:
            worst = max(distances.parts, key=lambda pair: distances.parts[pair])
            return (
                "The dependence of two columns, measured by rank correlation or contingency "
                f"table, differs by {percent(distances.mean)} on average "
                f"({reference_note(reference)}); the difference is largest for {worst!r}, at "
                f"{percent(distances.parts[worst])}{drawn_note}."
            )

        return distance_result(
            self.spec,
            encoded,
            measure,
            explain,
            run,
            nothing="there are fewer than two columns to pair",
            max_parts=100,
        )


def _distances(
    real: Side, other: Side, names: tuple[str, ...], binnings: dict[str, Binning], run: Run
) -> Distances:
    numeric = [name for name in names if binnings[name].numeric]
    ranks = [correlations(_ranks(side, numeric), side.groups) for side in (real, other)]
    position = {name: i for i, name in enumerate(numeric)}
    sides = (real, other)
    bins = [{name: binnings[name].assign(side.rows) for name in names} for side in sides]
    matrices = np.zeros((3, len(names), len(names)))  # real, other, distance
    matrices[:2, range(len(names)), range(len(names))] = 1.0
    parts: dict[str, float] = {}
    left_out = []
    pairs = list(combinations(range(len(names)), 2))
    for i, j in run.track(pairs, "pairs"):
        a, b = binnings[names[i]], binnings[names[j]]
        if a.numeric and b.numeric:
            rho = [matrix[:, position[a.name], position[b.name]] for matrix in ranks]
            differences = np.abs(rho[0] - rho[1]) / 2
            strength = [float(values[0]) for values in rho]
        else:
            counts = [
                contingency_table(side, bins_of[a.name], bins_of[b.name], a.count, b.count)
                for side, bins_of in zip(sides, bins, strict=True)
            ]
            differences = total_variation(*counts)
            strength = [float(cramers_v(c[0].reshape(a.count, b.count))) for c in counts]
        parts[f"{a.name} x {b.name}"] = float(differences[0])
        left_out.append(differences[1:])
        matrices[:, i, j] = matrices[:, j, i] = (*strength, differences[0])
    charted = np.round(matrices[:, :_CHART_COLUMNS, :_CHART_COLUMNS], 4)
    chart = AssociationMatrices(
        columns=names[:_CHART_COLUMNS],
        real=charted[0].tolist(),
        synthetic=charted[1].tolist(),
        difference=charted[2].tolist(),
    )
    return Distances(parts, np.array(left_out), chart=chart)


def _ranks(side: Side, names: list[str]) -> Floats:
    """(rows, p) centred ranks of numbers and dates, 0 where missing.

    Ranks are computed once, from all rows: leaving out a twentieth of the rows rescales all ranks
    about equally, which does not change their correlation.
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
