"""Generate national identity numbers of a scheme: a random date of birth and digits, valid checks.

Only the scheme and the separators are taken from the source. Distinct entities have distinct
numbers, until the numbers of a scheme are used up.
"""

from __future__ import annotations

import datetime
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

from artesian.data.inference.id_scheme import FIRST_DAY, LAST_DAY, Scheme
from artesian.data.inference.national_ids import SCHEMES
from artesian.surrogates.keyed_random import LARGEST, Integers
from artesian.surrogates.positions import Positions

MIN_TEXTS = 30
"""Minimum number of distinct numbers of which none begins with a zero, for others not to do so."""

_PLACE = "x"


@dataclass(frozen=True, kw_only=True, eq=False)
class NationalIds:
    """Numbers of one scheme, with the separators of the source.

    Attributes:
        mask: An 'x' for each character of a number, the prefix before and the separators between.
        zeros: Whether numbers begin with a zero, which whole numbers cannot.
    """

    scheme: Scheme
    mask: str
    zeros: bool = True

    @classmethod
    def learn(cls, texts: Sequence[str], scheme: Scheme) -> Self:
        """Learn the separators that most of the distinct `texts` have."""
        masks = Counter(_mask(text, scheme) for text in texts)
        fitting = [m for m, _ in masks.most_common() if m.count(_PLACE) == scheme.length]
        mask = fitting[0] if fitting else _PLACE * scheme.length
        zeros = len(texts) < MIN_TEXTS or any(text.startswith("0") for text in texts)
        return cls(scheme=scheme, mask=mask, zeros=zeros)

    def make(self, numbers: Integers, key: int) -> list[str]:
        """One number for every entity number."""
        _, places = Positions((self._size, LARGEST)).at(numbers, key)
        return [self._masked(self._number(place)) for place in places.tolist()]

    def _number(self, place: int) -> str:
        """The number at a position, or the next one whose body has a check digit."""
        while True:
            number = self.scheme.complete(self._body(place % self._size))
            if number is not None:
                return number
            place += 1

    def _body(self, place: int) -> str:
        out = []
        for options in reversed(self._fields):
            place, pick = divmod(place, len(options))
            out.append(options[pick])
        return "".join(reversed(out))

    def _masked(self, number: str) -> str:
        left = iter(number)
        return "".join(next(left) if c == _PLACE else c for c in self.mask)

    @cached_property
    def _size(self) -> int:
        return math.prod(len(options) for options in self._fields)

    @cached_property
    def _fields(self) -> tuple[Sequence[str], ...]:
        first, *others = (
            _dates(text[5:]) if text.startswith("date:") else text.partition("|")[0]
            for text in self.scheme.fields
        )
        if not self.zeros:
            first = tuple(option for option in first if option[0] != "0") or first
        return first, *others

    def to_state(self) -> dict[str, Any]:
        """What was learned, as JSON."""
        return {"scheme": self.scheme.name, "mask": self.mask, "zeros": self.zeros}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Restore what `to_state` returned."""
        return cls(scheme=SCHEMES[state["scheme"]], mask=state["mask"], zeros=state["zeros"])


def _mask(text: str, scheme: Scheme) -> str:
    prefix = scheme.prefix if text.upper().startswith(scheme.prefix) else ""
    rest = text[len(prefix) :]
    return prefix + "".join(c if c in scheme.marks else _PLACE for c in rest)


def _dates(pattern: str) -> tuple[str, ...]:
    """All dates of birth in the pattern; those of the 20th century if it has no century."""
    last = LAST_DAY if "%Y" in pattern else datetime.date(1999, 12, 31)
    days = range((last - FIRST_DAY).days + 1)
    texts = ((FIRST_DAY + datetime.timedelta(days=n)).strftime(pattern) for n in days)
    return tuple(dict.fromkeys(texts))
