"""The order of events within an entity: an order is placed before it is paid, and paid before shipped.

Rows are sampled one by one, so that their times say nothing about which event comes first. What is
learned is which categories always precede which others. The rows of an entity keep their times, and the
events among them change places.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.data.schema import Kind
from artesian.data.table import Table

Integers = NDArray[np.int64]

MAX_EVENTS = 30
"""Maximum number of categories of a column of events."""

MIN_BOTH = 15
"""Minimum number of entities with two events of which one always precedes the other."""

MIN_BEFORE = 0.98
"""Minimum fraction of these entities in which it does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventOrder:
    """A column of events.

    Attributes:
        column: The column.
        levels: Position in the order by event: the length of the longest chain of events before it.
            Events without a place in the order are left out.
        once: The event that nearly every entity begins with, and has once; '' if there is none.
    """

    column: str
    levels: Mapping[str, int]
    once: str

    @classmethod
    def learn(cls, table: Table, key: str, time: str) -> Self | None:
        """The column whose events are ordered by `time` within the rows of `key`; None without one."""
        names = dict.fromkeys((key, time, *table.schema.of_kind(Kind.CATEGORY)))
        frame = table.frame.select(*names)
        frame = frame.drop_nulls([key, time]).sort(key, time, maintain_order=True)
        place = pl.int_range(pl.len()).over(key)
        best: EventOrder | None = None
        for name in table.schema.of_kind(Kind.CATEGORY):
            if name in (key, time) or not 2 <= frame[name].n_unique() <= MAX_EVENTS:
                continue
            rows = frame.select(entity=key, event=pl.col(name).cast(pl.String), place=place)
            order = _order(rows.drop_nulls(), name)
            if order is not None and (best is None or len(order.levels) > len(best.levels)):
                best = order
        return None if best is None else cls(**best.to_state())

    def first(self, frame: pl.DataFrame) -> NDArray[np.bool_] | None:
        """Rows with the event that every entity begins with, shape (rows,); None without one."""
        if not self.once:
            return None
        return (frame[self.column].cast(pl.String) == self.once).fill_null(False).to_numpy()

    def arranged(self, frame: pl.DataFrame, labels: Integers, time: str) -> pl.DataFrame:
        """Rows with the events of each entity in order.

        Args:
            frame: Rows by entity and time.
            labels: The entity of each row.
            time: The column that keeps its place.
        """
        levels = frame[self.column].cast(pl.String)
        level = levels.replace_strict(self.levels, default=None, return_dtype=pl.Int64)
        places = np.flatnonzero(level.is_not_null().to_numpy())
        ranks = level.drop_nulls().to_numpy()
        rows = np.arange(frame.height)
        rows[places] = places[np.lexsort((places, ranks, labels[places]))]
        return frame[rows].with_columns(frame[time])

    def to_state(self) -> dict[str, Any]:
        """Everything `from_state` needs, as JSON types."""
        return {"column": self.column, "levels": dict(self.levels), "once": self.once}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Restore what `to_state` returned."""
        return cls(**state)


def _order(rows: pl.DataFrame, column: str) -> EventOrder | None:
    """The order of the events of one column, by `entity`, `event` and `place`; None without one."""
    each = rows.group_by("entity", "event").agg(
        first=pl.col("place").min(), last=pl.col("place").max(), rows=pl.len()
    )
    events = sorted(each["event"].unique().to_list())
    entity = each["entity"].rank("dense").cast(pl.Int64).to_numpy() - 1
    event = each["event"].replace_strict({e: k for k, e in enumerate(events)}).to_numpy()
    shape = int(entity.max(initial=-1)) + 1, len(events)
    first, last, number = np.full(shape, np.nan), np.full(shape, np.nan), np.zeros(shape)
    first[entity, event], last[entity, event] = each["first"].to_numpy(), each["last"].to_numpy()
    number[entity, event] = each["rows"].to_numpy()
    has = number > 0
    both = has.T.astype(float) @ has
    before = np.zeros(both.shape)
    for k in range(len(events)):
        with np.errstate(invalid="ignore"):
            before[k] = (last[:, [k]] < first).sum(axis=0)
    precedes = (both >= MIN_BOTH) & (before >= MIN_BEFORE * both)
    np.fill_diagonal(precedes, False)
    levels = _levels(precedes)
    placed = precedes.any(axis=0) | precedes.any(axis=1)
    if levels is None or not placed.any():
        return None
    starts = [
        k
        for k in np.flatnonzero(placed & (levels == 0)).tolist()
        if (number[:, k] == 1).mean() >= MIN_BEFORE and np.nanmax(first[:, k]) == 0
    ]
    return EventOrder(
        column=column,
        levels={events[k]: int(levels[k]) for k in np.flatnonzero(placed).tolist()},
        once=events[starts[0]] if starts else "",
    )


def _levels(precedes: NDArray[np.bool_]) -> Integers | None:
    """Length of the longest chain before each event; None if there is a circle."""
    levels = np.zeros(len(precedes), np.int64)
    for _ in range(len(precedes) + 1):
        above = np.where(precedes, levels[:, None] + 1, 0).max(axis=0, initial=0)
        if (above == levels).all():
            return levels
        levels = np.maximum(levels, above)
    return None
