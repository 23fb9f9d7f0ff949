"""Identifiers by number: integers, or texts of one integer between a constant prefix and suffix.

The integers are those of the source's number of digits: identifiers between 67 and 72,940 are replaced
by identifiers between 1 and 99,999, in random order. A leading part that all identifiers have in common
is kept if that leaves enough of them. Further entities get integers with more digits.

Identifiers that were counted up ('1' to '333', many of them present) stay a count: it begins at a round
number and ends where at least `MIN_COUNT` of the source's go on. Further entities continue it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import takewhile
from typing import Any, Self

import numpy as np
import polars as pl

from artesian.core.disclosure import MIN_COUNT
from artesian.core.validated import Width
from artesian.surrogates.code_dates import year_range
from artesian.surrogates.keyed_random import LARGEST, Integers, Permutation, subkey

_AFFIXED = r"^([^0-9]*)([0-9]{1,18})([^0-9]*)$"
_ROOM = 2
"""Minimum number of possible identifiers for each one of the source."""

_COUNTED = 0.3
"""Minimum proportion of the integers between the ends that occur, for a count."""

_GROWTH = 64
"""A count continues by a 64th of its length at a time, in random order."""


@dataclass(frozen=True, kw_only=True)
class PublicIds:
    """Distinct identifiers for the numbers 0, 1, ...

    Attributes:
        low, high: Range of the first identifiers.
        limit: Highest integer that the type represents.
        text: Whether identifiers are text.
        prefix, suffix: Text around the integer.
        width: Zero-padded width of the integer; 0 for none.
        counted: Whether further identifiers follow the first range.
    """

    low: int
    high: int
    limit: int = 2**62
    text: bool = False
    prefix: str = ""
    suffix: str = ""
    width: Width = 0
    counted: bool = False

    @classmethod
    def from_values(cls, values: pl.Series) -> Self | None:
        """The form of the distinct values of a column; None if they have another one."""
        values = values.drop_nulls().unique()
        if values.is_empty():
            return None
        if values.dtype.is_float():
            return cls._from_numbers(values.cast(pl.Int64), limit=2**53)
        if values.dtype.is_integer():
            return cls._from_numbers(values, limit=min(int(values.upper_bound()[0]), 2**63 - 1))
        if values.dtype not in (pl.String, pl.Categorical, pl.Enum):
            return None
        return cls._from_texts(values.cast(pl.String))

    @classmethod
    def _from_numbers(cls, values: pl.Series, *, limit: int, **affixes: Any) -> Self:
        first, last = int(values.min()), int(values.max())  # type: ignore[arg-type]
        count = _count(values)
        if count is not None:
            return cls(low=count[0], high=count[1], limit=limit, counted=True, **affixes)
        low, high = _public_range(first, last, len(values))
        return cls(low=max(low, -(2**63)), high=min(high, limit), limit=limit, **affixes)

    @classmethod
    def _from_texts(cls, texts: pl.Series) -> Self | None:
        if len(texts) < MIN_COUNT or not texts.str.contains(_AFFIXED).all():
            return None
        prefix, digits, suffix = (texts.str.extract(_AFFIXED, part) for part in (1, 2, 3))
        if prefix.n_unique() > 1 or suffix.n_unique() > 1:
            return None
        lengths = digits.str.len_chars()
        padded = (digits.str.starts_with("0") & (digits != "0")).any()
        if padded and lengths.n_unique() > 1:
            return None
        return cls._from_numbers(
            digits.cast(pl.Int64),
            limit=LARGEST,
            text=True,
            prefix=prefix[0],
            suffix=suffix[0],
            width=int(lengths[0]) if padded else 0,
        )

    def make(self, numbers: Integers, key: int) -> pl.Series:
        """One identifier for each number; distinct numbers have distinct ones while there are any."""
        numbers = numbers % np.uint64(sum(size for _, size in self._levels))
        ends = np.cumsum([size for _, size in self._levels]).astype(np.uint64)
        level = np.searchsorted(ends, numbers, side="right")
        out = np.empty(len(numbers), np.int64)
        for k in np.unique(level).tolist():
            (low, size), here = self._levels[k], level == k
            place = numbers[here] - (ends[k] - np.uint64(size))
            place = Permutation(subkey(key, "level", k), size)(place)
            out[here] = low + place.astype(np.int64)
        if not self.text:
            return pl.Series(out)
        digits = pl.Series(out).cast(pl.String)
        return self.prefix + (digits.str.zfill(self.width) if self.width else digits) + self.suffix

    @cached_property
    def _levels(self) -> tuple[tuple[int, int], ...]:
        """(lowest integer, number of integers) of each number of digits."""
        levels = [(self.low, min(self.high - self.low + 1, LARGEST))]
        if self.counted:
            while (room := self.limit - sum(levels[-1]) + 1) > 0 and len(levels) < 1_500:
                low = sum(levels[-1])
                levels.append((low, min(max((low - self.low) // _GROWTH, MIN_COUNT), room)))
            return tuple(levels)
        low = max(10 ** len(str(max(self.high, 1))), self.high + 1)
        while low <= self.limit and sum(size for _, size in levels) < LARGEST:
            room = LARGEST - sum(size for _, size in levels)
            levels.append((low, min(low * 10 - 1, self.limit, low + room) - low + 1))
            low *= 10
        return tuple(levels)

    def to_state(self) -> dict[str, Any]:
        """The form, as JSON types."""
        return asdict(self)

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Restore what `to_state` returned."""
        return cls(**state)


def _count(values: pl.Series) -> tuple[int, int] | None:
    """Ends of a count of distinct integers; None if they are few or scattered.

    >>> _count(pl.Series(range(1, 300)))
    (1, 295)
    """
    if len(values) < 2 * MIN_COUNT:
        return None
    first, edge = int(values.min()), int(values.top_k(MIN_COUNT).min())  # type: ignore[arg-type]
    if first < 0:
        return None
    if len(values) - MIN_COUNT + 1 < _COUNTED * (edge - first + 1):
        return None
    unit = 10 ** (len(str(first)) - 1)
    return first // unit * unit, edge


def _public_range(first: int, last: int, distinct: int) -> tuple[int, int]:
    """The range of integers of the same number of digits, rounded outward.

    >>> _public_range(67, 72_940, 900), _public_range(5_003, 5_940, 300), _public_range(0, 8, 9)
    ((1, 99999), (5000, 5999), (0, 9))
    """
    if first < 0:
        bound = 10 ** len(str(max(-first, last))) - 1
        return -bound, bound
    years = year_range(first, last, distinct, _ROOM)
    if years is not None:
        return years
    one, two = str(first), str(last)
    if len(one) == len(two) and distinct >= MIN_COUNT:
        same = len(list(takewhile(lambda pair: pair[0] == pair[1], zip(one, two, strict=True))))
        for kept in range(min(same, len(two) - 1), 0, -1):
            room = 10 ** (len(two) - kept)
            if room >= _ROOM * distinct:
                low = int(one[:kept]) * room
                return low, low + room - 1
    low = 10 ** (len(one) - 1) if len(one) == len(two) and first else min(first, 1)
    return low, 10 ** len(two) - 1
