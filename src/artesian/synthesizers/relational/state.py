"""The rows of one table as codes, real or synthetic, and what rows that belong to them see of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from artesian.data.schema import ForeignKey
from artesian.encoding.coded_table import CodedTable
from artesian.synthesizers.sequential.given import joined

MAX_CONTEXT = 80
"""Maximum number of columns of owners that a row depends on, the nearest owner first."""

LAST = 255
"""The last code of a byte."""

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class State:
    """The rows of one table.

    Attributes:
        own: Columns of the table, before them the values drawn of referred rows.
        extras: Numbers of children, and what they have in common.
        inherited: Columns of the owners of the rows.
        owners: Row of the owner, -1 for none.
        rows: Row of the parent, by foreign key, -1 for none.
        ancestors: Row of each ancestor by the name of its table, -1 for none.
    """

    own: CodedTable
    extras: CodedTable
    inherited: CodedTable
    owners: Ints
    rows: Mapping[ForeignKey, Ints] = field(default_factory=dict)
    ancestors: Mapping[str, Ints] = field(default_factory=dict)

    def __len__(self) -> int:
        return self.own.rows

    @property
    def drawn(self) -> CodedTable:
        """Own columns and extras."""
        return joined([self.own, self.extras], len(self))

    def select(self, rows: Ints) -> State:
        """The rows at these positions."""

        def columns(coded: CodedTable) -> CodedTable:
            return coded.with_codes(np.ascontiguousarray(coded.codes[:, rows]))

        return State(
            columns(self.own),
            columns(self.extras),
            columns(self.inherited),
            self.owners[rows],
            {key: parents[rows] for key, parents in self.rows.items()},
            {name: parents[rows] for name, parents in self.ancestors.items()},
        )

    def context(self) -> CodedTable:
        """What the rows that belong to these rows depend on."""
        whole = joined([self.own, self.extras, self.inherited], len(self))
        kept = slice(MAX_CONTEXT)
        return CodedTable(
            whole.names[kept],
            whole.codes[kept],
            whole.levels[kept],
            whole.ordered[kept],
            whole.missing[kept],
        )


def at(coded: CodedTable, rows: Ints) -> CodedTable:
    """The rows of `coded` at these positions; -1 gives a further code, which means missing."""
    codes = np.empty((coded.columns, len(rows)), np.uint8)
    absent = rows < 0
    for column in range(coded.columns):
        values = coded.codes[column]
        taken = values[np.where(absent, 0, rows)] if len(values) else np.zeros(len(rows), np.uint8)
        codes[column] = np.where(absent, min(coded.levels[column], LAST), taken)
    return replace(
        coded,
        codes=codes,
        levels=levels_at(coded.levels),
        missing=np.ones(coded.columns, bool),
    )


def levels_at(levels: Ints) -> Ints:
    """Number of codes of columns of `at`; where a byte has no further one, the last means missing."""
    return np.minimum(levels + 1, LAST + 1)


def no_owner(rows: int) -> tuple[CodedTable, Ints]:
    """What rows that belong to no row inherit, and their owners."""
    return joined([], rows), np.full(rows, -1, np.int64)


def ancestors_of(owner: str, owners: Ints, state: State) -> dict[str, Ints]:
    """Ancestors of rows whose owners are the rows `owners` of the table `owner`."""
    absent = owners < 0
    ancestors = {owner: owners}
    for name, rows in state.ancestors.items():
        ancestors[name] = np.where(
            absent, -1, rows[np.where(absent, 0, owners)] if len(rows) else -1
        )
    return ancestors
