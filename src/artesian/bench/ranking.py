"""Ranks over sources, and tests of their differences.

Follows Demsar 2006, "Statistical comparisons of classifiers over multiple data sets" (JMLR 7): methods
are ranked on each source, the Friedman test decides whether they differ at all, and two methods differ
if the difference of their mean ranks exceeds the critical difference of the Nemenyi test. A source
counts once, with the mean over its seeds, because seeds of one source are not independent sources.
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
MIN_SOURCES = 10
"""Number of sources above which the chi-square approximation is good (Demsar 2006, p. 11)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """Methods ranked by one metric.

    Attributes:
        metric: Name of the metric.
        methods: Methods, best first.
        ranks: Their mean ranks over the sources; 1 is the best.
        sources: Number of sources on which the methods were ranked.
        statistic, p: Friedman's chi-square and its p-value; None if the test is not possible.
        difference: Nemenyi's critical difference at 5 %.
        groups: Methods that do not differ significantly, as positions (first, last) in `methods`;
            groups inside another group are omitted.
        conclusion: What the tests show, in words.
    """

    metric: str
    methods: tuple[str, ...]
    ranks: tuple[float, ...]
    sources: int
    statistic: float | None
    p: float | None
    difference: float | None
    groups: tuple[tuple[int, int], ...]
    conclusion: str


def rank_methods(metric: str, losses: Mapping[str, Sequence[float]]) -> Ranking:
    """Rank methods by their losses.

    Args:
        metric: Name of the metric.
        losses: Loss of each method on each source; infinite where it failed.
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
        conclusion=_conclusion(names, sources, p, difference),
    )


def loss(value: float | None, better: Better, reference: float | None) -> float:
    """A value as a loss; infinite without a value.

    For a metric without a direction, the loss is the distance to the reference.
    """
    if value is None:
        return math.inf
    if better is Better.NEITHER:
        return abs(value - (reference or 0.0))
    return value if better is Better.LOWER else -value


def ranked(losses: Floats) -> Floats:
    """Ranks within each row, 1 for the lowest loss; ties get the mean of their ranks.

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
    """Friedman's statistic, corrected for ties, and its p-value by the chi-square distribution.

    Args:
        ranks: (sources, methods), at least two of either.
    """
    from scipy.stats import chi2

    sources, count = ranks.shape
    ties = 0.0
    for row in ranks:
        _, repeats = np.unique(row, return_counts=True)
        ties += float((repeats**3 - repeats).sum())
    correction = 1 - ties / (sources * (count**3 - count))
    if correction <= 0:  # all methods are tied on every source
        return 0.0, 1.0
    deviation = float(((ranks.mean(axis=0) - (count + 1) / 2) ** 2).sum())
    statistic = 12 * sources / (count * (count + 1)) * deviation / correction
    return statistic, float(chi2.sf(statistic, count - 1))


def critical_difference(methods: int, sources: int, level: float = LEVEL) -> float:
    """Critical difference of two mean ranks (Nemenyi 1963; Demsar 2006, equation 7 and table 5)."""
    return quantile(methods, level) * math.sqrt(methods * (methods + 1) / (6 * sources))


def quantile(methods: int, level: float = LEVEL) -> float:
    """Quantile of the studentized range with infinite degrees of freedom, divided by sqrt(2)."""
    from scipy.stats import studentized_range

    return float(studentized_range.ppf(1 - level, methods, math.inf)) / math.sqrt(2)


def min_sources(methods: int) -> int:
    """Minimum number of sources for which the largest possible difference is significant."""
    ratio = critical_difference(methods, 1) / (methods - 1)
    return math.floor(ratio**2) + 1


def cliques(means: Floats, difference: float) -> tuple[tuple[int, int], ...]:
    """The largest groups of at least two methods whose mean ranks differ by at most `difference`.

    Args:
        means: Mean ranks in increasing order.
        difference: Critical difference.
    """
    groups: list[tuple[int, int]] = []
    for first in range(len(means)):
        last = int(np.searchsorted(means, means[first] + difference, side="right")) - 1
        if last > first and (not groups or last > groups[-1][1]):
            groups.append((first, last))
    return tuple(groups)


def _conclusion(
    names: Sequence[str], sources: int, p: float | None, difference: float | None
) -> str:
    if len(names) < 2:
        return "There is only one method, so there is nothing to rank."
    if sources == 0:
        return "No source could be ranked."
    if p is None or difference is None:
        return "There is only one source: the ranks hold for it alone, and no test is possible."
    few = f"With {sources} sources"
    if sources < (required := min_sources(len(names))):
        return (
            f"{few}, no difference can be significant: even the largest possible difference of mean "
            f"ranks is below the critical difference ({difference:.2f}). A comparison of {len(names)} "
            f"methods needs {required} sources or more."
        )
    if p >= LEVEL:
        text = f"{few}, the methods do not differ significantly (Friedman test, p = {p:.2g})."
    else:
        text = (
            f"{few}, the methods differ significantly (Friedman test, p = {p:.2g}). Two methods differ "
            f"if the difference of their mean ranks exceeds {difference:.2f}."
        )
    if sources < MIN_SOURCES:
        text += f" The test is approximate below {MIN_SOURCES} sources."
    return text
