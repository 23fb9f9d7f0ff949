"""A scheme of identity numbers: its fields and check characters.

A number is a body of fields (a date of birth, letters, digits) and the check characters that its
body determines. One description of a scheme recognises its numbers and generates others.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

DIGITS = "0123456789"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
FIRST_DAY, LAST_DAY = datetime.date(1940, 1, 1), datetime.date(2005, 12, 31)
"""Range of generated dates of birth, the same for every table."""

_LOST = 3
"""Maximum number of leading zeros that a number has lost."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Scheme:
    """One kind of number.

    Attributes:
        name: Name of the scheme, stored in saved models.
        title: Name of the number in a sentence.
        fields: Fields of the body in order: 'date:%y%m%d' and the like, or the alphabet of one
            character; after a '|', further characters that are valid and are not generated.
        check: Computes the check characters from the body; None if the body has none that is valid.
        later: The same for births from 2000 on, where that differs.
        months: What is added to the month for births from 2000 on.
        pass_rate: Probability that a random number of this form is valid.
        marks: Usual separators, removed before the check.
        named_only: Other numbers have this form too, so only a column's name tells them apart.
        checks: Number of check characters.
        prefix: Letters that many write before a number, such as those of the country.
        places: First and last position of each part of the body in the number, where check
            characters are not at its end.
        whole: Computes the whole number from the body, in place of `check`.
        role: The role of a column of such numbers.
    """

    name: str
    title: str
    fields: tuple[str, ...]
    check: Callable[[str], str | None]
    pass_rate: float
    later: Callable[[str], str | None] | None = None
    months: int = 0
    marks: str = " .-/"
    named_only: bool = False
    checks: int = 1
    prefix: str = ""
    places: tuple[tuple[int, int], ...] = ()
    whole: Callable[[str], str | None] | None = None
    role: str = "ssn"

    @cached_property
    def length(self) -> int:
        """Number of characters without separators."""
        sample = "".join(
            FIRST_DAY.strftime(f[5:]) if f.startswith("date:") else f[0] for f in self.fields
        )
        return len(sample) + self.checks

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        parts = []
        for text in self.fields:
            if text.startswith("date:"):
                parts += [rf"\d{{{len(FIRST_DAY.strftime(text[5:]))}}}"]
            else:
                parts += [f"[{re.escape(text.replace('|', ''))}]"]
        return re.compile("".join(parts))

    def plain(self, text: str, *, number: bool = False) -> str:
        """The text without prefix and separators, in capitals; a number with its leading zeros."""
        plain = "".join(c for c in text.upper() if c not in self.marks)
        plain = plain.removeprefix(self.prefix)
        short = number and self.length - _LOST <= len(plain)
        return plain.zfill(self.length) if short else plain

    def is_valid(self, text: str, *, number: bool = False) -> bool:
        """Whether the text is a number of this scheme with valid check characters and date."""
        plain = self.plain(text, number=number)
        if len(plain) != self.length:
            return False
        end = len(plain) - self.checks
        body, checks = plain[:end], plain[end:]
        if self.places:
            body = "".join(plain[first:last] for first, last in self.places)
        if not self._pattern.fullmatch(body) or not self._dated(body):
            return False
        if self.whole is not None:
            return self.whole(body) == plain
        later = None if self.later is None else self.later(body)
        return checks in (self.check(body), later)

    def complete(self, body: str) -> str | None:
        """The whole number of a body; None if no check characters are valid for it."""
        if self.whole is not None:
            return self.whole(body)
        checks = self.check(body)
        return None if checks is None else body + checks

    def _dated(self, body: str) -> bool:
        place = 0
        for text in self.fields:
            width = len(FIRST_DAY.strftime(text[5:])) if text.startswith("date:") else 1
            if text.startswith("date:") and not self._is_date(
                body[place : place + width], text[5:]
            ):
                return False
            place += width
        return True

    def _is_date(self, text: str, pattern: str) -> bool:
        month = text[2:4]
        if self.months and month.isdigit() and int(month) > self.months:
            text = f"{text[:2]}{int(month) - self.months:02d}{text[4:]}"
        try:
            # Of two digits of the year, 00 to 68 are 2000 to 2068.
            return 1880 <= datetime.datetime.strptime(text, pattern).year <= 2100
        except ValueError:
            return False


def weighted(weights: Sequence[int], body: str) -> int:
    """The sum of the digits of `body`, each with its weight.

    >>> weighted((3, 1, 2), "520")
    17
    """
    return sum(w * int(c) for w, c in zip(weights, body, strict=False))


def no_check(body: str) -> str:
    """The check characters of numbers without any."""
    return ""


def mod11_10(body: str) -> str:
    """The digit of ISO 7064, MOD 11,10."""
    product = 10
    for c in body:
        total = (int(c) + product) % 10 or 10
        product = total * 2 % 11
    return str((11 - product) % 10)
