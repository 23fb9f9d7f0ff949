"""Dates of mixed precision: 1901-05-12 beside 1901-05 and 1901, also as 'ca. 1901'."""

from __future__ import annotations

import re
from collections import defaultdict

import polars as pl

from artesian.data.formatting.templates import Part, Template
from artesian.data.inference.datetimes import parse_datetimes
from artesian.data.inference.tokens import DATE
from artesian.data.value_format import ValueFormat

MIN_WHOLE = 0.2
"""Minimum fraction of the texts that are whole dates."""

_SLOT = f"{DATE} 1"
_YEAR = r"1\d{3}|20\d\d|21\d\d"
_WHOLE = (
    rf"(?:{_YEAR})(?P<a>[-/.])\d{{1,2}}(?P=a)\d{{1,2}}"
    rf"|\d{{1,2}}(?P<b>[-/.])\d{{1,2}}(?P=b)(?:{_YEAR})"
)
_MONTH = rf"(?:{_YEAR})[-/.](?:0[1-9]|1[0-2])|(?:0[1-9]|1[0-2])[-/.](?:{_YEAR})"
_TEXT = re.compile(rf"(?P<before>\D*?)(?P<date>{_WHOLE}|{_MONTH}|{_YEAR})(?P<after>\D*)")


def mixed_dates(sample: list[str], covered: float) -> list[Template] | None:
    """The templates of texts that are dates, months and years; None if they are not.

    All fields are one variable: the first day of what a text gives.

    Args:
        covered: Minimum fraction of the texts that have one of the templates.
    """
    forms: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for text in sample:
        match = _TEXT.fullmatch(text)
        if match is not None:
            date = match["date"]
            forms[match["before"], re.sub(r"\d", "9", date), match["after"]].append(date)
    by_shape: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for (before, shape, after), dates in forms.items():
        by_shape[before, re.sub(r"\b9\b", "99", shape), after] += dates
    groups = sorted(by_shape.items(), key=lambda item: -len(item[1]))
    whole = [dates for (_, shape, _), dates in groups if len(re.findall("9+", shape)) == 3]
    if len({re.sub(r"\D", "", shape) for (_, shape, _), _ in groups}) < 2 or not whole:
        return None
    if sum(map(len, whole)) < MIN_WHOLE * len(sample):
        return None
    if sum(len(dates) for _, dates in groups) < covered * len(sample):
        return None
    templates = []
    for (before, shape, after), dates in groups:
        pattern = _pattern(shape, dates)
        if pattern is None:
            return None
        field = Part(
            slot=_SLOT,
            kind=DATE,
            expression=re.sub(
                "9+", lambda m: r"\d{4}" if len(m[0]) == 4 else r"\d{1,2}", shape
            ).replace(".", r"\."),
            value_format=ValueFormat(pattern=pattern),
        )
        constants = [Part(text=text) for text in (before, after)]
        parts = (constants[0], field, constants[1])
        templates.append(Template(tuple(part for part in parts if part.text or part.slot)))
    return templates


def _pattern(shape: str, dates: list[str]) -> str | None:
    """The pattern of dates of one shape, such as 9999-99."""
    numbers = re.findall("9+", shape)
    if len(numbers) == 3:
        read = parse_datetimes(pl.Series(dates), list(dict.fromkeys(dates)), DATE)
        return None if read is None or read.series.null_count() else read.pattern
    return re.sub("9+", lambda m: "%Y" if len(m[0]) == 4 else "%m", shape)
