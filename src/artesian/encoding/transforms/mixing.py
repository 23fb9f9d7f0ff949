"""Rows of one entity among rows of others, where the source mixes them.

Rows are restored with those of one entity after one another. A source that lists events as they come
has rows of other entities between them; there, rows of a few entities alternate, so that all other
entities among the first rows of a sample are complete.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.core.validated import Between, require
from artesian.encoding.transforms.entities import Entities
from artesian.encoding.transforms.grouping import group_starts, stands_together
from artesian.encoding.transforms.protocol import Position

Integers = NDArray[np.int64]

LANES = 5
"""Number of entities whose rows alternate; those that are cut off at the end of a sample."""

MAX_TOGETHER = 2
"""Maximum number of first rows that are together: more would be seen, and an entity of one row is what
readers notice."""

HEAD = 100
"""Number of rows at the head of a sample, where no rows are together: a reader sees them first."""

JITTER = 3.0
"""Width of the random displacement of rows, so that they do not alternate regularly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixing:
    """How rows change places.

    Attributes:
        entity: The identifier whose rows are mixed with those of others, and keep their order.
        unit: The identifier of smaller entities whose rows stay together; None if rows move singly.
        in_place: Unique keys, which keep their order.
        together: Number of first rows of an entity that follow each other beyond the head, so that
            hardly an entity that is cut off at the end of a sample has fewer rows than any of the
            source.
    """

    entity: str
    unit: str | None
    in_place: tuple[str, ...]
    together: Annotated[int, Between(1, 10)] = 1

    @classmethod
    def learn(cls, frame: pl.DataFrame, entities: Entities, in_place: Sequence[str]) -> Self | None:
        """The mixing of `frame`; None if rows of the outermost entity stand together.

        Args:
            frame: The table as it was read.
            entities: Its entities; identifiers that are not columns of `frame` are no entities of it.
            in_place: Unique keys.
        """
        line = [entities.entities[number] for number in entities.nested]
        names = [one.columns.identifying[0] for one in line]
        if not set(names) <= set(frame.columns) or stands_together(frame[names[0]]):
            return None
        depth = next((n for n, name in enumerate(names) if stands_together(frame[name])), None)
        outer = len(line) - 1 if depth is None else depth - 1
        smallest = float(line[outer].sizes.means.min())
        return cls(
            entity=names[outer],
            unit=None if depth is None else names[depth],
            in_place=tuple(in_place),
            together=min(max(int(smallest), 1), MAX_TOGETHER) if depth is None else 1,
        )

    def apply(self, frame: pl.DataFrame, at: Position) -> pl.DataFrame:
        """Rows of a block in their new order."""
        entity = _runs(frame[self.entity])
        starts, counts = group_starts(entity if self.unit is None else _runs(frame[self.unit]))
        if self.unit is None:
            starts, counts = np.arange(frame.height), np.ones(frame.height, np.int64)
        # Places are those of rows in lanes of alternating entities, each displaced at random.
        firsts, lengths = group_starts(entity)
        position = np.zeros(len(firsts))
        named = frame[self.entity].is_not_null().to_numpy()[firsts]
        position[named] = _lane_positions(lengths[named])
        # Rows without an identifier belong to no lane: they may stand anywhere.
        end = float((position + lengths)[named].max(initial=1))
        position[~named] = at.rng("mixing", "unnamed").uniform(0, end, int((~named).sum()))
        place = np.repeat(position, lengths) + np.arange(frame.height)
        place = (place - np.repeat(firsts, lengths))[starts]
        when = place + JITTER * at.rng("mixing").random(len(place))
        # The units of one entity keep their order, and the first ones are together.
        units, unit_counts = group_starts(entity[starts])
        when = when[np.lexsort((when, entity[starts]))]
        late = at.first_row + LANES * place[units] >= HEAD
        for rank in range(1, self.together):
            longer = units[late & (unit_counts > rank)]
            when[longer + rank] = when[longer]
        order = np.argsort(when, kind="stable")
        moved = np.concatenate(
            [np.arange(starts[u], starts[u] + counts[u]) for u in order.tolist()]
        )
        kept = frame.select(self.in_place)
        return frame[moved].with_columns(kept.get_columns())

    def check_values(self) -> None:
        """Check that entities differ from the units they have."""
        require(self.entity != self.unit, "the unit is the entity")

    def to_state(self) -> dict[str, Any]:
        """Everything `from_state` needs, as JSON types."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Restore what `to_state` returned."""
        return cls(**state | {"in_place": tuple(state["in_place"])})


def _lane_positions(lengths: Integers) -> Integers:
    """Position in its lane of the first row of each entity, shape (entities,).

    Each entity follows the one that ends first.

    >>> _lane_positions(np.array([3, 1, 2, 2, 2, 4])).tolist()
    [0, 0, 0, 0, 0, 1]
    """
    ends = [0] * LANES
    return np.array([heapq.heapreplace(ends, ends[0] + n) for n in lengths.tolist()], np.int64)


def _runs(key: pl.Series) -> Integers:
    """Number of the run of equal values of each row, from 0; a missing value is a run of its own."""
    row = pl.int_range(pl.len())
    alone = pl.struct(key.name, pl.when(pl.col(key.name).is_null()).then(row).alias("\0row"))
    return key.to_frame().select(alone.rle_id()).to_series().to_numpy().astype(np.int64)
