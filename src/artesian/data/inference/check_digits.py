"""Check digits of cards (Luhn, ISO/IEC 7812), bank accounts (ISO 13616, ISO 7064 mod 97-10), trade
items (GS1: EAN, UPC, ISBN-13, SSCC), books (ISO 2108: ISBN-10), parcels (UPU S10) and containers
(ISO 6346)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

_LONG = re.compile(r"\d[\d -]{6,}\d")

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


def are_luhn(texts: Sequence[str]) -> bool:
    """Whether nearly all of some distinct numbers of at least eight digits have check digits."""
    valid = sum(_LONG.fullmatch(text) is not None and is_luhn(text) for text in texts)
    return len(texts) >= _MIN_ITEMS and valid >= 0.95 * len(texts)


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


def s10_with_check(body: str) -> str:
    """The number of a parcel from its service, eight digits and country.

    >>> s10_with_check("RR47312482NL")
    'RR473124829NL'
    """
    rest = (
        11 - sum(w * int(c) for w, c in zip((8, 6, 4, 2, 3, 5, 9, 7), body[2:10], strict=True)) % 11
    )
    return f"{body[:10]}{ {10: 0, 11: 5}.get(rest, rest) }{body[10:]}"


def container_digit(body: str) -> str:
    """The digit that completes four letters and six digits; other characters are ignored.

    >>> container_digit("CSQU305438")
    '3'
    """
    values = [int(c, 36) for c in body if c.isascii() and c.isalnum()]
    # Letters count from 10 on, without the multiples of 11.
    values = [v + (v >= 11) + (v >= 21) + (v >= 31) if v >= 10 else v for v in values]
    return str(sum(v << place for place, v in enumerate(values)) % 11 % 10)


def item_check(texts: Sequence[str]) -> str:
    """The name in `_ITEMS` of numbers that nearly all of the distinct `texts` are; '' for others."""
    for name, (form, is_valid) in _ITEMS.items():
        valid = sum(form.fullmatch(text) is not None and is_valid(text) for text in texts)
        if len(texts) >= _MIN_ITEMS and valid >= 0.95 * len(texts):
            return name
    return ""


_MIN_ITEMS = 8
"""Minimum number of distinct numbers whose check digits are not all valid by chance (1 in 10 each)."""

_ITEMS: dict[str, tuple[re.Pattern[str], Callable[[str], bool]]] = {
    "gtin": (
        re.compile(r"\d{8}|\d{12,14}|\d{18}|97[89](-\d+){3}-\d|97[89]( \d+){3} \d"),
        lambda text: gtin_digit(text[:-1]) == text[-1],
    ),
    "isbn10": (
        re.compile(r"\d{9}[\dX]|\d(-\d+){2}-[\dX]|\d( \d+){2} [\dX]"),
        lambda text: isbn10_digit(text[:-1]) == text[-1],
    ),
    "s10": (
        re.compile(r"[A-Z]{2}\d{9}[A-Z]{2}"),
        lambda text: s10_with_check(text[:10] + text[11:]) == text,
    ),
    "container": (
        re.compile(r"[A-Z]{3}[UJZ] ?\d{6}[- ]?\d"),
        lambda text: container_digit(text[:-1]) == text[-1],
    ),
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
