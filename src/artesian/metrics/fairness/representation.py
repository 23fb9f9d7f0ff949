"""Are all groups there? Shares of the groups of sensitive columns, and of their intersections."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from artesian.core.run import Run
from artesian.metrics.common.arrays import Floats, Ints
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.distance import (
    Distances,
    Side,
    distance_result,
    total_variation,
    with_and_without,
)
from artesian.metrics.common.encoding import Encoded, Rows, encode
from artesian.metrics.common.formatting import beside, percent
from artesian.metrics.common.intervals import GROUPS
from artesian.metrics.protocol import Better, Comparison, NotMeasurable, Result, Spec

INTERSECTIONS = "all together"
NAMED = 30
"""Fewest real rows of a group whose share is named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Representation(BaseMetric):
    """Total variation distance of the shares of each sensitive column's groups, and of the groups of
    all sensitive columns together, averaged. `detail` has each group's share over its real share."""

    spec: ClassVar[Spec] = Spec(
        name="representation",
        title="Representation of groups",
        family="fairness",
        better=Better.LOWER,
        low=0.0,
        high=1.0,
        description="0 is every group as frequent as among real rows, 1 is no group in common",
        source="Levin and Peres 2017, Markov Chains and Mixing Times, section 4.1",
    )

    def measure(self, tables: Comparison, run: Run) -> Result:
        encoded = encode(tables)
        names = [c.name for c in encoded.columns if c.sensitive and c.name in encoded.levels]
        if not names:
            raise NotMeasurable("no category or boolean column is marked as sensitive")
        placed = _Groups(encoded, names)
        ratios = placed.ratios()

        def measure(real: Side, other: Side) -> Distances:
            gaps: dict[str, Floats] = {}
            for name, count in run.track(placed.counts.items(), self.spec.name):
                both = [_counts(placed.of(s.rows, name), s, count) for s in (real, other)]
                gaps[name] = total_variation(*both)
            parts = {name: float(found[0]) for name, found in gaps.items()}
            return Distances(parts, np.array([found[1:] for found in gaps.values()]))

        def explain(found: Distances, reference: float | None) -> str:
            told = f"Shares of groups are off by {percent(found.mean)} on average ({beside(reference)})"
            if not ratios:
                return f"{told}."
            least = min(ratios, key=lambda group: ratios[group])
            return (
                f"{told}; least represented is {least}, with {percent(ratios[least])} of its real "
                f"share."
            )

        result = distance_result(
            self.spec, encoded, measure, explain, run, nothing="no sensitive column has groups"
        )
        return replace(result, detail={**result.detail, "ratios": ratios})


class _Groups:
    """The groups of each sensitive column, and of all of them together."""

    def __init__(self, encoded: Encoded, names: list[str]) -> None:
        self._encoded, self._names = encoded, names
        self.counts = {name: len(encoded.levels[name]) + 1 for name in names}
        if len(names) > 1:
            sides = [s for s in (encoded.real, encoded.synthetic, encoded.holdout) if s is not None]
            stacked = np.concatenate([self._combined(rows) for rows in sides])
            self._known = np.unique(stacked, axis=0)
            self.counts[INTERSECTIONS] = len(self._known)

    def _combined(self, rows: Rows) -> Ints:
        return np.column_stack([rows.codes[name] for name in self._names])

    def of(self, rows: Rows, name: str) -> Ints:
        """(rows,) the group of each row."""
        if name != INTERSECTIONS:
            return rows.codes[name] + 1
        both = np.concatenate([self._known, self._combined(rows)])
        place = np.unique(both, axis=0, return_inverse=True)[1].reshape(-1)
        return place[len(self._known) :].astype(np.int64)

    def ratios(self) -> dict[str, float]:
        """Each group's synthetic share over its real one, of groups with enough real rows."""
        found: dict[str, float] = {}
        real, made = self._encoded.real, self._encoded.synthetic
        if not real.height or not made.height:
            return found
        for name, count in self.counts.items():
            held = [np.bincount(self.of(rows, name), minlength=count) for rows in (real, made)]
            for at in np.flatnonzero(held[0] >= NAMED):
                share = held[1][at] / made.height / (held[0][at] / real.height)
                found[self._called(name, int(at))] = float(share)
        return found

    def _called(self, name: str, at: int) -> str:
        def level(column: str, code: int) -> Any:
            return "missing" if code < 0 else self._encoded.levels[column][code]

        if name != INTERSECTIONS:
            return f"{name} = {level(name, at - 1)}"
        pairs = zip(self._names, self._known[at].tolist(), strict=True)
        return ", ".join(f"{column} = {level(column, code)}" for column, code in pairs)


def _counts(at: Ints, side: Side, count: int) -> Ints:
    grouped = np.bincount(side.groups * count + at, minlength=GROUPS * count)
    return with_and_without(grouped.reshape(GROUPS, count))
