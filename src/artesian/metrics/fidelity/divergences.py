"""Jensen-Shannon (Lin 1991) and Hellinger distance (1909) of every column's shares, averaged.

Categories count by their share of the rows, numbers and dates by the share between the deciles of
the real column, and what is missing is a cell of its own. Both weigh a rare category that was lost
more than total variation does, Hellinger the most.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from artesian.core.run import Run
from artesian.metrics.common.arrays import Floats
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.distance import Counts, Distances, Side, distance_result, shares
from artesian.metrics.common.encoding import encode
from artesian.metrics.common.formatting import beside, points
from artesian.metrics.fidelity.binning import Binning, counts_of
from artesian.metrics.protocol import Better, Comparison, Result, Spec

_NOTHING = "there are no columns but keys and free text"
_MEANS = "0 is the same shares in every column, 1 is nothing in common in any"


@dataclass(frozen=True, slots=True, kw_only=True)
class JensenShannon(BaseMetric):
    """The square root of the divergence in bits, which is a metric and ends at 1."""

    spec: ClassVar[Spec] = Spec(
        name="jensen_shannon",
        title="Jensen-Shannon distance of columns",
        family="fidelity",
        better=Better.LOWER,
        low=0.0,
        high=1.0,
        description=_MEANS,
        source="Lin 1991; Endres and Schindelin 2003",
    )

    def measure(self, tables: Comparison, run: Run) -> Result:
        return _result(self.spec, tables, jensen_shannon_distance, run)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hellinger(BaseMetric):
    """Half the squared gaps of the roots of shares, summed, and the root of that."""

    spec: ClassVar[Spec] = Spec(
        name="hellinger",
        title="Hellinger distance of columns",
        family="fidelity",
        better=Better.LOWER,
        low=0.0,
        high=1.0,
        description=_MEANS,
        source="Hellinger 1909",
    )

    def measure(self, tables: Comparison, run: Run) -> Result:
        return _result(self.spec, tables, hellinger_distance, run)


def _result(
    spec: Spec, tables: Comparison, distance: Callable[[Counts, Counts], Floats], run: Run
) -> Result:
    encoded = encode(tables)
    cells = [Binning.of(encoded, column.name) for column in encoded.columns]

    def measure(real: Side, other: Side) -> Distances:
        found = {}
        for column in run.track(cells, spec.name):
            a, b = (
                counts_of(side, column.place(side.rows), column.count) for side in (real, other)
            )
            found[column.name] = distance(a, b)
        parts = {name: float(values[0]) for name, values in found.items()}
        return Distances(parts, np.array([values[1:] for values in found.values()]))

    def explain(found: Distances, reference: float | None) -> str:
        worst = max(found.parts, key=lambda name: found.parts[name])
        return (
            f"On a scale from 0, the same shares of values, to 1, no value in common, columns are "
            f"{points(found.mean)} apart on average ({beside(reference, points)}); the least "
            f"alike is {worst!r} with {points(found.parts[worst])}."
        )

    return distance_result(spec, encoded, measure, explain, run, nothing=_NOTHING)


def jensen_shannon_distance(p: Counts | Floats, q: Counts | Floats) -> Floats:
    """Square root of the Jensen-Shannon divergence in bits (Lin 1991), which is a metric (Endres and
    Schindelin 2003).

    Args:
        p, q: (..., bins) counts or weights; each is normalized over its last axis.

    Returns:
        (...,) distances in [0, 1].

    >>> float(jensen_shannon_distance(np.array([1, 0]), np.array([0, 1])))
    1.0
    """
    a, b = shares(p), shares(q)
    middle = (a + b) / 2
    bits = (_relative_entropy(a, middle) + _relative_entropy(b, middle)) / 2
    distance: Floats = np.clip(np.sqrt(np.maximum(bits, 0)), 0.0, 1.0)
    return distance


def _relative_entropy(a: Floats, b: Floats) -> Floats:
    """In bits; cells where `a` is empty count 0."""
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
    a, b = shares(p), shares(q)
    distance: Floats = np.sqrt(((np.sqrt(a) - np.sqrt(b)) ** 2).sum(axis=-1) / 2)
    return np.clip(distance, 0.0, 1.0)
