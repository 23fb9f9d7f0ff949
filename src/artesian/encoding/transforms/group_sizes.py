"""The number of rows of each entity, in classes of at least `MIN_COUNT` entities."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from artesian.core.disclosure import MIN_COUNT
from artesian.core.validated import require, require_range, require_shape

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

MAX_SIZE = 1e9
"""Number of rows from which the size of an entity is refused."""

CLASSES = 4
"""Entities of a class of rare sizes, in multiples of the minimum."""


@dataclass(frozen=True, slots=True, eq=False)
class GroupSizes:
    """Classes of sizes, in ascending order.

    Attributes:
        values: A whole number for each class, by which it is modelled, shape (k,), distinct.
        means: Mean size of the class, shape (k,).
        spreads: Half the width of the uniform distribution of its sizes, shape (k,); 0 for a class of
            one size.
    """

    values: Integers
    means: Floats
    spreads: Floats

    @classmethod
    def learn(cls, sizes: Integers, *, minimum: int = MIN_COUNT) -> Self:
        """The classes of the sizes of all entities, shape (entities,).

        A size of at least `minimum` entities is a class. Adjacent rarer ones are one class, and too few
        of them join a neighbour. Of a class of several sizes only the mean and the spread are kept.
        """
        groups: list[list[int]] = []
        open_group: list[int] = []
        counted = (part.tolist() for part in np.unique(sizes, return_counts=True))
        for size, count in zip(*counted, strict=True):
            if count >= minimum:
                groups += [open_group] if open_group else []
                groups.append([size] * count)
                open_group = []
                continue
            open_group = [*open_group, *[size] * count]
            if len(open_group) >= CLASSES * minimum:
                groups.append(open_group)
                open_group = []
        groups += [open_group] if open_group else []
        groups = _merged(groups, minimum) or [[1]]
        values: list[int] = []
        for group in groups:
            values.append(max(round(float(np.mean(group))), values[-1] + 1 if values else 1))
        means = np.array([np.mean(group) for group in groups])
        spreads = np.array([math.sqrt(3) * float(np.std(group)) for group in groups])
        return cls(np.array(values, np.int64), means, np.minimum(spreads, means - 1))

    def check_values(self) -> None:
        """Check that every class has a size."""
        classes = len(self.values)
        require(classes, "there is no size of an entity")
        for name, low, high in (
            ("values", 1, 2**53),
            ("means", 1, MAX_SIZE),
            ("spreads", -1, MAX_SIZE),
        ):
            require_shape(getattr(self, name), (classes,), name)
            require_range(getattr(self, name), low, high, name)

    def to_values(self, sizes: Integers) -> Integers:
        """The value of the class of each size, any shape."""
        edges = (self.means[1:] + self.means[:-1]) / 2
        return np.asarray(self.values[np.searchsorted(edges, sizes.astype(float))], np.int64)

    def draw(self, values: Floats, rng: np.random.Generator) -> Integers:
        """A size for each modelled value, which is rounded to that of the nearest class."""
        edges = (self.values[1:] + self.values[:-1]) / 2
        at = np.searchsorted(edges, values)
        position = 2 * rng.random(len(values)) - 1
        exact = self.means[at] + self.spreads[at] * position
        # Rounded up or down at random, sizes keep their mean, and so does the number of entities.
        return np.floor(exact + rng.random(len(values))).astype(np.int64)

    def to_state(self) -> dict[str, Any]:
        """The classes, as JSON types."""
        return {name: getattr(self, name).tolist() for name in self.__slots__}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Restore what `to_state` returned."""
        return cls(
            np.array(state["values"], np.int64),
            np.array(state["means"], float),
            np.array(state["spreads"], float),
        )


def _merged(groups: list[list[int]], minimum: int) -> list[list[int]]:
    """The groups, with those of less than `minimum` entities joined to the nearer neighbour."""
    while len(groups) > 1:
        small = next((at for at, group in enumerate(groups) if len(group) < minimum), None)
        if small is None:
            break
        sides = [at for at in (small - 1, small + 1) if 0 <= at < len(groups)]
        mean = np.mean(groups[small])
        near = min(sides, key=lambda at: abs(np.mean(groups[at]) - mean))
        low, high = sorted((small, near))
        groups = [*groups[:low], groups[low] + groups[high], *groups[high + 1 :]]
    return groups
