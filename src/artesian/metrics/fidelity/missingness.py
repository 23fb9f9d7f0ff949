"""How often values are missing, and how often two are missing together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from artesian.core.run import Run
from artesian.metrics.common.arrays import Floats
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.distance import Distances, Side, distance_result, total_variation
from artesian.metrics.common.encoding import Encoded, Rows, encode
from artesian.metrics.common.formatting import beside, percent
from artesian.metrics.fidelity.binning import counts_of
from artesian.metrics.protocol import Better, Comparison, Result, Spec

Mask = npt.NDArray[np.bool_]

_SHOWN = 100  # pairs, those least alike


@dataclass(frozen=True, slots=True, kw_only=True)
class Missingness(BaseMetric):
    """By how much the share of missing values is off: the mean over columns in which any table has one.

    Where nothing is missing anywhere, that is 0.

    Of two columns with gaps in the real table, 'a & b' is a part: how far the share of rows that
    miss both is off. Such pairs are not in the mean. Of more than `max_columns` columns, those with
    the most gaps in the real table are paired.
    """

    spec: ClassVar[Spec] = Spec(
        name="missingness",
        title="Gaps in the data",
        family="fidelity",
        better=Better.LOWER,
        low=0.0,
        high=1.0,
        description="0 is as many missing values in every column, 1 is all missing where "
        "none should be",
        source="Patki et al. 2016 (SDMetrics MissingValueSimilarity, 1 minus it)",
        categories=False,
    )
    max_columns: int = 60

    def measure(self, tables: Comparison, run: Run) -> Result:
        encoded = encode(tables)
        sides = [s for s in (encoded.real, encoded.synthetic, encoded.holdout) if s is not None]
        everything = [column.name for column in encoded.columns]
        names = [name for name in everything if any(_gaps(s, name).any() for s in sides)]

        def measure(real: Side, other: Side) -> Distances:
            found = {}
            for name in run.track(names or everything, "missingness"):
                counts = (
                    counts_of(side, _gaps(side.rows, name).astype(np.int64), 2)
                    for side in (real, other)
                )
                found[name] = total_variation(*counts)
            parts = {name: float(values[0]) for name, values in found.items()}
            return Distances(parts, np.array([values[1:] for values in found.values()]))

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
        unseen = self._pairs(encoded, encoded.holdout, names)
        return replace(result, reference_parts={**result.reference_parts, **unseen})

    def _pairs(self, encoded: Encoded, other: Rows, names: list[str]) -> dict[str, float]:
        """The gaps of joint missingness, of the pairs least alike."""
        holes = {name: float(_gaps(encoded.real, name).mean()) for name in names}
        most = sorted(names, key=lambda name: (-holes[name], name))[: self.max_columns]
        kept = [name for name in names if name in most and 0 < holes[name] < 1]
        if len(kept) < 2:
            return {}
        shares = []
        for rows in (encoded.real, other):
            made = np.array([_gaps(rows, name) for name in kept], np.float64)
            shares.append(made @ made.T / max(rows.height, 1))
        found = {
            f"{kept[i]} & {kept[j]}": abs(float(shares[0][i, j] - shares[1][i, j]))
            for i, j in combinations(range(len(kept)), 2)
        }
        return {pair: found[pair] for pair in sorted(found, key=lambda p: (-found[p], p))[:_SHOWN]}


def missing_rate_difference(real: Floats, synthetic: Floats) -> float:
    """Absolute difference of the proportions of missing values (NaN) in (n,) and (m,) numbers.

    >>> missing_rate_difference(np.array([1.0, np.nan]), np.array([1.0, 2.0]))
    0.5
    """
    return abs(float(np.isnan(real).mean()) - float(np.isnan(synthetic).mean()))


def _gaps(rows: Rows, name: str) -> Mask:
    """(rows,) whether the value is missing."""
    return np.isnan(rows.numbers[name]) if name in rows.numbers else rows.codes[name] < 0


def _explain(found: Distances, reference: float | None) -> str:
    worst = max(found.parts, key=lambda name: found.parts[name])
    if not found.parts[worst]:
        return f"As many values are missing in every column ({beside(reference)})."
    return (
        f"In columns with gaps, the share of missing values is off by {percent(found.mean)} of the "
        f"rows on average ({beside(reference)}); the least alike is {worst!r} with "
        f"{percent(found.parts[worst])}."
    )
