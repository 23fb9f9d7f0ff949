"""National identity numbers: their fields and check digits.

The schemes are those of the issuing authorities; ISO 7064 defines most of the check digits, Verhoeff
(1969) those of India.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from artesian.data.inference.check_digits import luhn_digit
from artesian.data.inference.id_scheme import (
    DIGITS,
    LETTERS,
    Scheme,
    mod11_10,
    no_check,
    weighted,
)
from artesian.data.inference.tax_ids import TAX_SCHEMES

_CHANCE = 1e-6
"""Maximum probability that other numbers pass the check of a scheme by chance."""

_NEARLY_ALL = 0.95
"""Minimum fraction of valid numbers."""


def scheme_of(
    texts: Sequence[str], *, number: bool = False, named: Collection[str] = ()
) -> Scheme | None:
    """The scheme of which nearly all of the distinct `texts` are valid numbers; None if none is.

    Args:
        number: The texts are whole numbers, which have lost their leading zeros.
        named: Roles that the column's name suggests: fewer texts suffice for their schemes.
    """
    best: tuple[float, Scheme] | None = None
    for scheme in SCHEMES.values():
        so_named = scheme.role in named
        if scheme.named_only and not so_named:
            continue
        if scheme.pass_rate ** len(texts) > (0.5 if so_named else _CHANCE):
            continue
        valid = _valid_fraction(scheme, texts, number)
        if valid >= _NEARLY_ALL and (best is None or valid > best[0]):
            best = (valid, scheme)
    return best[1] if best else None


def _valid_fraction(scheme: Scheme, texts: Sequence[str], number: bool) -> float:
    """The fraction of texts that are valid numbers, or 0 as soon as too many are not."""
    invalid = 0
    for text in texts:
        invalid += not scheme.is_valid(text, number=number)
        if 1 - invalid / len(texts) < _NEARLY_ALL:
            return 0.0
    return 1 - invalid / max(len(texts), 1)


def _norwegian(body: str) -> str | None:
    one = -weighted((3, 7, 6, 1, 8, 9, 4, 5, 2), body) % 11
    two = -weighted((5, 4, 3, 2, 7, 6, 5, 4, 3, 2), f"{body}{one}") % 11
    return None if 10 in (one, two) else f"{one}{two}"


def _cpf(body: str) -> str:
    one = -weighted(range(10, 1, -1), body) % 11 % 10
    return f"{one}{-weighted(range(11, 1, -1), f'{body}{one}') % 11 % 10}"


def _bsn(body: str) -> str | None:
    rest = weighted(range(9, 1, -1), body) % 11
    return None if rest == 10 else str(rest)


def _nhs(body: str) -> str | None:
    rest = -weighted(range(10, 1, -1), body) % 11
    return None if rest == 10 else str(rest)


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
    total = weighted((7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2), body)
    return "10X98765432"[total % 11]


def _individual_number(body: str) -> str:
    rest = weighted((6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2), body) % 11
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
    return str(-weighted((1, 3) * 6, body) % 10)


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
           fields=("9", *_D * 8), check=no_check, checks=0, pass_rate=1.0),
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
           check=no_check, checks=0, pass_rate=0.04, named_only=True),
    Scheme(name="no_fnr", title="Norwegian national identity numbers",
           fields=("date:%d%m%y", *_D * 3), check=_norwegian, checks=2, pass_rate=0.0005),
    Scheme(name="pl_pesel", title="Polish PESEL numbers", fields=("date:%y%m%d", *_D * 4),
           check=lambda b: str(-weighted((1, 3, 7, 9) * 3, b) % 10), months=20,
           pass_rate=0.008),
    Scheme(name="be_nrn", title="Belgian national numbers", fields=("date:%y%m%d", *_D * 3),
           check=_belgian, checks=2, later=lambda b: _belgian(f"2{b}"), pass_rate=0.0008),
    Scheme(name="cn_resident", title="Chinese resident identity numbers",
           fields=(DIGITS[1:7], *_D * 5, "date:%Y%m%d", *_D * 3), check=_chinese, pass_rate=0.0001),
    Scheme(name="fr_nir", title="French social security numbers",
           fields=("12", "date:%y%m", *_D * 8), check=_french, checks=2,
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
    Scheme(name="br_cpf", title="Brazilian CPF numbers", fields=_D * 9, check=_cpf, checks=2,
           pass_rate=0.01),
    Scheme(name="in_aadhaar", title="Aadhaar numbers", fields=("23456789", *_D * 10),
           check=_verhoeff, pass_rate=0.08),
    Scheme(name="in_pan", title="Indian permanent account numbers",
           fields=(*(LETTERS,) * 3, "PCHFATBLJG", LETTERS, *_D * 4, LETTERS), check=no_check, checks=0,
           pass_rate=0.05),
    Scheme(name="jp_my_number", title="Japanese My Number", fields=_D * 11,
           check=_individual_number, pass_rate=0.1),
    Scheme(name="de_tax_id", title="German tax identification numbers",
           fields=(DIGITS[1:], *_D * 9), check=mod11_10, pass_rate=0.1),
    Scheme(name="nl_bsn", title="Dutch citizen service numbers", fields=_D * 8, check=_bsn,
           pass_rate=0.1),
    Scheme(name="gb_nhs", title="NHS numbers", fields=_D * 9, check=_nhs, pass_rate=0.1),
    Scheme(name="gb_nino", title="British national insurance numbers",
           fields=(_NINO, _NINO, *_D * 6, "ABCD"), check=no_check, checks=0, pass_rate=0.05),
    Scheme(name="ca_sin", title="Canadian social insurance numbers", fields=_D * 8,
           check=luhn_digit, pass_rate=0.1),
)  # fmt: skip
SCHEMES = {scheme.name: scheme for scheme in (*_SCHEMES, *TAX_SCHEMES)}
"""Name -> scheme, the stricter ones first."""
