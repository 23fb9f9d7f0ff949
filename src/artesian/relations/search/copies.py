"""Search for columns that are equal to another one."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from artesian.relations.formulas import Copy
from artesian.relations.protocol import MIN_HOLDS
from artesian.relations.search.rows import MAX_NEIGHBOURS

BLOCKS, BLOCK = 4, 8
"""Number of blocks of rows that are looked up, and rows of a block."""

MIN_ROWS = 12
"""Minimum number of values of a column."""


def copies(frame: pl.DataFrame) -> Iterable[Copy]:
    """Columns equal to an earlier one."""
    seen: list[pl.Series] = []
    starts: dict[tuple[int, tuple[object, ...]], list[pl.Series]] = {}
    for series in frame:
        present = series.drop_nulls()
        if len(present) < MIN_ROWS or present.n_unique() < 2:
            continue
        # Stored numbers, because Python has no dates beyond the year 9999.
        first = series.head(BLOCKS * BLOCK).to_physical().to_list()
        keys = [(at, tuple(first[at : at + BLOCK])) for at in range(0, BLOCKS * BLOCK, BLOCK)]
        candidates = seen
        if len(seen) > MAX_NEIGHBOURS:
            # Of many columns only those are compared that agree in all rows of a block.
            agree = {id(one): one for key in keys for one in starts.get(key, ())}
            candidates = list(agree.values())
        for earlier in candidates:
            comparable = earlier.dtype == series.dtype or (
                earlier.dtype.is_numeric() and series.dtype.is_numeric()
            )
            # One that is missing elsewhere may be a part of it: see `sums_with_missing`.
            if comparable and earlier.null_count() == series.null_count():
                head = (earlier.head(64) == series.head(64)).mean()
                if isinstance(head, float) and head > 0.9 and alike(series, earlier):
                    yield Copy(series.name, earlier.name)
                    break
        else:
            seen.append(series)
            for key in keys:
                starts.setdefault(key, []).append(series)


def alike(series: pl.Series, earlier: pl.Series) -> bool:
    """Whether rows without the most frequent value agree too: two rare flags mostly agree on 0."""
    if series.dtype.is_temporal():
        series, earlier = series.to_physical(), earlier.to_physical()
    same = (series == earlier).mean()
    if not isinstance(same, float) or same < MIN_HOLDS:
        return False
    usual = series.drop_nulls().alias("value").value_counts(sort=True, name="rows")["value"][0]
    others = (series != usual) | (earlier != usual)
    equal = (series == earlier).filter(others.fill_null(False)).drop_nulls()
    return len(equal) == 0 or int((~equal).sum()) <= (1 - MIN_HOLDS) * len(equal)
