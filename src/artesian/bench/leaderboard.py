"""Rows of cells summed up: a mean with its interval for each method and metric, and the rankings."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import fmean, median, variance
from typing import Any

from artesian.bench.plan import BenchmarkPlan
from artesian.bench.ranking import Ranking, loss, ranking
from artesian.bench.runner import Row
from artesian.metrics import CATALOG
from artesian.metrics.protocol import Headline, Spec
from artesian.metrics.verdict import EXPOSURE, NEARNESS


@dataclass(frozen=True, slots=True, kw_only=True)
class Mean:
    """Attributes:
    value: The mean over sources of the mean over seeds.
    interval: 95 %, for these sources: by Student's t from how much the seeds of a source differ;
        with one seed, from the metric's own intervals. None if neither is known.
    cells: How many cells it is made of.
    best: No other method that was measured on as many sources has a better one.
    """

    value: float
    interval: tuple[float, float] | None
    cells: int
    best: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One method.

    Attributes:
        rank: The mean of its mean ranks: first over the metrics of a family, then over families, so
            that five measures of likeness do not outvote two of privacy. An order, not a test.
        means: Metric -> `Mean`; a metric that gave no value is not there.
        failed: Cells that failed, of `cells`.
        exposed: Cells in which it exposes training rows, by the rules of the verdict line.
        fit, sample: Median seconds; None where unknown.
        memory: Largest resident memory in MB.
    """

    method: str
    rank: float | None
    means: dict[str, Mean]
    failed: int
    exposed: int
    cells: int
    fit: float | None
    sample: float | None
    memory: int | None

    @property
    def exposing(self) -> bool:
        """In half of its finished cells or more: a single one may be chance."""
        return self.exposed > 0 and 2 * self.exposed >= self.cells - self.failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaderboard:
    """The leaderboard.

    Attributes:
        standings: Best first.
        rankings: One for each metric that ranked anything.
        references: Metric -> the mean of what unseen real rows get in the synthetic rows' place.
    """

    standings: tuple[Standing, ...]
    rankings: tuple[Ranking, ...]
    references: dict[str, float]


def board(order: BenchmarkPlan, rows: Sequence[Row]) -> Leaderboard:
    """Sum up the rows of an order."""
    methods = [method.label for method in order.methods]
    means = {
        (method, metric): _mean([r for r in rows if r.method == method], metric)
        for method in methods
        for metric in order.metrics
    }
    rankings = [found for metric in order.metrics if (found := _ranking(order, rows, metric))]
    references = {}
    for metric in order.metrics:
        known = [r for row in rows if (r := row.reference(metric)) is not None]
        if known:
            references[metric] = fmean(known)
    for metric in order.metrics:
        _mark_best(means, methods, metric, references.get(metric))
    standings = [
        _standing(method, [r for r in rows if r.method == method], order, means, rankings)
        for method in methods
    ]
    standings.sort(key=lambda one: math.inf if one.rank is None else one.rank)
    return Leaderboard(standings=tuple(standings), rankings=tuple(rankings), references=references)


def spec(metric: str) -> Spec:
    """What the catalog says of a metric."""
    found: Spec = CATALOG[metric].spec
    return found


def _standing(
    method: str,
    rows: list[Row],
    order: BenchmarkPlan,
    means: dict[tuple[str, str], Mean | None],
    rankings: list[Ranking],
) -> Standing:
    families: dict[str, list[float]] = {}
    for found in rankings:
        rank = found.ranks[found.methods.index(method)]
        family = spec(found.metric).family
        # Distances to training rows stand for privacy here: a family of their own would weigh twice.
        families.setdefault("privacy" if family == "diagnostics" else family, []).append(rank)
    done = [row for row in rows if row.done]

    def seconds(step: str) -> float | None:
        known = [row.found["seconds"][step] for row in done if step in row.found["seconds"]]
        return median(known) if known else None

    memory = [row.found["memory_mb"] for row in done if row.found["memory_mb"] is not None]
    return Standing(
        method=method,
        rank=fmean(map(fmean, families.values())) if families and done else None,
        means={metric: m for metric in order.metrics if (m := means[method, metric]) is not None},
        failed=len(rows) - len(done),
        exposed=sum(_exposes(row) for row in done),
        cells=len(rows),
        fit=seconds("fit"),
        sample=seconds("sample"),
        memory=max(memory, default=None),
    )


def _exposes(row: Row) -> bool:
    """Whether an attack finds training rows, or synthetic rows lean on copies of them."""
    for metric, found in row.found["metrics"].items():
        if found.get("value") is None or found.get("interval") is None:
            continue
        headline, low = spec(metric).headline, found["interval"][0]
        if headline is Headline.NEARNESS and found["value"] > NEARNESS[1][0] and low > 0.5:
            return True
        if headline is Headline.MEMBERSHIP and low > EXPOSURE[0][0]:
            return True
    return False


def _by_source(rows: Sequence[Row], metric: str) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for row in rows:
        value = row.value(metric)
        if value is not None:
            found.setdefault(row.source, []).append(value)
    return found


def _ranking(order: BenchmarkPlan, rows: Sequence[Row], metric: str) -> Ranking | None:
    """Of the sources on which some method has a value; a method that has none there comes last."""
    losses: dict[str, list[float]] = {method.label: [] for method in order.methods}
    better = spec(metric).better
    for source in (source.label for source in order.sources):
        here = [row for row in rows if row.source == source]
        known = [r for row in here if (r := row.reference(metric)) is not None]
        values = {}
        for method in losses:
            got = _by_source([r for r in here if r.method == method], metric).get(source)
            values[method] = loss(
                fmean(got) if got else None, better, fmean(known) if known else None
            )
        if all(math.isinf(value) for value in values.values()):
            continue
        for method, value in values.items():
            losses[method].append(value)
    if not next(iter(losses.values())):
        return None
    return ranking(metric, losses)


def _mean(rows: Sequence[Row], metric: str) -> Mean | None:
    by_source = _by_source(rows, metric)
    if not by_source:
        return None
    value = fmean(fmean(values) for values in by_source.values())
    half = _half_from_seeds(by_source)
    if half is None:
        half = _half_from_metric(rows, metric, len(by_source))
    said = spec(metric)
    interval = None if half is None else (max(said.low, value - half), min(said.high, value + half))
    return Mean(value=value, interval=interval, cells=sum(map(len, by_source.values())))


def _half_from_seeds(by_source: dict[str, list[float]]) -> float | None:
    """Half the interval of a mean of source means, with one variance of seeds for all sources."""
    from scipy.stats import t

    freedom = sum(len(values) - 1 for values in by_source.values())
    if freedom < 1:
        return None
    squares = sum((len(v) - 1) * variance(v) for v in by_source.values() if len(v) > 1)
    of_mean = squares / freedom * sum(1 / len(v) for v in by_source.values()) / len(by_source) ** 2
    return float(t.ppf(0.975, freedom)) * math.sqrt(of_mean)


def _half_from_metric(rows: Sequence[Row], metric: str, sources: int) -> float | None:
    spans: list[Any] = [
        row.found["metrics"][metric]["interval"] for row in rows if row.value(metric) is not None
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
    known = {method: m for method in methods if (m := means[method, metric]) is not None}
    # A mean over the easier sources only does not compete.
    most = max((m.cells for m in known.values()), default=0)
    better = spec(metric).better
    rivals = {
        name: loss(m.value, better, reference) for name, m in known.items() if m.cells == most
    }
    least = min(rivals.values(), default=0.0)
    for name, lost in rivals.items():
        if lost == least and len(known) > 1:
            means[name, metric] = replace(known[name], best=True)
