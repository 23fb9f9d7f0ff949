"""Distances of the marginal distributions of three columns."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import ClassVar

import numpy as np

from artesian.core.formatting import percent, reference_note
from artesian.core.run import Run, Seed
from artesian.metrics.common.arrays import Ints
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.distance import Distances, Side, distance_result, total_variation
from artesian.metrics.common.encoding import encode
from artesian.metrics.fidelity.binning import Binning, counts_of
from artesian.metrics.protocol import Better, Comparison, Result, Spec

_MAX_ROWS = 50_000
_LEVELS = 8  # frequent categories with a bin of their own: a marginal has at most 1,000 bins
_QUANTILE_BINS = 5

Triple = tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Marginals3Way(BaseMetric):
    """Mean total variation distance of the joint distribution of three columns, over random triples.

    Numbers are binned at the real quintiles, a missing value is a bin, and all but the 8 most
    frequent categories are merged, so that a marginal has at most 1,000 bins. The k-marginal metric
    of the NIST challenges is 1 minus this, with other bins.

    Attributes:
        max_triples: Of more triples, a random choice.
    """

    spec: ClassVar[Spec] = Spec(
        name="marginals_3way",
        title="Marginals of three columns",
        family="fidelity",
        better=Better.LOWER,
        low=0.0,
        high=1.0,
        description="0: the same joint distribution of every three columns; 1: no values in common",
        source="NIST 2018 (k-marginal metric); McKenna, Miklau and Sheldon 2021",
    )
    max_triples: int = 150

    def measure(self, tables: Comparison, run: Run) -> Result:
        seed = run.seed.child(self.spec.name)
        encoded = encode(tables).subsample(_MAX_ROWS, seed.child("rows"))
        columns = encoded.draw_columns(len(encoded.columns), seed)
        # By name: the order of columns in the file does not decide which are compared.
        names = sorted(column.name for column in columns)
        triples = draw_triples(len(names), self.max_triples, seed.child("triples"))
        used = sorted({position for triple in triples for position in triple})
        binnings = {
            at: Binning.from_column(encoded, names[at], _LEVELS, _QUANTILE_BINS) for at in used
        }
        available = comb(len(names), 3)
        drawn_note = f", of {len(triples)} triples drawn from {available:,}"
        drawn_note = drawn_note if len(triples) < available else ""

        def measure(real: Side, other: Side) -> Distances:
            sides = (real, other)
            bins = [{at: one.assign(side.rows) for at, one in binnings.items()} for side in sides]
            parts: dict[str, float] = {}
            left_out = []
            for triple in run.track(triples, self.spec.name):
                sizes = [binnings[at].count for at in triple]
                tables = [
                    counts_of(side, _joint(triple, bins_of, sizes), int(np.prod(sizes)))
                    for side, bins_of in zip(sides, bins, strict=True)
                ]
                distances = total_variation(*tables)
                parts[" x ".join(names[at] for at in triple)] = float(distances[0])
                left_out.append(distances[1:])
            return Distances(parts, np.array(left_out))

        def explain(distances: Distances, reference: float | None) -> str:
            worst = max(distances.parts, key=lambda name: distances.parts[name])
            return (
                f"The joint distributions of three columns differ by {percent(distances.mean)} on "
                f"average ({reference_note(reference)}); the difference is largest for {worst!r}, at "
                f"{percent(distances.parts[worst])}{drawn_note}."
            )

        return distance_result(
            self.spec,
            encoded,
            measure,
            explain,
            run,
            nothing="there are fewer than three columns",
            max_parts=100,
        )


def draw_triples(columns: int, max_triples: int, seed: Seed) -> list[Triple]:
    """All triples of `columns` columns in order; of more than `max_triples`, a random choice."""
    if comb(columns, 3) <= 4 * max_triples:
        triples = list(combinations(range(columns), 3))
        if len(triples) > max_triples:
            order = seed.rng().permutation(len(triples))[:max_triples]
            triples = [triples[at] for at in np.sort(order)]
        return triples
    rng = seed.rng()
    drawn: set[Triple] = set()
    while len(drawn) < max_triples:  # at most a quarter of all, so few are drawn again
        a, b, c = sorted(rng.choice(columns, 3, replace=False).tolist())
        drawn.add((a, b, c))
    return sorted(drawn)


def _joint(triple: Triple, bins: dict[int, Ints], sizes: list[int]) -> Ints:
    """(rows,) bins of the marginal of three columns."""
    first, second, third = (bins[at] for at in triple)
    return (first * sizes[1] + second) * sizes[2] + third
