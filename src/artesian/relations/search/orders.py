"""Search for ordered columns: those that are ordered in every row though their ranges overlap.

How surprising an order is, is the probability that it holds after the values of one column are
permuted. Benjamini and Hochberg (1995) choose which orders are listed, so that tables of unrelated
columns have none and tables with many true orders show the weaker ones too.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from artesian.relations.expressions import Binary, Expression, Floats, Ref
from artesian.relations.formulas import EXACT
from artesian.relations.orders import Inequality, Order
from artesian.relations.protocol import MIN_HOLDS
from artesian.relations.search.rows import NumericColumns

MIN_ROWS = 12

MAX_ROWS = 10_000
"""Rows that are looked at."""

PROBES = 256
"""Rows on which most pairs are rejected."""

MAX_EXCEPTIONS = 0.0015
"""Maximum fraction of rows in which an order is reversed."""

MAX_WRONG = 4
"""Maximum number of such rows: errors of the data are few, a mere tendency has many."""

MAX_ERRORS = 0.003
"""Maximum fraction of such rows where many rows lie on the boundary itself."""

TIES = 5
"""Minimum number of rows on the boundary for each one beyond it: differences that only happen to
be positive do not end there."""

MIN_AMOUNTS = 5
"""Minimum number of different values of a part of a total."""

MIN_PRESENT = 0.5
"""Minimum fraction of the rows with a total that have each of its parts."""

MAX_REST = 0.5
"""Maximum median of what parts leave of a total, relative to its median."""

FALSE_ORDERS = 0.01
"""Expected fraction of orders that are chance, among all orders that are listed."""


def orders(columns: NumericColumns, free: list[int]) -> list[Order]:
    """Orders between columns that are not implied by others."""
    v = columns.values[:MAX_ROWS]
    low_high: list[tuple[int, int]] = []
    surprises: list[float] = []
    vectors = [np.ascontiguousarray(v[:, j]) for j in free]
    present = [~np.isnan(vector) for vector in vectors]
    whole = [bool(here.all()) for here in present]
    for i, j in _candidates(v[:, free]):
        low, high = free[i], free[j]
        if columns.temporal[low] != columns.temporal[high]:
            continue
        a, b = vectors[i], vectors[j]
        if not (whole[i] and whole[j]):
            rows = present[i] & present[j]
            a, b = a[rows], b[rows]
        if len(a) >= MIN_ROWS and a.max() > b.min() and _few_errors(a, b):
            low_high.append((low, high))
            surprises.append(surprise(*_amounts(a, b)))
    times = int(columns.temporal[free].sum())
    tried = (times * (times - 1) + (len(free) - times) * (len(free) - times - 1)) // 2
    chosen = chosen_by(np.array(surprises), tried)
    low_high = [pair for pair, listed in zip(low_high, chosen, strict=True) if listed]
    # Columns ordered both ways are equal wherever both have values.
    both = {(high, low) for low, high in low_high}
    kept = _reduced([pair for pair in low_high if pair not in both], ~np.isnan(v))
    out = []
    for low, high in kept:
        a, b = columns.values[:, low], columns.values[:, high]
        rows = ~(np.isnan(a) | np.isnan(b))
        strict = bool((a[rows] < b[rows]).all()) and bool(columns.temporal[low])
        out.append(Order(columns.names[low], columns.names[high], strict))
    return out


def partial_sums(columns: NumericColumns, listed: list[Order], free: list[int]) -> list[Inequality]:
    """`part + part <= total` for columns that are above several others, none of them negative.

    Args:
        listed: The orders of the columns.
        free: Columns that may be totals.
    """
    v = columns.values[:MAX_ROWS]
    minimum = np.nanmin(v, axis=0) if len(v) else np.zeros(0)
    out = []
    for total in free:
        smaller = _below(columns.names[total], listed)
        parts = [
            j
            for j, name in enumerate(columns.names)
            if name in smaller
            and minimum[j] >= 0
            and columns.distinct[j] >= MIN_AMOUNTS
            and not columns.temporal[j]
        ]
        parts.sort(key=lambda j: -float(np.nanmean(v[:, j])))
        chosen: list[int] = []
        rest = v[:, total] * (1 + EXACT) + EXACT
        for part in parts:
            rows = ~(np.isnan(rest) | np.isnan(v[:, part]))
            low, high = v[rows, part], rest[rows]
            enough = len(low) >= max(MIN_ROWS, MIN_PRESENT * (~np.isnan(v[:, total])).sum())
            if not enough or not _few_errors(low, high):
                continue
            # The first part is not above the total by what is known already.
            if chosen and surprise(low, high) < np.log(len(parts) * len(free) / FALSE_ORDERS):
                continue
            chosen.append(part)
            rest = rest - v[:, part]
        if len(chosen) > 1 and np.nanmedian(rest) <= MAX_REST * np.nanmedian(v[:, total]):
            node: Expression = Ref(columns.names[chosen[0]])
            for part in chosen[1:]:
                node = Binary("+", node, Ref(columns.names[part]))
            out.append(Inequality(columns.names[total], node))
    return out


def _below(name: str, listed: list[Order]) -> set[str]:
    """Columns that are not above `name`, by one order or several."""
    below: set[str] = set()
    todo = [name]
    while todo:
        at = todo.pop()
        new = {order.low for order in listed if order.high == at} - below
        below |= new
        todo += new
    return below - {name}


def _amounts(low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """The values of two columns in the rows in which not both are 0.

    Of two amounts that are 0 in the same rows, only the others show which one is larger. A flag says
    by its zeros alone what it has to say.
    """
    zero = (low == 0) & (high == 0)
    few = min(len(np.unique(low)), len(np.unique(high))) < MIN_AMOUNTS if zero.any() else True
    return (low, high) if few else (low[~zero], high[~zero])


def surprise(low: Floats, high: Floats) -> float:
    """Minus the log probability that permuted columns, each of shape (n,), are so ordered.

    With exceptions, a bound for independent draws (Chernoff 1952).
    """
    n = len(low)
    ordered = np.sort(high)
    wrong = float((low > high).mean())
    if not wrong:
        # From the largest value down, each has to meet one of the partners that are not taken yet.
        largest = np.sort(low)[::-1]
        partners = n - np.searchsorted(ordered, largest, side="left") - np.arange(n)
        return float(-np.log(partners / np.arange(n, 0, -1)).sum())
    # The probability that a value of `low` is not above a random value of `high`.
    below = 1.0 - np.searchsorted(ordered, low, side="left") / n
    chance = float(np.clip(below.mean(), 1e-9, 1 - 1e-9))
    if 1 - wrong <= chance:
        return 0.0
    right = (1 - wrong) * np.log((1 - wrong) / chance)
    return float(n * (right + wrong * np.log(wrong / (1 - chance))))


def chosen_by(surprises: Floats, tried: int) -> NDArray[np.bool_]:
    """Which of the discovered are more than chance, shape (k,), of `tried` in all."""
    if not len(surprises):
        return np.zeros(0, bool)
    descending = np.sort(surprises)[::-1]
    needed = np.log(max(tried, 1) / (FALSE_ORDERS * np.arange(1, len(surprises) + 1)))
    enough = np.flatnonzero(descending >= needed)
    if not len(enough):
        return np.zeros(len(surprises), bool)
    return np.asarray(surprises >= descending[enough[-1]])


def _candidates(values: Floats) -> NDArray[np.int64]:
    """Pairs (low, high) of columns that a few rows do not rule out, shape (k, 2)."""
    some = values[:PROBES]
    wrong = np.array([(column[:, None] > some).sum(axis=0) for column in some.T])
    good = wrong <= MAX_WRONG if len(wrong) else np.zeros((0, 0), bool)
    np.fill_diagonal(good, False)
    return np.argwhere(good)


def _few_errors(low: Floats, high: Floats) -> bool:
    """Whether few enough of the rows, shape (n,), are reversed.

    Rows with the most frequent pair of values do not count: two rare flags mostly agree on 0.
    """
    wrong = int((low > high).sum())
    if not wrong:
        return True
    if wrong > max(MAX_ERRORS * len(low), MAX_WRONG):
        return False
    ties = low[low == high]
    usual = int(np.unique(ties, return_counts=True)[1].max()) if len(ties) else 0
    rows = len(low) - usual
    if wrong <= min(MAX_EXCEPTIONS * rows, MAX_WRONG):
        return True
    return wrong <= MAX_ERRORS * rows and len(ties) - usual >= TIES * wrong


def _reduced(pairs: list[tuple[int, int]], present: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """The pairs without those that follow from two others in the rows where all have values.

    Args:
        present: Whether there is a value, shape (rows, columns).
    """
    ordered = set(pairs)

    def follows(low: int, high: int, middle: int) -> bool:
        if (low, middle) not in ordered or (middle, high) not in ordered:
            return False
        if (high, middle) in ordered or (middle, low) in ordered:
            return False
        both = present[:, low] & present[:, high]
        # Who never married has no date between birth and death.
        return int((both & ~present[:, middle]).sum()) <= (1 - MIN_HOLDS) * int(both.sum())

    return [
        (low, high)
        for low, high in pairs
        if not any(
            follows(low, high, middle) for middle in {b for a, b in pairs if a == low} - {low, high}
        )
    ]
