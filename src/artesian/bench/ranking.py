"""Ranks over sources, and which differences of rank are more than chance.

Follows Demsar 2006, "Statistical comparisons of classifiers over multiple data sets" (JMLR 7): methods
are ranked on each source, the Friedman test asks whether they differ at all, and two methods differ
if their mean ranks are further apart than the critical difference of the Nemenyi test. A source counts
once, with the mean over its seeds: seeds of one source are not independent sources.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from artesian.metrics.protocol import Better

Floats = npt.NDArray[np.float64]

LEVEL = 0.05
ENOUGH = 10
"""Sources from which on the chi-square law of the Friedman test is close (Demsar 2006, p. 11)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """Methods by one metric.

    Attributes:
        methods: Best first.
        ranks: Their mean ranks over the sources; 1 is the best.
        sources: How many sources could be ranked.
        statistic, p: Friedman's chi-square and its p-value; None where there is nothing to test.
        difference: Nemenyi's critical difference at 5 %.
        groups: Methods that cannot be told apart, as positions (first, last) in `methods`; a group
            within another is left out.
        says: What this means, and how far it carries.
    """

    metric: str
    methods: tuple[str, ...]
    ranks: tuple[float, ...]
    sources: int
    statistic: float | None
    p: float | None
    difference: float | None
    groups: tuple[tuple[int, int], ...]
    says: str


def ranking(metric: str, losses: Mapping[str, Sequence[float]]) -> Ranking:
    """Rank methods by their losses.

    Args:
        losses: Method -> its loss on each source, less is better; infinite where it failed.
    """
    methods = list(losses)
    table = ranked(np.array([losses[method] for method in methods], dtype=float).T)
    sources, count = table.shape
    means = table.mean(axis=0)
    order = np.argsort(means, kind="stable")
    statistic, p = friedman(table) if sources > 1 and count > 1 else (None, None)
    difference = critical_difference(count, sources) if p is not None else None
    best_first = means[order]
    if difference is None or p is None:
        groups: tuple[tuple[int, int], ...] = ()
    elif p >= LEVEL:
        groups = ((0, count - 1),)
    else:
        groups = cliques(best_first, difference)
    names = tuple(methods[at] for at in order)
    return Ranking(
        metric=metric,
        methods=names,
        ranks=tuple(round(float(rank), 6) for rank in best_first),
        sources=sources,
        statistic=statistic,
        p=p,
        difference=difference,
        groups=groups,
        says=_said(names, sources, p, difference),
    )


def loss(value: float | None, better: Better, reference: float | None) -> float:
    """A value as something to make small; infinite where there is none.

    Of a metric for which neither direction is good, the distance to the reference counts.
    """
    if value is None:
        return math.inf
    if better is Better.NEITHER:
        return abs(value - (reference or 0.0))
    return value if better is Better.LOWER else -value


def ranked(losses: Floats) -> Floats:
    """Ranks within each row, 1 for the least; equals share the mean of their ranks.

    Args:
        losses: (sources, methods)

    >>> ranked(np.array([[0.1, 0.3, 0.3]])).tolist()
    [[1.0, 2.5, 2.5]]
    """
    below = (losses[:, None, :] < losses[:, :, None]).sum(axis=2)
    same = (losses[:, None, :] == losses[:, :, None]).sum(axis=2)
    ranks: Floats = below + (same + 1) / 2
    return ranks


def friedman(ranks: Floats) -> tuple[float, float]:
    """Friedman's statistic, corrected for ties, and its p-value by the chi-square law.

    Args:
        ranks: (sources, methods), at least two of either.
    """
    from scipy.stats import chi2

    sources, count = ranks.shape
    of_ties = 0.0
    for row in ranks:
        _, repeats = np.unique(row, return_counts=True)
        of_ties += float((repeats**3 - repeats).sum())
    share = 1 - of_ties / (sources * (count**3 - count))
    if share <= 0:  # every source has all methods level
        return 0.0, 1.0
    apart = float(((ranks.mean(axis=0) - (count + 1) / 2) ** 2).sum())
    statistic = 12 * sources / (count * (count + 1)) * apart / share
    return statistic, float(chi2.sf(statistic, count - 1))


def critical_difference(methods: int, sources: int, level: float = LEVEL) -> float:
    """How far two mean ranks must lie apart (Nemenyi 1963; Demsar 2006, equation 7 and table 5)."""
    return quantile(methods, level) * math.sqrt(methods * (methods + 1) / (6 * sources))


def quantile(methods: int, level: float = LEVEL) -> float:
    """The studentized range for infinite degrees of freedom, divided by the root of two."""
    from scipy.stats import studentized_range

    return float(studentized_range.ppf(1 - level, methods, math.inf)) / math.sqrt(2)


def needed(methods: int) -> int:
    """Sources from which on even the largest difference of ranks exceeds the critical one."""
    least = critical_difference(methods, 1) / (methods - 1)
    return math.floor(least**2) + 1


def cliques(means: Floats, difference: float) -> tuple[tuple[int, int], ...]:
    """The widest runs of at least two methods that lie within `difference` of each other.

    Args:
        description: Mean ranks in rising order.
    """
    found: list[tuple[int, int]] = []
    for first in range(len(means)):
        last = int(np.searchsorted(means, means[first] + difference, side="right")) - 1
        if last > first and (not found or last > found[-1][1]):
            found.append((first, last))
    return tuple(found)


def _said(names: Sequence[str], sources: int, p: float | None, difference: float | None) -> str:
    if len(names) < 2:
        return "There is one method, and nothing to rank it against."
    if sources == 0:
        return "No source could be ranked."
    if p is None or difference is None:
        return (
            "There is one source: the ranks hold for it alone, and no test can say whether they "
            "would hold for others."
        )
    few = f"With {sources} sources, ranks"
    if sources < (least := needed(len(names))):
        return (
            f"{few} cannot settle anything: even the largest difference possible is below the "
            f"critical one ({difference:.2f}). It takes {least} sources or more to tell "
            f"{len(names)} methods apart at all."
        )
    if p >= LEVEL:
        told = f"{few} do not show that the methods differ (Friedman test, p = {p:.2g})."
    else:
        told = (
            f"{few} show that the methods differ (Friedman test, p = {p:.2g}); two of them differ "
            f"if their mean ranks are more than {difference:.2f} apart."
        )
    if sources < ENOUGH:
        told += f" The test is rough below {ENOUGH} sources."
    return told
