"""Aggregate trials: the mean with its interval for each method and metric, and the rankings."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import fmean, median, variance
from typing import Any

from artesian.bench.plan import BenchmarkPlan
from artesian.bench.ranking import Ranking, loss, rank_methods
from artesian.bench.runner import TrialResult
from artesian.metrics import CATALOG
from artesian.metrics.protocol import Headline, Spec
from artesian.metrics.verdict import EXPOSURE, NEARNESS


@dataclass(frozen=True, slots=True, kw_only=True)
class Mean:
    """The mean of a metric for one method.

    Attributes:
        value: The mean over sources of the mean over seeds.
        interval: 95 % confidence interval for these sources: Student's t from the variance between
            seeds of a source; with one seed, from the intervals of the metric. None without both.
        trials: Number of trials.
        best: Whether no other method with as many trials has a better mean.
    """

    value: float
    interval: tuple[float, float] | None
    trials: int
    best: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The results of one method.

    Attributes:
        method: Label of the method.
        rank: Mean of its mean ranks: first over the metrics of a family, then over families, so that
            five metrics of fidelity do not outweigh two of privacy. For sorting, not a test.
        means: `Mean` by metric; metrics without a value are absent.
        failed: Number of failed trials.
        exposed: Number of trials in which it exposes training rows, by the rules of the verdict.
        trials: Number of trials.
        fit, sample: Median seconds; None if not measured.
        memory: Peak resident memory in MB.
    """

    method: str
    rank: float | None
    means: dict[str, Mean]
    failed: int
    exposed: int
    trials: int
    fit: float | None
    sample: float | None
    memory: int | None

    @property
    def exposing(self) -> bool:
        """Whether it exposes rows in at least half of its finished trials; one trial may be chance."""
        return self.exposed > 0 and 2 * self.exposed >= self.trials - self.failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaderboard:
    """The aggregated results.

    Attributes:
        standings: One for each method, best first.
        rankings: One for each metric with values.
        references: Mean of each metric for real holdout rows in place of synthetic rows.
    """

    standings: tuple[Standing, ...]
    rankings: tuple[Ranking, ...]
    references: dict[str, float]


def build_leaderboard(plan: BenchmarkPlan, trials: Sequence[TrialResult]) -> Leaderboard:
    """Aggregate the trials of a plan."""
    methods = [method.label for method in plan.methods]
    means = {
        (method, metric): _mean([t for t in trials if t.method == method], metric)
        for method in methods
        for metric in plan.metrics
    }
    rankings = [one for metric in plan.metrics if (one := _ranking(plan, trials, metric))]
    references = {}
    for metric in plan.metrics:
        values = [r for trial in trials if (r := trial.reference(metric)) is not None]
        if values:
            references[metric] = fmean(values)
    for metric in plan.metrics:
        _mark_best(means, methods, metric, references.get(metric))
    standings = [
        _standing(method, [t for t in trials if t.method == method], plan, means, rankings)
        for method in methods
    ]
    standings.sort(key=lambda one: math.inf if one.rank is None else one.rank)
    return Leaderboard(standings=tuple(standings), rankings=tuple(rankings), references=references)


def spec(metric: str) -> Spec:
    """The description of a metric in the catalog."""
    entry: Spec = CATALOG[metric].spec
    return entry


def _standing(
    method: str,
    trials: list[TrialResult],
    plan: BenchmarkPlan,
    means: dict[tuple[str, str], Mean | None],
    rankings: list[Ranking],
) -> Standing:
    families: dict[str, list[float]] = {}
    for ranking in rankings:
        rank = ranking.ranks[ranking.methods.index(method)]
        family = spec(ranking.metric).family
        # Distances to training rows count as privacy: a family of their own would double the weight.
        families.setdefault("privacy" if family == "diagnostics" else family, []).append(rank)
    done = [trial for trial in trials if trial.done]

    def seconds(step: str) -> float | None:
        times = [t.record["seconds"][step] for t in done if step in t.record["seconds"]]
        return median(times) if times else None

    memory = [t.record["memory_mb"] for t in done if t.record["memory_mb"] is not None]
    return Standing(
        method=method,
        rank=fmean(map(fmean, families.values())) if families and done else None,
        means={metric: m for metric in plan.metrics if (m := means[method, metric]) is not None},
        failed=len(trials) - len(done),
        exposed=sum(_exposes(trial) for trial in done),
        trials=len(trials),
        fit=seconds("fit"),
        sample=seconds("sample"),
        memory=max(memory, default=None),
    )


