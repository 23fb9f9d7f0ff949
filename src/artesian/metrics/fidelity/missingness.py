"""Rates of missing values by column, and of values of two columns that are missing together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from artesian.core.formatting import percent, reference_note
from artesian.core.run import Run
from artesian.metrics.common.arrays import Floats
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.distance import Distances, Side, distance_result, total_variation
from artesian.metrics.common.encoding import Encoded, Rows, encode
from artesian.metrics.fidelity.binning import counts_of
from artesian.metrics.protocol import Better, Comparison, Result, Spec

Mask = npt.NDArray[np.bool_]

_MAX_PAIRS = 100  # pairs, those least alike


@dataclass(frozen=True, slots=True, kw_only=True)
class Missingness(BaseMetric):
    """Absolute difference of the rates of missing values, averaged over the columns in which any
    table has a missing value; 0 if there is none.

    For two columns with missing values in the real table, the part 'a & b' is the difference of the
    rates of rows that miss both. These pairs are not in the mean. Of more than `max_columns`
    columns, those with the highest rates in the real table are paired.
    """

    spec: ClassVar[Spec] = Spec(
        name="missingness",
        title="Rates of missing values",
        family="fidelity",
        better=Better.LOWER,
        low=0.0,
        high=1.0,
        description="0: every column has the same rate of missing values; 1: all values are missing "
        "where none should be, or the reverse",
        source="Patki et al. 2016 (SDMetrics MissingValueSimilarity, 1 minus it)",
        categories=False,
    )
    max_columns: int = 60

    def measure(self, tables: Comparison, run: Run) -> Result:
        encoded = encode(tables)
        sides = [s for s in (encoded.real, encoded.synthetic, encoded.holdout) if s is not None]
        all_columns = [column.name for column in encoded.columns]
        names = [name for name in all_columns if any(_is_missing(s, name).any() for s in sides)]

        def measure(real: Side, other: Side) -> Distances:
            columns = {}
            for name in run.track(names or all_columns, "missingness"):
                counts = (
                    counts_of(side, _is_missing(side.rows, name).astype(np.int64), 2)
                    for side in (real, other)
                )
                columns[name] = total_variation(*counts)
            parts = {name: float(values[0]) for name, values in columns.items()}
            return Distances(parts, np.array([values[1:] for values in columns.values()]))

        result = distance_result(
            self.spec,
            encoded,
            measure,
            _explain,
            run,
            nothing="there are no columns but keys and free text",
        )
        pairs = self._pairs(encoded, encoded.synthetic, names)
        result = replace(result, parts={**result.parts, **pairs})
        if encoded.holdout is None or result.reference is None:
            return result
        holdout_pairs = self._pairs(encoded, encoded.holdout, names)
        return replace(result, reference_parts={**result.reference_parts, **holdout_pairs})

    def _pairs(self, encoded: Encoded, other: Rows, names: list[str]) -> dict[str, float]:
        """Differences of the rates of joint missingness, for the pairs that differ most."""
        rates = {name: float(_is_missing(encoded.real, name).mean()) for name in names}
        paired = sorted(names, key=lambda name: (-rates[name], name))[: self.max_columns]
        kept = [name for name in names if name in paired and 0 < rates[name] < 1]
        if len(kept) < 2:
            return {}
        joint_rates = []
        for rows in (encoded.real, other):
            indicators = np.array([_is_missing(rows, name) for name in kept], np.float64)
            joint_rates.append(indicators @ indicators.T / max(rows.height, 1))
        differences = {
            f"{kept[i]} & {kept[j]}": abs(float(joint_rates[0][i, j] - joint_rates[1][i, j]))
            for i, j in combinations(range(len(kept)), 2)
        }
        worst = sorted(differences, key=lambda pair: (-differences[pair], pair))[:_MAX_PAIRS]
        return {pair: differences[pair] for pair in worst}


def missing_rate_difference(real: Floats, synthetic: Floats) -> float:
    """Absolute difference of the proportions of missing values (NaN) in (n,) and (m,) numbers.

    >>> missing_rate_difference(np.array([1.0, np.nan]), np.array([1.0, 2.0]))
    0.5
    """
    return abs(float(np.isnan(real).mean()) - float(np.isnan(synthetic).mean()))


def _is_missing(rows: Rows, name: str) -> Mask:
    """(rows,) whether the value is missing."""
    return np.isnan(rows.numbers[name]) if name in rows.numbers else rows.codes[name] < 0


def _explain(distances: Distances, reference: float | None) -> str:
    worst = max(distances.parts, key=lambda name: distances.parts[name])
    if not distances.parts[worst]:
        return f"Every column has the same rate of missing values ({reference_note(reference)})."
    return (
        f"The rate of missing values differs by {percent(distances.mean)} of the rows on average, "
        f"over columns with missing values ({reference_note(reference)}); the difference is "
        f"largest for {worst!r}, at {percent(distances.parts[worst])}."
    )
