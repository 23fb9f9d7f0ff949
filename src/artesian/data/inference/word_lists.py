"""First names, last names and countries from Faker's lists, loaded when first used."""

from __future__ import annotations

import importlib
import unicodedata
from functools import lru_cache
from types import ModuleType

LOCALES = (
    "en_US", "en_GB", "de_DE", "fr_FR", "es_ES", "it_IT", "sv_SE", "nl_NL", "pl_PL", "pt_BR",
    "da_DK", "no_NO", "fi_FI", "cs_CZ", "hu_HU", "ro_RO", "tr_TR", "en_IN", "ja_JP",
)  # fmt: skip
"""Locales whose names are looked up."""


@lru_cache(maxsize=64)
def first_names(locale: str) -> frozenset[str]:
    """First names of a locale, folded."""
    return _names(locale, "first_name")


@lru_cache(maxsize=64)
def last_names(locale: str) -> frozenset[str]:
    """Last names of a locale, folded."""
    return _names(locale, "last_name")


@lru_cache(maxsize=1)
def all_first_names() -> frozenset[str]:
    """First names of all `LOCALES`."""
    return frozenset[str]().union(*map(first_names, LOCALES))


@lru_cache(maxsize=1)
def all_last_names() -> frozenset[str]:
    """Last names of all `LOCALES`."""
    return frozenset[str]().union(*map(last_names, LOCALES))


@lru_cache(maxsize=1)
def countries() -> frozenset[str]:
    """Names of countries in a few languages, and their codes of two and three letters."""
    names: set[str] = {"usa", "uk", "united states", "south korea", "north korea", "russia", "iran"}
    for language in ("en", "de", "fr_FR", "es", "it_IT", "sv_SE", "nl_NL", "pt_BR"):
        provider = _module("address", language).Provider
        names.update(fold(str(country)) for country in getattr(provider, "countries", ()))
    base = importlib.import_module("faker.providers.date_time").Provider
    for country in base.countries:
        names.update(map(fold, (country.name, country.alpha_2_code, country.alpha_3_code)))
    return frozenset(names)


def fold(text: str) -> str:
    """The text without case and accents: 'José' and 'JOSE' are equal.

    >>> fold("José")
    'jose'
    """
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in plain if not unicodedata.combining(c))


def _names(locale: str, part: str) -> frozenset[str]:
    provider = _module("person", locale).Provider
    names: set[str] = set()
    for attribute in dir(provider):
        values = getattr(provider, attribute)
        if part in attribute and isinstance(values, tuple | list | dict):
            # Some lists have (name, its reading) pairs or whole formats; only plain words are names.
            names.update(fold(n) for n in values if isinstance(n, str) and "{" not in n)
    return frozenset(names)


def _module(provider: str, locale: str) -> ModuleType:
    return importlib.import_module(f"faker.providers.{provider}.{locale}")
