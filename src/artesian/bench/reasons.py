"""Why a method has no value of a metric on a source."""

from __future__ import annotations

from collections.abc import Sequence

from artesian.bench.plan import BenchmarkPlan
from artesian.bench.runner import TrialResult

MAX_REASONS = 12
"""Reasons that are written out; the others are counted."""


def missing_values(plan: BenchmarkPlan, trials: Sequence[TrialResult]) -> list[str]:
    """One sentence for each reason: failed methods first, then metrics that were not computed."""
    failed: dict[tuple[str, str], list[str]] = {}
    skipped: dict[tuple[str, str, str], list[str]] = {}
    for trial in trials:
        if not trial.done:
            _add(failed.setdefault((trial.source, trial.reason), []), trial.method)
            continue
        for metric in plan.metrics:
            if trial.value(metric) is None:
                result = trial.record.get("metrics", {}).get(metric, {})
                key = (metric, trial.source, result.get("skipped") or "it gave no number")
                _add(skipped.setdefault(key, []), trial.method)
    every = len(plan.methods)
    sentences = [
        f"{', '.join(methods)} failed on {source}: {reason}"
        for (source, reason), methods in failed.items()
    ]
    for (metric, source, reason), methods in skipped.items():
        names = "any method" if len(methods) == every > 1 else ", ".join(methods)
        sentences.append(f"{metric} has no value for {names} on {source}: {reason}")
    more = len(sentences) - MAX_REASONS
    if more > 0:
        sentences[MAX_REASONS:] = [f"{more} further reasons are in results.json"]
    return sentences


def _add(names: list[str], name: str) -> None:
    if name not in names:
        names.append(name)
