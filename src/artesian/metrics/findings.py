"""Where synthetic rows do worse than unseen real ones, worst first, each with a code and a page.

A measure is found fault with only where it lies beyond its reference by more than the noise of both.
With dozens of measures some lie there by chance, so the tests are corrected for their number (Holm
1979): rows as good as fresh real ones get a false finding in at most one scorecard of forty.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from artesian.metrics.common.excess import with_excess
from artesian.metrics.protocol import Better, Result, Spec

RATE = 0.025
"""Scorecards of perfect rows with a finding, at most: one side of a 95 % interval."""

LARGE = 0.1
"""Share of the way from the reference to the worst possible value from which a finding is an alarm."""

_QUANTILE = 1.959964  # of the normal law, for intervals of 95 %


class Level(Enum):
    """How much a finding matters."""

    ALARM = "alarm"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something a reader should know.

    Attributes:
        code: Names it for scripts and the docs (`docs/findings.md#CODE`): a metric's name, or one of
            `TABLES`.
        words: One sentence.
    """

    code: str
    level: Level
    words: str


TABLES: Mapping[str, tuple[Level, str, str]] = {
    "same_rows": (
        Level.ALARM,
        "the synthetic table holds exactly the rows of the real table",
        "Nothing was made: the real rows were handed on. Check which file was given; nothing that the "
        "scorecard says of likeness or usefulness means anything.",
    ),
    "holdout_rows": (
        Level.ALARM,
        "the synthetic table holds exactly the rows of the holdout",
        "Unseen real rows were given as synthetic ones, so every measure compares the holdout with "
        "itself. Check which file was given.",
    ),
    "holdout_overlap": (
        Level.ALARM,
        "the holdout holds training rows, so its measures are not those of unseen rows",
        "More holdout rows equal a training row than training rows equal each other. Every reference "
        "then looks too good, and attacks and copies too harmless. Split again, before fitting, by "
        "person where one person has several rows.",
    ),
    "no_holdout": (
        Level.WARNING,
        "without a holdout, copying cannot be told from likeness",
        "Give real rows that no model was fitted on (`--holdout`). Without them there is no reference: "
        "the best score would be that of a copy.",
    ),
}
"""Findings about the tables themselves: level, words, and what they mean and what to do."""


def of_tables(code: str) -> Finding:
    """One of `TABLES`."""
    level, words, _ = TABLES[code]
    return Finding(code=code, level=level, words=words)


def of_results(results: Sequence[Result], specs: Mapping[str, Spec]) -> tuple[Finding, ...]:
    """The measures that are worse than real rows beyond the noise, worst first.

    Args:
        specs: What the catalog says of each metric; results of others have no scale and are left out.
    """
    found = []
    for result in results:
        spec = specs.get(result.metric)
        if spec is not None and (shortfall := _shortfall(result)) is not None:
            found.append((_tail(*shortfall), _weight(result, spec, shortfall[0]), result))
    found.sort(key=lambda one: one[0])
    kept: list[tuple[float, Result]] = []
    for rank, (chance, weight, result) in enumerate(found):
        if chance * (len(found) - rank) > RATE:
            break
        kept.append((weight, result))
    kept.sort(key=lambda one: -one[0])
    return tuple(
        Finding(
            code=result.metric,
            level=Level.ALARM if weight >= LARGE else Level.WARNING,
            words=result.explanation,
        )
        for weight, result in kept
    )


def excess(result: Result) -> tuple[float, tuple[float, float]] | None:
    """How far a value lies above its reference, and the interval of that; None if it has none."""
    whole = with_excess(result)
    if whole.excess is None or whole.excess_interval is None:
        return None
    return whole.excess, whole.excess_interval


def _shortfall(result: Result) -> tuple[float, float] | None:
    """How much worse than the reference, and half the width of its interval on the side of 0."""
    if result.better is Better.NEITHER or (known := excess(result)) is None:
        return None
    gap, (low, high) = known
    return (gap, gap - low) if result.better is Better.LOWER else (-gap, high - gap)


def _tail(shortfall: float, half: float) -> float:
    """The chance of being at least so much worse by noise alone, if the error is normal."""
    if half <= 0:
        return 0.0 if shortfall > 0 else 1.0
    return 0.5 * math.erfc(shortfall / half * _QUANTILE / math.sqrt(2))


def _weight(result: Result, spec: Spec, shortfall: float) -> float:
    """The shortfall as a share of the way from the reference to the worst possible value."""
    assert result.reference is not None
    worst = spec.high if result.better is Better.LOWER else spec.low
    way = abs(worst - result.reference)
    return shortfall / way if 0 < way < math.inf else shortfall
