"""Who stands in a row: one entity a row where values are unique, repeated ones where they repeat.

A column is made in two steps: row number -> entity number -> value. Only the counts of repeats are
learned ('12 values stood in 3 rows each'), never which value they belong to.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.surrogates.keyed_random import Words, uniform

_GROUPS = 400


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Entities:
    """How often values repeat.

    Attributes:
        counts: Rows of one value, in falling order, all over 1.
        members: How many values have that count.
        singles: Rows whose value stands nowhere else; each makes a new entity.
    """

    counts: tuple[float, ...] = ()
    members: tuple[int, ...] = ()
    singles: float = 1.0

    @classmethod
    def of(cls, values: pl.Series) -> Self:
        """The repeats of the values that are not missing."""
        rows = values.drop_nulls().value_counts().get_column("count").to_list()
        found = sorted(Counter(rows).items(), reverse=True)
        singles = float(sum(m for c, m in found if c == 1))
        repeats = [(c, m) for c, m in found if c > 1]
        while len(repeats) > _GROUPS:  # a long tail of lone counts: neighbours share their mean
            pairs = [repeats[i : i + 2] for i in range(0, len(repeats), 2)]
            repeats = [
                (sum(c * m for c, m in pair) / sum(m for _, m in pair), sum(m for _, m in pair))
                for pair in pairs
            ]
        if not repeats and not singles:
            singles = 1.0
        return cls(
            counts=tuple(float(c) for c, _ in repeats),
            members=tuple(m for _, m in repeats),
            singles=singles,
        )

    @property
    def repeated(self) -> int:
        """Entities that stand in several rows; they have the numbers 0 .. repeated - 1."""
        return sum(self.members)

    @property
    def unique(self) -> bool:
        return not self.counts

    def draw(self, rows: Words, key: int) -> Words:
        """The entity of each row: a repeated one, or `repeated` + the row's own number."""
        if self.unique:
            return rows.copy()
        u = uniform(rows, key) * self._ends[-1]
        group = np.searchsorted(self._ends, u, side="right")
        single = group == len(self.counts)
        group = np.minimum(group, len(self.counts) - 1)
        start = np.concatenate(([0.0], self._ends[:-1]))[group]
        first = np.concatenate(([0], np.cumsum(self.members)))[group]
        inside = ((u - start) / np.array(self.counts)[group]).astype(np.int64)
        known = first + np.minimum(inside, np.array(self.members)[group] - 1)
        return np.where(single, rows + np.uint64(self.repeated), known.astype(np.uint64))

    @property
    def _ends(self) -> NDArray[np.float64]:
        mass = [c * m for c, m in zip(self.counts, self.members, strict=True)]
        return np.cumsum([*mass, self.singles])

    def to_state(self) -> dict[str, Any]:
        return {"counts": self.counts, "members": self.members, "singles": self.singles}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        return cls(
            counts=tuple(state["counts"]),
            members=tuple(state["members"]),
            singles=state["singles"],
        )
