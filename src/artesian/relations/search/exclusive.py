"""Search for sets of flags or amounts of which at most one, or exactly one, is not zero."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.relations.exclusive import Exclusive
from artesian.relations.search.agreement import CHANCE
from artesian.relations.search.rows import NumericColumns

MIN_ZEROS = 0.05
"""Minimum fraction of zeros in a member of a set."""

MAX_BOTH = 0.001
"""Maximum fraction of the rows in which two members are on."""


def exclusive(columns: NumericColumns, free: list[int], frame: pl.DataFrame) -> list[Exclusive]:
    """Maximal sets, discovered greedily, of columns that exclude each other more than by chance.

    Args:
        frame: The columns in their order, also those that are 0 in all rows.
    """
    v = columns.values[:20_000]
    members = [
        j
        for j in free
        if not columns.temporal[j]
        and not np.isnan(v[:, j]).all()
        and np.nanmin(v[:, j]) == 0
        and np.nanmean(v[:, j] == 0) >= MIN_ZEROS
    ]
    if len(members) < 2:
        return []
    on = (np.nan_to_num(v[:, members]) != 0).astype(np.float64)
    n = len(v)
    both, rate = on.T @ on, on.mean(axis=0)
    expected = n * np.outer(rate, rate)
    surprising = np.log(len(members) ** 2 / CHANCE)
    apart = (both <= MAX_BOTH * np.minimum(n * rate[:, None], n * rate[None, :])) & (
        expected > surprising
    )
    discovered, used = [], np.zeros(len(members), bool)
    for first, last in _complete(on):
        used[first:last] = True
        names = tuple(columns.names[members[j]] for j in range(first, last))
        discovered.append(Exclusive(_with_zeros(names, frame), True))
    for first in range(len(members)):
        if used[first]:
            continue
        group = [first]
        for other in range(first + 1, len(members)):
            if not used[other] and all(apart[other, one] for one in group):
                group.append(other)
        if len(group) < 2:
            continue
        ones = on[:, group].sum(axis=1)
        used[group] = True
        names = tuple(columns.names[members[j]] for j in group)
        discovered.append(Exclusive(names, bool((ones == 1).all()) and len(group) > 2))
    return discovered


def _with_zeros(names: tuple[str, ...], frame: pl.DataFrame) -> tuple[str, ...]:
    """The members of a run and the columns between them that are 0 in all rows: too rare."""
    first, last = (frame.columns.index(name) for name in (names[0], names[-1]))
    return tuple(
        series.name
        for series in frame.get_columns()[first : last + 1]
        if series.name in names
        or (series.dtype.is_numeric() and not series.null_count() and (series == 0).all())
    )


def _complete(on: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Runs of three or more neighbouring members of which exactly one is on in every row."""
    runs, at = [], 0
    while at < on.shape[1]:
        ones, end = np.zeros(len(on)), at
        while end < on.shape[1] and ones.max(initial=0) <= 1:
            ones = ones + on[:, end]
            end += 1
            if end - at > 2 and ones.min() == 1 and ones.max() == 1:
                runs.append((at, end))
                break
        at = end if runs and runs[-1] == (at, end) else at + 1
    return runs
