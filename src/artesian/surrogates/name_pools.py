"""Names, places and occupations of a locale, drawn once from Faker; a model stores its pools."""

from __future__ import annotations

import importlib
import unicodedata
from functools import lru_cache

import polars as pl

from artesian.core.errors import DataError
from artesian.data.inference.locales import locale_of_all
from artesian.data.table import Table
from artesian.surrogates.characters import TWO_LETTERS

FALLBACK = "en_US"
_DRAWS = 4_000
_FOLDED = str.maketrans({"ß": "ss", "ø": "o", "æ": "ae", "ł": "l", "đ": "d", "ı": "i", "œ": "oe"})
_METHODS = {
    "first_name": "first_name",
    "last_name": "last_name",
    "city": "city",
    "street": "street_name",
    "company": "company",
    "suffix": "company_suffix",
    "job": "job",
    "country": "country",
    "postcode": "postcode",
}

_LATIN = {"hi_IN": "en_IN"}
"""Locale whose names replace those of a locale in mail addresses, if not `FALLBACK`."""

_OTHERS = {("ja_JP", "street"): "town", ("ja_JP", "suffix"): "company_prefix"}
"""Providers that have another name in a locale."""


@lru_cache(maxsize=256)
def pool(locale: str, role: str, count: int = 2_000) -> tuple[str, ...]:
    """At most `count` distinct values of a role, always the same for a locale.

    Raises:
        DataError: there is no such locale.
    """
    from faker import Faker

    try:
        fake = Faker(locale)
    except AttributeError as problem:
        raise DataError(
            f"there is no locale {locale!r}", hint="take one of Faker's, such as 'en_US' or 'sv_SE'"
        ) from problem
    fake.seed_instance(f"{locale} {role}")
    method = getattr(fake, _OTHERS.get((locale, role), _METHODS[role]), None)
    if method is None:  # a few locales lack a provider
        return pool(FALLBACK, role, count)
    values: dict[str, None] = {}
    for _ in range(_DRAWS):
        values[" ".join(str(method()).split())] = None
        if len(values) == count:
            break
    return tuple(values)


@lru_cache(maxsize=32)
def names_by_gender(locale: str) -> tuple[frozenset[str], frozenset[str]]:
    """First names of women alone and of men alone, in lower case; empty where a locale has none."""
    women, men = (
        frozenset(name.lower() for name in _of_gender(locale, gender))
        for gender in ("female", "male")
    )
    return women - men, men - women


@lru_cache(maxsize=32)
def pairs_of_names(locale: str) -> tuple[str, ...]:
    """First names of a woman and of a man in turn; empty where a locale has none."""
    women, men = names_by_gender(locale)
    own = [
        [name for name in pool(locale, "first_name") if name.lower() in names]
        for names in (women, men)
    ]
    return tuple(name for pair in zip(*own, strict=False) for name in pair)


def _of_gender(locale: str, gender: str) -> tuple[str, ...]:
    try:
        provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
    except ModuleNotFoundError:
        return ()
    return tuple(getattr(provider, f"first_names_{gender}", ()))


def towns_like(table: Table) -> tuple[str, ...]:
    """Towns of the locale that the names, addresses and telephone numbers of a table show."""
    roles = ((table.frame[c.name], c.role) for c in table.schema if c.role)
    texts = ((v.drop_nulls().cast(pl.String), role) for v, role in roles if v.dtype != pl.Boolean)
    return pool(locale_of_all(texts), "city")


def latin(locale: str, role: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """First or last names in Latin letters: as they are, as they are read, or those of a neighbour."""
    if any(_letters_of(name) for name in names[:20]):
        return names
    provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
    pairs = getattr(provider, f"{role}_pairs", ())
    read = {each[0]: each[-1] for each in pairs}
    others = pool(_LATIN.get(locale, FALLBACK), role)
    return tuple(read.get(name, others[i % len(others)]) for i, name in enumerate(names))


def slugs(names: tuple[str, ...], *, expanded: bool = False) -> tuple[str, ...]:
    """A distinct string of a-z for every name, as similar to the name as possible.

    Args:
        expanded: Write letters with marks as two letters (ä as ae).

    >>> slugs(("Jürgen",), expanded=True)
    ('juergen',)
    >>> slugs(("José", "Jose", "日本"))
    ('jose', 'joseb', 'xc')
    """
    taken: set[str] = set()
    out = []
    for place, name in enumerate(names):
        slug = _letters_of(name.lower().translate(TWO_LETTERS) if expanded else name)
        if not slug:
            slug = "x" + _letters(place)
        while slug in taken:
            slug += _letters(place)
        taken.add(slug)
        out.append(slug)
    return tuple(out)


def of_distinct_letters(
    names: tuple[str, ...], *, expanded: bool, pairs: bool = False
) -> tuple[str, ...]:
    """The names without those that have the letters a-z of an earlier one.

    Args:
        pairs: Names belong together by two, which are kept or left out together.

    >>> of_distinct_letters(("Häring", "Haering", "Hering"), expanded=True)
    ('Häring', 'Hering')
    """
    distinct: dict[str, str] = {}
    step = 2 if pairs else 1
    for group in (names[at : at + step] for at in range(0, len(names), step)):
        folded = [n.lower().translate(TWO_LETTERS) if expanded else n for n in group]
        plain = [_letters_of(f) or name for f, name in zip(folded, group, strict=True)]
        if len(set(plain) - set(distinct)) == len(group):
            distinct |= dict(zip(plain, group, strict=True))
    return tuple(distinct.values())


def _letters_of(name: str) -> str:
    """The letters a-z of a name without accents."""
    plain = unicodedata.normalize("NFKD", name.lower().translate(_FOLDED))
    return "".join(c for c in plain if "a" <= c <= "z")


def _letters(number: int) -> str:
    out = ""
    while True:
        out = chr(97 + number % 26) + out
        number //= 26
        if not number:
            return out
