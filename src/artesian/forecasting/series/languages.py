"""Fraction of web pages by language, from one Common Crawl crawl."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib import resources

from artesian.core.errors import UsageError, did_you_mean

FILE = "common_crawl_languages.csv"


@cache
def page_fractions() -> dict[str, float]:
    """Load the fractions of pages by ISO 639-3 code and by English name, both in lower case."""
    path = resources.files("artesian.forecasting.series") / FILE
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    return {
        row[name].lower(): float(row["fraction"]) for row in rows for name in ("code", "language")
    }


def page_fraction(language: str, fractions: Mapping[str, float] | None = None) -> float:
    """Return the fraction of web pages in a language.

    Args:
        language: ISO 639-3 code such as 'deu', or English name such as 'German', in any case.
        fractions: Fractions by lower-case code and name; the bundled ones if None.

    Raises:
        UsageError: The language is not in the file.
    """
    fractions = page_fractions() if fractions is None else fractions
    if language.lower() not in fractions:
        raise UsageError(
            f"no web page fraction is known for the language {language!r}",
            hint=did_you_mean(language.lower(), fractions)
            + "; or omit the language and set levers.stock_fraction",
        )
    return fractions[language.lower()]
