"""Whether rows that agree in one column agree in another too, more often than by chance."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from artesian.relations.protocol import MIN_HOLDS
from artesian.relations.search.evidence import reliable
from artesian.relations.search.rows import Codes

CHANCE = 1e-4
"""Maximum probability, over all candidates, that a dependency arises by chance."""

CHANCE_BETWEEN = 1e-2
"""The same for what holds within the rows of an identifier, and by chance from one to another."""

MIN_COVERED = 0.2
"""Minimum fraction of the rows whose group has several rows."""

MAX_UNEXPLAINED = 0.05
"""Maximum number of exceptions, as a fraction of the rows without the most frequent value of all."""

FIRST_ROWS = (400, 3000)
"""Numbers of rows that refute most candidates, before all rows are looked at."""


def between_groups(
    finer: Codes, source: Codes, target: Codes, tried: int, exceptions: float = 0.0
) -> bool:
    """Whether `source` determines `target` also from one value of `finer` to another.

    The town of a customer is the same in all orders of the customer, and so is the street. That does
    not make the town depend on the street, unless customers with the same street show it.

    Args:
        exceptions: Maximum fraction of the values of `finer` that disagree.
    """
    rows = np.flatnonzero((finer >= 0) & (source >= 0))
    _, first = np.unique(finer[rows], return_index=True)
    s, t = source[rows[first]], target[rows[first]]
    groups, repeats, wrong, *_ = _agreement(s, t)
    surprise = -repeats * np.log(_chance(target))
    return (
        wrong <= exceptions * repeats and groups > 1 and surprise > np.log(tried / CHANCE_BETWEEN)
    )


def _agreement(source: Codes, target: Codes) -> tuple[int, int, int, int, int]:
    """Of groups of several rows: their number, and four counts of rows.

    Returns:
        Groups; rows beyond the first of their group; rows without the group's most frequent value;
        rows without the most frequent value of all; rows beyond the first of groups that have such.
    """
    values = int(target.max(initial=-1)) + 2
    groups, size = np.unique(source, return_counts=True)
    unique, count = np.unique(source * values + target + 1, return_counts=True)
    owner = np.searchsorted(groups, unique // values)
    best = np.zeros(len(groups), np.int64)
    np.maximum.at(best, owner, count)
    usual = np.zeros(len(groups), np.int64)
    is_usual = unique % values == np.argmax(np.bincount(target + 1))
    usual[owner[is_usual]] = count[is_usual]
    several = size > 1
    informative = several & (usual < size)
    return (
        int(several.sum()),
        int((size - 1)[several].sum()),
        int((size - best)[several].sum()),
        int((size - usual)[several].sum()),
        int((size - 1)[informative].sum()),
    )


def _chance(target: Codes) -> float:
    """The probability that two unrelated rows have the same target."""
    proportions = np.bincount(target + 1) / len(target)
    return min(float(max((proportions**2).sum(), 1e-9)), 1 - 1e-12)


def unrefuted(source: Codes, matrix: NDArray[np.int32]) -> Codes:
    """Positions of the targets that the first rows do not show to be undetermined by `source`.

    Args:
        matrix: Codes of p targets, shape (rows, p).
    """
    left = np.arange(matrix.shape[1])
    for rows in FIRST_ROWS:
        s = source[:rows]
        order = np.argsort(s, kind="stable")
        order = order[s[order] >= 0]
        same = s[order[1:]] == s[order[:-1]]
        # A row that disagrees with its group differs from at most two neighbours.
        after, before = order[1:][same], order[:-1][same]
        differ = (matrix[np.ix_(after, left)] != matrix[np.ix_(before, left)]).sum(axis=0)
        left = left[differ <= 4 * (1 - MIN_HOLDS) * same.sum()]
        if not len(left):
            break
    return left


def determines(source: Codes, target: Codes, tried: int, clean: int) -> bool:
    """Whether rows with the same source have the same target, more often than by chance."""
    s, t = source[source >= 0], target[source >= 0]
    if not len(s):
        return False
    groups, repeats, wrong, rare, informative = _agreement(s, t)
    covered = groups + repeats
    if wrong > min((1 - MIN_HOLDS) * covered, MAX_UNEXPLAINED * rare):
        return False
    if covered < max(MIN_COVERED * len(source), 8):
        return False
    surprise = -repeats * np.log(_chance(target))
    return bool(surprise > np.log(tried / CHANCE)) and reliable(wrong, informative, clean)


def recorded(source: Codes, target: Codes, tried: int, clean: int) -> bool:
    """Whether a target that is missing in some rows is determined in the others: a height, which is
    written at the first visit."""
    present = target >= 0
    if present.all() or not present.any():
        return False
    return determines(source[present], target[present], tried, clean)


def accuracy(source: Codes, target: Codes) -> float:
    """Fraction of the rows that have the most frequent target of their source."""
    pairs = source * (int(target.max()) + 2) + target + 1
    groups = np.unique(source)
    unique, count = np.unique(pairs, return_counts=True)
    best = np.zeros(len(groups), np.int64)
    np.maximum.at(best, np.searchsorted(groups, unique // (int(target.max()) + 2)), count)
    return float(best.sum() / len(source))
