"""Findings: metrics on which synthetic rows are significantly worse than holdout rows, worst first.

Each metric is a one-sided test of its excess over the reference. The tests of a family are corrected
for multiplicity (Holm 1979), and the families share the error rate, half of it for privacy, so that
data from the real distribution has a false finding in at most one of forty scorecards.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from artesian.metrics.common.excess import with_excess
from artesian.metrics.common.intervals import tail_of_interval
from artesian.metrics.protocol import Better, Headline, Mismatches, Result, Spec

MAX_FALSE_RATE = 0.025
"""Family-wise error rate: one side of a 95 % interval."""

ALARM_WEIGHT = 0.1
"""Fraction of the range from the reference to the worst possible value at which a finding is an
alarm."""

MAX_NAMES = 10
"""Maximum number of columns that a finding names."""

PRIVACY = "privacy"
"""The family that has half of the error rate: what it misses cannot be taken back."""


class Level(Enum):
    """The severity of a finding."""

    ALARM = "alarm"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A finding about the synthetic data or about the compared tables.

    Attributes:
        code: Identifier for scripts and the docs: the name of a metric, or a key of
            `TABLE_FINDINGS`.
        message: One sentence.
    """

    code: str
    level: Level
    message: str


TABLE_FINDINGS: Mapping[str, tuple[Level, str, str]] = {
    "same_rows": (
        Level.ALARM,
        "the synthetic table has exactly the rows of the real table",
        "Nothing was synthesized: the synthetic table is a copy of the real one. Check which file "
        "was given; fidelity and utility mean nothing here.",
    ),
    "holdout_rows": (
        Level.ALARM,
        "the synthetic table has exactly the rows of the holdout",
        "The holdout was given as the synthetic table, so every metric compares the holdout with "
        "itself. Check which file was given.",
    ),
    "holdout_overlap": (
        Level.ALARM,
        "the holdout contains training rows, so the references are biased",
        "More holdout rows equal a training row than there are duplicates among training rows. "
        "References are then too good, and attacks and copies look too harmless. Split again "
        "before fitting, by entity if a person has several rows.",
    ),
    "holdout_differs": (
        Level.WARNING,
        "the holdout differs from the training rows, so privacy cannot be measured",
        "A classifier tells training rows from holdout rows that it has not seen: these are later, or "
        "come from elsewhere. Synthetic rows then resemble the training rows more although nothing "
        "was memorised. Split at random, or by entity, to measure privacy (`--split random`).",
    ),
    "missing_columns": (
        Level.ALARM,
        "the synthetic table lacks columns of the real table",
        "No row is valid without them. The other columns are scored as if the real table had only "
        "these. Check that the tool was given all columns, and that none was renamed.",
    ),
    "surplus_columns": (
        Level.WARNING,
        "the synthetic table has columns that the real table lacks",
        "They are counted as invalid and not scored. A column without a name, or 'Unnamed: 0', is the "
        "index of a dataframe that was written by mistake (`to_csv(index=False)`).",
    ),
    "unreadable_values": (
        Level.WARNING,
        "the synthetic table has values that are not of the type of their column",
        "They are counted as invalid, and as missing by all other metrics. A column with more "
        "than half of such values is not scored.",
    ),
    "no_holdout": (
        Level.WARNING,
        "without a holdout, copying cannot be distinguished from fidelity",
        "Provide real rows that no model was fitted on (`--holdout`). Without them there is no "
        "reference, and the best score is that of a copy.",
    ),
    "generalised": (
        Level.NOTE,
        "rare categories of a column were generalised, not copied",
        "Too many rows had a category of fewer than five rows for all of them to be marked as rare. "
        "Their classes and frequencies are those of the source; the categories themselves are made up "
        "in the same form, or are the class (`generalised` in `dataset.toml`). Do not look them up "
        "elsewhere.",
    ),
}
"""Findings about the tables: code -> level, message, and what it means and what to do."""


