"""Counts of categories for a bar chart, with suppressed categories apart from lost ones.

A table released under a threshold rule lacks rare categories on purpose, and its schema says so
(`Column.suppressed`, `Column.suppressed_below`). Such categories are merged in every table into what
represents them in the synthetic one, so that their absence does not lower the overlap.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from artesian.core.disclosure import MIN_COUNT
from artesian.data.schema import Column

GENERALISED = "(generalised)"
"""The rare categories of a column, and those made up in their place."""

MAX_CATEGORIES = 20
"""Maximum number of categories with a bar of their own."""

Tally = Mapping[str | None, int]
"""Category -> number of rows; None for missing values."""

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryCounts:
    """Counts of the train, the synthetic and the holdout table; None for an absent table.

    Attributes:
        labels: One per bar.
        counts: (bars,) for each table.
        vectors: (categories of any table,) for each table, missing values included.
        categories: Number of categories in the train table.
        suppressed: Number of train categories that the synthetic table suppresses.
    """

    labels: list[str]
    counts: list[Counts | None]
    vectors: list[Counts | None]
    categories: int
    suppressed: int


def describe_categories(tallies: Sequence[Tally | None], released: Column) -> CategoryCounts | None:
    """Count the rows of the most frequent categories; None if no train category has five rows.

    Args:
        tallies: Of the train, the synthetic and the holdout table.
        released: The column of the synthetic table, which declares what was suppressed.
    """
    train = tallies[0] or {}
    categories = sum(category is not None for category in train)
    hidden = _suppressed(tallies, released)
    suppressed = sum(category in hidden for category in train)
    merged = [None if t is None else _merge(t, hidden) for t in tallies]
    first = merged[0] or {}
    placeholder = _placeholder(released)
    apart = suppressed > 0 or any(t is not None and placeholder in t for t in merged)
    mark = placeholder if placeholder is not None and apart else None
    ordered = sorted(
        (k for k in first if k is not None and k != mark), key=lambda k: (-first[k], k)
    )
    shown = [k for k in ordered if first[k] >= MIN_COUNT][:MAX_CATEGORIES]
    if not shown and (mark is None or first.get(mark, 0) < MIN_COUNT):
        return None
    own = [*shown, *([] if mark is None else [mark])]
    counts = [None if t is None else _with_rest(t, own) for t in merged]
    others = len(ordered) - len(shown)
    labels = [*shown, *([] if mark is None else [_suppressed_label(suppressed)])]
    if all(c is None or c[-1] == 0 for c in counts):
        counts = [None if c is None else c[:-1] for c in counts]
    else:
        labels.append(f"{others:,} other" + ("" if others == 1 else "s") if others else "others")
    every = list(dict.fromkeys([*own, *ordered, None, *(k for t in merged if t for k in t)]))
    return CategoryCounts(
        labels=labels,
        counts=counts,
        vectors=[None if t is None else np.array([t.get(k, 0) for k in every]) for t in merged],
        categories=categories,
        suppressed=suppressed,
    )


def _suppressed(tallies: Sequence[Tally | None], released: Column) -> dict[str, str]:
    """Suppressed category -> the category that represents it in the synthetic table."""
    train, synthetic = tallies[0] or {}, tallies[1] or {}
    every = [k for k in dict.fromkeys(k for t in tallies if t for k in t) if k is not None]
    if released.generalised:
        rare = [k for k in every if train.get(k, 0) < released.suppressed_below]
        return dict.fromkeys(rare, _placeholder(released) or GENERALISED)
    rare = [
        category
        for category in every
        if train.get(category, 0) < released.suppressed_below
        and category not in synthetic
        and category != released.suppressed
    ]
    if released.suppressed is not None:
        return dict.fromkeys(rare, released.suppressed)
    try:
        values = {category: float(category) for category in every}
    except ValueError:
        return {}  # no declared value and no order: nothing can represent them
    frequent = [category for category in every if category not in rare]
    if not frequent:
        return {}
    return {k: min(frequent, key=lambda other: abs(values[other] - values[k])) for k in rare}


def _placeholder(released: Column) -> str | None:
    """The category that represents suppressed ones in the chart."""
    return released.suppressed or (GENERALISED if released.generalised else None)


def _merge(tally: Tally, hidden: Mapping[str, str]) -> dict[str | None, int]:
    merged: dict[str | None, int] = {}
    for category, rows in tally.items():
        key = category if category is None else hidden.get(category, category)
        merged[key] = merged.get(key, 0) + rows
    return merged


def _with_rest(tally: Tally, own: Sequence[str]) -> Counts:
    """Rows of each category of `own`, then of all others that are not missing."""
    rows = [tally.get(category, 0) for category in own]
    return np.array([*rows, sum(tally.values()) - sum(rows) - tally.get(None, 0)], dtype=np.int64)


def _suppressed_label(categories: int) -> str:
    """Label of the bar of suppressed categories.

    >>> _suppressed_label(0), _suppressed_label(1), _suppressed_label(12)
    ('suppressed', 'suppressed (1 category)', 'suppressed (12 categories)')
    """
    if categories == 0:
        return "suppressed"
    return f"suppressed ({categories:,} {'category' if categories == 1 else 'categories'})"
