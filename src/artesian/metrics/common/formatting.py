"""Numbers in sentences, formatted the same way in every explanation."""

from __future__ import annotations

from collections.abc import Callable


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
