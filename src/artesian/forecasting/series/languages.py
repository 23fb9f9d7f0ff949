"""How much of the web is written in a language: the pages of one crawl of Common Crawl."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib import resources

from artesian.core.errors import UsageError, did_you_mean

FILE = "common_crawl_languages.csv"


@cache
def page_fractions() -> dict[str, float]:
    """Share of the pages, by code (ISO 639-3) and by English name."""
    path = resources.files("artesian.forecasting.series") / FILE
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    return {
        row[name].lower(): float(row["fraction"]) for row in rows for name in ("code", "language")
    }


def page_fraction(language: str, fractions: Mapping[str, float] | None = None) -> float:
    """Share of the pages of the web in a language.

    Args:
        language: A code such as 'deu' or a name such as 'German', in any case.
        fractions: Shares by code and by name in small letters; those shipped if None.

    Raises:
        UsageError: the language is not in the file.
    """
    fractions = page_fractions() if fractions is None else fractions
    if language.lower() not in fractions:
        raise UsageError(
            f"the share of {language!r} in the web is not known here",
            hint=did_you_mean(language.lower(), fractions)
            + "; or set levers.stock_fraction yourself",
        )
    return fractions[language.lower()]
