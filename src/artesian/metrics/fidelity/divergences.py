"""Jensen-Shannon (Lin 1991) and Hellinger distance (1909) of columns, averaged over columns.

Numbers and dates are binned at the deciles of the real column; missing values are a bin. Both
distances weight the loss of a rare category more than total variation does, Hellinger the most.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from artesian.core.formatting import decimal, reference_note
from artesian.core.run import Run
from artesian.metrics.common.arrays import Floats
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.distance import Counts, Distances, Side, distance_result, proportions
from artesian.metrics.common.encoding import encode
from artesian.metrics.fidelity.binning import Binning, counts_of
from artesian.metrics.protocol import Better, Comparison, Result, Spec

_NOTHING = "there are no columns but keys and free text"
_DESCRIPTION = "0: every column has the same distribution; 1: no value in common in any column"


@dataclass(frozen=True, slots=True, kw_only=True)
class JensenShannon(BaseMetric):
    """Square root of the divergence in bits, which is a metric with values in [0, 1]."""

    spec: ClassVar[Spec] = Spec(
        name="jensen_shannon",
        title="Jensen-Shannon distance of columns",
        family="fidelity",
        better=Better.LOWER,
        low=0.0,
        high=1.0,
        description=_DESCRIPTION,
        source="Lin 1991; Endres and Schindelin 2003",
    )

    def measure(self, tables: Comparison, run: Run) -> Result:
        return _result(self.spec, tables, jensen_shannon_distance, "Jensen-Shannon", run)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hellinger(BaseMetric):
    """Euclidean distance between the square roots of the proportions, divided by the root of 2."""

    spec: ClassVar[Spec] = Spec(
        name="hellinger",
        title="Hellinger distance of columns",
        family="fidelity",
        better=Better.LOWER,
        low=0.0,
        high=1.0,
        description=_DESCRIPTION,
        source="Hellinger 1909",
    )

    def measure(self, tables: Comparison, run: Run) -> Result:
        return _result(self.spec, tables, hellinger_distance, "Hellinger", run)


def _result(
    spec: Spec,
    tables: Comparison,
    distance: Callable[[Counts, Counts], Floats],
    name: str,
    run: Run,
) -> Result:
    encoded = encode(tables)
    binnings = [Binning.from_column(encoded, column.name) for column in encoded.columns]

    def measure(real: Side, other: Side) -> Distances:
        columns = {}
        for column in run.track(binnings, spec.name):
            a, b = (
                counts_of(side, column.assign(side.rows), column.count) for side in (real, other)
            )
            columns[column.name] = distance(a, b)
        parts = {name: float(values[0]) for name, values in columns.items()}
        return Distances(parts, np.array([values[1:] for values in columns.values()]))

    def explain(distances: Distances, reference: float | None) -> str:
        worst = max(distances.parts, key=lambda column: distances.parts[column])
        return (
            f"The {name} distance of columns is {decimal(distances.mean)} on average "
            f"({reference_note(reference, decimal)}); it is largest for {worst!r}, at "
            f"{decimal(distances.parts[worst])}."
        )

    return distance_result(spec, encoded, measure, explain, run, nothing=_NOTHING)


def jensen_shannon_distance(p: Counts | Floats, q: Counts | Floats) -> Floats:
    """Square root of the Jensen-Shannon divergence in bits (Lin 1991), which is a metric (Endres
    and Schindelin 2003).

    Args:
        p, q: (..., bins) counts or weights; each is normalized over its last axis.

    Returns:
        (...,) distances in [0, 1].

    >>> float(jensen_shannon_distance(np.array([1, 0]), np.array([0, 1])))
    1.0
    """
    a, b = proportions(p), proportions(q)
    mean = (a + b) / 2
    bits = (_relative_entropy(a, mean) + _relative_entropy(b, mean)) / 2
    distance: Floats = np.clip(np.sqrt(np.maximum(bits, 0)), 0.0, 1.0)
    return distance


def _relative_entropy(a: Floats, b: Floats) -> Floats:
    """Kullback-Leibler divergence in bits; bins where `a` is 0 contribute 0."""
    ratio = np.where(a > 0, a, 1) / np.where(a > 0, b, 1)
    entropy: Floats = (a * np.log2(ratio)).sum(axis=-1)
    return entropy


def hellinger_distance(p: Counts | Floats, q: Counts | Floats) -> Floats:
    """Hellinger distance of discrete distributions (Hellinger 1909).

    Args:
        p, q: (..., bins) counts or weights; each is normalized over its last axis.

    Returns:
        (...,) distances in [0, 1].

    >>> round(float(hellinger_distance(np.array([1, 1]), np.array([1, 0]))), 4)
    0.5412
    """
    a, b = proportions(p), proportions(q)
    distance: Floats = np.sqrt(((np.sqrt(a) - np.sqrt(b)) ** 2).sum(axis=-1) / 2)
    return np.clip(distance, 0.0, 1.0)
