"""How missing values are spelled, and which spellings are safe to take for missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

SAFE = frozenset({"", "?", "na", "n/a", "#n/a", "<na>", "null", "(null)", "nan", "\\n"})
"""Missing anywhere, without regard to case: hardly ever a value of its own."""

WIDE = SAFE | {
    *("-", "--", "---", ".", "..", "none", "nil", "nat", "missing", "unknown", "undefined"),
    *("not available", "not applicable", "0000-00-00", "0000-00-00 00:00:00"),
    *("#div/0!", "#value!", "#ref!", "#num!", "#name?", "#null!"),
}
"""Missing in a column that is otherwise numbers, times or booleans; among words they are words."""


def folded(text: str) -> str:
    """The form in which spellings are compared."""
    return text.strip().casefold()


def all_wide(tokens: Iterable[str], also: str | None = None) -> bool:
    """Whether every one of `tokens` can only mean 'missing' in a column that is not of words."""
    return all(folded(t) in WIDE or t == also for t in tokens)


def among_words(values: pl.Series, also: str | None = None) -> list[str]:
    """Which of the distinct `values` of a column of words mean 'missing'.

    'NA' stays a value where all others are two capitals: country, state and currency-like codes.
    """
    safe = values.str.strip_chars().str.to_lowercase().is_in(list(SAFE)) & (values != "")
    if also is not None:
        safe = safe | (values == also)
    others = values.filter(~safe)
    codes = len(others) >= 5 and others.str.contains("^[A-Z][A-Z]$").all()
    return [t for t in values.filter(safe).to_list() if not (codes and t == "NA" and t != also)]


def usual(counts: Mapping[str, int], empty: int) -> str:
    """The spelling to write: the most frequent one; an empty field stands `empty` times."""
    if not counts:
        return ""
    token, count = max(counts.items(), key=lambda item: (item[1], item[0]))
    return token if count > empty else ""


def told(counts: Mapping[str, int], empty: int) -> str:
    """The end of a sentence that says how missing values stand."""
    shown = [f"{token!r}" for token in sorted(counts, key=lambda t: -counts[t])[:4]]
    if empty:
        shown.append("an empty field")
    return f"; missing is written {' or '.join(shown)}" if shown else ""
