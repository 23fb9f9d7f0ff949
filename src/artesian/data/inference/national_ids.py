"""National identity numbers: their fields and check digits.

A number is a body of fields (a date of birth, letters, digits) and the check characters that its
body determines. One description of a scheme recognises its numbers and generates others. The
schemes are those of the issuing authorities; ISO 7064 defines most of the check digits, Verhoeff
(1969) those of India.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from artesian.data.inference.check_digits import luhn_digit

DIGITS = "0123456789"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
FIRST_DAY, LAST_DAY = datetime.date(1940, 1, 1), datetime.date(2005, 12, 31)
"""Range of generated dates of birth, the same for every table."""

_LOST = 3
"""Maximum number of leading zeros that a number has lost."""

_CHANCE = 1e-6
"""Maximum probability that other numbers pass the check of a scheme by chance."""


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

    @cached_property
    def length(self) -> int:
        """Number of characters without separators."""
        sample = "".join(
            FIRST_DAY.strftime(f[5:]) if f.startswith("date:") else f[0] for f in self.fields
        )
        return len(sample) + self._checks

    @cached_property
    def _checks(self) -> int:
        return 2 if self.name in _TWO_CHECKS else 0 if self.name in _NO_CHECK else 1

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
        """The text without separators, in capitals; of a number also with its leading zeros."""
        plain = "".join(c for c in text.upper() if c not in self.marks)
        short = number and self.length - _LOST <= len(plain)
        return plain.zfill(self.length) if short else plain

    def is_valid(self, text: str, *, number: bool = False) -> bool:
        """Whether the text is a number of this scheme with valid check characters and date."""
        plain = self.plain(text, number=number)
        if len(plain) != self.length:
            return False
        end = len(plain) - self._checks
        body, checks = plain[:end], plain[end:]
        if not self._pattern.fullmatch(body) or not self._dated(body):
            return False
        later = None if self.later is None else self.later(body)
        return checks in (self.check(body), later)

    def complete(self, body: str) -> str | None:
        """The whole number of a body; None if no check characters are valid for it."""
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


def scheme_of(texts: Sequence[str], *, number: bool = False, named: bool = False) -> Scheme | None:
    """The scheme of which nearly all of the distinct `texts` are valid numbers; None if none is.

    Args:
        number: The texts are whole numbers, which have lost their leading zeros.
        named: The column's name is that of national identity numbers, so fewer texts suffice.
    """
    best: tuple[float, Scheme] | None = None
    for scheme in SCHEMES.values():
        if scheme.named_only and not named:
            continue
        if scheme.pass_rate ** len(texts) > (0.5 if named else _CHANCE):
            continue
        valid = sum(scheme.is_valid(t, number=number) for t in texts) / max(len(texts), 1)
        if valid >= 0.95 and (best is None or valid > best[0]):
            best = (valid, scheme)
    return best[1] if best else None


def _weighted(weights: Sequence[int], body: str) -> int:
    return sum(w * int(c) for w, c in zip(weights, body, strict=False))


def _none(body: str) -> str:
    return ""


def _norwegian(body: str) -> str | None:
    one = -_weighted((3, 7, 6, 1, 8, 9, 4, 5, 2), body) % 11
    two = -_weighted((5, 4, 3, 2, 7, 6, 5, 4, 3, 2), f"{body}{one}") % 11
    return None if 10 in (one, two) else f"{one}{two}"


def _cpf(body: str) -> str:
    one = -_weighted(range(10, 1, -1), body) % 11 % 10
    return f"{one}{-_weighted(range(11, 1, -1), f'{body}{one}') % 11 % 10}"


def _bsn(body: str) -> str | None:
    rest = _weighted(range(9, 1, -1), body) % 11
    return None if rest == 10 else str(rest)


def _nhs(body: str) -> str | None:
    rest = -_weighted(range(10, 1, -1), body) % 11
    return None if rest == 10 else str(rest)


def _mod11_10(body: str) -> str:
    """ISO 7064, MOD 11,10."""
    product = 10
    for c in body:
        total = (int(c) + product) % 10 or 10
        product = total * 2 % 11
    return str((11 - product) % 10)


def _verhoeff(body: str) -> str:
    """The digit of Verhoeff 1969: the dihedral group of order 10 and powers of a permutation."""
    digit = 0
    for place, c in enumerate(reversed(body), 1):
        digit = _dihedral(digit, _turned(int(c), place % 8))
    return str(next(n for n in range(10) if _dihedral(digit, n) == 0))


def _dihedral(a: int, b: int) -> int:
    if a < 5:
        return (a + b) % 5 if b < 5 else (a + b) % 5 + 5
    return (a - b) % 5 + 5 if b < 5 else (a - b) % 5


def _turned(digit: int, times: int) -> int:
    for _ in range(times):
        digit = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)[digit]
    return digit


def _chinese(body: str) -> str:
    total = _weighted((7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2), body)
    return "10X98765432"[total % 11]


def _individual_number(body: str) -> str:
    rest = _weighted((6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2), body) % 11
    return "0" if rest <= 1 else str(11 - rest)


def _belgian(body: str) -> str:
    return f"{97 - int(body) % 97:02d}"


def _french(body: str) -> str:
    return f"{97 - int(body) % 97:02d}"


def _spanish(body: str) -> str:
    number = body.translate(str.maketrans("XYZ", "012"))
    return "TRWAGMYFPDXBNJZSQVHLCKE"[int(number) % 23]


def _german(body: str) -> str:
    """The digit of pension insurance numbers: sums of digits of products, A as 01 to Z as 26."""
    digits = f"{body[:8]}{LETTERS.index(body[8]) + 1:02d}{body[9:]}"
    products = (
        w * int(c) for w, c in zip((2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1), digits, strict=True)
    )
    return str(sum(p // 10 + p % 10 for p in products) % 10)


def _swiss(body: str) -> str:
    """The check digit of EAN-13."""
    return str(-_weighted((1, 3) * 6, body) % 10)


_ODD = dict(zip(DIGITS + LETTERS, (
    1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6,
    8, 12, 14, 16, 10, 22, 25, 24, 23,
), strict=True))  # fmt: skip


def _italian(body: str) -> str:
    total = sum(
        int(c, 36) - (10 if c.isalpha() else 0) if place % 2 else _ODD[c]
        for place, c in enumerate(body)
    )
    return LETTERS[total % 26]


_D = (DIGITS,)
_NINO = "ABCEGHJKLMNOPRSTWXYZ"
_CONSONANTS = "BCDFGLMNPRSTV"
_SCHEMES = (
    Scheme(name="us_ssn", title="social security numbers of the United States",
           fields=("9", *_D * 8), check=_none, pass_rate=1.0),
    Scheme(name="se_personnummer", title="Swedish personal numbers",
           fields=("date:%y%m%d", *_D * 3), check=luhn_digit, pass_rate=0.004, marks=" -+"),
    Scheme(name="se_personnummer_12", title="Swedish personal numbers",
           fields=("date:%Y%m%d", *_D * 3), check=lambda b: luhn_digit(b[2:]),
           pass_rate=0.001, marks=" -+"),
    Scheme(name="fi_hetu", title="Finnish personal identity codes",
           fields=("date:%d%m%y", "-+A", *_D * 3),
           check=lambda b: "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(b[:6] + b[7:]) % 31],
           pass_rate=0.001, marks=" "),
    Scheme(name="de_vsnr", title="German social security numbers",
           fields=(*_D * 2, "date:%d%m%y", LETTERS, *_D * 2), check=_german, pass_rate=0.004),
    Scheme(name="dk_cpr", title="Danish personal numbers", fields=("date:%d%m%y", *_D * 4),
           check=_none, pass_rate=0.04, named_only=True),
    Scheme(name="no_fnr", title="Norwegian national identity numbers",
           fields=("date:%d%m%y", *_D * 3), check=_norwegian, pass_rate=0.0005),
    Scheme(name="pl_pesel", title="Polish PESEL numbers", fields=("date:%y%m%d", *_D * 4),
           check=lambda b: str(-_weighted((1, 3, 7, 9) * 3, b) % 10), months=20,
           pass_rate=0.008),
    Scheme(name="be_nrn", title="Belgian national numbers", fields=("date:%y%m%d", *_D * 3),
           check=_belgian, later=lambda b: _belgian(f"2{b}"), pass_rate=0.0008),
    Scheme(name="cn_resident", title="Chinese resident identity numbers",
           fields=(DIGITS[1:7], *_D * 5, "date:%Y%m%d", *_D * 3), check=_chinese, pass_rate=0.0001),
    Scheme(name="fr_nir", title="French social security numbers",
           fields=("12", "date:%y%m", *_D * 8), check=_french,
           pass_rate=0.0003),
    Scheme(name="it_codice_fiscale", title="Italian tax codes",
           fields=(*(f"{_CONSONANTS}|{LETTERS}",) * 6, *_D * 2, "ABCDEHLMPRST", "0124|3567",
                   "12345678|90", f"ABCDEFGHIL|{LETTERS}", *_D * 3),
           check=_italian, pass_rate=0.0001),
    Scheme(name="es_dni", title="Spanish identity numbers", fields=_D * 8, check=_spanish,
           pass_rate=0.04),
    Scheme(name="es_nie", title="Spanish identity numbers of foreigners", fields=("XYZ", *_D * 7),
           check=_spanish, pass_rate=0.04),
    Scheme(name="ch_ahv", title="Swiss social security numbers", fields=("7", "5", "6", *_D * 9),
           check=_swiss, pass_rate=0.0001),
    Scheme(name="br_cpf", title="Brazilian CPF numbers", fields=_D * 9, check=_cpf, pass_rate=0.01),
    Scheme(name="in_aadhaar", title="Aadhaar numbers", fields=("23456789", *_D * 10),
           check=_verhoeff, pass_rate=0.08),
    Scheme(name="in_pan", title="Indian permanent account numbers",
           fields=(*(LETTERS,) * 3, "PCHFATBLJG", LETTERS, *_D * 4, LETTERS), check=_none,
           pass_rate=0.05),
    Scheme(name="jp_my_number", title="Japanese My Number", fields=_D * 11,
           check=_individual_number, pass_rate=0.1),
    Scheme(name="de_tax_id", title="German tax identification numbers",
           fields=(DIGITS[1:], *_D * 9), check=_mod11_10, pass_rate=0.1),
    Scheme(name="nl_bsn", title="Dutch citizen service numbers", fields=_D * 8, check=_bsn,
           pass_rate=0.1),
    Scheme(name="gb_nhs", title="NHS numbers", fields=_D * 9, check=_nhs, pass_rate=0.1),
    Scheme(name="gb_nino", title="British national insurance numbers",
           fields=(_NINO, _NINO, *_D * 6, "ABCD"), check=_none, pass_rate=0.05),
    Scheme(name="ca_sin", title="Canadian social insurance numbers", fields=_D * 8,
           check=luhn_digit, pass_rate=0.1),
)  # fmt: skip
_TWO_CHECKS = frozenset({"no_fnr", "be_nrn", "fr_nir", "br_cpf"})
_NO_CHECK = frozenset({"us_ssn", "dk_cpr", "in_pan", "gb_nino"})

SCHEMES = {scheme.name: scheme for scheme in _SCHEMES}
"""Name -> scheme, the stricter ones first."""
