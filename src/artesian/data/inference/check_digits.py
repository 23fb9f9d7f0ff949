"""Check digits of cards (Luhn, ISO/IEC 7812), bank accounts (ISO 13616, ISO 7064 mod 97-10), trade
items (GS1: EAN, UPC, ISBN-13) and books (ISO 2108: ISBN-10)."""

from __future__ import annotations

import re
from collections.abc import Sequence

_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def luhn_digit(body: str) -> str:
    """The digit that completes the digits of `body`; other characters are ignored.

    >>> luhn_digit("7992739871")
    '3'
    """
    digits = [int(c) for c in body if c.isascii() and c.isdigit()]
    total = sum(_DOUBLED[d] for d in digits[::-2]) + sum(digits[-2::-2])
    return str(-total % 10)


def is_luhn(number: str) -> bool:
    """Whether the last digit is the check digit of those before."""
    return len(number) > 1 and luhn_digit(number[:-1]) == number[-1]


def gtin_digit(body: str) -> str:
    """The digit that completes the digits of an EAN, UPC or ISBN-13; other characters are ignored.

    >>> gtin_digit("400638133393"), gtin_digit("978-3-16-148410-")
    ('1', '0')
    """
    digits = [int(c) for c in body if c.isascii() and c.isdigit()]
    return str(-(3 * sum(digits[::-2]) + sum(digits[-2::-2])) % 10)


def isbn10_digit(body: str) -> str:
    """The digit, or X, that completes the nine digits of an ISBN-10.

    >>> isbn10_digit("0-8044-2957-")
    'X'
    """
    digits = [int(c) for c in body if c.isascii() and c.isdigit()]
    return "0123456789X"[-sum(w * d for w, d in zip(range(10, 1, -1), digits, strict=False)) % 11]


def item_check(texts: Sequence[str]) -> str:
    """'gtin' or 'isbn10' if nearly all of the distinct `texts` are such numbers; '' for others."""
    for name, (form, digit) in _ITEMS.items():
        valid = sum(
            form.fullmatch(text) is not None and digit(text[:-1]) == text[-1] for text in texts
        )
        if len(texts) >= _MIN_ITEMS and valid >= 0.95 * len(texts):
            return name
    return ""


_MIN_ITEMS = 8
"""Minimum number of distinct numbers whose check digits are not all valid by chance (1 in 10 each)."""

_ITEMS = {
    "gtin": (re.compile(r"\d{8}|\d{12,14}|97[89](-\d+){3}-\d|97[89]( \d+){3} \d"), gtin_digit),
    "isbn10": (re.compile(r"\d{9}[\dX]|\d(-\d+){2}-[\dX]|\d( \d+){2} [\dX]"), isbn10_digit),
}


def iban_with_check(iban: str) -> str:
    """The same account number with its two check digits; spaces are kept.

    >>> iban_with_check("GB00 WEST 1234 5698 7654 32")
    'GB82 WEST 1234 5698 7654 32'
    """
    return f"{iban[:2]}{98 - _mod97(iban[4:] + iban[:2] + '00'):02d}{iban[4:]}"


def is_iban(text: str) -> bool:
    """Whether the text has the form of an IBAN and valid check digits."""
    plain = text.replace(" ", "").upper()
    if not (15 <= len(plain) <= 34 and plain.isascii() and plain.isalnum()):
        return False
    if not (plain[:2].isalpha() and plain[2:4].isdigit()):
        return False
    return _mod97(plain[4:] + plain[:4]) == 1


def _mod97(text: str) -> int:
    return int("".join(str(int(c, 36)) for c in text if c != " ") or "0") % 97
