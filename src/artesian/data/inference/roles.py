"""Infer the role of a text column, from its values first and its name second.

A role identifies a person (name, mail, card number) or helps to identify one (town, employer), and
decides which surrogates replace the values. The values must support a role: a column called 'phone'
with A191 and A192 has none. A syntax or check digits suffice. Direct identifiers have their role
however few of them there are; roles that only help to identify need many distinct values, so that
categories stay categories.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

from artesian.data.inference.check_digits import is_iban, is_luhn
from artesian.data.inference.code_forms import (
    ACCOUNT,
    BARE_MAC,
    CODE,
    DATE,
    DEVICE,
    DIALLED,
    EMAIL,
    MAC,
    NATIONAL,
    PHONE,
    PLATE,
    POSTCODE,
    SSN,
    STRICT_PLATE,
    URL,
)
from artesian.data.inference.header_words import (
    header_roles,
    is_whole_header,
    names_thing,
    split_header,
)
from artesian.data.inference.locales import COMPANIES, SAMPLE, STREETS, locale_of
from artesian.data.inference.national_ids import scheme_of
from artesian.data.inference.uuids import UUID

__all__ = ["DIRECT", "PERSONS", "PRIORITY", "UNIQUE", "is_direct", "locale_of", "role_of"]

PERSONS = ("email", "ssn", "username", "tax_id", "iban", "credit_card", "account_number")
"""Roles whose values belong to one person each, those that tell people apart best first."""

PRIORITY = (
    *PERSONS, "name", "phone", "device_id", "mac", "uuid", "licence_plate", "ip", "address",
    "url", "street", "last_name", "first_name",
)  # fmt: skip
"""Roles by how well they identify a person."""

DIRECT = frozenset(PRIORITY)
"""Roles that identify one person, device or account."""

UNIQUE = 0.95
"""Fraction of distinct values from which a column is taken for unique."""

_FEW = 50
"""A column with more distinct values is not categorical, however often they repeat."""

_SMALLEST = 1_000_000
"""Whole numbers that identify somebody have at least seven digits."""

_CHANCE = 1e-4
"""Maximum probability that the check digits of other numbers are all valid by chance."""

_CJK = re.compile(r"[々\u3041-\u30ff\u4e00-\u9fff\uac00-\ud7a3]{2,7}")
_TITLE = re.compile(
    r"^((dr|prof|mr|mrs|ms|miss|herr|frau|ing|dipl|univ|sir|rev|sra?|dott|mag|hr|fr|shri|smt)\.?[ -]?"
    r"((-ing|med|phil)\.)? *)+(?=\S)",
    re.I,
)
_USERNAME = re.compile(r"(?=.*[^\W\d_])[\w.-]{2,32}")
_WORD = re.compile(r"[^\W\d_][^\d_@#<>{}\[\]=*/\\|]*")
_NAME = re.compile(r"[^\W\d_]['’.\w-]*( [^\W\d_]['’.\w-]*){0,2}")
_FULL = re.compile(r"[^\W\d_]['’.\w-]*(,? [^\W\d_]['’.\w-]*){1,4}")
_STREET = re.compile("|".join(f"(?:{p})" for p in STREETS.values()), re.IGNORECASE)
_COMPANY = re.compile("|".join(f"(?:{p})" for p in COMPANIES.values()), re.IGNORECASE)
_JOB = re.compile(
    r"manager|engineer|director|assistant|teacher|clerk|analyst|officer|administrator|developer"
    r"|designer|consultant|nurse|doctor|lawyer|agent|representative|scientist|technician|accountant"
    r"|leiter|berater|ingenieur|verkäufer|lehrer|chef|directeur|vendeur|gerente|director|ingeniero"
    r"|impiegato|direttore|insegnante|ingenjör|lärare|säljare|coordinator|specialist|owner|president",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Values:
    """A sample of distinct values, the roles that the name suggests, and how varied the column is."""

    name: str
    sample: list[str]
    named: frozenset[str]
    numeric: bool
    distinct: int
    varied: bool  # too many values for a category, or most rows differ
    scattered: bool  # more than a fifth as many distinct values as rows

    def fraction(self, test: Callable[[str], object], minimum: float = 0.0) -> float:
        """The fraction of the sample that passes; 0 as soon as it cannot be `minimum`."""
        count, failed = len(self.sample), 0
        for value in self.sample:
            if not test(value):
                failed += 1
                if (count - failed) / count < minimum:
                    return 0.0
        return (count - failed) / count


def is_direct(role: str, *, distinct: int, rows: int) -> bool:
    """Whether a column of this role has values that identify somebody, and is never a category.

    Web addresses may be pages that many visit, so few of them that repeat stay categories.
    """
    return role in DIRECT and (role != "url" or distinct > _FEW or 2 * distinct > rows)


def role_of(name: str, values: pl.Series | Sequence[str]) -> tuple[str, str]:
    """The role of a column and one sentence of evidence; ('', '') if it has none.

    Roles: those of `DIRECT`, and city, postcode, country, company, job. At most about 500 distinct
    values are examined, each once, so that a frequent placeholder does not hide the others. Decimal
    numbers have a role if they are whole, as integers are in a library without nullable ones.
    """
    series = values if isinstance(values, pl.Series) else pl.Series(list(values), dtype=pl.String)
    series = whole(series.drop_nulls())
    numeric = series.dtype.is_integer()
    if not len(series) or not (numeric or _is_text(series.dtype)):
        return "", ""
    if numeric and int(series.max()) < _SMALLEST:  # type: ignore[arg-type]
        return "", ""
    distinct = series.cast(pl.String).unique(maintain_order=True)
    unique = len(distinct)
    texts = [text.strip() for text in distinct.gather_every(max(unique // SAMPLE, 1)).to_list()]
    facts = _Values(
        name=name,
        sample=[text for text in texts if text] or texts,
        named=header_roles(name),
        numeric=numeric,
        distinct=unique,
        varied=unique > _FEW or unique > len(series) / 2,
        scattered=unique > len(series) / 5,
    )
    for look in (_by_syntax, _by_digits, _by_code, _by_vocabulary, _by_people, _by_header):
        role, why = look(facts)
        if role:
            named = role in facts.named
            return role, why + (f", and the column is called {name!r}" if named else "")
    return "", ""


def whole(series: pl.Series) -> pl.Series:
    """Decimal numbers as integers, if all of them are whole."""
    if series.dtype.is_float() and ((series % 1 == 0) & (series.abs() < 2**53)).all():
        return series.cast(pl.Int64)
    return series


def _by_syntax(v: _Values) -> tuple[str, str]:
    if v.numeric:
        return "", ""
    forms: tuple[tuple[str, Callable[[str], object], float, str], ...] = (
        ("email", EMAIL.fullmatch, 0.9, "e-mail addresses"),
        ("uuid", re.compile(UUID.replace("(?i)", ""), re.IGNORECASE).match, 0.95, "UUIDs"),
        ("iban", is_iban, 0.9, "bank account numbers with valid check digits"),
        ("url", URL.fullmatch, 0.9, "web addresses"),
        ("ip", _is_ip, 0.95, "internet addresses"),
        ("mac", MAC.fullmatch, 0.95, "hardware addresses"),
        ("ssn", SSN.fullmatch, 0.9, "of the form of social security numbers"),
    )
    for role, test, minimum, what in forms:
        fraction = v.fraction(test, minimum)
        if fraction >= minimum:
            return role, f"{fraction:.0%} of the values are {what}"
    return "", ""


def _by_digits(v: _Values) -> tuple[str, str]:
    scheme = scheme_of(v.sample, number=v.numeric, named=v.named)
    if scheme is not None:
        return scheme.role, f"the values are {scheme.title}"
    card = v.fraction(_is_card, 0.95)
    # One in ten numbers has the right check digit by chance.
    if card >= 0.95 and (0.1**v.distinct < _CHANCE or {"credit_card", "device_id"} & v.named):
        role = "device_id" if "device_id" in v.named else "credit_card"
        what = "device" if role == "device_id" else "card"
        return role, f"{card:.0%} of the values are {what} numbers with valid check digits"
    phone = v.fraction(
        lambda t: PHONE.fullmatch(t) and not DATE.fullmatch(t) and _digits(t, 7, 15), 0.8
    )
    if phone >= 0.8 and "phone" in v.named and (not v.numeric or _is_dialled_number(v)):
        return "phone", f"{phone:.0%} of the values have the form of telephone numbers"
    if phone >= 0.9 and not v.numeric and v.fraction(DIALLED.fullmatch, 0.9):
        return "phone", f"{phone:.0%} of the values are written as dialled telephone numbers"
    if "ssn" in v.named and (fraction := v.fraction(NATIONAL.fullmatch)) >= 0.8:
        return "ssn", f"{fraction:.0%} of the values have the form of national identity numbers"
    if (
        "postcode" in v.named
        and (not v.numeric or (v.varied and v.scattered))
        and (fraction := v.fraction(POSTCODE.fullmatch)) >= 0.8
    ):
        return "postcode", f"{fraction:.0%} of the values have the form of postcodes"
    return "", ""


def _by_code(v: _Values) -> tuple[str, str]:
    """Codes of devices, vehicles and accounts, which only the name tells from other codes."""
    if "mac" in v.named and (fraction := v.fraction(BARE_MAC.fullmatch)) >= 0.95:
        return "mac", f"{fraction:.0%} of the values have the form of hardware addresses"
    plate = 0.0 if v.numeric else v.fraction(PLATE.fullmatch, 0.8)
    if plate >= 0.8 and "licence_plate" in v.named:
        return "licence_plate", f"{plate:.0%} of the values have the form of licence plates"
    if not v.numeric and v.distinct >= 5 and v.fraction(STRICT_PLATE.fullmatch, 0.95):
        return "licence_plate", "the values are written as licence plates"
    device = v.fraction(DEVICE.fullmatch, 0.95)
    if device >= 0.95 and "device_id" in v.named and not _is_numbered(v):
        return "device_id", f"{device:.0%} of the values have the form of device numbers"
    account = v.fraction(ACCOUNT.fullmatch, 0.95)
    if account >= 0.95 and not _is_numbered(v) and not (v.numeric and "tax_id" in v.named):
        for role, what in (("tax_id", "tax"), ("account_number", "account"), ("iban", "account")):
            if role in v.named:
                role = role if role == "tax_id" else "account_number"
                return role, f"{account:.0%} of the values have the form of {what} numbers"
    return "", ""


def _by_vocabulary(v: _Values) -> tuple[str, str]:
    """Streets and companies, by typical words in them."""
    if v.numeric:
        return "", ""
    street = v.fraction(_STREET.search, 0.2)
    housed = v.fraction(re.compile(r"\d").search)
    placed = v.named & {"street", "address"}
    named = v.varied or placed
    if named and housed >= 0.5 and (street >= 0.6 or (placed and (street >= 0.2 or housed >= 0.8))):
        if _median_length(v.sample) < 2 or v.fraction(_WORDY.search) < 0.8:
            return "", ""
        towns = v.fraction(_TOWN.search)
        if placed == {"address"} or (towns >= 0.5 and placed != {"street"}):
            return "address", f"{max(street, housed):.0%} of the values are written as addresses"
        return "street", f"{max(street, housed):.0%} of the values are streets with numbers"
    if "street" in v.named and v.varied and street >= 0.5:
        return "street", f"{street:.0%} of the values name streets"
    firm = v.fraction(_COMPANY.search, 0.6)
    worded = v.varied and v.scattered and v.fraction(_WORD.match) >= 0.8 and housed < 0.3
    if worded and firm >= 0.6 and _median_length(v.sample) <= 6:
        return "company", f"{firm:.0%} of the values end like names of companies"
    return "", ""


def _by_people(v: _Values) -> tuple[str, str]:
    if v.numeric:
        return "", ""
    if "username" in v.named and (fraction := v.fraction(_USERNAME.fullmatch)) >= 0.9:
        if _is_numbered(v):
            return "", ""
        return "username", f"{fraction:.0%} of the values have the form of user names"
    if "full_name" in v.named and (fraction := v.fraction(_CJK.fullmatch)) >= 0.9:
        return "name", f"{fraction:.0%} of the values have the form of names"
    full, single = v.fraction(_FULL.fullmatch, 0.6), v.fraction(_NAME.fullmatch, 0.6)
    if names_thing(v.name) or max(full, single) < 0.6 or v.fraction(_is_sentence) > 0.2:
        return "", ""
    from artesian.data.inference.word_lists import all_first_names, all_last_names, fold

    firsts, lasts = all_first_names(), all_last_names()

    def first(text: str) -> bool:
        if "," in text:  # Lund, Mrs. Ana
            text = re.sub(r"^.*,( \w+\.)?", "", text)
        parts = fold(_TITLE.sub("", text)).split()
        return parts[:1] != [] and (
            parts[0] in firsts or (_is_caseless(text) and parts[-1] in firsts)
        )

    def last(text: str) -> bool:
        parts = fold(text.partition(",")[0]).split()
        return parts[:1] != [] and (
            parts[-1] in lasts or (_is_caseless(text) and parts[0] in lasts)
        )

    one, two = v.fraction(first), v.fraction(last)
    evidence = f"{max(one, two):.0%} of the values have a common first or last name"
    wordy = v.fraction(lambda t: " " in t) >= 0.6
    other = v.named - {"name", "full_name", "first_name", "last_name", "title"}
    if wordy and full >= 0.6:
        foreign = v.fraction(lambda t: not t.isascii() and _is_caseless(t)) >= 0.8
        supported = one + two >= 0.15 or foreign
        if "full_name" in v.named and (full >= 0.8 or max(one, two) >= 0.3) and supported:
            return "name", evidence
        if "name" in v.named and max(one, two) >= 0.5:
            return "name", evidence
        if not other and one >= 0.6 and two >= (0.25 if v.varied else 0.5):
            return "name", evidence
    # Few words that repeat may be colours or towns, which are last names too.
    named = v.named & {"name", "full_name", "first_name", "last_name"}
    if not wordy and single >= 0.8:
        if "first_name" in v.named and one >= (0.1 if v.varied else 0.5):
            return "first_name", f"{one:.0%} of the values are common first names"
        if "last_name" in v.named and single >= 0.9 and two >= (0.05 if v.varied else 0.5):
            return "last_name", f"{two:.0%} of the values are common last names"
        if (v.varied or named) and not other and max(one, two) >= 0.75:
            role, what = ("first_name", "first") if one >= two else ("last_name", "last")
            return role, f"{max(one, two):.0%} of the values are common {what} names"
    return "", ""


def _by_header(v: _Values) -> tuple[str, str]:
    """Roles without a list of values: by the column's name, if the values are words."""
    if v.numeric or not v.scattered or not v.varied:
        return "", ""
    worded = v.fraction(_WORD.fullmatch, 0.9)
    if worded < 0.9 or _median_length(v.sample) > 6:
        return "", ""
    if "country" in v.named:
        from artesian.data.inference.word_lists import countries, fold

        fraction = v.fraction(lambda t: fold(t) in countries())
        if fraction >= 0.6:
            return "country", f"{fraction:.0%} of the values are countries"
    if "title" in v.named and v.fraction(_JOB.search) >= 0.5:
        return "job", f"{v.fraction(_JOB.search):.0%} of the values name a profession"
    for role in ("city", "company", "job"):
        if role in v.named:
            return role, f"{worded:.0%} of the values are words"
    return "", ""


