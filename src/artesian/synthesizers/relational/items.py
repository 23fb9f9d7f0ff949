"""What the rows of one parent have in common, as numbers: means of scores of their codes.

The score of a number is its rank, that of a category is 1 for one of its most frequent values. A score
is common to siblings if its means differ between parents by more than chance (analysis of variance).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from artesian.data.schema import ForeignKey
from artesian.encoding.coded_table import CodedTable
from artesian.encoding.numeric import NumberCodec
from artesian.encoding.segments import Codes, Floats

CLASSES = 3
"""Number of the most frequent categories of a column that get a score."""

MAX_ITEMS = 24
"""Maximum number of scores per table, those that differ most between parents."""

MIN_GROUPS = 10
"""Minimum number of parents with several children for their means to be compared."""

FALSE_ALARM = 0.001
"""Probability with which the means of one score differ by chance."""


@dataclass(frozen=True, slots=True)
class Item:
    """A score of one column.

    Attributes:
        column: Position of the column.
        scores: Score of each code, in [0, 1], shape (levels,).
    """

    column: int
    scores: Floats

    def of(self, codes: Codes) -> Floats:
        """The score of each row of `codes`, shape (p, n)."""
        return np.asarray(self.scores[codes[self.column]])


Quantity = Literal["count", "mean", "spread", "first", "span", "base"]


@dataclass(frozen=True, slots=True)
class Extra:
    """A number that a row has from other rows.

    Attributes:
        key: The foreign key by which the other rows refer to it.
        kind: 'count' of these rows, 'mean' or 'spread' of a score over them, their 'first' step and
            the 'span' from it to the last, or the 'base' from which a number drifts.
        item: Number of the score or of the drifting number.
        codec: Codes of the number.
    """

    key: ForeignKey
    kind: Quantity
    item: int
    codec: NumberCodec


def shared_items(coded: CodedTable, owners: NDArray[np.int64]) -> tuple[Item, ...]:
    """The scores whose means differ between owners by more than chance, most first.

    Args:
        owners: Owner of each row, -1 for none, shape (n,).
    """
    from scipy.stats import f as f_distribution

    present = owners >= 0
    _, group = np.unique(owners[present], return_inverse=True)
    sizes = np.bincount(group)
    if (sizes > 1).sum() < MIN_GROUPS:
        return ()
    rows, groups = len(group), len(sizes)
    ranked: list[tuple[float, Item]] = []
    for item in _items(coded):
        values = item.of(coded.codes)[present]
        means = np.bincount(group, values) / sizes
        between = float((sizes * (means - values.mean()) ** 2).sum()) / (groups - 1)
        within = float(((values - means[group]) ** 2).sum()) / max(rows - groups, 1)
        ratio = between / max(within, 1e-12)
        if f_distribution.sf(ratio, groups - 1, max(rows - groups, 1)) < FALSE_ALARM:
            ranked.append((ratio, item))
    ranked.sort(key=lambda one: -one[0])
    return tuple(item for _, item in ranked[:MAX_ITEMS])


def group_means(
    values: Floats, owners: NDArray[np.int64], count: int
) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Mean, standard deviation and number of the values of each of `count` owners, NaN without any."""
    present = owners >= 0
    values, owners = values[present], owners[present]
    sizes = np.bincount(owners, minlength=count)
    with np.errstate(divide="ignore", invalid="ignore"):
        means = np.bincount(owners, values, count) / sizes
        squares = np.bincount(owners, values**2, count) / sizes
    return means, np.sqrt(np.maximum(squares - means**2, 0.0)), sizes


def _items(coded: CodedTable) -> Sequence[Item]:
    items = []
    for column in range(coded.columns):
        counts = coded.counts(column)
        if (counts > 0).sum() < 2:
            continue
        if coded.ordered[column] and (counts > 0).sum() > 2:
            present = counts.copy()
            if coded.missing[column]:
                present[-1] = 0
            rank = (np.cumsum(present) - present / 2) / max(present.sum(), 1)
            if coded.missing[column]:
                rank[-1] = 0.5
            items.append(Item(column, np.clip(rank, 0, 1)))
            continue
        number = 1 if (counts > 0).sum() == 2 else CLASSES
        for code in np.argsort(-counts, kind="stable")[:number]:
            items.append(Item(column, (np.arange(len(counts)) == code).astype(float)))
    return items
