"""Numbers put into words, the same way in every explanation."""

from __future__ import annotations

from collections.abc import Callable


def percent(share: float) -> str:
    """'4.2 %', with as many digits as say something.

    >>> percent(0.0421), percent(0.5), percent(0.0004)
    ('4.2 %', '50 %', '0.04 %')
    """
    hundredths = 100 * share
    digits = 0 if hundredths >= 10 or hundredths == 0 else 1 if hundredths >= 0.1 else 2
    return f"{hundredths:.{digits}f} %"


def points(value: float) -> str:
    """A number that is no share, with as many digits as say something.

    >>> points(0.0421), points(1.5)
    ('0.042', '1.50')
    """
    return f"{value:.2f}" if abs(value) >= 0.1 else f"{value:.3f}"


def beside(reference: float | None, say: Callable[[float], str] = percent) -> str:
    """How the reference is put into words, in brackets behind a value; `say` writes both."""
    if reference is None:
        return "no holdout to compare with"
    return f"unseen real rows: {say(reference)}"
