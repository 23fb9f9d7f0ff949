"""Foreign keys that are assigned to rows after they are drawn."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from artesian.data.schema import ForeignKey
from artesian.synthesizers.relational.matching import match, spread
from artesian.synthesizers.relational.state import State

Ints = NDArray[np.int64]
Codes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Reference:
    """A foreign key that is assigned to rows after they are drawn.

    Attributes:
        key: The foreign key.
        columns: Columns of the parent, and of what it has from its children, whose values are drawn
            with the row, most important first.
        levels, ordered: Of these values, the last code of which means no parent.
        shared: Table whose row a child and its parent have in common; '' for none.
        distinct: Whether no owner has two rows with the same parent.
        others: Whether a row never refers to its own owner.
        optional: Whether there are rows without a parent.
    """

    key: ForeignKey
    columns: Ints
    levels: Ints
    ordered: NDArray[np.bool_]
    shared: str
    distinct: bool
    others: bool
    optional: bool


def assign(
    reference: Reference,
    wanted: Codes,
    degrees: Ints,
    state: State,
    parent: State,
    fixed: tuple[Ints, Ints] | None,
    rng: np.random.Generator,
) -> State:
    """The drawn rows with one reference assigned.

    Args:
        wanted: Values drawn for the parent of each row, shape (columns of the reference, n).
        degrees: Drawn number of children of each parent.
        fixed: If some columns of the foreign key have values already, the groups of rows with the
            same values in the child and in the parent.
    """
    own, their = fixed or _groups(reference, state, parent)
    there = np.ones(len(state), bool)
    if len(reference.columns) and reference.optional:
        there = wanted[0] < reference.levels[0] - 1
    assigned = np.full(len(state), -1, np.int64)
    assigned[there] = match(
        wanted[:, there],
        parent.drawn.codes[reference.columns],
        degrees,
        (own[there], their),
        rng,
    )
    assigned = spread(
        assigned,
        state.owners,
        own,
        rng,
        distinct=reference.distinct,
        others=reference.others,
    )
    return replace(state, rows={**state.rows, reference.key: assigned})


def _groups(reference: Reference, state: State, parent: State) -> tuple[Ints, Ints]:
    if not reference.shared:
        return np.zeros(len(state), np.int64), np.zeros(len(parent), np.int64)
    return state.ancestors[reference.shared], parent.ancestors[reference.shared]
