"""Search for times that are another one plus a sum: `visit = consent + 14 * week + delay`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

import numpy as np

from artesian.relations.expressions import Binary, Ref
from artesian.relations.formulas import Formula
from artesian.relations.search.rows import NumericColumns
from artesian.relations.search.sums import long_sums

MAX_TIMES = 6
"""Maximum number of times, the first ones, of which pairs are looked at."""

MAX_NUMBERS = 40
"""Maximum number of numbers, those nearest to the time."""

EXACT = 0.51
"""Maximum difference, in units of the spacing: fitted coefficients explain the rest by chance."""

_BETWEEN = "\0between"


def timed_sums(columns: NumericColumns, free: list[int]) -> Iterator[Formula]:
    """Formulas of a later time by an earlier one and two numbers or more, exact to their rounding."""
    times = [j for j in free if columns.temporal[j]][:MAX_TIMES]
    for source, target in permutations(times, 2):
        between = columns.values[:, target] - columns.values[:, source]
        present = between[~np.isnan(between)]
        if source > target or not len(present) or (present < 0).mean() > 0.5:
            continue
        others = [j for j in free if not columns.temporal[j]]
        others = sorted(sorted(others, key=lambda j: abs(j - target))[:MAX_NUMBERS])
        if len(others) < 2 or present.min() == present.max():
            continue
        chosen = [*others, target]
        values = columns.values[:, chosen].copy()
        values[:, -1] = between
        part = NumericColumns(
            (*(columns.names[j] for j in others), _BETWEEN),
            values,
            columns.grid[chosen],
            np.zeros(len(chosen), bool),
            np.append(columns.distinct[others], len(np.unique(present))),
            columns.searched,
        )
        # Sums of later columns come first, and the time between is the last one.
        first = next(iter(long_sums(part, list(range(len(chosen))))), None)
        if first is None or first.target != _BETWEEN or len(first.sources) < 2:
            continue
        if first.within <= EXACT * columns.grid[target]:
            expression = Binary("+", Ref(columns.names[source]), first.expression)
            yield Formula(columns.names[target], expression, first.within)
