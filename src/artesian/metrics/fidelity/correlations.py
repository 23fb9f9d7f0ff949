"""Strength of dependence between columns, and by how much the synthetic one differs.

Two numbers: Pearson's and Spearman's correlation. Two categories: Cramér's V. A number and a
category: the correlation ratio. `pairs` compares whole tables of two columns; this compares the
coefficients that people know, and SDMetrics' CorrelationSimilarity is 1 minus half of a part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import combinations
from typing import ClassVar

import numpy as np

from artesian.core.run import Run
from artesian.metrics.common.arrays import Floats, Ints
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.distance import Distances, Side, distance_result
from artesian.metrics.common.encoding import encode
from artesian.metrics.common.formatting import beside, points
from artesian.metrics.fidelity.association import (
    Strengths,
    correlation_ratios,
    correlations,
    cramers_v,
    gaps_of,
    mutual_information,
)
from artesian.metrics.fidelity.binning import LEVELS, Binning, table_of
from artesian.metrics.protocol import Better, Comparison, Result, Spec

_ROWS = 50_000

Pairing = Callable[[Side, "list[Binning]", Run], Strengths]


@dataclass(frozen=True, slots=True, kw_only=True)
class Correlations(BaseMetric):
    """The mean over all parts; two numbers have two of them.

    Pearson's and Spearman's coefficient and the correlation ratio are taken over rows in which
    neither number is missing; a missing category is a category. Beyond the 19 most frequent,
    categories count as one. Of more than `max_columns` columns, that many are drawn by the seed.
    """

    spec: ClassVar[Spec] = Spec(
        name="correlations",
        title="Correlations",
        family="fidelity",
        better=Better.LOWER,
        low=0.0,
        high=2.0,
        description="0 is the same strength of dependence in every pair of columns, 2 is "
        "numbers that "
        "rise together in one table and against each other in the other",
        source="Pearson 1895; Spearman 1904; Cramér 1946; Pearson 1905 (correlation ratio)",
    )
    max_columns: int = 60

    def measure(self, tables: Comparison, run: Run) -> Result:
        means = "Coefficients of dependence (0 for none, 1 for the closest)"
        return _result(self.spec, tables, self.max_columns, _coefficients, means, run)


@dataclass(frozen=True, slots=True, kw_only=True)
class MutualInformation(BaseMetric):
    """Mutual information divided by the mean of both columns' entropies (Strehl and Ghosh 2002).

    It sees any dependence, also one that is neither rising nor falling. Numbers are cut at the real
    deciles, missing is a cell, and beyond the 19 most frequent, categories count as one. Of more
    than `max_columns` columns, that many are drawn by the seed.
    """

    spec: ClassVar[Spec] = Spec(
        name="mutual_information",
        title="Mutual information",
        family="fidelity",
        better=Better.LOWER,
        low=0.0,
        high=1.0,
        description="0 is that columns tell as much of each other as in the real table, 1 "
        "is that they "
        "tell all in one table and nothing in the other",
        source="Shannon 1948; Strehl and Ghosh 2002",
    )
    max_columns: int = 60

    def measure(self, tables: Comparison, run: Run) -> Result:
        means = "What two columns tell of each other (0 for nothing, 1 for all)"
        return _result(self.spec, tables, self.max_columns, _information, means, run)


def _result(
    spec: Spec, tables: Comparison, most: int, pairing: Pairing, means: str, run: Run
) -> Result:
    seed = run.seed.child(spec.name)
    encoded = encode(tables).at_most(_ROWS, seed.child("rows"))
    chosen = encoded.draw_columns(most, seed.child("columns"))
    drawn = f", of {len(chosen)} columns drawn from {len(encoded.columns)}"
    drawn = drawn if len(chosen) < len(encoded.columns) else ""
    cells = [Binning.of(encoded, column.name, LEVELS) for column in chosen]

    def explain(found: Distances, reference: float | None) -> str:
        worst = max(found.parts, key=lambda pair: found.parts[pair])
        return (
            f"{means} differ by {points(found.mean)} on average ({beside(reference, points)}); the "
            f"least alike is {worst!r} with {points(found.parts[worst])}{drawn}."
        )

    return distance_result(
        spec,
        encoded,
        gaps_of(lambda side: pairing(side, cells, run)),
        explain,
        run,
        nothing="there are fewer than two columns to pair",
        shown=100,
    )


def _coefficients(side: Side, cells: list[Binning], run: Run) -> Strengths:
    numbers = [column.name for column in cells if column.numeric]
    raw = np.empty((side.rows.height, len(numbers)))
    for k, name in enumerate(numbers):
        raw[:, k] = side.rows.numbers[name]
    pearson = correlations(raw, side.groups)
    spearman = correlations(_ranks(raw), side.groups)
    at = {name: i for i, name in enumerate(numbers)}
    places = _places(side, cells)
    found: dict[str, Floats] = {}
    for a, b in run.track(list(combinations(cells, 2)), "correlations"):
        pair = f"{a.name} x {b.name}"
        if a.numeric and b.numeric:
            found[f"{pair} (pearson)"] = pearson[:, at[a.name], at[b.name]]
            found[f"{pair} (spearman)"] = spearman[:, at[a.name], at[b.name]]
        elif a.numeric or b.numeric:
            number, other = (a, b) if a.numeric else (b, a)
            values = side.rows.numbers[number.name]
            found[pair] = correlation_ratios(side, values, places[other.name], other.count)
        else:
            found[pair] = cramers_v(_table(side, a, b, places))
    return found


def _information(side: Side, cells: list[Binning], run: Run) -> Strengths:
    places = _places(side, cells)
    return {
        f"{a.name} x {b.name}": mutual_information(_table(side, a, b, places))
        for a, b in run.track(list(combinations(cells, 2)), "mutual_information")
    }


def _places(side: Side, cells: Iterable[Binning]) -> dict[str, Ints]:
    return {column.name: column.place(side.rows) for column in cells}


def _table(side: Side, a: Binning, b: Binning, places: dict[str, Ints]) -> Ints:
    """(1 + GROUPS, cells of a, cells of b)"""
    counts = table_of(side, places[a.name], places[b.name], a.count, b.count)
    return counts.reshape(-1, a.count, b.count)


def _ranks(matrix: Floats) -> Floats:
    """Ranks within each column, ties at their middle; what is missing stays so."""
    from scipy.stats import rankdata

    ranks: Floats = rankdata(matrix, axis=0, nan_policy="omit") if matrix.size else matrix
    return ranks
