"""Sampled rows as groups of one entity each: cut, made distinct, numbered and identified."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.encoding.transforms.entity import MONTHS, Entity
from artesian.encoding.transforms.entity_assembly import assembled
from artesian.encoding.transforms.grouping import (
    cut,
    duplicates,
    exchanged,
    representatives,
    separated,
    sort_order,
)
from artesian.encoding.transforms.month_numbers import from_integers, to_integers
from artesian.encoding.transforms.protocol import Position
from artesian.surrogates.keyed_random import key_of

Integers = NDArray[np.int64]


def grouped_among(
    one: Entity, frame: pl.DataFrame, within: Integers, rng: np.random.Generator
) -> tuple[pl.DataFrame, Integers]:
    """Groups of rows that keep their places, each among the rows of one group of `within`."""
    order = sort_order([pl.Series(within), *sort_keys(one, frame)], rng)
    values = frame[one.size][order]
    group = cut(drawn_sizes(one, values, rng), _split_missing(within[order], values))
    chosen = order[representatives(group, rng)]
    back = np.argsort(order, kind="stable")
    frame = frame.with_columns(frame[name].gather(chosen[back]) for name in constant_columns(one))
    return frame, renumbered(group[back])


def drawn_sizes(one: Entity, values: pl.Series, rng: np.random.Generator) -> Integers:
    """The size of a group that begins with each row; 1 without an identifier."""
    filled = values.fill_null(1).cast(pl.Float64).to_numpy()
    sizes = one.sizes.draw(filled, rng)
    sizes[values.is_null().to_numpy()] = 1
    return sizes


def is_assembled(one: Entity) -> bool:
    """Whether the next row of an entity is chosen by its number, or by what persists."""
    return bool(one.columns.counters or one.persistent or (one.events and one.events.once))


def assembly(
    entities: Sequence[Entity], frame: pl.DataFrame, sizes: Integers, rng: np.random.Generator
) -> tuple[Integers, Integers]:
    """Positions of rows by entity, and the entity of each; see `assembled`.

    Args:
        entities: Those that contain the entities, the largest first, and these.
        sizes: Number of rows of an entity that begins with each row.
    """
    own = entities[-1]
    number = np.zeros(frame.height, np.int64)
    for name, first in list(own.columns.counters.items())[:1]:
        number = frame[name].fill_null(first).cast(pl.Int64).to_numpy() - first
    number[frame[own.size].is_null().to_numpy()] = 0
    keys = [name for one in reversed(entities) for name in constant_columns(one)]
    begins = None if own.events is None else own.events.first(frame)
    if begins is not None and begins.any():
        return assembled(
            frame, sizes, (~begins).astype(np.int64), keys, own.persistent, rng, heads=True
        )
    return assembled(frame, sizes, number, keys, own.persistent, rng)


def sort_keys(one: Entity, frame: pl.DataFrame) -> list[pl.Series]:
    """What rows of one entity have in common, in the order of sorting."""
    return [frame[one.size], *(frame[name] for name in constant_columns(one))]


def constant_columns(one: Entity) -> tuple[str, ...]:
    """Modelled columns with one value per entity."""
    return (*one.columns.constant, *one.present.values())


def _split_missing(outer: Integers, values: pl.Series) -> Integers:
    """Groups that are not divided across, each row without an identifier in one of its own."""
    missing = values.is_null().to_numpy()
    return np.where(missing, -1 - np.arange(len(outer)), outer).astype(np.int64)


def renumbered(labels: Integers) -> Integers:
    """The same groups, numbered in the order of their first rows."""
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[inverse].astype(np.int64)


def with_distinct(
    one: Entity,
    frame: pl.DataFrame,
    labels: Integers,
    belonging: Collection[str],
    rng: np.random.Generator,
) -> tuple[pl.DataFrame, Integers]:
    """Rows whose values are distinct within an entity, and their entities.

    Numbers and times move along their grid. Categories change places with all that a row has of its
    own, which may depend on them: the result of a laboratory with what was measured. A row for which
    that fails is an entity of its own.

    Args:
        belonging: Columns that stay in their entity.
    """
    for name, step in one.step.items():
        series = frame[name]
        if step:
            monthly = step == MONTHS
            whole = to_integers(series, monthly=monthly)
            day = 0 if monthly else _day(series.dtype)
            moved = separated(labels, whole, 1 if monthly else step, day if step == day else 0)
            series = from_integers(moved, series, monthly=monthly).set(series.is_null(), None)
        else:
            source = exchanged(labels, series, rng)
            own = [c for c in frame.columns if c == name or c not in belonging]
            frame = frame.with_columns(frame[c][source] for c in own)
            series = frame[name]
        frame = frame.with_columns(series.alias(name))
        labels = _apart(labels, duplicates(labels, series))
    return frame, labels


def _day(dtype: pl.DataType) -> int:
    """Length of a day in the units of a type; 0 for what has no days."""
    if isinstance(dtype, pl.Datetime):
        return {"ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}[dtype.time_unit]
    return 1 if dtype == pl.Date else 0


def with_distinct_pairs(
    one: Entity, frame: pl.DataFrame, labels: Integers, rng: np.random.Generator
) -> pl.DataFrame:
    """Rows in which no two entities have the same values of two columns that identify them together.

    An entity that has those of another gets the second one of a third, with what follows from it, where
    one is left, and else both of what is left. When all pairs are taken, they begin anew.
    """
    if not one.columns.together:
        return frame
    first, second, *following = one.columns.together
    _, start, group = np.unique(labels, return_index=True, return_inverse=True)
    outer, inner = frame[first][start].to_list(), frame[second][start].to_list()
    donors = {value: at for at, value in enumerate(inner) if value is not None}
    others = {value: at for at, value in enumerate(outer) if value is not None}
    sources = np.tile(np.arange(len(start)), (2, 1))  # of the first column, and of the second
    possible = max(len(others) * len(donors), 1)
    for begin in range(0, len(start), possible):
        taken: set[tuple[object, object]] = set()
        waiting = []
        for at in range(begin, min(begin + possible, len(start))):
            if (outer[at], inner[at]) in taken:
                left = [v for v in donors if (outer[at], v) not in taken]
                if not left:
                    waiting.append(at)
                    continue
                inner[at] = left[int(rng.integers(len(left)))]
                sources[1, at] = donors[inner[at]]
            taken.add((outer[at], inner[at]))
        free = [(a, b) for a in others for b in donors if (a, b) not in taken] if waiting else []
        for at, choice in zip(waiting, rng.permutation(len(free)).tolist(), strict=False):
            sources[:, at] = others[free[choice][0]], donors[free[choice][1]]
    for names, source in zip(((first,), (second, *following)), sources, strict=True):
        rows, changed = start[source[group]], pl.Series((source != np.arange(len(start)))[group])
        frame = frame.with_columns(frame[n].zip_with(~changed, frame[n][rows]) for n in names)
    return frame


def numbered(one: Entity, frame: pl.DataFrame, labels: Integers) -> pl.DataFrame:
    """Rows with the columns that count the rows of an entity."""
    rank = pl.Series(labels).to_frame("label").select(pl.int_range(pl.len()).over("label"))
    return frame.with_columns(
        (rank.to_series() + first).cast(frame.schema[name]).alias(name)
        for name, first in one.columns.counters.items()
    )


def _apart(labels: Integers, repeated: NDArray[np.bool_]) -> Integers:
    """Groups from which the marked rows are taken, each into a group of its own."""
    out = labels.copy()
    out[repeated] = labels.max(initial=0) + 1 + np.arange(int(repeated.sum()))
    return out


def identified(one: Entity, frame: pl.DataFrame, labels: Integers, at: Position) -> pl.DataFrame:
    """Rows with an identifier for each group."""
    first = one.columns.identifying[0]
    missing = frame[one.size].is_null()
    groups = int(labels.max(initial=-1)) + 1
    numbers = np.arange(at.first_row, at.first_row + groups, dtype=np.uint64)
    series: dict[str, pl.Series] = {}
    for name, form in one.ids.items():
        seed = at.seed.child("entity", name)
        series[name] = form.make(numbers, key_of(seed))[labels]
    if one.generated.names:
        seed = at.seed.child("entity", first, "generated")
        _, first_rows = np.unique(labels, return_index=True)
        for values in one.generated.make(at.first_row, groups, seed, frame[first_rows]):
            series[values.name] = values[labels]
    for name, hidden in one.present.items():
        series[name] = series[name].set(~frame[hidden], None)
    for name in one.columns.equal:
        series[name] = series[first]
    frame = frame.with_columns(
        values.set(missing, None).alias(name) for name, values in series.items()
    )
    frame = frame.with_columns(
        pl.when(hidden).then(name).alias(name) for name, hidden in one.recorded.items()
    )
    return frame.drop(*one.present.values(), *one.recorded.values())
