"""Search for categories that ranges of a time determine: seasons, terms, fiscal years."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import numpy as np

from artesian.data.schema import Kind
from artesian.relations.dependencies import Dependency
from artesian.relations.protocol import MIN_HOLDS
from artesian.relations.search.dependencies import MIN_CLEAN
from artesian.relations.search.rows import Codes, Rows

MAX_RANGES = 40

MIN_PER_RANGE = 5
"""Minimum mean number of rows of a range."""


def time_ranges(
    rows: Rows, skip: Collection[str], stated: Collection[tuple[str, str]]
) -> Iterator[Dependency]:
    """`day -> season`, though few rows have the same day.

    Args:
        skip: Columns that are computed or determined already.
        stated: Pairs (source, target) of dependencies that were found in rows of the same day.
    """
    codes: Mapping[str, Codes] = rows.codes
    for target in rows.schema.of_kind(Kind.CATEGORY):
        levels = int(codes[target].max(initial=-1)) + 1
        present = int((codes[target] >= 0).sum())
        if target in skip or not 2 <= levels <= min(MAX_RANGES, present / MIN_PER_RANGE):
            continue
        for source in rows.schema.of_kind(Kind.DATETIME):
            if (source, target) not in stated and in_ranges(codes[source], codes[target]):
                yield Dependency((source,), target)
                break


def in_ranges(source: Codes, target: Codes) -> bool:
    """Whether each value has a range of a number or time of its own."""
    rows = (source >= 0) & (target >= 0)
    in_order = target[rows][np.argsort(source[rows], kind="stable")]
    if len(in_order) <= MIN_CLEAN:
        return False
    counts = np.unique(in_order, return_counts=True)[1]
    levels, rows_of = len(counts), len(in_order)
    runs = 1 + int((np.diff(in_order) != 0).sum())
    # Of a rare value, there are few runs in any order.
    by_chance = rows_of * (1.0 - float(((counts / rows_of) ** 2).sum()))
    if levels < 2 or by_chance < levels + MIN_CLEAN:
        return False
    return runs - levels <= (1 - MIN_HOLDS) * (by_chance - levels)
