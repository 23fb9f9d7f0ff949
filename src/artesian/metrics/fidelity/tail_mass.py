"""How many values lie in the tails: beyond the real 1 %, 5 %, 95 % and 99 % quantiles.

A distribution that collapses keeps its middle and loses its ends, which distances over the whole
range hardly see.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from artesian.core.run import Run
from artesian.metrics.common.arrays import Floats, Ints
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.distance import Distances, Side, distance_result, shares
from artesian.metrics.common.encoding import Encoded, encode
from artesian.metrics.common.formatting import beside, percent
from artesian.metrics.fidelity.binning import counts_of
from artesian.metrics.protocol import Better, Comparison, Result, Spec

TAILS = (
    (0.01, -1, "low 1 %"),
    (0.05, -1, "low 5 %"),
    (0.95, 1, "high 5 %"),
    (0.99, 1, "high 1 %"),
)
"""Quantile, side, and what the tail is called."""

_LEAST = 3  # real rows in a tail


@dataclass(frozen=True, slots=True, kw_only=True)
class TailMass(BaseMetric):
    """Of a tail with the share p of the real and q of the synthetic values: 1 - min(p, q) / max(p, q).

    That is 0 for the same share, 0.5 for half or double, 1 for an empty tail. Only values strictly
    beyond the quantile count, so p is the real share and not the nominal one: a heavy value such as
    0 at the end of a column takes the quantile itself. A tail in which fewer than three real rows
    lie is left out.
    """

    spec: ClassVar[Spec] = Spec(
        name="tail_mass",
        title="Mass in the tails",
        family="fidelity",
        better=Better.LOWER,
        low=0.0,
        high=1.0,
        description="0 is as many extreme numbers and dates as in the real table, 0.5 is "
        "half or twice "
        "as many, 1 is none",
        source="Embrechts et al. 1997, Modelling Extremal Events (exceedances of a threshold)",
        categories=False,
    )

    def measure(self, tables: Comparison, run: Run) -> Result:
        encoded = encode(tables)
        tails = _tails(encoded)

        def measure(real: Side, other: Side) -> Distances:
            found = {}
            for part, (name, where, at) in run.track(tails.items(), "tail_mass", len(tails)):
                p, q = (_share(side, name, where, at) for side in (real, other))
                found[part] = tail_mass_difference(p, q)
            parts = {part: float(values[0]) for part, values in found.items()}
            shown = {
                part: [round(float(_share(s, name, where, at)[0]), 6) for s in (real, other)]
                for part, (name, where, at) in tails.items()
            }
            return Distances(
                parts, np.array([values[1:] for values in found.values()]), {"shares": shown}
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
    """Part -> column, side, and the value that the tail lies beyond."""
    tails = {}
    for name in encoded.numeric:
        values = encoded.real.numbers[name]
        values = values[~np.isnan(values)]
        for share, where, called in TAILS if len(values) else ():
            at = float(np.quantile(values, share, method="inverted_cdf"))
            beyond = values > at if where > 0 else values < at
            if beyond.sum() >= _LEAST:
                tails[f"{name} ({called})"] = (name, where, at)
    return tails


def _share(side: Side, name: str, where: int, at: float) -> Floats:
    """(1 + GROUPS,) shares of the values present that lie beyond `at`."""
    values = side.rows.numbers[name]
    with np.errstate(invalid="ignore"):
        beyond = values > at if where > 0 else values < at
    places: Ints = np.where(np.isnan(values), 0, 1 + beyond)
    found: Floats = shares(counts_of(side, places, 3)[:, 1:])[:, 1]
    return found


def _explain(found: Distances, reference: float | None) -> str:
    worst = max(found.parts, key=lambda part: found.parts[part])
    real, made = found.detail["shares"][worst]
    return (
        f"The share of values in the tails of numbers and dates is off by {percent(found.mean)} of "
        f"the larger share on average ({beside(reference)}); the least alike is {worst!r}, with "
        f"{percent(made)} of the values instead of {percent(real)}."
    )
