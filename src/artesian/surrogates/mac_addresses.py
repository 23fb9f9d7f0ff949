"""MAC addresses without an owner: locally administered unicast ones (IEEE 802-2014, section 8.4).

No manufacturer is assigned them. Distinct entities have distinct addresses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import polars as pl

from artesian.surrogates.keyed_random import Integers
from artesian.surrogates.positions import Positions

_SECOND_DIGIT = "26AE"
"""Second hexadecimal digits of addresses that are local and not of a group."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MacAddresses:
    """Addresses in the way of writing of the source.

    Attributes:
        separator: ':', '-', '.' (between groups of four digits) or ''.
        upper: Whether hexadecimal digits are capitals.
    """

    separator: str
    upper: bool

    @classmethod
    def learn(cls, texts: pl.Series) -> Self:
        """Learn how texts without missing values are written."""
        marks = {c: int(texts.str.contains(c, literal=True).sum()) for c in ":-."}
        best = max(marks, key=lambda c: marks[c])
        capitals = int(texts.str.contains("[A-F]").sum())
        return cls(
            separator=best if 2 * marks[best] >= max(len(texts), 1) else "",
            upper=2 * capitals >= int(texts.str.contains("[A-Fa-f]").sum()) and capitals > 0,
        )

    def make(self, numbers: Integers, key: int) -> list[str]:
        """One address for every entity number; distinct numbers have distinct addresses."""
        _, place = Positions((1 << 46,)).at(numbers, key)
        width = 4 if self.separator == "." else 2
        out = []
        for number in np.asarray(place).tolist():
            second = _SECOND_DIGIT[number >> 44]
            text = f"{number & (1 << 44) - 1:011X}"
            digits = text[0] + second + text[1:]
            groups = (digits[i : i + width] for i in range(0, 12, width))
            joined = self.separator.join(groups)
            out.append(joined if self.upper else joined.lower())
        return out

    def to_state(self) -> dict[str, Any]:
        """What was learned, as JSON."""
        return {"separator": self.separator, "upper": self.upper}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Restore what `to_state` returned."""
        return cls(separator=state["separator"], upper=state["upper"])
