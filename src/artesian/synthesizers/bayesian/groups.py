"""Which rows share effects: the grouping column of a hierarchical model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from artesian.core.errors import SchemaError, UsageError
from artesian.data.schema import Kind
from artesian.data.table import Table
from artesian.encoding.categorical import CategoryCodec
from artesian.encoding.matrix_codec import MatrixCodec

AUTO, NONE = "auto", "none"

MIN_GROUPS, MAX_GROUPS = 5, 60
"""Levels of a category that groups rows unasked: fewer do not tell how much effects differ."""

MAX_NEW_GROUPS = 150
"""Groups of a key to which a model is fitted."""

MIN_ROWS_PER_GROUP = 2.0

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Grouping:
    """The group of each row.

    Attributes:
        name: The grouping column; '' for no groups.
        codes: Group of each row of the table, shape (n,).
        count: Number of groups, 0 without.
        new: Groups of synthetic rows are other ones: keys are generated anew.
    """

    name: str
    codes: Integers
    count: int
    new: bool = False

    def rows(self, rng: np.random.Generator, max_rows: int) -> Integers:
        """Rows to fit, in order: at most `max_rows`, whole groups where these are new."""
        order = rng.permutation(len(self.codes))
        if self.new:
            place = rng.permutation(self.count)[self.codes]
            order = order[np.argsort(place[order], kind="stable")]
            order = order[place[order] < MAX_NEW_GROUPS]
        return np.sort(order[:max_rows])

    def members(self, rows: Integers) -> tuple[Integers, int]:
        """Group of each of `rows`, shape (m,), and the number of groups."""
        if not self.new:
            return self.codes[rows], self.count
        names, codes = np.unique(self.codes[rows], return_inverse=True)
        return codes, len(names)


def choose_group(wanted: str, table: Table, codec: MatrixCodec) -> Grouping:
    """The groups of the rows of `table` by the column `wanted`, 'auto' or 'none'.

    Raises:
        UsageError: the column does not exist, is a number, or does not repeat a value.
    """
    if wanted == AUTO:
        entity = table.schema.entity
        if entity is not None:
            grouping = _grouping(entity, table, codec)
            if grouping is not None and len(table) >= MIN_ROWS_PER_GROUP * grouping.count:
                return grouping
        sizes = {
            name: one.levels
            for name, one in codec.codec.coded.items()
            if group_slot(codec, name) is not None
            and name in table.schema.names
            and table.schema[name].kind is Kind.CATEGORY
            and MIN_GROUPS <= one.levels <= MAX_GROUPS
        }
        wanted = max(sizes, key=lambda name: sizes[name]) if sizes else NONE
    if wanted == NONE:
        return Grouping("", np.zeros(len(table), np.int64), 0)
    try:
        table.schema[wanted]
    except SchemaError as problem:
        raise UsageError(
            f"group is {wanted!r}: {problem.problem}",
            hint=f"{problem.hint}; or give {AUTO!r} or {NONE!r}",
        ) from problem
    grouping = _grouping(wanted, table, codec)
    if grouping is None:
        raise UsageError(
            f"group is {wanted!r}, a column of numbers or times",
            hint=f"name a category, a boolean or a key, or give {AUTO!r} or {NONE!r}",
        )
    if grouping.count == len(table) > 1:
        raise UsageError(
            f"group is {wanted!r}, of which every row has another value",
            hint=f"name a column whose values repeat, or give {AUTO!r} or {NONE!r}",
        )
    return grouping


def group_slot(codec: MatrixCodec, name: str) -> int | None:
    """Position of the grouping column among the slots of `codec`; None if it has none there."""
    coded = codec.codec.coded.get(name)
    if not isinstance(coded, CategoryCodec) or name in codec.codec.surrogates.names:
        return None
    return codec.codec.names.index(name)


def _grouping(name: str, table: Table, codec: MatrixCodec) -> Grouping | None:
    """The groups by a column; None if it is modelled as a number."""
    slot = group_slot(codec, name)
    if slot is not None:
        codes = codec.codec.encode(table)[slot].astype(np.int64)
        return Grouping(name, codes, codec.codec.coded[name].levels)
    if name in codec.codec.coded and name not in codec.codec.surrogates.names:
        return None
    codes = table.frame[name].rank("dense").fill_null(0).to_numpy().astype(np.int64)
    values, codes = np.unique(codes, return_inverse=True)
    return Grouping(name, codes, len(values), new=True)
