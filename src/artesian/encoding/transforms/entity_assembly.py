"""Choose which sampled rows make an entity, by the numbers of its rows and by what hardly changes.

Rows are sampled one by one. An entity needs a first row, a second one, and so on: a row that was
sampled as a third visit becomes a third visit. Weight and home town differ more between persons than
between the visits of one person, so that each next row is the one that is most alike: the assignment of
rows to entities with the lowest total distance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.data.schema import Kind
from artesian.data.table import Table
from artesian.encoding.transforms.grouping import sort_order
from artesian.encoding.transforms.meters import decimals_of
from artesian.encoding.transforms.steps import Hidden

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

MIN_ENTITIES = 20
"""Minimum number of entities of several rows from which is learned what persists."""

MIN_BETWEEN = 0.5
"""Minimum fraction of the variance of a number that lies between entities."""

MIN_AGREEMENT = 0.4
"""Minimum of Cohen's kappa between the categories of two rows of an entity."""

FEW = 10
"""Maximum number of different values of a number that is compared like a category."""

MAX_PERSISTENT = 8
"""Maximum number of columns that are compared: those that persist most."""

MISMATCH = 3.0
"""Distance of two different categories that persist, in standard deviations within an entity."""

CAP = 10.0
"""Largest distance of two numbers that counts, in the same units."""

CHUNK = 256
"""Maximum number of rows and entities that are assigned together."""


def persistent_columns(table: Table, key: str, exclude: Sequence[str]) -> dict[str, float]:
    """Columns that differ more between entities than within one, those that persist most first.

    Args:
        key: The identifier.
        exclude: Columns that are constant, or distinct, within an entity.

    Returns:
        For each column the standard deviation within an entity, and 0 for categories.
    """
    frame = table.frame.filter(table.frame[key].is_not_null())
    labels = frame[key].rank("dense").cast(pl.Int64).to_numpy() - 1 if frame.height else np.zeros(0)
    size = np.bincount(labels.astype(np.int64)) if frame.height else np.zeros(0, np.int64)
    if (size > 1).sum() < MIN_ENTITIES:
        return {}
    several = size[labels] > 1
    labels, rows = labels[several].astype(np.int64), frame.filter(pl.Series(several))
    persisting: dict[str, tuple[float, float]] = {}
    for column in table.schema:
        if column.name in exclude or column.name == key:
            continue
        series = rows[column.name]
        few = series.n_unique() <= FEW
        if column.kind is Kind.DATETIME or (column.kind is Kind.NUMBER and not few):
            if not (series.dtype.is_numeric() or series.dtype.is_temporal()):
                continue
            physical = series.to_physical().cast(pl.Float64).to_numpy()
            between, within = _variances(physical, labels)
            if between >= MIN_BETWEEN and within > 0:
                persisting[column.name] = between, within**0.5
        elif column.kind in (Kind.CATEGORY, Kind.BOOLEAN, Kind.NUMBER):
            kappa = _agreement(series, labels)
            if kappa >= MIN_AGREEMENT:
                persisting[column.name] = kappa, 0.0
    names = sorted(persisting, key=lambda name: -persisting[name][0])[:MAX_PERSISTENT]
    return {name: persisting[name][1] for name in names}


def _variances(values: Floats, labels: Integers) -> tuple[float, float]:
    """The fraction of the variance between entities (intraclass correlation), and that within."""
    present = ~np.isnan(values)
    values, labels = values[present], labels[present]
    rows = np.bincount(labels)
    if len(values) < 2 * MIN_ENTITIES or (rows > 1).sum() < MIN_ENTITIES:
        return 0.0, 0.0
    mean = np.bincount(labels, values) / np.maximum(rows, 1)
    groups = int((rows > 0).sum())
    within = float(((values - mean[labels]) ** 2).sum() / max(len(values) - groups, 1))
    size = len(values) / groups
    means = mean[rows > 0]
    between = (
        float(np.average((means - values.mean()) ** 2, weights=rows[rows > 0])) - within / size
    )
    total = max(between, 0.0) + within
    return (max(between, 0.0) / total if total > 0 else 0.0), within


def _agreement(series: pl.Series, labels: Integers) -> float:
    """Cohen's kappa of the categories of consecutive rows of an entity."""
    text = series.dtype in (pl.Categorical, pl.Enum)
    ranks = (series.cast(pl.String) if text else series).rank("dense")
    codes = ranks.fill_null(0).cast(pl.Int64).to_numpy()
    order = np.argsort(labels, kind="stable")
    codes, labels = codes[order], labels[order]
    pairs = labels[1:] == labels[:-1]
    if pairs.sum() < MIN_ENTITIES:
        return 0.0
    observed = float((codes[1:] == codes[:-1])[pairs].mean())
    frequency = np.bincount(codes) / len(codes)
    expected = float((frequency**2).sum())
    return (observed - expected) / (1 - expected) if expected < 1 else 0.0


