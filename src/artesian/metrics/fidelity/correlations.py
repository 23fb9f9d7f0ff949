"""Differences of coefficients of association between columns.

Two numbers: Pearson's and Spearman's correlation. Two categories: Cramér's V. A number and a
category: the correlation ratio. SDMetrics' CorrelationSimilarity is 1 minus half of a part. Where
this compares coefficients, `pairs` compares contingency tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import combinations
from typing import ClassVar

import numpy as np

from artesian.core.formatting import decimal, reference_note
from artesian.core.run import Run
from artesian.metrics.common.arrays import Floats, Ints
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.distance import Distances, Side, distance_result
from artesian.metrics.common.encoding import encode
from artesian.metrics.fidelity.association import (
    Strengths,
    absolute_differences,
    correlation_ratios,
    correlations,
    cramers_v,
    mutual_information,
)
from artesian.metrics.fidelity.binning import LEVELS, Binning, contingency_table
from artesian.metrics.protocol import Better, Comparison, Result, Spec

_MAX_ROWS = 50_000

Pairing = Callable[[Side, "list[Binning]", Run], Strengths]


@dataclass(frozen=True, slots=True, kw_only=True)
class Correlations(BaseMetric):
    """Mean absolute difference over all pairs of columns; two numbers have two coefficients.

    Correlations and the correlation ratio use the rows in which no number is missing; a missing
    category is a category. All but the 19 most frequent categories are merged.

    Attributes:
        max_columns: Of more columns, a random choice.
    """

    spec: ClassVar[Spec] = Spec(
        name="correlations",
        title="Correlations",
        family="fidelity",
        better=Better.LOWER,
        low=0.0,
        high=2.0,
        description="0: every pair of columns has the same coefficients; 2: every correlation is 1 in "
        "one table and -1 in the other",
        source="Pearson 1895; Spearman 1904; Cramér 1946; Pearson 1905 (correlation ratio)",
    )
    max_columns: int = 60

    def measure(self, tables: Comparison, run: Run) -> Result:
        quantity = "Coefficients of association"
        return _result(self.spec, tables, self.max_columns, _coefficients, quantity, run)


@dataclass(frozen=True, slots=True, kw_only=True)
class MutualInformation(BaseMetric):
    """Mean absolute difference of the normalized mutual information of pairs of columns: mutual
    information divided by the mean of both entropies (Strehl and Ghosh 2002).

    It detects any dependence, monotone or not. Numbers are binned at the real deciles, missing
    values are a bin, and all but the 19 most frequent categories are merged.

    Attributes:
        max_columns: Of more columns, a random choice.
    """

    spec: ClassVar[Spec] = Spec(
        name="mutual_information",
        title="Mutual information",
        family="fidelity",
        better=Better.LOWER,
        low=0.0,
        high=1.0,
        description="0: every pair of columns has the same mutual information; 1: pairs determine each "
        "other in one table and are independent in the other",
        source="Shannon 1948; Strehl and Ghosh 2002",
    )
    max_columns: int = 60

    def measure(self, tables: Comparison, run: Run) -> Result:
        quantity = "Normalized mutual information values"
        return _result(self.spec, tables, self.max_columns, _information, quantity, run)


def _result(
    spec: Spec, tables: Comparison, max_columns: int, pairing: Pairing, quantity: str, run: Run
) -> Result:
    seed = run.seed.child(spec.name)
    encoded = encode(tables).subsample(_MAX_ROWS, seed.child("rows"))
    columns = encoded.draw_columns(max_columns, seed.child("columns"))
    drawn_note = f", of {len(columns)} columns drawn from {len(encoded.columns)}"
    drawn_note = drawn_note if len(columns) < len(encoded.columns) else ""
    binnings = [Binning.from_column(encoded, column.name, LEVELS) for column in columns]

    def explain(distances: Distances, reference: float | None) -> str:
        worst = max(distances.parts, key=lambda pair: distances.parts[pair])
        return (
            f"{quantity} of pairs of columns differ by {decimal(distances.mean)} on average "
            f"({reference_note(reference, decimal)}); the difference is largest for {worst!r}, at "
            f"{decimal(distances.parts[worst])}{drawn_note}."
        )

    return distance_result(
        spec,
        encoded,
        absolute_differences(lambda side: pairing(side, binnings, run)),
        explain,
        run,
        nothing="there are fewer than two columns to pair",
        max_parts=100,
    )


def _coefficients(side: Side, binnings: list[Binning], run: Run) -> Strengths:
    numbers = [column.name for column in binnings if column.numeric]
    raw = np.empty((side.rows.height, len(numbers)))
    for k, name in enumerate(numbers):
        raw[:, k] = side.rows.numbers[name]
    pearson = correlations(raw, side.groups)
    spearman = correlations(_ranks(raw), side.groups)
    at = {name: i for i, name in enumerate(numbers)}
    bins = _assigned(side, binnings)
    strengths: dict[str, Floats] = {}
    for a, b in run.track(list(combinations(binnings, 2)), "correlations"):
        pair = f"{a.name} x {b.name}"
        if a.numeric and b.numeric:
            strengths[f"{pair} (pearson)"] = pearson[:, at[a.name], at[b.name]]
            strengths[f"{pair} (spearman)"] = spearman[:, at[a.name], at[b.name]]
        elif a.numeric or b.numeric:
            number, other = (a, b) if a.numeric else (b, a)
            values = side.rows.numbers[number.name]
            strengths[pair] = correlation_ratios(side, values, bins[other.name], other.count)
        else:
            strengths[pair] = cramers_v(_table(side, a, b, bins))
    return strengths


def _information(side: Side, binnings: list[Binning], run: Run) -> Strengths:
    bins = _assigned(side, binnings)
    return {
        f"{a.name} x {b.name}": mutual_information(_table(side, a, b, bins))
        for a, b in run.track(list(combinations(binnings, 2)), "mutual_information")
    }


def _assigned(side: Side, binnings: Iterable[Binning]) -> dict[str, Ints]:
    return {column.name: column.assign(side.rows) for column in binnings}


def _table(side: Side, a: Binning, b: Binning, bins: dict[str, Ints]) -> Ints:
    """(1 + GROUPS, bins of a, bins of b) counts."""
    counts = contingency_table(side, bins[a.name], bins[b.name], a.count, b.count)
    return counts.reshape(-1, a.count, b.count)


def _ranks(matrix: Floats) -> Floats:
    """Ranks within each column, with average ranks for ties; NaN stays NaN."""
    from scipy.stats import rankdata

    ranks: Floats = rankdata(matrix, axis=0, nan_policy="omit") if matrix.size else matrix
    return ranks
