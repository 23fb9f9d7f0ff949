"""Tax and registration numbers of companies and sole traders: their fields and check digits.

The schemes are those of the registers of each country; the check digits of numbers for value added
tax are described by the European Commission (VIES).
"""

from __future__ import annotations

from artesian.data.inference.check_digits import luhn_digit
from artesian.data.inference.id_scheme import DIGITS, Scheme, mod11_10, no_check, weighted

_D = (DIGITS,)
_FIRST = DIGITS[1:]


def _polish(body: str) -> str | None:
    rest = weighted((6, 5, 7, 2, 3, 4, 5, 6, 7), body) % 11
    return None if rest == 10 else str(rest)


def _regon(body: str) -> str:
    return str(weighted((8, 9, 2, 3, 4, 5, 6, 7), body) % 11 % 10)


def _austrian(body: str) -> str:
    doubled = sum(sum(divmod(2 * int(c), 10)) for c in body[1::2])
    return str((96 - doubled - sum(int(c) for c in body[::2])) % 10)


def _siret(body: str) -> str:
    """Eight digits of the company with their own check digit, and four of the establishment."""
    number = body[:8] + luhn_digit(body[:8]) + body[8:]
    return number + luhn_digit(number)


def _french(body: str) -> str:
    """The number of the company after a key of two digits."""
    company = body + luhn_digit(body)
    return f"{(12 + 3 * (int(company) % 97)) % 97:02d}{company}"


def _cif_digit(body: str) -> str:
    return luhn_digit(body[1:])


def _cif_letter(body: str) -> str:
    return "JABCDEFGHI"[int(luhn_digit(body[1:]))]


def _dutch(body: str) -> str | None:
    rest = weighted(range(9, 1, -1), body) % 11
    return None if rest == 10 else f"{body[:8]}{rest}B{body[8:]}"


def _norwegian(body: str) -> str | None:
    rest = -weighted((3, 2, 7, 6, 5, 4, 3, 2), body) % 11
    return None if rest == 10 else str(rest)


def _danish(body: str) -> str | None:
    rest = -weighted((2, 7, 6, 5, 4, 3, 2), body) % 11
    return None if rest == 10 else str(rest)


def _finnish(body: str) -> str | None:
    rest = -weighted((7, 9, 10, 5, 8, 4, 2), body) % 11
    return None if rest == 10 else str(rest)


def _swiss(body: str) -> str | None:
    rest = -weighted((5, 4, 3, 2, 7, 6, 5, 4), body) % 11
    return None if rest == 10 else str(rest)


def _portuguese(body: str) -> str:
    return str(-weighted(range(9, 1, -1), body) % 11 % 10)


def _cnpj(body: str) -> str:
    one = -weighted((5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2), body) % 11 % 10
    return f"{one}{-weighted((6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2), f'{body}{one}') % 11 % 10}"


def _belgian(body: str) -> str:
    return f"{97 - int(body) % 97:02d}"


def _british(body: str) -> str:
    return f"{97 - weighted(range(8, 1, -1), body) % 97:02d}"


def _british_later(body: str) -> str:
    return f"{97 - (weighted(range(8, 1, -1), body) + 55) % 97:02d}"


def _czech(body: str) -> str:
    return str((11 - weighted(range(8, 1, -1), body) % 11) % 10)


def _russian(body: str) -> str:
    return str(weighted((2, 4, 10, 3, 5, 9, 4, 6, 8), body) % 11 % 10)


def _greek(body: str) -> str:
    return str(weighted([2**n for n in range(8, 0, -1)], body) % 11 % 10)