def table_finding(code: str, detail: str = "") -> Finding:
    """The finding of `TABLE_FINDINGS` with this code, with a detail such as the names of columns."""
    level, message, _ = TABLE_FINDINGS[code]
    return Finding(code=code, level=level, message=message + (f": {detail}" if detail else ""))


def mismatch_findings(mismatches: Mismatches) -> tuple[Finding, ...]:
    """Findings on columns and values that cannot be compared."""
    details = {
        "missing_columns": [repr(name) for name in mismatches.missing],
        "surplus_columns": [repr(name) for name in mismatches.surplus],
        "unreadable_values": [
            *(f"{name!r} in most rows (not scored)" for name in mismatches.unscored),
            *(
                f"{name!r} in {int(mask.sum()):,} of {len(mask):,} rows"
                for name, mask in mismatches.unreadable.items()
            ),
        ],
    }
    return tuple(
        table_finding(code, ", ".join(shown[:MAX_NAMES]) + (", ..." if shown[MAX_NAMES:] else ""))
        for code, shown in details.items()
        if shown
    )


def result_findings(results: Sequence[Result], specs: Mapping[str, Spec]) -> tuple[Finding, ...]:
    """Find the metrics that are significantly worse than their reference, worst first.

    Args:
        specs: Metric -> its spec; results of other metrics are left out.
    """
    families: dict[str, list[tuple[float, float, Result]]] = {}
    for result in results:
        spec = specs.get(result.metric)
        if spec is not None and (shortfall := _shortfall(result)) is not None:
            p_value = tail_of_interval(*shortfall) if result.p_value is None else result.p_value
            test = p_value, _weight(result, spec, shortfall[0]), result
            families.setdefault(spec.family, []).append(test)
    significant: list[tuple[float, Result]] = []
    for family, tests in families.items():
        tests.sort(key=lambda each: each[0])
        for rank, (p_value, weight, result) in enumerate(tests):
            if p_value * (len(tests) - rank) > MAX_FALSE_RATE * _error_fraction(family, families):
                break
            significant.append((weight, result))
    named = {result.metric for _, result in significant}
    for result in results:  # what the verdict says is also said in detail
        spec = specs.get(result.metric)
        if spec is not None and spec.headline is Headline.RELATIONS and result.metric not in named:
            shortfall = _shortfall(result)
            if shortfall is not None and shortfall[0] > shortfall[1]:
                significant.append((_weight(result, spec, shortfall[0]), result))
    significant.sort(key=lambda each: -each[0])
    return tuple(
        Finding(
            code=result.metric,
            level=Level.ALARM if weight >= ALARM_WEIGHT else Level.WARNING,
            message=result.explanation,
        )
        for weight, result in significant
    )


def excess(result: Result) -> tuple[float, tuple[float, float]] | None:
    """The excess of a value over its reference, and its interval; None if it has none."""
    whole = with_excess(result)
    if whole.excess is None or whole.excess_interval is None:
        return None
    return whole.excess, whole.excess_interval


def _shortfall(result: Result) -> tuple[float, float] | None:
    """How much worse than the reference, and half the width of the interval on the side of 0."""
    if result.better is Better.NEITHER or (excess_and_interval := excess(result)) is None:
        return None
    amount, (low, high) = excess_and_interval
    return (amount, amount - low) if result.better is Better.LOWER else (-amount, high - amount)


def _error_fraction(family: str, families: Collection[str]) -> float:
    """The family's fraction of the error rate: half for privacy; other families get equal parts."""
    others = len(set(families) - {PRIVACY})
    if family == PRIVACY:
        return 0.5 if others else 1.0
    return (0.5 if PRIVACY in families else 1.0) / others


def _weight(result: Result, spec: Spec, shortfall: float) -> float:
    """The shortfall relative to the range from the reference to the worst possible value."""
    assert result.value is not None
    worst = spec.high if result.better is Better.LOWER else spec.low
    # A metric may know what is expected by chance without a holdout.
    expected = (
        result.value - (result.excess or 0.0) if result.reference is None else result.reference
    )
    span = abs(worst - expected)
    return shortfall / span if 0 < span < math.inf else shortfall
