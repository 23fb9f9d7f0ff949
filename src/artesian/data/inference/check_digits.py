"""Check digits of cards (Luhn, ISO/IEC 7812) and bank accounts (ISO 13616, ISO 7064 mod 97-10)."""

from __future__ import annotations

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
