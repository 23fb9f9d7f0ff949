"""Generate keys: consecutive or scattered integers, also with a prefix and leading zeros; UUIDs.

Consecutive keys continue after the last original; scattered ones are drawn from the numbers with
the same number of digits. Codes of other patterns are in `codes`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
import polars as pl

from artesian.core.errors import DataError
from artesian.surrogates.keyed_random import LARGEST, Integers, Permutation, random_integers, subkey
from artesian.surrogates.originals import Originals
from artesian.surrogates.slots import Slots

_FEW = 5
_AFFIXED = r"^(\D*)(\d{1,18})(\D*)$"


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
    """Numbers `lows[k] + step * place` of level k, in random order, without the originals."""

    lows: tuple[int, ...]
    sizes: tuple[int, ...]
    step: int
    originals: Originals

    def make(self, numbers: Integers, key: int) -> pl.Series:
        """One key for every entity number; distinct numbers have distinct keys."""
        values = self.originals.avoid(
            numbers, lambda n, a: self._attempt(n, a, key), self._slots.attempts
        )
        return pl.Series(values, dtype=pl.String).cast(pl.UInt64 if self._wide else pl.Int64)

    def _attempt(self, numbers: Integers, attempt: int, key: int) -> list[str]:
        level, place = self._slots.at(numbers, attempt, key)
        if self._wide:
            pairs = zip(level.tolist(), place.tolist(), strict=True)
            return [str(self.lows[k] + self.step * p) for k, p in pairs]
        lows = np.array(self.lows, dtype=np.int64)
        return list(map(str, (lows[level] + self.step * place.astype(np.int64)).tolist()))

    @property
    def _wide(self) -> bool:
        return self.lows[-1] + self.step * (self.sizes[-1] - 1) >= 2**63

    @cached_property
    def _slots(self) -> Slots:
        return Slots.over(self.sizes, len(self.originals))

    def to_state(self) -> dict[str, Any]:
        """What was learned, as JSON."""
        return {
            "lows": self.lows,
            "sizes": self.sizes,
            "step": self.step,
            "originals": self.originals.to_state(),
        }


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NumberKeys:
    """Integers, as numbers or as texts with a prefix, a suffix and leading zeros."""

    numbers: Sequence | Scattered
    prefix: str = ""
    suffix: str = ""
    width: int = 0

    @classmethod
    def learn(cls, values: pl.Series, *, low: int, high: int, digits: bool = True) -> Self:
        """Learn from integers.

        Args:
            low, high: The range of the type.
            digits: Keep the number of digits; without it (for times) the range is kept.
        """
        values = values.drop_nulls().unique().sort()
        if values.is_empty():
            return cls(numbers=Sequence(start=1, step=1, low=low, high=high))
        first, last = int(values[0]), int(values[-1])
        step = 1
        if len(values) >= _FEW:  # a few numbers have a common step by chance
            step = max(int(np.gcd.reduce((values - first).to_numpy().astype(np.int64))), 1)
        if (last - first) // step < 3 * len(values) + 10:
            return cls(numbers=Sequence(start=last + step, step=step, low=low, high=high))
        return cls(numbers=_scattered(values, step, low, high, digits))

    @classmethod
    def from_texts(cls, texts: pl.Series, *, minimum: int) -> Self | None:
        """Learn from codes with a number between constant prefix and suffix; None if they differ."""
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
        if (prefix or suffix) and len(texts) < minimum:
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
                originals=Originals.from_state(inner["originals"]),
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


def _scattered(values: pl.Series, step: int, low: int, high: int, digits: bool) -> Scattered:
    first, last = int(values[0]), int(values[-1])
    originals = Originals.from_values(values.cast(pl.String).to_list())
    long = len(str(max(abs(first), abs(last))))
    bounds: list[tuple[int, int]]
    if digits:
        short = len(str(abs(first)))
        start = 1 - 10**long if first < 0 else (10 ** (short - 1) if first else 0)
        bounds = [(start, 10**long - 1)]
        bounds += [(10**n, 10 ** (n + 1) - 1) for n in range(long, 20)]
    else:
        span = last - first + 1
        bounds = [(first, last)]
        bounds += [(first + span * 10**n, first + span * 10 ** (n + 1) - 1) for n in range(12)]
    lows, sizes = [], []
    for a, b in bounds:
        a = max(a, low)
        a += (first - a) % step
        b = min(b, high)
        if a <= b:
            lows.append(a)
            sizes.append(min((b - a) // step + 1, LARGEST))
    return Scattered(lows=tuple(lows), sizes=tuple(sizes), step=step, originals=originals)