def assembled(
    frame: pl.DataFrame,
    sizes: Integers,
    number: Integers,
    keys: Sequence[str],
    persistent: Mapping[str, float],
    rng: np.random.Generator,
    *,
    heads: bool = False,
) -> tuple[Integers, Integers]:
    """Positions of rows by entity and number within it, and the entity of each, shapes (rows,).

    Args:
        frame: Sampled rows.
        sizes: Number of rows of an entity that begins with each row.
        number: Number of each row within its entity, from 0, as sampled; 0 if rows have none.
        keys: Columns with one value per entity.
        persistent: What `persistent_columns` returned.
        heads: Whether `number` only says which rows begin an entity, each one of its own.
    """
    rows = frame.height
    # Of rows without a number, those of large entities are as many times too frequent as first ones.
    turn = rng.exponential(size=rows) * (1 if number.any() else sizes)
    queue = np.lexsort((turn, number))
    if heads:
        wanted = _sizes_of_heads(sizes[queue[: int((number == 0).sum())]], rows)
        number = np.zeros(rows, np.int64)
    else:
        wanted = _entity_sizes(sizes[queue], number)
    chosen = _numbered(queue, number[queue], wanted)
    # Larger entities begin with rows of larger entities; the last one may be incomplete.
    whole = chosen[0][: len(wanted) - 1]
    wanted[: len(whole)] = np.sort(wanted[: len(whole)])[np.argsort(np.argsort(sizes[whole]))]
    last = chosen[0].copy()
    compared = _Compared(frame, keys, persistent)
    place = sort_order([pl.Series(sizes), *(frame[name] for name in (*keys, *persistent))], rng)
    rank = np.empty(rows, np.int64)
    rank[place] = np.arange(rows)
    members: list[Integers] = [last.copy()]
    owners: list[Integers] = [np.arange(len(last))]
    for at in range(1, len(chosen)):
        open_groups = np.flatnonzero(wanted > at)
        open_groups = open_groups[np.argsort(rank[members[0][open_groups]], kind="stable")]
        new = chosen[at][np.argsort(rank[chosen[at]], kind="stable")]
        for start in range(0, len(new), CHUNK):
            some = slice(start, start + CHUNK)
            new[some] = new[some][compared.assignment(last[open_groups[some]], new[some])]
        last[open_groups] = new
        members.append(new)
        owners.append(open_groups)
    position, owner = np.concatenate(members), np.concatenate(owners)
    order = np.argsort(owner, kind="stable")
    return position[order], owner[order]


def _entity_sizes(sizes: Integers, number: Integers) -> Integers:
    """The sizes of as many entities as make the rows; the last one is what remains.

    Where rows are numbered, the sizes have such proportions that as many entities have a third row as
    there are third rows. All sizes are among those drawn.

    Args:
        sizes: Drawn size of an entity that begins with each row, the first rows first.
        number: Number of each row within its entity, in any order.
    """
    from sklearn.isotonic import IsotonicRegression

    total, rows = len(sizes), np.bincount(number)
    if len(rows) > 1 and rows[0]:
        # As many first rows as second ones, or more, and so on.
        survivors = -IsotonicRegression().fit_transform(np.arange(len(rows)), -rows.astype(float))
        ending = survivors - np.append(survivors[1:], 0.0)
        drawn = sizes[: rows[0]]
        allowed = np.unique(drawn)
        nearest = np.abs(np.arange(1, len(rows) + 1)[:, None] - allowed).argmin(axis=1)
        weight = np.bincount(nearest, ending, minlength=len(allowed))
        ends = np.round(np.cumsum(weight)).astype(np.int64)
        entities = np.diff(ends, prepend=0)
        sizes = np.repeat(allowed, entities)
        # Some are a step larger or smaller, so that they make all rows.
        for at in np.linspace(0, len(sizes) - 1, len(sizes)).astype(np.int64).tolist()[::-1]:
            place = int(np.searchsorted(allowed, sizes[at]))
            rest = total - int(sizes.sum())
            step = 1 if rest > 0 else -1
            if 0 <= place + step < len(allowed):
                change = int(allowed[place + step] - allowed[place])
                if rest and abs(rest - change) < abs(rest):
                    sizes[at] = allowed[place + step]
        sizes = np.append(sizes, drawn[np.arange(total) % len(drawn)])
    ends = np.cumsum(sizes)
    groups = int(np.searchsorted(ends, total)) + 1
    wanted = sizes[:groups].copy()
    wanted[-1] -= ends[groups - 1] - total
    return np.asarray(wanted)


