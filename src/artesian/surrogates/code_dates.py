"""Years and days within codes: 'PO20230415-017', '2023-00412', or the number 202300412.

Their digits are none that could be any: a code of the year 2029 or of a 45th month would be seen to be
invented. Years from the first to the last one of the source are used, and all of their days.
"""

from __future__ import annotations

import datetime
from functools import lru_cache

import polars as pl

from artesian.core.disclosure import MIN_COUNT

FIRST_YEAR, LAST_YEAR = 1900, 2100
"""Years that are taken for such."""

MIN_DAYS = 20
"""Minimum number of distinct digit strings that are no days by chance."""

MAX_YEARS = 40
"""Maximum number of years whose days are listed."""

PATTERNS = {4: ("%Y",), 6: ("%Y%m", "%y%m%d", "%d%m%y"), 8: ("%Y%m%d", "%d%m%Y", "%m%d%Y")}
"""Patterns of digits by their number; years alone come first."""

Calendar = tuple[int, int, str]
"""First year, last year, pattern."""


def calendar_of(tokens: pl.Series) -> Calendar | None:
    """The pattern that all of these strings of digits have, and their years; None without evidence.

    Args:
        tokens: The same digits of all codes, without missing values.
    """
    distinct = tokens.unique()
    if distinct.is_empty():
        return None
    for pattern in PATTERNS.get(len(str(distinct[0])), ()):
        if pattern == "%Y":
            # Running numbers from 1901 to 2050 differ from code to code.
            if len(tokens) < 2 * MIN_COUNT or 2 * len(distinct) > len(tokens):
                continue
        elif len(distinct) < MIN_DAYS:
            continue
        days = _days(distinct, pattern)
        if days.has_nulls():
            continue
        first, last = int(days.dt.year().min()), int(days.dt.year().max())  # type: ignore[arg-type]
        if first >= FIRST_YEAR and last <= LAST_YEAR and last - first < MAX_YEARS:
            return first, last, pattern
    return None


def _days(digits: pl.Series, pattern: str) -> pl.Series:
    """The first day of each year or month, or the day; missing for other digits."""
    if "%d" in pattern:
        return digits.str.to_date(pattern, strict=False)
    return (digits + {"%Y": "0101", "%Y%m": "01"}[pattern]).str.to_date("%Y%m%d", strict=False)


@lru_cache(maxsize=64)
def calendar_tokens(first: int, last: int, pattern: str) -> tuple[str, ...]:
    """All years, months or days of these years as digits, without repeats.

    >>> calendar_tokens(2021, 2023, "%Y")
    ('2021', '2022', '2023')
    """
    start, end = datetime.date(first, 1, 1), datetime.date(last, 12, 31)
    days = pl.date_range(start, end, eager=True)
    return tuple(days.dt.strftime(pattern).unique(maintain_order=True))


def year_range(first: int, last: int, distinct: int, room: int) -> tuple[int, int] | None:
    """The range of numbers that begin with a year of those from `first` to `last`; None for others.

    Args:
        first, last: The lowest and the highest of `distinct` numbers.
        room: Minimum number of possible numbers for each of them.

    >>> year_range(2_021_004, 2_023_817, 300, 2)
    (2021000, 2023999)
    """
    serial = len(str(last)) - 4
    if first < 0 or serial < 2 or len(str(first)) != len(str(last)) or distinct < MIN_COUNT:
        return None
    unit = 10**serial
    low, high = first // unit, last // unit
    if not FIRST_YEAR <= low <= high <= LAST_YEAR or (high - low + 1) * unit < room * distinct:
        return None
    return low * unit, (high + 1) * unit - 1
