"""Numbers put into words, the same way in every explanation."""

from __future__ import annotations


def percent(share: float) -> str:
    """'4.2 %', with as many digits as say something.

    >>> percent(0.0421), percent(0.5), percent(0.0004)
    ('4.2 %', '50 %', '0.04 %')
    """
    hundredths = 100 * share
    digits = 0 if hundredths >= 10 or hundredths == 0 else 1 if hundredths >= 0.1 else 2
    return f"{hundredths:.{digits}f} %"


def beside(reference: float | None) -> str:
    """How the reference is put into words, in brackets behind a value in per cent."""
    if reference is None:
        return "no holdout to compare with"
    return f"unseen real rows: {percent(reference)}"