def _sizes_of_heads(sizes: Integers, rows: int) -> Integers:
    """Sizes of as many entities as there are first rows, which make all rows together.

    >>> _sizes_of_heads(np.array([2, 3, 1]), 8).tolist()
    [3, 4, 1]
    """
    wanted = np.round(np.cumsum(sizes) * (rows / sizes.sum())).astype(np.int64)
    each = np.maximum(np.diff(wanted, prepend=0), 1)
    # Entities of one row that became none are taken from the largest one.
    each[int(each.argmax())] -= int(each.sum()) - rows
    return np.asarray(each)


def _numbered(queue: Integers, number: Integers, wanted: Integers) -> list[Integers]:
    """The rows that become first rows of an entity, second ones, and so on.

    Rows keep their number as far as there are entities for it; the others take the numbers for which
    there are too few rows, in their order.

    Args:
        queue: Positions of the rows by number.
        number: Number of each of them.
        wanted: Number of rows of each entity.
    """
    slots = np.array([int((wanted > at).sum()) for at in range(int(wanted.max(initial=1)))])
    if not number.any():
        return np.split(queue, np.cumsum(slots)[:-1])
    rows = [queue[number == at] for at in range(max(len(slots), int(number.max()) + 1))]
    room = [int(slots[at]) if at < len(slots) else 0 for at in range(len(rows))]
    spare = np.concatenate([of[free:] for of, free in zip(rows, room, strict=True)])
    chosen, used = [], 0
    for of, free in zip(rows, room, strict=True):
        missing = max(free - len(of), 0)
        chosen.append(np.concatenate([of[:free], spare[used : used + missing]]))
        used += missing
    return chosen[: len(slots)]


class _Compared:
    """The columns in which rows are compared, as numbers in units of what is usual within an entity.

    Args:
        frame: Sampled rows.
        keys: Columns with one value per entity, which all of its rows get from one of them.
        persistent: Standard deviation within an entity by column, 0 for categories.
    """

    def __init__(
        self, frame: pl.DataFrame, keys: Sequence[str], persistent: Mapping[str, float]
    ) -> None:
        numbers, codes, self._mismatch = [], [], list[float]()
        for name in (*keys, *persistent):
            series = frame[name]
            if series.dtype.is_numeric() or series.dtype.is_temporal():
                values = series.to_physical().cast(pl.Float64).to_numpy()
                spread = float(np.nanstd(values)) if np.isfinite(values).any() else 0.0
                unit = persistent.get(name) or spread
                if unit > 0:
                    numbers.append(np.nan_to_num(values, nan=float(np.nanmean(values))) / unit)
            else:
                codes.append(series.cast(pl.String).rank("dense").fill_null(0).to_numpy())
                self._mismatch.append(MISMATCH if name in persistent else 1.0)
        self._numbers = np.stack(numbers, axis=1) if numbers else np.zeros((frame.height, 0))
        self._codes = np.stack(codes, axis=1) if codes else np.zeros((frame.height, 0))

    def assignment(self, before: Integers, rows: Integers) -> Integers:
        """For each entity, by its row before, the position among `rows` of its next row."""
        from scipy.optimize import linear_sum_assignment

        cost = np.zeros((len(before), len(rows)))
        for column in self._numbers.T:
            cost += np.minimum(np.abs(column[before][:, None] - column[rows][None, :]), CAP)
        for column, mismatch in zip(self._codes.T, self._mismatch, strict=True):
            cost += mismatch * (column[before][:, None] != column[rows][None, :])
        return np.asarray(linear_sum_assignment(cost)[1])


def drawn_together(
    frame: pl.DataFrame, labels: Integers, persistent: Mapping[str, float]
) -> pl.DataFrame:
    """Rows whose persistent numbers vary within an entity no more than in the source.

    Rows that were sampled one by one differ more than those of one entity. Each number is moved toward
    the mean of its entity, all by the same factor.

    Args:
        labels: The entity of each row, numbered from 0.
    """
    for name, deviation in persistent.items():
        series = frame[name]
        # Moved times would lose the rhythm of the day and the week.
        if not deviation or series.dtype.is_temporal():
            continue
        values = series.cast(pl.Float64).to_numpy().copy()
        present = ~np.isnan(values)
        rows = np.bincount(labels[present], minlength=int(labels.max(initial=0)) + 1)
        totals = np.bincount(labels[present], values[present], minlength=len(rows))
        mean = (totals / np.maximum(rows, 1))[labels]
        excess = values - mean
        freedom = int(present.sum() - (rows > 0).sum())
        actual = (np.nansum(excess**2) / freedom) ** 0.5 if freedom > 0 else 0.0
        if actual > deviation:
            moved = mean + excess * (deviation / actual)
            whole = Hidden(series.dtype, decimals_of(series)).series(name, moved)
            frame = frame.with_columns(whole.cast(series.dtype))
    return frame
