"""How much of the web is written in a language: the pages of one crawl of Common Crawl."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib import resources

from artesian.core.errors import UsageError, did_you_mean

FILE = "common_crawl_languages.csv"


@cache
def shares() -> dict[str, float]:
    """Share of the pages, by code (ISO 639-3) and by English name."""
    place = resources.files("artesian.forecasting.series") / FILE
    rows = list(csv.DictReader(place.read_text(encoding="utf-8").splitlines()))
    return {row[name].lower(): float(row["share"]) for row in rows for name in ("code", "language")}


def share_of(language: str, known: Mapping[str, float] | None = None) -> float:
    """Share of the pages of the web in a language.

    Args:
        language: A code such as 'deu' or a name such as 'German', in any case.
        known: Shares by code and by name in small letters; those shipped if None.

    Raises:
        UsageError: the language is not in the file.
    """
    known = shares() if known is None else known
    if language.lower() not in known:
        raise UsageError(
            f"the share of {language!r} in the web is not known here",
            hint=did_you_mean(language.lower(), known) + "; or set levers.stock_share yourself",
        )
    return known[language.lower()]
