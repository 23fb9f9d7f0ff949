"""Counts of categories for a bar chart: the most frequent ones, and all others together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from artesian.core.disclosure import MIN_COUNT

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
    """

    labels: list[str]
    counts: list[Counts | None]
    vectors: list[Counts | None]
    categories: int


def describe_categories(tallies: Sequence[Tally | None]) -> CategoryCounts | None:
    """Count the rows of the most frequent categories; None if no train category has five rows.

    Args:
        tallies: Of the train, the synthetic and the holdout table.
    """
    first = tallies[0] or {}
    categories = sum(category is not None for category in first)
    ordered = sorted((k for k in first if k is not None), key=lambda k: (-first[k], k))
    shown = [k for k in ordered if first[k] >= MIN_COUNT][:MAX_CATEGORIES]
    if not shown:
        return None
    counts = [None if t is None else _with_rest(t, shown) for t in tallies]
    others = len(ordered) - len(shown)
    labels = [*shown]
    if all(c is None or c[-1] == 0 for c in counts):
        counts = [None if c is None else c[:-1] for c in counts]
    else:
        labels.append(f"{others:,} other" + ("" if others == 1 else "s") if others else "others")
    every = list(dict.fromkeys([*ordered, None, *(k for t in tallies if t for k in t)]))
    return CategoryCounts(
        labels=labels,
        counts=counts,
        vectors=[None if t is None else np.array([t.get(k, 0) for k in every]) for t in tallies],
        categories=categories,
    )


def _with_rest(tally: Tally, own: Sequence[str]) -> Counts:
    """Rows of each category of `own`, then of all others that are not missing."""
    rows = [tally.get(category, 0) for category in own]
    return np.array([*rows, sum(tally.values()) - sum(rows) - tally.get(None, 0)], dtype=np.int64)
