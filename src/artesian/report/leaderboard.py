"""The leaderboard of a benchmark as HTML, Markdown and JSON."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean
from typing import Any

from artesian.bench.leaderboard import Leaderboard, Mean, Standing, spec
from artesian.bench.plan import BenchmarkPlan
from artesian.bench.reasons import missing_values
from artesian.bench.results import results_to_dict
from artesian.bench.runner import TrialResult
from artesian.core.formatting import count, displayed, number
from artesian.metrics.protocol import Better
from artesian.report import charts, critical_difference, tradeoffs
from artesian.report.html import assemble
from artesian.report.markdown import escaped
from artesian.report.summary import DIRECTIONS

ARROWS = {Better.LOWER: "↓", Better.HIGHER: "↑", Better.NEITHER: "↔"}


def to_dict(
    plan: BenchmarkPlan, trials: Sequence[TrialResult], leaderboard: Leaderboard
) -> dict[str, Any]:
    """Content of `results.json`, with the Pareto-optimal methods marked."""
    results = results_to_dict(plan, trials, leaderboard)
    optimal = tradeoffs.pareto_optimal(_candidates(leaderboard))
    for standing, is_optimal in zip(results["leaderboard"], optimal, strict=True):
        standing["pareto_optimal"] = is_optimal
    return results


def render(
    plan: BenchmarkPlan,
    trials: Sequence[TrialResult],
    leaderboard: Leaderboard,
    results: dict[str, Any],
) -> str:
    """Render the page.

    Args:
        plan: The plan.
        trials: The results of all its trials.
        leaderboard: Their aggregation.
        results: Content of `results.json`.
    """
    rankings = leaderboard.rankings
    rank_charts = [critical_difference.ranking_chart(ranking) for ranking in rankings]
    tradeoff_charts = tradeoffs.tradeoff_charts(_candidates(leaderboard))
    charts.number_charts([*rank_charts, *tradeoff_charts])
    optimal = tradeoffs.pareto_optimal(_candidates(leaderboard))
    return assemble(
        "leaderboard.html",
        [*rank_charts, *tradeoff_charts],
        styles=("leaderboard.css",),
        scripts=("leaderboard.js",),
        lead=_lead(plan, leaderboard),
        notes=_notes(plan, trials),
        metrics=[_metric(metric, leaderboard) for metric in plan.metrics],
        standings=[
            _standing(standing, plan, is_optimal)
            for standing, is_optimal in zip(leaderboard.standings, optimal, strict=True)
        ],
        axes=list(tradeoffs.axes(_candidates(leaderboard))),
        rankings=list(zip([one.conclusion for one in rankings], rank_charts, strict=True)),
        same_conclusion=len({one.conclusion for one in rankings}) == 1,
        tradeoffs=tradeoff_charts,
        details=[_by_source(plan, trials, leaderboard, metric) for metric in plan.metrics],
        failures=[
            [t.method, t.source, str(t.seed), t.error, t.reason] for t in trials if not t.done
        ],
        provenance={
            "created": results["created"],
            "versions": results["versions"],
            "sources": {s["label"]: _source(s) for s in results["plan"]["sources"]},
            "methods": {m["label"]: _method(m) for m in results["plan"]["methods"]},
            "seeds": results["plan"]["seeds"],
            "holdout": results["plan"]["holdout"],
            "maximum_rows": results["plan"]["rows"] or "all",
            "threads_per_trial": sorted({r["threads"] for r in results["rows"] if r["threads"]}),
        },
    )


def _candidates(leaderboard: Leaderboard) -> list[tradeoffs.Candidate]:
    return [
        (one.method, {metric: mean.value for metric, mean in one.means.items()})
        for one in leaderboard.standings
    ]


def to_markdown(
    plan: BenchmarkPlan, trials: Sequence[TrialResult], leaderboard: Leaderboard
) -> str:
    """The table, why entries are empty, and the conclusions of the rankings, for a pull request or a
    model card."""
    metrics = plan.metrics
    lead = [escaped(sentence) for sentence in _lead(plan, leaderboard)]
    arrows = [f"{metric} {ARROWS[spec(metric).better]}" for metric in metrics]
    head = ["method", "mean rank", *arrows, "fit, s", "failed", "exposing"]
    lines = [" ".join(lead), "", f"| {' | '.join(head)} |", "|:--|" + "--:|" * (len(head) - 1)]
    for one in leaderboard.standings:
        row = [escaped(one.method), "" if one.rank is None else f"{one.rank:.2f}"]
        row += [_markdown_mean(one.means.get(metric)) for metric in metrics]
        row += ["" if one.fit is None else number(one.fit), f"{one.failed} of {one.trials}"]
        row += [f"{one.exposed} of {one.trials}"]
        lines.append(f"| {' | '.join(row)} |")
    references = [
        number(r) if (r := leaderboard.references.get(metric)) is not None else ""
        for metric in metrics
    ]
    lines += [f"| *real holdout rows* | | {' | '.join(references)} | | | |", ""]
    lines += [
        f"Means over {count(len(plan.sources), 'source')} and {count(len(plan.seeds), 'seed')} with "
        "95 % intervals for these sources. Bold: the best of a column. ↓ lower is better, ↑ higher.",
        "",
    ]
    reasons = missing_values(plan, trials)
    lines += [*(f"- {escaped(sentence)}" for sentence in reasons), *([""] if reasons else [])]
    conclusions: dict[str, list[str]] = {}
    for ranking in leaderboard.rankings:
        conclusions.setdefault(ranking.conclusion, []).append(ranking.metric)
    lines += [f"- **{', '.join(names)}**: {escaped(text)}" for text, names in conclusions.items()]
    return "\n".join(lines) + "\n"


def _markdown_mean(mean: Mean | None) -> str:
    if mean is None:
        return ""
    value = f"**{number(mean.value)}**" if mean.best else number(mean.value)
    if mean.interval is None:
        return value
    return value + " ({} to {})".format(*map(number, mean.interval))


def _lead(plan: BenchmarkPlan, leaderboard: Leaderboard) -> list[str]:
    ranked = [one for one in leaderboard.standings if one.rank is not None]
    if not ranked:
        return ["All trials failed; see the reasons below."]
    sentences = [_first(ranked, f"of {count(len(plan.methods), 'method')}")]
    if ranked[0].exposing and (safe := [one for one in ranked if not one.exposing]):
        sentences.append(_first(safe, "of those that do not"))
    candidates = _candidates(leaderboard)
    optimal = zip(leaderboard.standings, tradeoffs.pareto_optimal(candidates), strict=True)
    if winners := [displayed(one.method) for one, is_optimal in optimal if is_optimal]:
        axes = _listed(list(tradeoffs.axes(candidates)))
        sentences.append(f"Pareto-optimal in {axes}: {_listed(winners)}.")
    return sentences


def _first(standings: Sequence[Standing], among: str) -> str:
    best = [one for one in standings if one.rank == standings[0].rank]
    verb = "has" if len(best) == 1 else "have"
    sentence = (
        f"{_listed([displayed(one.method) for one in best])} {verb} the best mean rank {among}"
    )
    exposing = [one for one in best if one.exposing]
    if exposing:
        which = "" if len(best) == 1 else " " + _listed([displayed(one.method) for one in exposing])
        counts = [f"{one.exposed} of {count(one.trials, 'trial')}" for one in exposing]
        sentence += f", but{which} exposes training rows in {_listed(counts)}"
    return f"{sentence}."


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _notes(plan: BenchmarkPlan, trials: Sequence[TrialResult]) -> list[str]:
    failed = [trial for trial in trials if not trial.done]
    factors = (
        f"{count(len(plan.methods), 'method')} × {count(len(plan.sources), 'source')} × "
        f"{count(len(plan.seeds), 'seed')}"
    )
    notes = [f"{factors}: {count(len(trials), 'trial')}."]
    if failed:
        notes[0] += f" {len(failed)} failed; see the reasons below."
    notes.append(
        "Copied rows have high fidelity and utility: read both together with the metrics of privacy."
    )
    return notes


def _metric(metric: str, leaderboard: Leaderboard) -> dict[str, Any]:
    description = spec(metric)
    reference = leaderboard.references.get(metric)
    return {
        "name": metric,
        "title": description.title,
        "arrow": ARROWS[description.better],
        "direction": DIRECTIONS[description.better],
        "description": description.description,
        "reference": None if reference is None else number(reference),
    }


def _standing(one: Standing, plan: BenchmarkPlan, is_optimal: bool) -> dict[str, Any]:
    costs = [_entry(value) for value in (one.fit, one.sample, one.memory)]
    return {
        "method": one.method,
        "rank": None if one.rank is None else _entry(one.rank, f"{one.rank:.2f}"),
        "means": [_mean(one.means.get(metric)) for metric in plan.metrics],
        "costs": [*costs, _entry(one.failed, f"{one.failed} of {one.trials}")],
        "pareto_optimal": is_optimal,
        "exposed": one.exposed,
        "exposing": one.exposing,
        "trials": one.trials,
    }


def _mean(mean: Mean | None) -> dict[str, Any] | None:
    if mean is None:
        return None
    interval = "" if mean.interval is None else " – ".join(map(number, mean.interval))
    return _entry(mean.value, interval=interval, best=mean.best)


def _entry(
    value: float | None, text: str = "", *, interval: str = "", best: bool = False
) -> dict[str, Any] | None:
    """An entry of the table: what it is sorted by, and what it shows."""
    if value is None:
        return None
    return {"sort": value, "text": text or number(value), "interval": interval, "best": best}


def _by_source(
    plan: BenchmarkPlan, trials: Sequence[TrialResult], leaderboard: Leaderboard, metric: str
) -> dict[str, Any]:
    """The means over seeds, method by source."""
    table = []
    for one in leaderboard.standings:
        row = [one.method]
        for source in plan.sources:
            own = [t for t in trials if t.method == one.method and t.source == source.label]
            values = [value for trial in own if (value := trial.value(metric)) is not None]
            row.append(number(fmean(values)) if values else _why(own, metric))
        table.append(row)
    description = spec(metric)
    return {
        "title": f"{description.title} ({metric}, {DIRECTIONS[description.better]})",
        "head": ["method", *(source.label for source in plan.sources)],
        "rows": table,
    }


def _why(trials: Sequence[TrialResult], metric: str) -> str:
    done = [trial for trial in trials if trial.done]
    if not done:
        return "failed"
    reasons = [trial.record["metrics"].get(metric, {}).get("skipped") for trial in done]
    return f"skipped: {next(filter(None, reasons), 'no value')}"


def _source(source: dict[str, Any]) -> str:
    target = "" if source["target"] is None else f", target {source['target']}"
    size = f"{count(source['rows'], 'row')}, {count(source['columns'], 'column')}"
    return f"{source['file']}: {size}{target}; sha256 {source['sha256'][:12]}…"


def _method(method: dict[str, Any]) -> str:
    if "command" in method:
        return "command: " + " ".join(method["command"])
    settings = ", ".join(f"{name} = {value!r}" for name, value in method["settings"].items())
    return f"{method['name']}, {settings or 'default settings'}"
