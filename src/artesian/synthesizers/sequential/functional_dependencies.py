"""Functional dependencies: columns that another column determines, such as a code and its label, a
category and its indicators, or a town and its region.

A statistical model of such a column samples rows that contradict themselves; a look-up table does not.
Approximate dependencies are accepted (Kivinen & Mannila 1995), since data has errors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from artesian.core.validated import require, require_shape
from artesian.encoding.coded_table import CodedTable
from artesian.encoding.numeric import NumberCodec
from artesian.encoding.segments import Floats
from artesian.encoding.table_codec import ColumnCodec, TableCodec
from artesian.synthesizers.sequential.distributions import (
    cumulative,
    probabilities,
    require_cdf,
)

Codes = NDArray[np.uint8]

TOLERANCE = 0.02
"""Maximum fraction of exceptions among the rows without the column's most frequent value."""

ROWS_PER_CODE = 20
"""Minimum mean number of rows per code of the determining column: with fewer, dependencies arise by
chance."""

PROBE_ROWS = 100
"""Rows with the most frequent value, and as many with others, on which most pairs are rejected."""


@dataclass(frozen=True, slots=True)
class FunctionalDependency:
    """A conditional distribution given one column alone, used like a `Conditional`.

    Attributes:
        source: The determining column.
        cdf: Cumulative probabilities of the target's codes for each code of it, shape (levels, K).
    """

    source: int
    cdf: NDArray[np.uint16]

    @classmethod
    def fit(cls, coded: CodedTable, source: int, target: int) -> Self:
        """Count the target's codes for each code of `source`."""
        size = int(coded.levels[source]), int(coded.levels[target])
        pairs = coded.codes[source].astype(np.int64) * size[1] + coded.codes[target]
        counts = np.bincount(pairs, minlength=size[0] * size[1]).reshape(size).astype(float)
        empty = counts.sum(axis=1) == 0
        counts[empty] = counts.sum(axis=0)
        return cls(source, cumulative(counts))

    def leaves(self, codes: Codes, rng: np.random.Generator) -> NDArray[np.int32]:
        """Row of `cdf` for each row of `codes`, shape (p, n)."""
        return np.asarray(codes[self.source].astype(np.int32))

    def check_values(self) -> None:
        """Check the table of probabilities."""
        require_cdf(self.cdf)

    def check_columns(self, levels: Sequence[int]) -> None:
        """Check that the table has a row for each code of the source."""
        require(0 <= self.source < len(levels), f"there is no column {self.source}")
        require(len(self.cdf) == levels[self.source], f"column {self.source} has other codes")

    def probabilities(self) -> Floats:
        """Distribution of the target for every code of the source, shape (levels, K)."""
        return probabilities(self.cdf)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Named arrays, for `from_arrays`."""
        return {"source": np.array(self.source), "cdf": self.cdf}

    @classmethod
    def from_arrays(cls, arrays: dict[str, NDArray[Any]]) -> Self:
        """Restore what `to_arrays` returned."""
        return cls(int(arrays["source"]), arrays["cdf"])


def determining_columns(coded: CodedTable) -> dict[int, int]:
    """Determining column of each column of `coded` that has one.

    Of two columns that determine each other, the first in the table's order is the determining one, so
    there are no cycles.
    """
    from artesian.synthesizers.sequential import association

    codes, n = coded.codes, coded.rows
    counts = [coded.counts(j) for j in range(coded.columns)]
    used = np.array([(count > 0).sum() for count in counts], np.int64)
    able = np.flatnonzero((used > 1) & (used * ROWS_PER_CODE <= n))  # may determine another
    source: dict[int, int] = {}
    for target in able:
        more = (used[able] > used[target]) | ((used[able] == used[target]) & (able < target))
        candidates = able[more]
        common = codes[target] == counts[target].argmax()
        limit = int(TOLERANCE * (n - common.sum()))
        for rows in (_probe(common), np.arange(n)):
            if len(candidates):
                odd = association.exceptions(codes, coded.levels, candidates, target, rows, limit)
                candidates, odd = candidates[odd <= limit], odd[odd <= limit]
        if len(candidates):
            source[int(target)] = int(candidates[np.lexsort((used[candidates], odd))[0]])
    return source


@dataclass(frozen=True, slots=True)
class OneHot:
    """Columns of which exactly one is 1 in every row: the one-hot encoding of a category.

    Attributes:
        columns: Their positions, shape (g,).
        on: The code of each that means 1, shape (g,).
    """

    columns: NDArray[np.int64]
    on: NDArray[np.uint8]

    def check_values(self) -> None:
        """Check the shapes."""
        require_shape(self.columns, (None,), "columns")
        require(0 < len(self.columns) <= 255, "a one-hot group does not have 1 to 255 columns")
        require_shape(self.on, self.columns.shape, "on")

    def category(self, codes: Codes) -> NDArray[np.uint8]:
        """Which of the columns is 1 in each row of `codes`, shape (p, n); the result has shape (n,)."""
        is_on = codes[self.columns] == self.on[:, None]
        return np.asarray(np.argmax(is_on, axis=0).astype(np.uint8))


def one_hots(codec: TableCodec, codes: Codes) -> tuple[OneHot, ...]:
    """The groups of three or more adjacent columns that are the one-hot encoding of a category."""
    groups = []
    on = [_code_of_one(column) for column in codec.coded.values()]
    at, p = 0, len(on)
    while at < p:
        ones = np.zeros(codes.shape[1], np.int64)
        end = at
        while end < p and end - at < 255 and (code := on[end]) is not None:
            ones += codes[end] == code
            if ones.max(initial=0) > 1:
                break
            end += 1
            if end - at > 2 and ones.min(initial=1) == 1:
                columns = np.arange(at, end)
                groups.append(OneHot(columns, np.array([on[j] for j in columns], np.uint8)))
                at = end - 1
                break
        at += 1
    return tuple(groups)


def _code_of_one(codec: ColumnCodec) -> int | None:
    """The code of 1 or true in a column of 0 and 1, or of false and true; None for other columns."""
    if isinstance(codec, NumberCodec):
        # A column without a 1 in these rows may still be part of a group.
        binary = codec.floor.tolist() in ([0.0], [0.0, 1.0]) and codec.high[-1] < 2.0
        return 1 if binary and not codec.missing else None
    if codec.missing or codec.levels != 2:
        return None
    values = [str(value).lower() for value in codec.values]
    for zero, one in (("0", "1"), ("false", "true")):
        if set(values) == {zero, one}:
            return int(codec.code_of[values.index(one)])
    return None


def _probe(common: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Some rows where `common` holds and some where it does not, spread over the table."""
    sides = [np.flatnonzero(common), np.flatnonzero(~common)]
    return np.concatenate([side[:: max(1, len(side) // PROBE_ROWS)][:PROBE_ROWS] for side in sides])
