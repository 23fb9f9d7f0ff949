"""IP addresses without an owner: private (RFC 1918) and reserved (RFC 1112) ones of version
4, documentation ones (RFC 3849) of version 6. Distinct entities have distinct addresses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import polars as pl

from artesian.surrogates.keyed_random import LARGEST, Integers
from artesian.surrogates.positions import Positions


@dataclass(frozen=True, kw_only=True, eq=False)
class IpAddresses:
    """Addresses of one version, 4 or 6."""

    version: int

    @classmethod
    def learn(cls, texts: pl.Series) -> Self:
        """Learn the version from texts without missing values."""
        six = bool(len(texts)) and texts.str.contains(":", literal=True).sum() > len(texts) / 2
        return cls(version=6 if six else 4)

    def make(self, numbers: Integers, key: int) -> list[str]:
        """One address for every entity number; distinct numbers have distinct addresses."""
        sizes = (1 << 24, (1 << 28) - 1) if self.version == 4 else (LARGEST,)
        level, place = Positions(sizes).at(numbers, key)
        if self.version == 6:
            parts = [(place >> np.uint64(s) & np.uint64(0xFFFF)).tolist() for s in (48, 32, 16, 0)]
            return [f"2001:db8::{a:x}:{b:x}:{c:x}:{d:x}" for a, b, c, d in zip(*parts, strict=True)]
        base = np.where(level == 0, 10 << 24, 240 << 24).astype(np.uint64) + place
        parts = [(base >> np.uint64(s) & np.uint64(255)).tolist() for s in (24, 16, 8, 0)]
        return [f"{a}.{b}.{c}.{d}" for a, b, c, d in zip(*parts, strict=True)]

    def to_state(self) -> dict[str, Any]:
        """What was learned, as JSON."""
        return {"version": self.version}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Restore what `to_state` returned."""
        return cls(version=state["version"])
