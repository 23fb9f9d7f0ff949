"""Search for columns that a category makes 0, or equal to another: a refund, unless goods come back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import combinations

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

MIN_EQUAL = 0.02
"""Minimum fraction of the rows in which two numbers are equal, and in which they differ."""

MAX_COLUMNS = 40
"""Maximum number of numbers of which two may be equal in the rows of some labels."""

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


def _zeros(values: pl.Series) -> int:
    return 0 if values.dtype.is_temporal() else int((values == 0).sum())


def equal_where(
    rows: Rows, categories: Iterable[str], explained: set[str], fixed: Callable[[], frozenset[str]]
) -> Iterator[tuple[str, str, str, tuple[str, ...]]]:
    """Two numbers or times that are equal in exactly the rows of some labels, such as a bonus of one
    month's wage: the one that is computed, the other one, the category and its values.

    Computed is the one that differs within an identifier, or that is 0 more often.

    Args:
        fixed: Gives the columns that are the same in all rows of an identifier.
    """
    frame = rows.both
    names = [
        name
        for j, name in enumerate(rows.numeric.names)
        if name not in explained and rows.numeric.distinct[j] > MAX_LABELS
    ][:MAX_COLUMNS]
    labels = {
        label: frame[label].cast(pl.String)
        for label in categories
        if len(names) > 1 and 1 <= frame[label].drop_nulls().n_unique() <= MAX_LABELS
    }
    taken: set[str] = set()
    for one, other in combinations(names if labels else [], 2):
        if frame[one].dtype.is_temporal() and frame[one].dtype != frame[other].dtype:
            continue
        if frame[other].dtype.is_temporal() != frame[one].dtype.is_temporal():
            continue
        equal = (frame[one] == frame[other]).fill_null(False)
        if taken & {one, other} or not MIN_EQUAL <= float(equal.mean() or 0) <= 1 - MIN_EQUAL:  # type: ignore[arg-type]
            continue
        if frame[one].filter(equal).n_unique() <= MAX_LABELS:
            continue  # equal by a few usual values, such as 0
        for label, values in labels.items():
            rate = (
                pl.DataFrame({"label": values, "equal": equal})
                .group_by("label")
                .agg(pl.len().alias("rows"), pl.col("equal").mean())
            )
            always = rate.filter(pl.col("equal") >= MIN_HOLDS).drop_nulls("label").sort("label")
            others = rate.join(always, on="label", how="anti", nulls_equal=True)
            if (
                int(always["rows"].sum()) >= MIN_ROWS
                and (always["rows"] >= MIN_COUNT).all()
                and (others["equal"] <= 1 - MIN_HOLDS).all()
            ):
                target, source = other, one
                if (one in fixed()) != (other in fixed()):
                    target, source = (other, one) if one in fixed() else (one, other)
                elif _zeros(frame[one]) > _zeros(frame[other]):
                    target, source = one, other
                taken.add(target)
                yield target, source, label, tuple(always["label"])
                break