_TOWN = re.compile(r"[^\W\d_]{2}.*[,\n].*[^\W\d_]{2}", re.DOTALL)
_WORDY = re.compile(r"[^\W\d_]{2}")


def _is_text(dtype: pl.DataType) -> bool:
    return dtype in (pl.String, pl.Categorical) or isinstance(dtype, pl.Enum)


def _is_caseless(text: str) -> bool:
    """Whether a text has no case, as in scripts where family names come first (山田 太郎)."""
    return text.upper() == text.lower()


def _is_sentence(text: str) -> bool:
    return len(text.split()) > 5


def _is_ip(text: str) -> bool:
    if text.count(".") != 3 and text.count(":") < 2:
        return False
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    # 1.2.3.4 may be a version or a numbered heading.
    return ":" in text or max(int(part) for part in text.split(".")) > 31


def _is_card(text: str) -> bool:
    plain = re.sub(r"[ -]", "", text)
    return plain.isdigit() and 12 <= len(plain) <= 20 and plain[0] != "0" and is_luhn(plain)


def _is_dialled_number(v: _Values) -> bool:
    """Whether whole numbers have the lengths of telephone numbers, and only their name is one."""
    lengths = sorted(len(text) for text in v.sample)
    usual = lengths[len(lengths) // 2]
    near = sum(abs(n - usual) <= 1 for n in lengths) / len(lengths)
    strict = {"phone", "telephone", "tel", "telefon", "msisdn"} & set(split_header(v.name))
    return near >= 0.8 and bool(strict or is_whole_header(v.name, "phone"))


def _is_numbered(v: _Values) -> bool:
    """Whether values are a few prefixes with a running number ('U00235'): codes of a table."""
    matches = [CODE.fullmatch(text) for text in v.sample]
    prefixes = {match[1].upper() for match in matches if match}
    coded = sum(match is not None for match in matches) / len(v.sample)
    short = sum(c.isdigit() for text in v.sample for c in text) / len(v.sample) < 8
    return coded >= 0.8 and short and len(prefixes) <= max(3, len(v.sample) // 10)


def _digits(text: str, minimum: int, maximum: int) -> bool:
    return minimum <= sum(c.isdigit() for c in text) <= maximum


def _median_length(texts: list[str]) -> int:
    counts = sorted(len(text.split()) for text in texts)
    return counts[len(counts) // 2]
