"""Numbers, dates and names as a person reads them, in sentences, tables, tooltips and the terminal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any


def percent(proportion: float) -> str:
    """Format a proportion as a percentage with about two significant digits.

    >>> percent(0.0421), percent(0.5), percent(0.0004)
    ('4.2 %', '50 %', '0.04 %')
    """
    percentage = 100 * proportion
    digits = 0 if percentage >= 10 or percentage == 0 else 1 if percentage >= 0.1 else 2
    return f"{percentage:.{digits}f} %"


def percentage_points(difference: float) -> str:
    """Format a difference of proportions in percentage points.

    >>> percentage_points(0.087)
    '8.7 percentage points'
    """
    return f"{percent(difference).removesuffix(' %')} percentage points"


def decimal(value: float) -> str:
    """Format a number that is not a proportion with about two significant digits.

    >>> decimal(0.0421), decimal(1.5)
    ('0.042', '1.50')
    """
    return f"{value:.2f}" if abs(value) >= 0.1 else f"{value:.3f}"


def reference_note(reference: float | None, write: Callable[[float], str] = percent) -> str:
    """The reference as a clause in parentheses after a value; `write` formats the number."""
    if reference is None:
        return "no holdout to compare with"
    return f"holdout: {write(reference)}"


def fixed_percent(proportion: float | None) -> str:
    """Format a proportion as a percentage with one decimal; small ones are not rounded to zero.

    >>> fixed_percent(0.1234), fixed_percent(0.00004), fixed_percent(None)
    ('12.3\\u202f%', '< 0.1\\u202f%', 'none')
    """
    if proportion is None:
        return "none"
    if 0 < proportion < 0.001:
        return "< 0.1\u202f%"
    return f"{100 * proportion:.1f}\u202f%"


def three_decimals(value: float | None) -> str:
    """Format a value of a scorecard; '' if there is none."""
    return "" if value is None else f"{value:.3f}"


def number(value: float | None, digits: int = 3) -> str:
    """Format a number: `digits` decimals if it is small, separated thousands if it is large."""
    if value is None:
        return "none"
    if value == round(value) and abs(value) < 1e7:
        return f"{value:,.0f}"
    if abs(value) >= 1e7 or abs(value) < 10.0**-digits:
        return f"{value:.3g}"
    if abs(value) < 10:
        return f"{value:.{digits}f}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.2f}"


def date(milliseconds: float | None) -> str:
    """Format milliseconds since 1970 as a date; a number that is no date as a number."""
    if milliseconds is None:
        return "none"
    try:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
    except OverflowError:
        return number(milliseconds)
    return f"{moment:%Y-%m-%d}"


def displayed(name: str) -> str:
    """A name that can be seen even if it is empty."""
    return name if name.strip() else "(no name)"


def count(items: int, noun: str) -> str:
    """A counted noun.

    >>> count(1, "row"), count(2400, "row")
    ('1 row', '2,400 rows')
    """
    return f"{items:,} {noun}" + ("" if items == 1 else "s")


def by_table(values: Mapping[str, Any], write: Callable[[Any], str] = fixed_percent) -> str:
    """Values of several tables in one line: '4.1 % real, 4.0 % synthetic, 4.2 % holdout'."""
    written = [f"{write(value)} {table}" for table, value in values.items() if value is not None]
    return ", ".join(written) if written else "nothing to compare"
