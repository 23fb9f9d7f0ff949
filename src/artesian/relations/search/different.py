"""Search for columns with the same values of which no row has one value in both."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import combinations

import polars as pl

from artesian.relations.different import Different
from artesian.relations.search.rows import MAX_NEIGHBOURS

MIN_EXPECTED = 8.0
"""Minimum number of equal rows that independent columns would have; none has a chance of e^-8 then."""

MIN_SHARED = 0.8
"""Minimum fraction of the values of the column with fewer values that the other has too."""

MIN_VALUES = 3
"""Minimum number of values; of two, one column would determine the other."""


def different(frame: pl.DataFrame, names: Collection[str]) -> Iterator[Different]:
    """Pairs of the columns `names` of texts."""
    counts = {
        name: frame[name].drop_nulls().alias("value").value_counts(name="rows")
        for name in frame.columns
        if name in names and frame[name].dtype == pl.String
    }
    values = {name: set(one["value"]) for name, one in counts.items()}
    place = {name: at for at, name in enumerate(counts)}
    for first, second in combinations(counts, 2):
        if place[second] - place[first] > MAX_NEIGHBOURS:
            continue
        one, other = counts[first], counts[second]
        fewer = min(len(one), len(other))
        if fewer < MIN_VALUES or len(values[first] & values[second]) < MIN_SHARED * fewer:
            continue
        both = one.join(other, on="value", suffix="_other")
        expected = float((both["rows"].cast(float) * both["rows_other"]).sum()) / max(len(frame), 1)
        if expected >= MIN_EXPECTED and not (frame[first] == frame[second]).any():
            yield Different(first, second)
