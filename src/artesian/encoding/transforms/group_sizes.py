"""The number of rows of each entity, in classes of at least `MIN_COUNT` entities."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from artesian.core.disclosure import MIN_COUNT

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class GroupSizes:
    """Classes of sizes, in ascending order.

    Attributes:
        values: A size for each class, by which it is modelled, shape (k,), distinct.
        low, high: Range of the sizes that are drawn for a class, shape (k,); equal for a size that
            enough entities have.
    """

    values: Integers
    low: Integers
    high: Integers

    @classmethod
    def learn(cls, sizes: Integers, *, minimum: int = MIN_COUNT) -> Self:
        """The classes of the sizes of all entities, shape (entities,).

        A size of at least `minimum` entities is a class. Adjacent rarer ones are one class, which is
        known by its mean and spread only.
        """
        values: list[int] = []
        low: list[int] = []
        high: list[int] = []

        def add(group: list[int]) -> None:
            mean, spread = float(np.mean(group)), math.sqrt(3) * float(np.std(group))
            value = max(round(mean), 1, values[-1] + 1 if values else 1)
            values.append(value)
            low.append(max(min(round(mean - spread), value), 1))
            high.append(max(round(mean + spread), value))

        rare: list[int] = []
        counted = (part.tolist() for part in np.unique(sizes, return_counts=True))
        for size, count in zip(*counted, strict=True):
            if count >= minimum:
                if len(rare) >= minimum:
                    add(rare)
                rare = []  # too few for a class of their own: they get the nearest one
                add([size])
                continue
            rare += [size] * count
            if len(rare) >= 4 * minimum:
                add(rare)
                rare = []
        if len(rare) >= minimum or not values:
            add(rare or [1])
        return cls(*(np.array(part, np.int64) for part in (values, low, high)))

    def to_values(self, sizes: Integers) -> Integers:
        """The value of the class of each size, any shape."""
        return self.values[self._nearest(sizes.astype(float))]

    def draw(self, values: Floats, uniforms: Floats) -> Integers:
        """A size for each modelled value, which is rounded to that of the nearest class."""
        at = self._nearest(values)
        width = self.high[at] - self.low[at] + 1
        inside = np.minimum((uniforms * width).astype(np.int64), width - 1)
        return np.asarray(self.low[at] + inside, np.int64)

    def _nearest(self, values: Floats) -> Integers:
        edges = (self.values[1:] + self.values[:-1]) / 2
        return np.searchsorted(edges, values).astype(np.int64)

    def to_state(self) -> dict[str, Any]:
        """The classes, as JSON types."""
        return {name: getattr(self, name).tolist() for name in self.__slots__}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Restore what `to_state` returned."""
        return cls(*(np.array(state[name], np.int64) for name in cls.__slots__))
