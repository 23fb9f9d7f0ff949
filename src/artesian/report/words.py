"""Numbers as a person reads them. Every sentence of the report about numbers is made of these."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any


def percent(share: float | None) -> str:
    """A share of one, as a percentage with one digit; small ones are not rounded to nothing.

    >>> percent(0.1234), percent(0.00004), percent(None)
    ('12.3\\u202f%', '< 0.1\\u202f%', 'none')
    """
    if share is None:
        return "none"
    if 0 < share < 0.001:
        return "< 0.1\u202f%"
    return f"{100 * share:.1f}\u202f%"


def number(value: float | None, digits: int = 3) -> str:
    """A number with `digits` behind the point if small, with thousands marked if large."""
    if value is None:
        return "none"
    if value == round(value) and abs(value) < 1e7:
        return f"{value:,.0f}"
    if abs(value) >= 1e7 or abs(value) < 10.0**-digits:
        return f"{value:.3g}"
    if abs(value) < 10:
        return f"{value:.{digits}f}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.2f}"


def moment(milliseconds: float | None) -> str:
    """Milliseconds since 1970 as a date."""
    if milliseconds is None:
        return "none"
    try:
        then = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
    except OverflowError:
        return number(milliseconds)
    return f"{then:%Y-%m-%d}"


def shown(name: str) -> str:
    """A name that can be seen even if it is empty."""
    return name if name.strip() else "(no name)"


def count(items: int, noun: str) -> str:
    """A counted noun.

    >>> count(1, "row"), count(2400, "row")
    ('1 row', '2,400 rows')
    """
    return f"{items:,} {noun}" + ("" if items == 1 else "s")


def beside(shares: Mapping[str, Any], write: Any = percent) -> str:
    """Values of the three tables in one breath: '4.1 % real, 4.0 % synthetic, 4.2 % holdout'."""
    told = [f"{write(value)} {side}" for side, value in shares.items() if value is not None]
    return ", ".join(told) if told else "nothing to compare"
