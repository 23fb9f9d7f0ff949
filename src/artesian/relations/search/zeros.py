"""Search for columns that are 0 unless a category has some values: a refund, unless goods come back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import polars as pl

from artesian.core.disclosure import MIN_COUNT
from artesian.relations.protocol import MIN_HOLDS
from artesian.relations.search.rows import Rows

MAX_LABELS = 12
"""Maximum number of values of a category."""

MAX_SEARCHED = 4
"""Maximum number of groups of rows in which formulas are searched."""

MIN_ROWS = 60
"""Minimum number of the rows of a group."""

MAX_ZEROS = 0.9
"""Maximum fraction of zeros of a value in whose rows a column is computed."""


def zero_unless(
    rows: Rows, categories: Iterable[str], explained: set[str]
) -> Iterator[tuple[str, tuple[str, ...], frozenset[str]]]:
    """A category, some of its values, and the numbers that are 0 in the rows of all other values."""
    frame = rows.both
    targets = [
        name
        for name in rows.numeric.names
        if name not in explained
        and frame[name].dtype.is_numeric()
        and 0.05 <= float((frame[name] == 0).mean() or 0.0) <= 0.98  # type: ignore[arg-type]
    ]
    groups: dict[tuple[str, tuple[str, ...]], set[str]] = {}
    for label in categories if targets else ():
        values = frame[label].cast(pl.String)
        if frame[label].has_nulls() or not 2 <= values.n_unique() <= MAX_LABELS:
            continue
        parts = pl.DataFrame({"label": values}).with_columns(
            (frame[name] == 0).alias(f"\0{at}") for at, name in enumerate(targets)
        )
        zeros = parts.group_by("label").agg(pl.len().alias("rows"), pl.exclude("label").mean())
        zeros = zeros.sort("label")
        if (zeros["rows"] < MIN_COUNT).any():
            continue
        for at, target in enumerate(targets):
            rate = zeros[f"\0{at}"]
            always, others = rate >= MIN_HOLDS, rate < MIN_HOLDS
            enough = int(zeros.filter(others)["rows"].sum()) >= MIN_ROWS
            if (
                always.any()
                and others.any()
                and enough
                and (rate.filter(others) <= MAX_ZEROS).all()
            ):
                key = label, tuple(zeros.filter(others)["label"].to_list())
                groups.setdefault(key, set()).add(target)
    for label, chosen in list(groups)[:MAX_SEARCHED]:
        yield label, chosen, frozenset(groups[label, chosen])
