"""Probability mass of the tails beyond the real 1 %, 5 %, 95 % and 99 % quantiles.

A collapsing distribution keeps its centre and loses its tails, which distances over the whole range
hardly detect.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from artesian.core.formatting import percent, reference_note
from artesian.core.run import Run
from artesian.metrics.common.arrays import Floats, Ints
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.distance import Distances, Side, distance_result, proportions
from artesian.metrics.common.encoding import Encoded, encode
from artesian.metrics.fidelity.binning import counts_of
from artesian.metrics.protocol import Better, Comparison, Result, Spec

TAILS = (
    (0.01, -1, "low 1 %"),
    (0.05, -1, "low 5 %"),
    (0.95, 1, "high 5 %"),
    (0.99, 1, "high 1 %"),
)
"""Quantile, direction, and name of each tail."""

_MIN_TAIL_ROWS = 3  # minimum number of real rows in a tail


@dataclass(frozen=True, slots=True, kw_only=True)
class TailMass(BaseMetric):
    """1 - min(p, q) / max(p, q) for a tail with the proportion p of the real and q of the synthetic
    values, averaged over tails.

    Only values strictly beyond the quantile count, so p is the actual proportion, which is below
    the nominal one where a frequent value such as 0 equals the quantile. Tails with fewer than
    three real rows are left out.
    """

    spec: ClassVar[Spec] = Spec(
        name="tail_mass",
        title="Tail mass",
        family="fidelity",
        better=Better.LOWER,
        low=0.0,
        high=1.0,
        description="0: every tail has the same mass as in the real table; 0.5: half or double the "
        "mass; 1: empty tails",
        source="Embrechts et al. 1997, Modelling Extremal Events (exceedances of a threshold)",
        categories=False,
    )

    def measure(self, tables: Comparison, run: Run) -> Result:
        encoded = encode(tables)
        tails = _tails(encoded)

        def measure(real: Side, other: Side) -> Distances:
            tail_differences = {}
            for part, (name, side_of_tail, threshold) in run.track(
                tails.items(), "tail_mass", len(tails)
            ):
                p, q = (
                    _tail_proportion(side, name, side_of_tail, threshold) for side in (real, other)
                )
                tail_differences[part] = tail_mass_difference(p, q)
            parts = {part: float(values[0]) for part, values in tail_differences.items()}
            tail_proportions = {
                part: [
                    round(float(_tail_proportion(s, name, side_of_tail, threshold)[0]), 6)
                    for s in (real, other)
                ]
                for part, (name, side_of_tail, threshold) in tails.items()
            }
            return Distances(
                parts,
                np.array([values[1:] for values in tail_differences.values()]),
                {"shares": tail_proportions},
            )

        return distance_result(
            self.spec,
            encoded,
            measure,
            _explain,
            run,
            nothing="no number or date column of the real table has rows in a tail",
        )


def tail_mass_difference(p: Floats, q: Floats) -> Floats:
    """Relative difference of two tail probabilities: 1 - min(p, q) / max(p, q).

    Args:
        p, q: (...,) proportions of the values beyond a threshold.

    Returns:
        (...,) differences in [0, 1]: 0 for equal mass, 0.5 for half or double, 1 for an empty tail.

    >>> tail_mass_difference(np.array([0.01, 0.05]), np.array([0.02, 0.0])).tolist()
    [0.5, 1.0]
    """
    largest = np.maximum(p, q)
    return np.asarray(1 - np.minimum(p, q) / np.maximum(largest, 1e-300))


def _tails(encoded: Encoded) -> dict[str, tuple[str, int, float]]:
    """Part -> column, direction, and threshold of the tail."""
    tails = {}
    for name in encoded.numeric:
        values = encoded.real.numbers[name]
        values = values[~np.isnan(values)]
        for quantile, side_of_tail, label in TAILS if len(values) else ():
            threshold = float(np.quantile(values, quantile, method="inverted_cdf"))
            beyond = values > threshold if side_of_tail > 0 else values < threshold
            if beyond.sum() >= _MIN_TAIL_ROWS:
                tails[f"{name} ({label})"] = (name, side_of_tail, threshold)
    return tails


def _tail_proportion(side: Side, name: str, side_of_tail: int, threshold: float) -> Floats:
    """(1 + GROUPS,) proportions of the values, missing ones left out, beyond `threshold`."""
    values = side.rows.numbers[name]
    with np.errstate(invalid="ignore"):
        beyond = values > threshold if side_of_tail > 0 else values < threshold
    bins: Ints = np.where(np.isnan(values), 0, 1 + beyond)
    distances: Floats = proportions(counts_of(side, bins, 3)[:, 1:])[:, 1]
    return distances


def _explain(distances: Distances, reference: float | None) -> str:
    worst = max(distances.parts, key=lambda part: distances.parts[part])
    real, synthetic = distances.detail["shares"][worst]
    return (
        f"The mass of the tails of number and date columns differs by {percent(distances.mean)} "
        f"of the larger mass on average ({reference_note(reference)}); the difference is largest "
        f"for {worst!r}, with {percent(synthetic)} of the synthetic and {percent(real)} of the "
        "real values."
    )
