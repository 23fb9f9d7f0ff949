"""Foreign keys to rows of the same table, such as the manager of an employee: cycles cannot occur."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

MAX_DEPTH = 50

MIN_HOLDS = 0.995
"""Minimum fraction of the rows with a parent whose parent has the same owner, or comes before them."""

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """How rows refer to rows that are generated with them or later.

    Attributes:
        fractions: Fraction of the rows at each depth; rows without a parent have depth 0.
        together: Whether a row and its parent belong to the same owner, as replies to one post do.
        earlier: Whether a parent comes before the rows that refer to it.
    """

    fractions: NDArray[np.float64]
    together: bool = False
    earlier: bool = False

    @classmethod
    def of(cls, parents: Ints, owners: Ints | None, *, own: bool) -> Self:
        """The hierarchy of some rows.

        Args:
            parents: Row of the parent of each row, -1 for none.
            owners: Row of the owner of each row, -1 for none; None if the rows have no owner.
            own: Whether parents are rows of the same table; else every depth is 0 or 1.
        """
        depth = np.zeros(len(parents), np.int64)
        if not own:
            depth[parents >= 0] = 1
            return cls(_fractions(depth))
        above = parents.copy()
        for _ in range(MAX_DEPTH):
            there = above >= 0
            if not there.any():
                break
            depth[there] += 1
            above[there] = parents[above[there]]
        rows = np.flatnonzero(parents >= 0)
        together = owners is not None and _mostly(owners[rows] == owners[parents[rows]])
        return cls(_fractions(depth), together, _mostly(parents[rows] < rows))

    def assigned(self, rows: int, owners: Ints, rng: np.random.Generator) -> Ints:
        """The parent of each row of the same table, -1 for none; without cycles.

        Args:
            owners: Row of the owner of each row, -1 for none.
        """
        if self.together or self.earlier:
            return self._among_earlier(rows, owners, rng)
        depth = rng.choice(len(self.fractions), rows, p=self.fractions)
        assigned = np.full(rows, -1, np.int64)
        depth[rng.integers(0, rows)] = 0
        for level in range(1, len(self.fractions)):
            above, own = np.flatnonzero(depth == level - 1), np.flatnonzero(depth == level)
            if not len(above):
                depth[own] = level - 1
                continue
            assigned[own] = rng.choice(above, len(own))
        return assigned

    def _among_earlier(self, rows: int, owners: Ints, rng: np.random.Generator) -> Ints:
        """Parents among the rows before, of the same owner if need be, whatever the depth is."""
        order = np.arange(rows) if self.earlier else rng.permutation(rows)
        group = owners[order] if self.together else np.zeros(rows, np.int64)
        # Rows of one group in their order; the first one has nobody before it.
        place = np.argsort(group, kind="stable")
        ordered = order[place]
        starts = np.concatenate([[True], np.diff(group[place]) != 0])
        first = np.maximum.accumulate(np.where(starts, np.arange(rows), 0))
        before = np.arange(rows) - first
        able = (before > 0) & (group[place] >= 0)
        wanted = (1 - self.fractions[0]) * rows
        chosen = able & (rng.random(rows) < wanted / max(int(able.sum()), 1))
        taken = first + (rng.random(rows) * before).astype(np.int64)
        assigned = np.full(rows, -1, np.int64)
        assigned[ordered[chosen]] = ordered[taken[chosen]]
        return assigned

    def to_dict(self) -> dict[str, Any]:
        """The attributes as JSON types."""
        return {
            "fractions": self.fractions.tolist(),
            "together": self.together,
            "earlier": self.earlier,
        }

    @classmethod
    def from_dict(cls, entry: dict[str, Any]) -> Self:
        """Restore what `to_dict` returned."""
        fractions = np.array(entry["fractions"], np.float64)
        return cls(fractions, bool(entry["together"]), bool(entry["earlier"]))


def _fractions(depth: Ints) -> NDArray[np.float64]:
    counts = np.bincount(depth).astype(float)
    return np.asarray(counts / counts.sum())


def _mostly(holds: NDArray[np.bool_]) -> bool:
    return len(holds) > 0 and float(holds.mean()) >= MIN_HOLDS
