"""Rows of other tables that sampled rows repeat: persons get one stand-in in all tables."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from artesian.data.schema import ForeignKey
from artesian.relations.repeated import Repeated
from artesian.relations.search.repeated import first_rows
from artesian.relations.search.rows import dense_codes
from artesian.synthesizers.relational.plan import Rows


def repeated_rows(
    one: Repeated,
    frames: Mapping[str, pl.DataFrame],
    rows: Mapping[ForeignKey, Rows],
    rng: np.random.Generator,
) -> Rows:
    """A row of the other table for each row of the table, -1 for none.

    Rows with the same value have the same one, and rows with others have others while there are some.
    """
    own = frames[one.table][one.columns[0][0]]
    codes = dense_codes(own)
    count, available = len(own), len(frames[one.other])
    if not available or not count:
        return np.full(count, -1, np.int64)
    group, theirs = np.zeros(count, np.int64), np.zeros(available, np.int64)
    if one.within is not None:
        key, other = one.within
        group = np.arange(count) if key is None else rows[key]
        theirs = rows[other]
    # One person is a value, of one group.
    _, person = np.unique(np.stack([group, codes]), axis=1, return_inverse=True)
    person = np.ravel(person)
    first = np.unique(person, return_index=True)[1]
    order = rng.permutation(available)
    order = order[np.argsort(theirs[order], kind="stable")]
    sorted_groups = theirs[order]
    wanted = group[first]
    begin = np.searchsorted(sorted_groups, wanted)
    size = np.searchsorted(sorted_groups, wanted, side="right") - begin
    # The place of each person among those of its group.
    by_group = np.argsort(wanted, kind="stable")
    place = np.empty(len(wanted), np.int64)
    place[by_group] = np.arange(len(wanted)) - np.searchsorted(wanted[by_group], wanted[by_group])
    chosen = np.where(size > 0, order[(begin + place % np.maximum(size, 1)) % available], -1)
    chosen[rng.random(len(chosen)) >= one.fraction] = -1
    out = np.where(codes < 0, -1, chosen[person])
    if one.within is None:
        # Values that are released as they are, such as towns, are in both tables already.
        same = first_rows(own, frames[one.other][one.columns[0][1]])
        out = np.where(same >= 0, same, out)
    return out


def with_repeated(one: Repeated, frames: Mapping[str, pl.DataFrame], at: Rows) -> pl.DataFrame:
    """The rows with the values of the rows that they repeat; missing values remain."""
    frame, other = frames[one.table], frames[one.other]
    if not len(other):
        return frame
    present, place = pl.Series(at >= 0), pl.Series(np.maximum(at, 0))
    for own, theirs in one.columns:
        old = frame[own]
        new = other[theirs].gather(place).cast(old.dtype, strict=False).alias(own)
        frame = frame.with_columns(
            new.zip_with(present & old.is_not_null() & new.is_not_null(), old)
        )
    return frame
