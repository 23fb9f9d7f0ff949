"""Representation of the groups of sensitive columns and of their intersections."""

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
from artesian.metrics.common.formatting import percent, reference_note
from artesian.metrics.common.intervals import GROUPS
from artesian.metrics.protocol import Better, Comparison, NotMeasurable, Result, Spec

INTERSECTIONS = "all together"
MIN_NAMED_ROWS = 30
"""Minimum number of real rows of a group that is named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Representation(BaseMetric):
    """Total variation distance of each sensitive column, and of all of them combined, averaged.

    `detail["ratios"]` has the proportion of each group divided by its real proportion.
    """

    spec: ClassVar[Spec] = Spec(
        name="representation",
        title="Representation of groups",
        family="fairness",
        better=Better.LOWER,
        low=0.0,
        high=1.0,
        description="0: every group is as frequent as among real rows; 1: no group in common",
        source="Levin and Peres 2017, Markov Chains and Mixing Times, section 4.1",
    )

    def measure(self, tables: Comparison, run: Run) -> Result:
        encoded = encode(tables)
        names = [c.name for c in encoded.columns if c.sensitive and c.name in encoded.levels]
        if not names:
            raise NotMeasurable("no category or boolean column is marked as sensitive")
        groups = _Groups(encoded, names)
        ratios = groups.ratios()

        def measure(real: Side, other: Side) -> Distances:
            columns: dict[str, Floats] = {}
            for name, count in run.track(groups.counts.items(), self.spec.name):
                stacked = [_counts(groups.codes(s.rows, name), s, count) for s in (real, other)]
                columns[name] = total_variation(*stacked)
            parts = {name: float(values[0]) for name, values in columns.items()}
            return Distances(parts, np.array([values[1:] for values in columns.values()]))

        def explain(distances: Distances, reference: float | None) -> str:
            sentence = (
                f"The total variation distance of the groups of sensitive columns is "
                f"{percent(distances.mean)} on average ({reference_note(reference)})"
            )
            if not ratios:
                return f"{sentence}."
            lowest = min(ratios, key=lambda group: ratios[group])
            return (
                f"{sentence}; the least represented group is {lowest}, at "
                f"{percent(ratios[lowest])} of its real proportion."
            )

        result = distance_result(
            self.spec, encoded, measure, explain, run, nothing="no sensitive column has groups"
        )
        return replace(result, detail={**result.detail, "ratios": ratios})


class _Groups:
    """The groups of each sensitive column, and of all of them combined."""

    def __init__(self, encoded: Encoded, names: list[str]) -> None:
        self._encoded, self._names = encoded, names
        self.counts = {name: len(encoded.levels[name]) + 1 for name in names}
        if len(names) > 1:
            sides = [s for s in (encoded.real, encoded.synthetic, encoded.holdout) if s is not None]
            stacked = np.concatenate([self._combined(rows) for rows in sides])
            self._combinations = np.unique(stacked, axis=0)
            self.counts[INTERSECTIONS] = len(self._combinations)

    def _combined(self, rows: Rows) -> Ints:
        return np.column_stack([rows.codes[name] for name in self._names])

    def codes(self, rows: Rows, name: str) -> Ints:
        """(rows,) the group of each row."""
        if name != INTERSECTIONS:
            return rows.codes[name] + 1
        stacked = np.concatenate([self._combinations, self._combined(rows)])
        positions = np.unique(stacked, axis=0, return_inverse=True)[1].reshape(-1)
        return positions[len(self._combinations) :].astype(np.int64)

    def ratios(self) -> dict[str, float]:
        """Group -> synthetic divided by real proportion, for groups with enough real rows."""
        ratios: dict[str, float] = {}
        real, synthetic = self._encoded.real, self._encoded.synthetic
        if not real.height or not synthetic.height:
            return ratios
        for name, count in self.counts.items():
            counts = [
                np.bincount(self.codes(rows, name), minlength=count) for rows in (real, synthetic)
            ]
            for at in np.flatnonzero(counts[0] >= MIN_NAMED_ROWS):
                ratio = counts[1][at] / synthetic.height / (counts[0][at] / real.height)
                ratios[self._label(name, int(at))] = float(ratio)
        return ratios

    def _label(self, name: str, at: int) -> str:
        def level(column: str, code: int) -> Any:
            return "missing" if code < 0 else self._encoded.levels[column][code]

        if name != INTERSECTIONS:
            return f"{name} = {level(name, at - 1)}"
        pairs = zip(self._names, self._combinations[at].tolist(), strict=True)
        return ", ".join(f"{column} = {level(column, code)}" for column, code in pairs)


def _counts(at: Ints, side: Side, count: int) -> Ints:
    grouped = np.bincount(side.groups * count + at, minlength=GROUPS * count)
    return with_and_without(grouped.reshape(GROUPS, count))
