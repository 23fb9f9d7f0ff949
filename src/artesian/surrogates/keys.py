"""Generate keys: consecutive or scattered integers, also with a prefix and leading zeros; UUIDs.

Consecutive keys count from a round number, scattered ones are drawn from a range that ends at powers
of ten. Nothing narrower is learned of the numbers, so a key of the source is generated as often as
chance has it. Codes of other patterns are in `codes`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import polars as pl

from artesian.core.errors import DataError
from artesian.core.validated import Width
from artesian.surrogates.code_dates import year_range
from artesian.surrogates.keyed_random import LARGEST, Integers, Permutation, random_integers, subkey
from artesian.surrogates.positions import Positions

_MANY = 20
"""Minimum number of keys whose common step is more than chance."""

_ROOM = 2
"""Minimum number of possible keys for each one of the source where they begin with a year."""

_AFFIXED = r"^([^0-9]*)([0-9]{1,18})([^0-9]*)$"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence:
    """`start`, `start + step`, ...; after `high` it continues at `low`."""

    start: int
    step: int
    low: int
    high: int

    def make(self, numbers: Integers, key: int) -> pl.Series:
        """One key for every entity number; distinct numbers have distinct keys."""
        room = (self.high - self.low) // self.step + 1
        if numbers.size and int(numbers.max()) >= room:
            raise DataError(
                f"{int(numbers.max()) + 1} keys were requested, and the type can represent {room}",
                hint="ask for fewer rows, or store the key in a wider integer type",
            )
        last = self.start + self.step * (int(numbers.max()) if numbers.size else 0)
        if last > self.high or self.low < -(2**63) or self.high >= 2**63:
            span = self.high - self.low + 1
            at = [(self.start - self.low + self.step * n) % span for n in numbers.tolist()]
            return pl.Series(
                [a + self.low for a in at], dtype=pl.UInt64 if self.high >= 2**63 else pl.Int64
            )
        return pl.Series(self.start + self.step * numbers.astype(np.int64))

    def to_state(self) -> dict[str, Any]:
        """What was learned, as JSON."""
        return {"start": self.start, "step": self.step, "low": self.low, "high": self.high}


@dataclass(frozen=True, kw_only=True, eq=False)
class Scattered:
    """Numbers `lows[k] + step * place` of level k, in random order."""

    lows: tuple[int, ...]
    sizes: tuple[int, ...]
    step: int

    def make(self, numbers: Integers, key: int) -> pl.Series:
        """One key for every entity number; distinct numbers have distinct keys."""
        level, place = Positions(self.sizes).at(numbers, key)
        if self.lows[-1] + self.step * (self.sizes[-1] - 1) < 2**63:
            lows = np.array(self.lows, dtype=np.int64)
            return pl.Series(lows[level] + self.step * place.astype(np.int64))
        pairs = zip(level.tolist(), place.tolist(), strict=True)
        return pl.Series([self.lows[k] + self.step * p for k, p in pairs], dtype=pl.UInt64)

    def to_state(self) -> dict[str, Any]:
        """What was learned, as JSON."""
        return {"lows": self.lows, "sizes": self.sizes, "step": self.step}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NumberKeys:
    """Integers, as numbers or as texts with a prefix, a suffix and leading zeros."""

    numbers: Sequence | Scattered
    prefix: str = ""
    suffix: str = ""
    width: Width = 0

    @classmethod
    def learn(
        cls, values: pl.Series, *, low: int, high: int, within: tuple[int, int] | None = None
    ) -> Self:
        """Learn from integers.

        Args:
            low, high: The range of the type.
            within: A public range of the values; by default the numbers with as many digits.
        """
        values = values.drop_nulls().unique().sort()
        if values.is_empty():
            return cls(numbers=Sequence(start=1, step=1, low=low, high=high))
        first, last = int(values[0]), int(values[-1])
        step = 1
        if len(values) >= _MANY:
            step = max(int(np.gcd.reduce((values - first).to_numpy().astype(np.int64))), 1)
        if (last - first) // step < 3 * len(values) + 10:
            start = _rounded_down(first) if within is None else within[0]
            start = max(start, low)
            start += (first - start) % step
            return cls(numbers=Sequence(start=start, step=step, low=low, high=high))
        bounds = _powers_of_ten(first, last) if within is None else _widened(*within)
        years = year_range(first, last, len(values), _ROOM) if within is None else None
        if years is not None:
            bounds[0] = years
        return cls(numbers=_scattered(bounds, first % step, step, low, high))

    @classmethod
    def from_texts(cls, texts: pl.Series, *, minimum: int) -> Self | None:
        """Learn from codes with a number between constant prefix and suffix.

        None if prefix or suffix differ, or if fewer than `minimum` codes share them.
        """
        texts = texts.drop_nulls()
        if texts.is_empty():
            return cls.learn(pl.Series([], dtype=pl.Int64), low=1, high=2**62)
        if not texts.str.contains(_AFFIXED).all():
            return None
        parts = pl.DataFrame({"text": texts}).select(
            prefix=pl.col("text").str.extract(_AFFIXED, 1),
            digits=pl.col("text").str.extract(_AFFIXED, 2),
            suffix=pl.col("text").str.extract(_AFFIXED, 3),
        )
        prefix, suffix = parts["prefix"][0], parts["suffix"][0]
        if (parts["prefix"] != prefix).any() or (parts["suffix"] != suffix).any():
            return None
        if (prefix or suffix) and texts.n_unique() < minimum:
            return None
        lengths = parts["digits"].str.len_chars()
        padded = parts["digits"].str.starts_with("0") & (parts["digits"] != "0")
        if padded.any() and lengths.n_unique() > 1:
            return None
        width = int(lengths[0]) if padded.any() else 0
        inner = cls.learn(parts["digits"].cast(pl.Int64), low=0, high=2**62)
        return cls(numbers=inner.numbers, prefix=prefix, suffix=suffix, width=width)

    def make(self, numbers: Integers, key: int) -> pl.Series:
        """One key for every entity number; distinct numbers have distinct keys."""
        return self.numbers.make(numbers, key)

    def texts(self, numbers: Integers, key: int) -> pl.Series:
        """The keys as text, with prefix, zeros and suffix."""
        values = self.make(numbers, key).cast(pl.String)
        if self.width:
            values = values.str.zfill(self.width)
        return self.prefix + values + self.suffix

    def to_state(self) -> dict[str, Any]:
        """What was learned, as JSON."""
        form = "sequence" if isinstance(self.numbers, Sequence) else "scattered"
        return {
            "form": form,
            "numbers": self.numbers.to_state(),
            "prefix": self.prefix,
            "suffix": self.suffix,
            "width": self.width,
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Restore what `to_state` returned."""
        inner = state["numbers"]
        numbers: Sequence | Scattered
        if state["form"] == "sequence":
            numbers = Sequence(**inner)
        else:
            numbers = Scattered(
                lows=tuple(inner["lows"]),
                sizes=tuple(inner["sizes"]),
                step=inner["step"],
            )
        rest = {name: state[name] for name in ("prefix", "suffix", "width")}
        return cls(numbers=numbers, **rest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Uuids:
    """UUIDs of version 4 (RFC 9562): 62 bits identify the entity, 60 are random."""

    upper: bool = False

    def make(self, numbers: Integers, key: int) -> list[str]:
        """One key for every entity number; distinct numbers have distinct keys."""
        high = random_integers(numbers, subkey(key, "uuid"))
        high = high & np.uint64(0xFFFF_FFFF_FFFF_0FFF) | np.uint64(0x4000)
        low = Permutation(subkey(key, "uuid low"), LARGEST)(numbers) | np.uint64(1 << 63)
        both = np.stack([high, low], axis=1).astype(">u8").tobytes().hex()
        both = both.upper() if self.upper else both
        return [
            f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"
            for h in (both[i : i + 32] for i in range(0, len(both), 32))
        ]

    def to_state(self) -> dict[str, Any]:
        """What was learned, as JSON."""
        return {"upper": self.upper}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Restore what `to_state` returned."""
        return cls(upper=state["upper"])


def _rounded_down(number: int) -> int:
    """The number rounded down to one significant digit: 5,217 to 5,000 and -12 to -20."""
    unit: int = 10 ** (len(str(abs(number))) - 1)
    return number // unit * unit


def _powers_of_ten(first: int, last: int) -> list[tuple[int, int]]:
    """Ranges between powers of ten: of the source's numbers of digits, then one more at a time."""
    short, long = len(str(abs(first))), len(str(max(abs(first), abs(last))))
    if first < 0:
        low = 1 - 10**long
    else:
        low = 10 ** (short - 1) if short == long and first else min(first, 1)
    return [(low, 10**long - 1), *((10**n, 10 ** (n + 1) - 1) for n in range(long, 20))]


def _widened(first: int, last: int) -> list[tuple[int, int]]:
    """The range, then further ones behind it, each ten times as wide."""
    span = last - first + 1
    more = ((first + span * 10**n, first + span * 10 ** (n + 1) - 1) for n in range(12))
    return [(first, last), *more]


def _scattered(
    bounds: list[tuple[int, int]], rest: int, step: int, low: int, high: int
) -> Scattered:
    """The numbers of these ranges and of the type's that have the remainder `rest`."""
    lows, sizes = [], []
    for first, last in bounds:
        first = max(first, low)
        first += (rest - first) % step
        last = min(last, high)
        if first <= last:
            lows.append(first)
            sizes.append(min((last - first) // step + 1, LARGEST))
    return Scattered(lows=tuple(lows), sizes=tuple(sizes), step=step)
