"""Columns that another one decides: a code and its spelling, a category and its indicators, a region of
a town. A statistical model of such a column makes rows that contradict themselves; a table of what goes
with what does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from artesian.encoding.coded_table import CodedTable
from artesian.encoding.numeric import NumberCodec
from artesian.encoding.segments import Floats
from artesian.encoding.table_codec import Codec, ColumnCodec
from artesian.synthesizers.sequential.distributions import cumulative, shares

Codes = NDArray[np.uint8]

TOLERANCE = 0.02
"""Share of a column's rows outside its most frequent value that may be exceptions."""

ROWS_PER_CODE = 20
"""Fewest rows, on average, behind a code of the deciding column: with less, chance decides much."""

PROBE = 100
"""Rows of each side, the most frequent value and all others, that most pairs are dismissed by."""


@dataclass(frozen=True, slots=True)
class FunctionalDependency:
    """A link of the chain that only looks a value up; used like a `Conditional`.

    Attributes:
        source: The deciding column, as a number of the codec.
        cdf: Cumulative shares of the target's codes for each code of it, shape (levels, K).
    """

    source: int
    cdf: NDArray[np.uint16]

    @classmethod
    def fit(cls, coded: CodedTable, source: int, target: int) -> Self:
        size = int(coded.levels[source]), int(coded.levels[target])
        pairs = coded.codes[source].astype(np.int64) * size[1] + coded.codes[target]
        counts = np.bincount(pairs, minlength=size[0] * size[1]).reshape(size).astype(float)
        unseen = counts.sum(axis=1) == 0
        counts[unseen] = counts.sum(axis=0)
        return cls(source, cumulative(counts))

    def leaves(self, codes: Codes, rng: np.random.Generator) -> NDArray[np.int32]:
        """Row of `cdf` for each row of `codes`, shape (p, n)."""
        return np.asarray(codes[self.source].astype(np.int32))

    def shares(self) -> Floats:
        """Distribution for every code of the source, shape (levels, K)."""
        return shares(self.cdf)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Named arrays, for `from_arrays`."""
        return {"source": np.array(self.source), "cdf": self.cdf}

    @classmethod
    def from_arrays(cls, arrays: dict[str, NDArray[Any]]) -> Self:
        return cls(int(arrays["source"]), arrays["cdf"])


def sources(coded: CodedTable) -> dict[int, int]:
    """Deciding column of each column of `coded` that has one.

    Of two that decide each other the first in the table's order leads; there are no circles.
    """
    from artesian.synthesizers.sequential import association

    codes, n = coded.codes, coded.rows
    counts = [coded.counts(j) for j in range(coded.columns)]
    used = np.array([(count > 0).sum() for count in counts], np.int64)
    able = np.flatnonzero((used > 1) & (used * ROWS_PER_CODE <= n))
    found: dict[int, int] = {}
    for target in able:
        more = (used[able] > used[target]) | ((used[able] == used[target]) & (able < target))
        candidates = able[more]
        common = codes[target] == counts[target].argmax()
        most = int(TOLERANCE * (n - common.sum()))
        for rows in (_probe(common), np.arange(n)):
            if len(candidates):
                odd = association.exceptions(codes, coded.levels, candidates, target, rows, most)
                candidates, odd = candidates[odd <= most], odd[odd <= most]
        if len(candidates):
            found[int(target)] = int(candidates[np.lexsort((used[candidates], odd))[0]])
    return found


@dataclass(frozen=True, slots=True)
class OneHot:
    """Columns of which exactly one says yes in every row: one category, written in many columns.

    Attributes:
        columns: Their numbers in the codec, shape (g,).
        on: The code of each that says yes, shape (g,).
    """

    columns: NDArray[np.int64]
    on: NDArray[np.uint8]

    def category(self, codes: Codes) -> NDArray[np.uint8]:
        """Which column says yes in each row of `codes`, shape (p, n)."""
        yes = codes[self.columns] == self.on[:, None]
        return np.asarray(np.argmax(yes, axis=0).astype(np.uint8))


def one_hots(codec: Codec, codes: Codes) -> tuple[OneHot, ...]:
    """The groups of three or more neighbouring columns that are one category."""
    groups = []
    on = [_yes(column) for column in codec.coded.values()]
    at, p = 0, len(on)
    while at < p:
        said = np.zeros(codes.shape[1], np.int64)
        end = at
        while end < p and end - at < 255 and (yes := on[end]) is not None:
            said += codes[end] == yes
            if said.max(initial=0) > 1:
                break
            end += 1
            if end - at > 2 and said.min(initial=1) == 1:
                columns = np.arange(at, end)
                groups.append(OneHot(columns, np.array([on[j] for j in columns], np.uint8)))
                at = end - 1
                break
        at += 1
    return tuple(groups)


def _yes(codec: ColumnCodec) -> int | None:
    """The code of 1 or true in a column that knows nothing else but 0 or false."""
    if isinstance(codec, NumberCodec):
        # A column that never says yes in these rows may be one of a group.
        known = codec.floor.tolist() in ([0.0], [0.0, 1.0]) and codec.high[-1] < 2.0
        return 1 if known and not codec.missing else None
    if codec.missing or codec.levels != 2:
        return None
    spelled = [str(value).lower() for value in codec.values]
    for no, yes in (("0", "1"), ("false", "true")):
        if set(spelled) == {no, yes}:
            return int(codec.code_of[spelled.index(yes)])
    return None


def _probe(common: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Some rows of either side, spread over the table."""
    sides = [np.flatnonzero(common), np.flatnonzero(~common)]
    return np.concatenate([side[:: max(1, len(side) // PROBE)][:PROBE] for side in sides])