def _australian(body: str) -> str:
    rest = weighted((3, 5, 7, 9, 11, 13, 15, 17, 19), body)
    for key in range(11, 100):
        if (10 * (key // 10 - 1) + key % 10 + rest) % 89 == 0:
            return f"{key}{body}"
    return f"99{body}"


def _tax(name: str, title: str, fields: tuple[str, ...], **facts: object) -> Scheme:
    return Scheme(name=name, title=title, fields=fields, role="tax_id", **facts)  # type: ignore[arg-type]


TAX_SCHEMES = (
    _tax("br_cnpj", "Brazilian CNPJ numbers", _D * 12, check=_cnpj, checks=2, pass_rate=0.01),
    _tax("fr_tva", "French VAT numbers", _D * 8, check=no_check, checks=3, places=((2, 10),),
         whole=_french, pass_rate=0.001, prefix="FR"),
    _tax("fr_siret", "French SIRET numbers", _D * 12, check=no_check, checks=2,
         places=((0, 8), (9, 13)), whole=_siret, pass_rate=0.01),
    _tax("be_vat", "Belgian VAT numbers", ("0|1", *_D * 7), check=_belgian, checks=2,
         pass_rate=0.001, prefix="BE"),
    _tax("nl_btw", "Dutch VAT numbers", (*_D * 8, "0", _FIRST), check=no_check, checks=2,
         places=((0, 8), (10, 12)), whole=_dutch, pass_rate=0.001, prefix="NL"),
    _tax("es_cif", "Spanish tax numbers of companies",
         ("AB|CDEFGHJNPQRSUVW", *_D * 7), check=_cif_digit, later=_cif_letter, pass_rate=0.02,
         prefix="ES"),
    _tax("ch_uid", "Swiss business numbers", ("1|234", *_D * 7), check=_swiss, pass_rate=0.03,
         prefix="CHE"),
    _tax("no_orgnr", "Norwegian organisation numbers", ("89", *_D * 7), check=_norwegian,
         pass_rate=0.02),
    _tax("se_orgnr", "Swedish organisation numbers", ("5|26789", _D[0], "6789|2345", *_D * 6),
         check=luhn_digit, pass_rate=0.06),
    _tax("gb_vat", "British VAT numbers", (_FIRST, *_D * 6), check=_british,
         later=_british_later, checks=2, pass_rate=0.02, prefix="GB"),
    _tax("au_abn", "Australian business numbers", _D * 9, check=no_check, checks=2,
         places=((2, 11),), whole=_australian, pass_rate=0.012),
    _tax("pl_nip", "Polish tax numbers", (_FIRST, *_D * 8), check=_polish, pass_rate=0.09,
         prefix="PL"),
    _tax("de_ust", "German VAT numbers", (_FIRST, *_D * 7), check=mod11_10, pass_rate=0.1,
         prefix="DE"),
    _tax("it_piva", "Italian VAT numbers", _D * 10, check=luhn_digit, pass_rate=0.1, prefix="IT"),
    _tax("at_uid", "Austrian VAT numbers", _D * 7, check=_austrian, pass_rate=0.1, prefix="ATU"),
    _tax("pt_nif", "Portuguese tax numbers", ("125|346789", *_D * 7), check=_portuguese,
         pass_rate=0.08, prefix="PT"),
    _tax("fr_siren", "French SIREN numbers", _D * 8, check=luhn_digit, pass_rate=0.1),
    _tax("gr_afm", "Greek tax numbers", _D * 8, check=_greek, pass_rate=0.1, prefix="EL"),
    _tax("pl_regon", "Polish REGON numbers", _D * 8, check=_regon, pass_rate=0.1),
    _tax("ru_inn", "Russian tax numbers", _D * 9, check=_russian, pass_rate=0.1),
    _tax("dk_cvr", "Danish company numbers", (_FIRST, *_D * 6), check=_danish, pass_rate=0.08,
         prefix="DK"),
    _tax("fi_ytunnus", "Finnish business numbers", _D * 7, check=_finnish, pass_rate=0.09,
         prefix="FI"),
    _tax("cz_ico", "Czech company numbers", _D * 7, check=_czech, pass_rate=0.1, prefix="CZ"),
)  # fmt: skip
"""The stricter ones first."""
