"""How mail addresses and user names are made of the names of people, learned and applied.

A pattern such as 'first.last' or 'flast' is used if at least `minimum` people have it. A pattern
that leaves out a part of the name gets a number for it, so that distinct people have distinct
addresses.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any, Self

from artesian.data.inference.word_lists import fold
from artesian.surrogates.characters import TWO_LETTERS

_JOINTS = ("", ".", "_", "-")
_ORDERS = (("F", "L"), ("f", "L"), ("F", "l"), ("L", "F"), ("L", "f"))
_PATTERNS = (*(f"{a}{joint}{b}" for a, b in _ORDERS for joint in _JOINTS), "F", "L")
"""F and L are the whole first and last name, f and l their first letters."""

_FITS = 0.5
"""Minimum fraction of people whose address is made of their name."""

_NUMBERED = 0.9
"""Minimum fraction of names that end in a number where all stand-ins do."""


@dataclass(frozen=True, kw_only=True)
class MailNames:
    """Patterns of the part before the '@', or of user names.

    Attributes:
        fits: Whether addresses are made of the name beside them.
        weights: Pattern -> number of people who have it.
        named: Whether the table has names that the patterns were learned from.
        expanded: Whether letters with marks are written as two letters (ä as ae).
        numbered: Whether every name ends in a number.
    """

    fits: bool
    weights: dict[str, int]
    named: bool = False
    expanded: bool = False
    numbered: bool = False

    @classmethod
    def learn(
        cls, mails: Sequence[str], names: Sequence[tuple[str, str]] | None, *, minimum: int
    ) -> Self:
        """Learn from distinct people.

        Args:
            names: First and last name of the owner of each address; None if the table has none.
        """
        written = [fold(mail.partition("@")[0]) for mail in mails]
        locals_ = [re.sub(r"\d+$", "", local) for local in written]
        ending = sum(one != two for one, two in zip(written, locals_, strict=True))
        numbered = ending > _NUMBERED * len(mails)
        if not names:
            joints = Counter(_joint(local) for local in locals_)
            common = {f"F{j}L": n for j, n in joints.items() if n >= minimum and j}
            return cls(fits=True, weights=common or {"F.L": 1}, numbered=numbered)
        plain, expanded = (
            Counter(_pattern(at, *map(form, name)) for at, name in zip(locals_, names, strict=True))
            for form in (fold, _in_two_letters)
        )
        two_letters = expanded[""] < plain[""]
        counts = expanded if two_letters else plain
        fits = counts[""] <= (1 - _FITS) * max(len(names), 1)
        common = {p: n for p, n in sorted(counts.items()) if n >= minimum and p}
        weights = common if fits and common else {"F.L": 1}
        return cls(fits=fits, weights=weights, named=True, expanded=two_letters, numbered=numbered)

    def write(
        self, first: str, last: str, ranks: tuple[int, int], numbers: tuple[int, int], u: float
    ) -> str:
        """The name of an address.

        Args:
            first, last: Names in the letters a-z.
            ranks: Which of the first (last) names with the same letter these are: appended if a
                pattern shows the letter only.
            numbers: Which of all names these are: appended if a pattern does not show a name.
            u: A random number in [0, 1), which chooses the pattern and a last digit.
        """
        pattern = next((p for p, end in self._ends if u < end), self._ends[-1][0])
        parts = {"F": first, "L": last, "f": first[:1], "l": last[:1]}
        text = "".join(parts.get(c, c) for c in pattern)
        for name, rank, number in zip("FL", ranks, numbers, strict=True):
            if name not in pattern:
                lost = rank if name.lower() in pattern else number
                text += str(lost) if lost else ""
        return f"{text}{int(u * 1e6) % 10}" if self.numbered else text

    @cached_property
    def _ends(self) -> list[tuple[str, float]]:
        total = sum(self.weights.values())
        return [
            (p, n / total)
            for p, n in zip(self.weights, accumulate(self.weights.values()), strict=True)
        ]

    def to_state(self) -> dict[str, Any]:
        """What was learned, as JSON."""
        return {
            "fits": self.fits,
            "weights": self.weights,
            "named": self.named,
            "expanded": self.expanded,
            "numbered": self.numbered,
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Restore what `to_state` returned."""
        return cls(
            fits=state["fits"],
            weights=dict(sorted(state["weights"].items())),
            named=state["named"],
            expanded=state["expanded"],
            numbered=state["numbered"],
        )


def _pattern(local: str, first: str, last: str) -> str:
    """The pattern that makes `local` of a name in small letters; '' if none does."""
    one, two = (re.sub(r"[^a-z]", "", part) for part in (first, last))
    if not one or not two:
        return ""
    parts = {"F": one, "L": two, "f": one[:1], "l": two[:1]}
    for pattern in _PATTERNS:
        if local == "".join(parts.get(c, c) for c in pattern):
            return pattern
    return ""


def _in_two_letters(text: str) -> str:
    return fold(text.casefold().translate(TWO_LETTERS))


def _joint(local: str) -> str:
    return next((c for c in "._-" if c in local.strip("._-")), "")
