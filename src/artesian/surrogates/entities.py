"""Assign rows to entities: one entity per row where values are unique, else as often as they repeat.

A column is generated in two steps: row number -> entity number -> value. Only the frequencies of
repeats are learned ('12 values occur in 3 rows each'), never which value they belong to.

*Recurring* entities are the same however many rows are drawn: texts that many people share. *New*
entities come as rows go on: after as many rows as the source has, all of its persons have occurred
with their numbers of rows, and further rows belong to other persons.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.core.memory import require_memory
from artesian.core.validated import require
from artesian.surrogates.keyed_random import (
    Integers,
    Permutation,
    random_integers,
    subkey,
    uniform,
)

ENTITY_BYTES = 32
"""Bytes that an entity takes while rows are assigned."""

_GROUPS = 400
_WINDOW = 256
"""Rows within which the rows of one entity are scattered, if the table is much longer."""

_LARGEST = 4
"""The window is at least as many times as long as the largest entity, so that the head of a long
sample has more than that one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entities:
    """How often values repeat.

    Attributes:
        counts: Numbers of rows of one value, in decreasing order, all over 1.
        members: Number of values with that count.
        singles: Number of rows whose value is unique; each is a new entity.
    """

    counts: tuple[float, ...] = ()
    members: tuple[int, ...] = ()
    singles: float = 1.0

    @classmethod
    def from_values(cls, values: pl.Series) -> Self:
        """Learn how often the values that are not missing repeat."""
        rows = values.drop_nulls().alias("value").value_counts().get_column("count").to_list()
        counts_of_counts = sorted(Counter(rows).items(), reverse=True)
        singles = float(sum(m for c, m in counts_of_counts if c == 1))
        repeats = [(c, m) for c, m in counts_of_counts if c > 1]
        while len(repeats) > _GROUPS:  # a long tail of rare counts: adjacent ones are averaged
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

    def check_values(self) -> None:
        """Check that the entities of one cycle are as many as memory can hold.

        Raises:
            DataError: they take more than the limit.
        """
        require(len(self.counts) == len(self.members), "counts and members differ in length")
        require(all(count >= 1 for count in self.counts), "an entity has no row")
        require(all(members >= 1 for members in self.members), "a count has no entity")
        require(0 <= self.singles < math.inf, "singles is not a number of rows")
        entities = sum(self.members) + self.singles
        require_memory(ENTITY_BYTES * entities, f"a model of {entities:g} distinct values")

    @property
    def repeated(self) -> int:
        """Number of entities with several rows; they are numbered 0 .. repeated - 1."""
        return sum(self.members)

    @property
    def unique(self) -> bool:
        """Whether no value repeats."""
        return not self.counts

    def recurring(self, rows: Integers, key: int) -> Integers:
        """The entity of each row: a repeated one, or `repeated` + the row number."""
        if self.unique:
            return rows.copy()
        u = uniform(rows, key) * self._ends[-1]
        group = np.searchsorted(self._ends, u, side="right")
        single = group == len(self.counts)
        group = np.minimum(group, len(self.counts) - 1)
        start = np.concatenate(([0.0], self._ends[:-1]))[group]
        first = np.concatenate(([0], np.cumsum(self.members)))[group]
        inside = ((u - start) / np.array(self.counts)[group]).astype(np.int64)
        repeated_entity = first + np.minimum(inside, np.array(self.members)[group] - 1)
        return np.where(single, rows + np.uint64(self.repeated), repeated_entity.astype(np.uint64))

    def new(self, rows: Integers, key: int) -> Integers:
        """The entity of each row, in cycles of as many rows and entities as the source has.

        Rows of one entity are near each other, so that a sample of any length has entities with
        all their rows: if the rows were scattered over the cycle, the head of it would have the
        same entities with fewer rows each.
        """
        if self.unique:
            return rows.copy()
        sizes = np.concatenate(
            [np.repeat(np.rint(self.counts).astype(np.int64), self.members), self._ones]
        )
        period = int(sizes.sum())
        window = min(max(_LARGEST * int(sizes[0]), min(_WINDOW, period // 4)), period)
        entities = np.empty(len(rows), dtype=np.uint64)
        cycle, place = rows // np.uint64(period), rows % np.uint64(period)
        for which in np.unique(cycle).tolist():
            order, ends = _cycle(self, subkey(key, "cycle", which))
            here = np.flatnonzero(cycle == which)
            number = place[here] // np.uint64(window)
            slot = np.empty(len(here), dtype=np.uint64)
            for one in np.unique(number).tolist():
                inside = number == one
                start = one * window
                scatter = Permutation(
                    subkey(key, "window", which, one), min(window, period - start)
                )
                slot[inside] = scatter(place[here[inside]] - np.uint64(start)) + np.uint64(start)
            position = np.searchsorted(ends, slot.astype(np.int64), side="right")
            entities[here] = order[position] + np.uint64(which * len(sizes))
        return entities

    @property
    def _ones(self) -> NDArray[np.int64]:
        return np.ones(int(self.singles), dtype=np.int64)

    @property
    def _ends(self) -> NDArray[np.float64]:
        mass = [c * m for c, m in zip(self.counts, self.members, strict=True)]
        return np.cumsum([*mass, self.singles])

    def to_state(self) -> dict[str, Any]:
        """What was learned, as JSON."""
        return {"counts": self.counts, "members": self.members, "singles": self.singles}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Restore what `to_state` returned."""
        return cls(
            counts=tuple(state["counts"]),
            members=tuple(state["members"]),
            singles=state["singles"],
        )


@lru_cache(maxsize=4)  # the blocks of a sample follow each other
def _cycle(entities: Entities, key: int) -> tuple[Integers, NDArray[np.int64]]:
    """The entities of a cycle in random order, and the row at which each of them ends."""
    sizes = np.concatenate(
        [np.repeat(np.rint(entities.counts).astype(np.int64), entities.members), entities._ones]
    )
    order = np.argsort(random_integers(np.arange(len(sizes), dtype=np.uint64), key), kind="stable")
    return order.astype(np.uint64), np.cumsum(sizes[order])