def _exposes(trial: TrialResult) -> bool:
    """Whether an attack identifies training rows, or synthetic rows are copies of them."""
    for metric, result in trial.record["metrics"].items():
        if result.get("value") is None or result.get("interval") is None:
            continue
        headline, low = spec(metric).headline, result["interval"][0]
        if headline is Headline.NEARNESS and low > NEARNESS[1][0]:
            return True
        if headline is Headline.MEMBERSHIP and low > EXPOSURE[0][0]:
            return True
    return False


def _by_source(trials: Sequence[TrialResult], metric: str) -> dict[str, list[float]]:
    values: dict[str, list[float]] = {}
    for trial in trials:
        value = trial.value(metric)
        if value is not None:
            values.setdefault(trial.source, []).append(value)
    return values


def _ranking(plan: BenchmarkPlan, trials: Sequence[TrialResult], metric: str) -> Ranking | None:
    """Rank on the sources where some method has a value; methods without a value rank last."""
    losses: dict[str, list[float]] = {method.label: [] for method in plan.methods}
    better = spec(metric).better
    for source in (source.label for source in plan.sources):
        here = [trial for trial in trials if trial.source == source]
        references = [r for trial in here if (r := trial.reference(metric)) is not None]
        values = {}
        for method in losses:
            own = _by_source([t for t in here if t.method == method], metric).get(source)
            reference = fmean(references) if references else None
            values[method] = loss(fmean(own) if own else None, better, reference)
        if all(math.isinf(value) for value in values.values()):
            continue
        for method, value in values.items():
            losses[method].append(value)
    if not next(iter(losses.values())):
        return None
    return rank_methods(metric, losses)


def _mean(trials: Sequence[TrialResult], metric: str) -> Mean | None:
    by_source = _by_source(trials, metric)
    if not by_source:
        return None
    value = fmean(fmean(values) for values in by_source.values())
    half = _half_from_seeds(by_source)
    if half is None:
        half = _half_from_metric(trials, metric, len(by_source))
    ends = spec(metric)
    interval = None if half is None else (max(ends.low, value - half), min(ends.high, value + half))
    return Mean(value=value, interval=interval, trials=sum(map(len, by_source.values())))


def _half_from_seeds(by_source: dict[str, list[float]]) -> float | None:
    """Half-width of the interval of a mean of source means, with one variance for all sources."""
    from scipy.stats import t

    freedom = sum(len(values) - 1 for values in by_source.values())
    if freedom < 1:
        return None
    squares = sum((len(v) - 1) * variance(v) for v in by_source.values() if len(v) > 1)
    of_mean = squares / freedom * sum(1 / len(v) for v in by_source.values()) / len(by_source) ** 2
    return float(t.ppf(0.975, freedom)) * math.sqrt(of_mean)


def _half_from_metric(trials: Sequence[TrialResult], metric: str, sources: int) -> float | None:
    """Half-width of the interval of the mean, from the intervals of the metric."""
    spans: list[Any] = [
        trial.record["metrics"][metric]["interval"]
        for trial in trials
        if trial.value(metric) is not None
    ]
    if any(span is None for span in spans):
        return None
    return math.hypot(*((high - low) / 2 for low, high in spans)) / sources


def _mark_best(
    means: dict[tuple[str, str], Mean | None],
    methods: list[str],
    metric: str,
    reference: float | None,
) -> None:
    measured = {method: m for method in methods if (m := means[method, metric]) is not None}
    # A mean over fewer trials may be one over easier sources only.
    trials = max((m.trials for m in measured.values()), default=0)
    better = spec(metric).better
    rivals = {
        name: loss(m.value, better, reference) for name, m in measured.items() if m.trials == trials
    }
    lowest = min(rivals.values(), default=0.0)
    for name, value in rivals.items():
        if value == lowest and len(measured) > 1:
            means[name, metric] = replace(measured[name], best=True)
