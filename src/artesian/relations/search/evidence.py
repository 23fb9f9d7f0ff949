"""Whether a relation seen in some rows will hold in at least `MIN_HOLDS` of fresh rows."""

from __future__ import annotations

from math import exp, log

from artesian.relations.protocol import MIN_HOLDS

RISK = 0.1
"""Probability with which a relation that fresh rows break too often passes for one they keep."""


def reliable(exceptions: int, rows: int, clean: int) -> bool:
    """Whether so many exceptions in so many informative rows are evidence for `MIN_HOLDS`.

    A relation of the real world has no exceptions, so `clean` rows without one are enough. A relation
    that has some is not exact; then the upper confidence limit of their proportion (Clopper and
    Pearson 1934, with a Poisson distribution of the count) has to be below 1 - `MIN_HOLDS`.

    Args:
        rows: Rows in which it could have failed; not those that agree whatever the relation.
        clean: Minimum number of rows if there is no exception.

    >>> reliable(0, 40, clean=30), reliable(1, 400, clean=30), reliable(1, 900, clean=30)
    (True, False, True)
    """
    if not exceptions:
        return rows >= clean
    expected = (1 - MIN_HOLDS) * rows
    if exceptions >= expected:
        return False
    term, total = -expected, 0.0
    for count in range(exceptions + 1):
        term += log(expected / count) if count else 0.0
        total += exp(term)
    return total <= RISK
