"""Search for numbers that a category lets follow from others: due dates of an urgent order, a rate of
each tariff."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.relations.expressions import Floats
from artesian.relations.search.rows import Rows

MAX_LABELS = 12
"""Maximum number of values of a category."""

MAX_SEARCHED = 12
"""Maximum number of values of categories in whose rows formulas are searched."""

MIN_ROWS = 40
"""Minimum number of the rows of a value."""

MAX_COLUMNS = 64
"""Maximum number of numbers, those nearest to the first ones, of which one may follow from others."""

EXPLAINED = 0.01
"""Maximum variance that other columns leave in the rows of a value, as a fraction of what they leave
in all rows."""

MAX_ROWS = 4_000
"""Maximum number of rows in which columns are explained."""

MIN_DISTINCT = 10
"""Minimum number of different values of a computed number in the rows of a value."""

MAX_MISSING = 0.1
"""Maximum fraction of the rows of a value in which a number is missing."""

RIDGE = 1e-10
"""What is added to correlations, so that those of columns that follow from others can be inverted."""


def formulas_of_labels(
    rows: Rows, categories: Iterable[str], explained: set[str]
) -> Iterator[tuple[str, str, frozenset[str]]]:
    """A category, one of its values, and the numbers that a linear regression on the others explains
    in its rows far better than in all rows; most rows first."""
    numeric = rows.numeric
    free = [j for j, name in enumerate(numeric.names) if name not in explained][:MAX_COLUMNS]
    if len(free) < 2:
        return
    searched: list[tuple[int, str, str, frozenset[str]]] = []
    for label in categories:
        values = rows.both[label].cast(pl.String)
        if not 2 <= values.drop_nulls().n_unique() <= MAX_LABELS:
            continue
        for value in values.drop_nulls().unique().sort().to_list():
            chosen = (values == value).fill_null(False).to_numpy()
            if chosen.sum() < MIN_ROWS:
                continue
            targets = _explained(numeric.values[:, free], chosen)
            names = frozenset(numeric.names[free[j]] for j in targets)
            if names:
                searched.append((int(chosen.sum()), label, value, names))
    searched.sort(key=lambda one: -one[0])
    yield from (one[1:] for one in searched[:MAX_SEARCHED])


def _explained(values: Floats, chosen: NDArray[np.bool_]) -> list[int]:
    """The columns that others explain in the chosen rows, of those that hardly lack a value there."""
    rows = values[np.flatnonzero(chosen)[:MAX_ROWS]]
    filled = np.flatnonzero(np.isnan(rows).mean(axis=0) <= MAX_MISSING)
    some = _complete(rows[:, filled])
    columns = filled[some.std(axis=0) > 0] if len(some) else filled[:0]
    if len(columns) < 2 or len(some) < 3 * len(columns):
        return []
    usual = _unexplained(_complete(values[:MAX_ROWS, columns]))
    left = _unexplained(_complete(rows[:, columns]))
    # What is 0 in nearly all of these rows is explained by whatever is 0, too.
    return [
        int(j)
        for j in columns[left <= EXPLAINED * usual]
        if len(np.unique(rows[:, j])) >= MIN_DISTINCT
    ]


def _complete(values: Floats) -> Floats:
    return values[~np.isnan(values).any(axis=1)]


def _unexplained(values: Floats) -> Floats:
    """The variance of each column that a linear regression on the others leaves."""
    spread = values.std(axis=0)
    scaled = (values - values.mean(axis=0)) / spread
    correlations = scaled.T @ scaled / len(scaled)
    inverse = np.linalg.inv(correlations + RIDGE * np.eye(len(spread)))
    return np.asarray(spread**2 / np.maximum(np.diag(inverse), 1.0))
