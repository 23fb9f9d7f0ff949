"""References to rows that were not chosen: another row takes the place of the lost one.

A chosen row keeps the number of children that it had, as far as there are children: rows whose parent
was not chosen fill the places of those of its children that were not chosen. Of the parents with free
places, one that resembles the lost one is preferred.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from artesian.collapse.stress.profile import Floats, Ints, Truth
from artesian.data.dataset import in_common_type
from artesian.data.schema import Kind, Schema
from artesian.relations.search.rows import dense_codes
from artesian.synthesizers.relational.matching import match

MAX_COLUMNS = 6
"""Maximum number of columns by which parents are compared."""

RANGES = 8
"""Number of ranges of equal size in which numbers and dates are compared."""


def nearest_chosen(parents: Ints, chosen: Truth) -> Ints:
    """Of references to rows of the same table, the nearest ancestor that was chosen; -1 for none.

    Ancestors of a row are followed in one direction, so no cycle appears that was not there before.

    Args:
        parents: (rows,) row that each row refers to, -1 for none.
        chosen: (rows,) whether a row was chosen.
    """
    nowhere = len(parents)
    above = np.append(np.where(parents < 0, nowhere, parents), nowhere)
    stops = np.append(chosen, True)
    # Each step doubles the number of generations that are passed.
    jump = np.where(stops, np.arange(nowhere + 1), above)
    for _ in range(max(1, nowhere.bit_length())):
        jump = jump[jump]
    ended = jump[above[:-1]]
    reached = stops[ended] & (ended < nowhere)
    # A row that refers to itself is the end of a line; without it, its descendants are such ends.
    own = above[ended] == ended
    alone = ~reached & own & (ended < nowhere)
    return np.where(reached, ended, np.where(alone, np.arange(nowhere), -1))


def assign_lost(
    at: Ints,
    lost: Ints,
    wanted_degrees: Ints,
    likeness: tuple[Ints, Ints],
    groups: tuple[Ints, Ints],
    rng: np.random.Generator,
) -> Ints:
    """A parent for each row whose parent was not chosen, -1 where its group has none.

    Args:
        at: (rows,) parent of each row, -1 for none and for rows in `lost`.
        lost: Rows to assign.
        wanted_degrees: (parents,) number of children that each parent had where it came from.
        likeness: (columns, lost) codes of the lost parents, and (columns, parents) of the chosen ones.
        groups: Group of each lost row, and of each parent; a row gets a parent of its group.

    Returns:
        (lost,) parents.
    """
    taken = np.bincount(at[at >= 0], minlength=len(wanted_degrees))
    free: Floats = np.maximum(wanted_degrees - taken, 0).astype(np.float64)
    excess = len(lost) - free.sum()
    if excess > 0 and wanted_degrees.sum():  # all get more children, in proportion
        free += excess * wanted_degrees / wanted_degrees.sum()
    return match(*likeness, free, groups, rng)


def likeness_codes(
    schema: Schema, labels: Sequence[str], chosen: pl.DataFrame, lost: pl.DataFrame
) -> tuple[Ints, Ints]:
    """Codes by which lost parents and chosen ones are compared, the most important column first.

    Args:
        labels: Columns that refer to kept tables, which are compared first.
        chosen, lost: Rows of the same columns.

    Returns:
        Codes of shape (columns, lost) and (columns, chosen).
    """
    kinds = {column.name: column.kind for column in schema}
    both = {n: pl.concat([chosen[n], lost[n]]) for n in chosen.columns}
    discrete = [n for n in both if kinds[n] in (Kind.CATEGORY, Kind.BOOLEAN) and n not in labels]
    discrete.sort(key=lambda name: both[name].n_unique())
    numeric = [n for n in both if kinds[n] in (Kind.NUMBER, Kind.DATETIME) and n not in labels]
    names = [*labels, *discrete, *numeric][:MAX_COLUMNS]
    rows = len(chosen) + len(lost)
    codes = np.zeros((max(len(names), 1), rows), np.int64)
    for k, name in enumerate(names):
        if name in numeric:
            order = both[name].to_physical().rank("average").fill_null(0).to_numpy()
            codes[k] = (RANGES * order / (rows + 1)).astype(np.int64)
        else:
            codes[k] = dense_codes(both[name])
    return codes[:, len(chosen) :], codes[:, : len(chosen)]


def common_groups(pairs: Sequence[tuple[pl.Series, pl.Series]]) -> tuple[Ints, Ints]:
    """Numbers of the combinations of values, the same for equal ones, of first and second columns."""
    first = len(pairs[0][0])
    combined = row_numbers(
        [
            pl.concat([one.rename("value") for one in in_common_type(own, their)])
            for own, their in pairs
        ]
    )
    return combined[:first], combined[first:]


def row_numbers(columns: Sequence[pl.Series]) -> Ints:
    """Numbers of the combinations of values in rows, equal ones the same."""
    numbers = np.zeros(len(columns[0]), np.int64)
    for values in columns:
        codes = dense_codes(values) + 1
        numbers = numbers * (int(codes.max(initial=0)) + 1) + codes
        numbers = np.unique(numbers, return_inverse=True)[1].reshape(-1)
    return numbers
