"""Texts that represent missing values, and where they can be interpreted so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

SAFE = frozenset({"", "?", "na", "n/a", "#n/a", "<na>", "null", "(null)", "nan", "\\n"})
"""Missing in any column, ignoring case: hardly ever an actual value."""

WIDE = SAFE | {
    *("-", "--", "---", ".", "..", "none", "nil", "nat", "missing", "unknown", "undefined"),
    *("not available", "not applicable", "0000-00-00", "0000-00-00 00:00:00"),
    *("#div/0!", "#value!", "#ref!", "#num!", "#name?", "#null!"),
}
"""Missing in a column of numbers, times or booleans; in a text column they are text."""

NAMES = ("Na", "Nan")
"""Text in a text column: sodium and a first name. Missing values are not written with one capital."""

_MANY = 1000
"""Number of distinct values from which those that may be missing are filtered first."""


def folded(text: str) -> str:
    """The form in which texts are compared."""
    return text.strip().casefold()


def all_wide(tokens: Iterable[str], also: str | None = None) -> bool:
    """Whether every one of `tokens` represents a missing value in a column that is not text."""
    return all(folded(t) in WIDE or t == also for t in tokens)


def missing_in_text(values: pl.Series, also: str | None = None) -> list[str]:
    """Those of the distinct `values` of a text column that represent missing values.

    'NA' is kept where all others are two capitals, as in country and state codes.
    """
    some = values
    if len(values) > _MANY:
        is_safe = values.str.strip_chars().str.to_lowercase().is_in(list(SAFE))
        some = values.filter(is_safe if also is None else is_safe | (values == also))
    safe = [t for t in some.to_list() if (t and folded(t) in SAFE and t not in NAMES) or t == also]
    if "NA" in safe and also != "NA":
        others = values.filter(~values.is_in(safe))
        if len(others) >= 5 and others.str.contains("^[A-Z][A-Z]$").all():
            safe.remove("NA")
    return safe


def usual(counts: Mapping[str, int], empty: int) -> str:
    """The text to write for a missing value: the most frequent one; `empty` counts empty fields."""
    if not counts:
        return ""
    token, count = max(counts.items(), key=lambda item: (item[1], item[0]))
    return token if count > empty else ""


def describe(counts: Mapping[str, int], empty: int) -> str:
    """The end of a sentence of evidence: how missing values are written."""
    shown = [f"{token!r}" for token in sorted(counts, key=lambda t: -counts[t])[:4]]
    if empty:
        shown.append("an empty field")
    return f"; missing is written {' or '.join(shown)}" if shown else ""
