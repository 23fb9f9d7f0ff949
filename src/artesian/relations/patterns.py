"""Regular expressions of constraints: those that Polars refuses, and where."""

from __future__ import annotations

import re
from itertools import pairwise

import polars as pl

HINT = "write a regular expression in the syntax of Rust's regex, or contains(..., literal=True)"


def problem_of(pattern: str) -> str:
    """Why a pattern cannot be used, with the place in it; '' if it can.

    >>> problem_of("Ma(le")
    "the pattern 'Ma(le' is no regular expression at its character 3, '(le': unclosed group"
    """
    try:
        pl.select(pl.lit("").str.contains(pattern))
    except pl.exceptions.PolarsError as refused:
        lines = str(refused).partition("\n\nThis error occurred")[0].splitlines()
    else:
        return ""
    shown = pattern if len(pattern) <= 60 else f"{pattern[:60]}..."
    reason = lines[-1].removeprefix("error: ").removeprefix("regex error: ").rstrip(".")
    at = _place(pattern, lines)
    place = "" if at is None else f" at its character {at + 1}, {pattern[at : at + 20]!r}"
    return f"the pattern {shown!r} is no regular expression{place}: {reason}"


def _place(pattern: str, lines: list[str]) -> int | None:
    """Where in the pattern the first caret below one of its lines points; None if there is none."""
    for above, below in pairwise(lines):
        if not re.fullmatch(r" *\^[ ^]*", below):
            continue
        numbered = re.match(r"(\d+): ", above)  # lines of a pattern of several are numbered
        margin = numbered.end() if numbered else 4
        before = pattern.split("\n")[: int(numbered[1]) - 1] if numbered else []
        return sum(len(one) + 1 for one in before) + below.index("^") - margin
    return None
