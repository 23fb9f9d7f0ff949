"""The verdict line of related tables: what is broken, what a detector sees, and what is exposed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from artesian.core.formatting import percent
from artesian.metrics.findings import Finding
from artesian.metrics.protocol import Result, Spec
from artesian.metrics.verdict import DETECTION
from artesian.metrics.verdict import verdict as clauses

_DETECTORS = {
    "c2st_agg": "by aggregates of children",
    "c2st_agg_rich": "by rich aggregates",
    "c2st_single_table": "row by row",
}


def verdict(
    results: Sequence[Result],
    specs: Mapping[str, Spec],
    findings: Sequence[Finding],
    *,
    lost: Sequence[str],
) -> str:
    """Summarize results of related tables in one line.

    Args:
        findings: The findings on metrics.
        lost: Tables that the synthetic data lack.
    """
    by_name = {result.metric: result for result in results if result.value is not None}
    codes = {finding.code for finding in findings}
    parts = []
    if lost:
        parts.append(f"TABLES ARE MISSING: {', '.join(map(repr, lost))}")
    integrity = by_name.get("referential_integrity")
    if integrity is not None:
        parts.append(
            "KEYS ARE BROKEN" if "referential_integrity" in codes else "all keys are valid"
        )
    if "static_columns" in codes:
        parts.append("STATIC COLUMNS VARY")
    if "relations_between_tables" in codes:
        one = by_name["relations_between_tables"]
        parts.append(
            f"BREAKS RELATIONS between tables (in {percent(one.value or 0.0)} of the rows, such as "
            f"{one.detail['worst']!r})"
        )
    detected = _detection(by_name, codes)
    parts += [detected] if detected else []
    cardinality = by_name.get("cardinality")
    if cardinality is not None:
        outside, total = cardinality.detail.get("outside", []), len(cardinality.parts)
        if "cardinality" in codes:
            parts.append(f"numbers of children differ for {len(outside)} of {total} foreign keys")
        else:
            parts.append("numbers of children as in real data")
    # Usefulness and exposure are worded as for single tables.
    rest = [r for r in results if r.metric in ("relational_utility", "membership_entity")]
    worded = clauses(rest, specs, real=False)
    if any(result.value is not None for result in rest) and not worded.startswith("No verdict"):
        parts.append(worded.rstrip(".")[:1].lower() + worded.rstrip(".")[1:])
    elif (attack := by_name.get("membership_entity")) is not None:
        parts.append(f"no whole entity is exposed (attack {attack.value:.2f}, 0.50 is a guess)")
    line = "; ".join(parts)
    return f"{line[:1].upper()}{line[1:]}." if line else "No verdict: no metric could be measured."


def _detection(by_name: Mapping[str, Result], codes: set[str]) -> str:
    """The clause of the worst detector with a finding, or else that of the aggregates."""
    detectors = [name for name in _DETECTORS if name in by_name]
    if not detectors:
        return ""
    shown = [name for name in detectors if name in codes] or detectors[:1]
    name = max(shown, key=lambda one: by_name[one].value or 0.0)
    result = by_name[name]
    value = result.value or 0.0
    expected = max(result.reference if result.reference is not None else 0.5, 0.5)
    clause = DETECTION[0][1]
    if name in codes:
        excess = value - expected
        clause = next((text for bound, text in DETECTION[1:] if excess <= bound), DETECTION[-1][1])
    against = (
        f"real against real {result.reference:.2f}"
        if result.reference is not None
        else "0.50 is a guess"
    )
    clause = clause[:1].lower() + clause[1:]
    return f"{clause} {_DETECTORS[name]} (detector {value:.2f}, {against})"
