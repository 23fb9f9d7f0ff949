"""Search for events that imply others: a missing value, a zero, or a number's most frequent value.

All pairs of events are counted at once, with eight rows per byte.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.relations.dependencies import Dependency
from artesian.relations.formulas import Formula
from artesian.relations.implied import Event, Implied
from artesian.relations.orders import Order
from artesian.relations.presence import MissingWhen
from artesian.relations.protocol import MIN_HOLDS, Relation
from artesian.relations.search.agreement import CHANCE
from artesian.relations.search.dependencies import MIN_CLEAN_VALUE, MIN_FREQUENT
from artesian.relations.search.evidence import reliable
from artesian.relations.search.rows import NumericColumns

MIN_CLEAN = 25
"""Minimum number of rows with the cause, if all have the effect and few others do."""

MAX_OUTSIDE = 0.9
"""Maximum fraction of the rows without the cause that have the effect."""

MAX_OWN = 0.01
"""Maximum such fraction for the effect to belong to the cause."""

MAX_OWN_ALIKE = 0.2
"""The same where both are missing values, or both are zeros: one explains the other."""

MAX_ALIKE = 0.5
"""The same with more rows."""

MIN_CLEAN_ALIKE = 100
"""Minimum number of rows with the cause in that case."""

MAX_LEVELS = 10
"""Maximum number of categories of a column whose categories are causes."""

MAX_EVENTS = 400
"""Maximum number of events that are compared."""

Bits = NDArray[np.uint8]
"""Eight rows per byte."""


@dataclass(frozen=True, eq=False)
class Events:
    """Events of the rows.

    Attributes:
        listed: m events.
        happens: Where each event happens, shape (m, rows / 8).
        observed: Where that can be said, shape (m, rows / 8).
        distinct: Number of different values of each event's column, shape (m,).
    """

    listed: list[Event]
    happens: Bits
    observed: Bits
    distinct: NDArray[np.int64]

    @classmethod
    def from_frame(
        cls,
        frame: pl.DataFrame,
        columns: NumericColumns,
        free: Collection[str],
        listable: Collection[str],
    ) -> Events:
        """Missing values, the zeros and most frequent values of numbers, and categories.

        Args:
            free: Columns whose missing values are looked at.
            listable: Columns whose frequent values may be written down.
        """
        listed: list[Event] = []
        rows: list[tuple[NDArray[np.bool_], NDArray[np.bool_], int]] = []
        everywhere = np.ones(frame.height, bool)
        for name in free:
            missing = frame[name].is_null().to_numpy()
            if MIN_CLEAN <= missing.sum() <= frame.height - MIN_CLEAN:
                listed.append(Event(name))
                rows.append((missing, everywhere, frame.height))
        for j, name in enumerate(columns.names):
            if name not in listable or columns.temporal[j]:
                continue
            values = columns.values[:, j]
            observed = ~np.isnan(values)
            for value in _frequent(values[observed]):
                listed.append(Event(name, value))
                rows.append((values == value, observed, int(columns.distinct[j])))
        for series in frame:
            if series.name in listable and series.dtype in (pl.String, pl.Categorical, pl.Enum):
                text = series.cast(pl.String)
                observed = text.is_not_null().to_numpy()
                levels = text.drop_nulls().unique().sort().to_list()
                for level in levels if 2 <= len(levels) <= MAX_LEVELS else ():
                    listed.append(Event(series.name, level))
                    rows.append(
                        ((text == level).fill_null(False).to_numpy(), observed, len(levels))
                    )
        rows, listed = rows[:MAX_EVENTS], listed[:MAX_EVENTS]
        shape = (len(rows), frame.height)
        return cls(
            listed,
            np.packbits(np.array([happens for happens, _, _ in rows], bool).reshape(shape), axis=1),
            np.packbits(
                np.array([observed for _, observed, _ in rows], bool).reshape(shape), axis=1
            ),
            np.array([distinct for _, _, distinct in rows], np.int64),
        )


def implied(
    frame: pl.DataFrame,
    columns: NumericColumns,
    free: Collection[str],
    listable: Collection[str],
    discovered: Iterable[Relation],
) -> list[Implied]:
    """Implications that no other one, and no relation in `discovered`, implies.

    Args:
        free: Columns whose missing values are not explained.
        listable: Columns whose frequent values may be written down: no identifiers, no texts.
    """
    events = Events.from_frame(frame, columns, free, listable)
    if len(events.listed) < 2:
        return []
    implies = _implications(events)
    order = sorted(
        range(len(events.listed)),
        key=lambda at: (events.listed[at].value is None, events.distinct[at], at),
    )
    first: dict[int, int] = {}  # the first event of those that imply each other
    for at in order:
        first[at] = next(
            (
                other
                for other in order
                if other in first
                and first[other] == other
                and implies[at, other]
                and implies[other, at]
            ),
            at,
        )
    pairs = [(rest, one, True) for rest, one in first.items() if rest != one]
    between = implies.copy()
    rest = [at for at, one in first.items() if at != one]
    between[rest, :] = between[:, rest] = False
    indirect = np.stack([between[row].any(axis=0) for row in between])
    pairs += [
        (int(effect), int(cause), False) for cause, effect in np.argwhere(between & ~indirect)
    ]
    consequences = _Consequences.from_relations(frame, discovered)
    candidates = [Implied(events.listed[e], events.listed[c], exactly) for e, c, exactly in pairs]
    return [one for one in candidates if not consequences.implies(one)]


def _frequent(values: NDArray[np.float64]) -> list[float]:
    """The most frequent of the values, and 0."""
    unique, counts = np.unique(values, return_counts=True)
    if len(unique) < 2:
        return []
    often = (
        {float(unique[np.argmax(counts)])} if counts.max() >= MIN_FREQUENT * len(values) else set()
    )
    zero = counts[unique == 0].sum()
    return sorted(often | ({0.0} if zero >= MIN_CLEAN else set()))


def _both(one: Bits, other: Bits) -> NDArray[np.int64]:
    """Number of rows in which both are true, shape (m, m)."""
    return np.stack([np.bitwise_count(row & other).sum(axis=1, dtype=np.int64) for row in one])


def _implications(events: Events) -> NDArray[np.bool_]:
    """Whether the event of a row implies that of a column, shape (m, m)."""
    happens, observed = events.happens, events.observed
    applies, right = _both(happens, observed), _both(happens, happens)
    without, elsewhere = _both(observed, observed) - applies, _both(observed, happens) - right
    wrong = applies - right
    outside = elsewhere / np.maximum(without, 1)
    rate = right.diagonal() / np.maximum(np.bitwise_count(observed).sum(axis=1), 1)
    rate = np.clip(rate, 1e-9, 1 - 1e-9)
    surprising = np.log(len(events.listed) ** 2 / CHANCE)
    possible = (
        (applies >= MIN_CLEAN)
        & (without >= MIN_CLEAN)
        & (wrong <= (1 - MIN_HOLDS) * applies)
        & (outside <= MAX_OUTSIDE)
        & (-applies * np.log(rate)[None, :] > surprising)
    )
    implies = np.zeros(possible.shape, bool)
    for at, to in np.argwhere(possible):
        cause, effect = events.listed[at], events.listed[to]
        if cause.column == effect.column or isinstance(effect.value, str):
            continue
        if isinstance(cause.value, str) and effect.value is not None:
            continue  # see `constants`
        alike = cause.value in (None, 0) and effect.value in (None, 0)
        # A missing wedding and no children are alike too, but less than two zeros are.
        mixed = cause.value != effect.value
        if outside[at, to] <= (MAX_OWN_ALIKE if alike and not mixed else MAX_OWN):
            clean = MIN_CLEAN
        elif alike and outside[at, to] <= (MAX_OWN_ALIKE if mixed else MAX_ALIKE):
            clean = MIN_CLEAN_ALIKE
        else:
            clean = MIN_CLEAN_VALUE
        implies[at, to] = reliable(int(wrong[at, to]), int(applies[at, to]), clean)
    return implies


@dataclass(frozen=True)
class _Consequences:
    """What relations say of events.

    Attributes:
        below: For a column that is never negative, those that are not above it.
        determined: Pairs of a column and another that it determines.
        missing: Pairs of a column and another that is missing by its values.
        computed: Pairs of a column and another that is computed from it.
    """

    below: dict[str, set[str]]
    determined: set[tuple[str, str]]
    missing: set[tuple[str, str]]
    computed: set[tuple[str, str]]

    @classmethod
    def from_relations(cls, frame: pl.DataFrame, relations: Iterable[Relation]) -> _Consequences:
        below: dict[str, set[str]] = {}
        determined: set[tuple[str, str]] = set()
        missing: set[tuple[str, str]] = set()
        computed: set[tuple[str, str]] = set()
        for one in relations:
            if isinstance(one, Order):
                minimum = frame[one.low].min()
                if isinstance(minimum, int | float) and minimum >= 0:
                    below.setdefault(one.high, set()).add(one.low)
            elif isinstance(one, Dependency) and len(one.sources) == 1 and not one.values:
                determined.add((one.sources[0], one.target))
            elif isinstance(one, MissingWhen):
                missing.add((one.source, one.target))
            elif isinstance(one, Formula):
                computed.update((source, one.target) for source in one.sources)
        return cls(below, determined, missing, computed)

    def implies(self, one: Implied) -> bool:
        """Whether `one` follows."""
        cause, effect = one.cause, one.effect
        if cause.value is None:
            return effect.value is None and (cause.column, effect.column) in self.computed
        if effect.value is None and (cause.column, effect.column) in self.missing:
            return True
        if (cause.column, effect.column) in self.determined:
            return True
        if not one.exactly and cause.value == effect.value == 0:
            todo, seen = [cause.column], set()
            while todo:
                name = todo.pop()
                if name == effect.column:
                    return True
                if name not in seen:
                    seen.add(name)
                    todo += self.below.get(name, set())
        return False
