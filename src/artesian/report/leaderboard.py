"""The leaderboard of a benchmark: one page, one Markdown text, and the same as JSON and CSV."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean
from typing import Any

from artesian.bench.leaderboard import Leaderboard, Mean, Standing, spec
from artesian.bench.plan import BenchmarkPlan
from artesian.bench.results import results
from artesian.bench.runner import Row
from artesian.metrics.protocol import Better
from artesian.report import charts, critical_difference, tradeoffs
from artesian.report.html import assemble
from artesian.report.markdown import escaped
from artesian.report.words import count, number, shown

ARROWS = {Better.LOWER: "↓", Better.HIGHER: "↑", Better.NEITHER: "↔"}
WAYS = {
    Better.LOWER: "lower is better",
    Better.HIGHER: "higher is better",
    Better.NEITHER: "nearer to real rows is better",
}


def to_dict(order: BenchmarkPlan, rows: Sequence[Row], found: Leaderboard) -> dict[str, Any]:
    """`results.json`, with the methods that no other beats in everything marked."""
    told = results(order, rows, found)
    best = tradeoffs.unbeaten(_candidates(found))
    for standing, one in zip(told["leaderboard"], best, strict=True):
        standing["unbeaten"] = one
    return told


def render(
    order: BenchmarkPlan, rows: Sequence[Row], found: Leaderboard, told: dict[str, Any]
) -> str:
    """The page."""
    ranked = [critical_difference.of_ranking(ranking) for ranking in found.rankings]
    traded = tradeoffs.of_tradeoffs(_candidates(found))
    for n, chart in enumerate((*ranked, *traded)):
        chart["id"], chart["room"] = f"chart-{n}", charts.height(chart)
    unbeaten = tradeoffs.unbeaten(_candidates(found))
    return assemble(
        "leaderboard.html",
        [*ranked, *traded],
        styles=("leaderboard.css",),
        scripts=("leaderboard.js",),
        lead=_lead(order, found),
        notes=_notes(order, rows),
        metrics=[_metric(metric, found) for metric in order.metrics],
        standings=[
            _standing(one, order, best) for one, best in zip(found.standings, unbeaten, strict=True)
        ],
        traded_off=list(tradeoffs.axes(_candidates(found))),
        rankings=list(zip([r.says for r in found.rankings], ranked, strict=True)),
        same_words=len({r.says for r in found.rankings}) == 1,
        tradeoffs=traded,
        details=[_by_source(order, rows, found, metric) for metric in order.metrics],
        failures=[[r.method, r.source, str(r.seed), r.error, r.reason] for r in rows if not r.done],
        made={
            "when": told["made"],
            "versions": told["versions"],
            "sources": {s["label"]: _source(s) for s in told["order"]["sources"]},
            "methods": {m["label"]: _method(m) for m in told["order"]["methods"]},
            "seeds": told["order"]["seeds"],
            "holdout": told["order"]["holdout"],
            "rows_used_at_most": told["order"]["rows"] or "all",
            "threads_of_a_cell": sorted({r["threads"] for r in told["rows"] if r["threads"]}),
        },
    )


def _candidates(found: Leaderboard) -> list[tradeoffs.Candidate]:
    return [
        (one.method, {metric: mean.value for metric, mean in one.means.items()})
        for one in found.standings
    ]


def to_markdown(order: BenchmarkPlan, found: Leaderboard) -> str:
    """The table and what the rankings say, for a pull request or a model card."""
    metrics = order.metrics
    lead = [escaped(said) for said in _lead(order, found)]
    arrows = [f"{metric} {ARROWS[spec(metric).better]}" for metric in metrics]
    head = ["method", "mean rank", *arrows, "fit, s", "failed", "exposing"]
    lines = [" ".join(lead), "", f"| {' | '.join(head)} |", "|:--|" + "--:|" * (len(head) - 1)]
    for one in found.standings:
        cells = [escaped(one.method), "" if one.rank is None else f"{one.rank:.2f}"]
        cells += [_markdown_mean(one.means.get(metric)) for metric in metrics]
        cells += ["" if one.fit is None else number(one.fit), f"{one.failed} of {one.cells}"]
        cells += [f"{one.exposed} of {one.cells}"]
        lines.append(f"| {' | '.join(cells)} |")
    held = [number(r) if (r := found.references.get(m)) is not None else "" for m in metrics]
    lines += [f"| *unseen real rows* | | {' | '.join(held)} | | | |", ""]
    lines += [
        f"Means over {count(len(order.sources), 'source')} and {count(len(order.seeds), 'seed')} with "
        "95 % intervals for these sources. Bold: the best of a column. ↓ lower is better, ↑ higher.",
        "",
    ]
    said: dict[str, list[str]] = {}
    for ranking in found.rankings:
        said.setdefault(ranking.says, []).append(ranking.metric)
    lines += [f"- **{', '.join(names)}**: {escaped(says)}" for says, names in said.items()]
    return "\n".join(lines) + "\n"


def _markdown_mean(mean: Mean | None) -> str:
    if mean is None:
        return ""
    value = f"**{number(mean.value)}**" if mean.best else number(mean.value)
    if mean.interval is None:
        return value
    return value + " ({} to {})".format(*map(number, mean.interval))


def _lead(order: BenchmarkPlan, found: Leaderboard) -> list[str]:
    run = [one for one in found.standings if one.rank is not None]
    if not run:
        return ["No cell could be finished: the reasons stand below."]
    said = [_first(run, f"of {count(len(order.methods), 'method')}")]
    if run[0].exposing and (safe := [one for one in run if not one.exposing]):
        said.append(_first(safe, "of those that do not"))
    things = list(tradeoffs.axes(_candidates(found)))
    unbeaten = zip(found.standings, tradeoffs.unbeaten(_candidates(found)), strict=True)
    if winners := [shown(one.method) for one, best in unbeaten if best]:
        said.append(f"Not beaten in {_listed(things)} together: {_listed(winners)}.")
    return said


def _first(standings: Sequence[Standing], among: str) -> str:
    best = [one for one in standings if one.rank == standings[0].rank]
    has = "has" if len(best) == 1 else "share"
    said = f"{_listed([shown(one.method) for one in best])} {has} the best mean rank {among}"
    exposing = [one for one in best if one.exposing]
    if exposing:
        which = "" if len(best) == 1 else " " + _listed([shown(one.method) for one in exposing])
        cells = [f"{one.exposed} of {count(one.cells, 'cell')}" for one in exposing]
        said += f", but{which} exposes training rows in {_listed(cells)}"
    return f"{said}."


def _listed(words: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def _notes(order: BenchmarkPlan, rows: Sequence[Row]) -> list[str]:
    failed = [row for row in rows if not row.done]
    cells = f"{count(len(order.sources), 'source')} × {count(len(order.seeds), 'seed')}"
    notes = [f"{count(len(order.methods), 'method')} × {cells}: {count(len(rows), 'cell')}."]
    if failed:
        notes[0] += f" {len(failed)} failed; the reasons stand below."
    notes.append(
        "Rows that are copied are alike and useful: likeness is worth what the privacy beside it "
        "is worth."
    )
    return notes


def _metric(metric: str, found: Leaderboard) -> dict[str, Any]:
    said = spec(metric)
    held = found.references.get(metric)
    return {
        "name": metric,
        "title": said.title,
        "arrow": ARROWS[said.better],
        "way": WAYS[said.better],
        "means": said.description,
        "reference": None if held is None else number(held),
    }


def _standing(one: Standing, order: BenchmarkPlan, unbeaten: bool) -> dict[str, Any]:
    plain = [_cell(value) for value in (one.fit, one.sample, one.memory)]
    return {
        "method": one.method,
        "rank": None if one.rank is None else _cell(one.rank, f"{one.rank:.2f}"),
        "means": [_mean(one.means.get(metric)) for metric in order.metrics],
        "plain": [*plain, _cell(one.failed, f"{one.failed} of {one.cells}")],
        "unbeaten": unbeaten,
        "exposed": one.exposed,
        "exposing": one.exposing,
        "cells": one.cells,
    }


def _mean(mean: Mean | None) -> dict[str, Any] | None:
    if mean is None:
        return None
    span = "" if mean.interval is None else " – ".join(map(number, mean.interval))
    return _cell(mean.value, span=span, best=mean.best)


def _cell(
    value: float | None, words: str = "", *, span: str = "", best: bool = False
) -> dict[str, Any] | None:
    if value is None:
        return None
    return {"sort": value, "words": words or number(value), "span": span, "best": best}


def _by_source(
    order: BenchmarkPlan, rows: Sequence[Row], found: Leaderboard, metric: str
) -> dict[str, Any]:
    """The means over seeds, method by source."""
    table = []
    for one in found.standings:
        cells = [one.method]
        for source in order.sources:
            here = [r for r in rows if r.method == one.method and r.source == source.label]
            known = [value for r in here if (value := r.value(metric)) is not None]
            cells.append(number(fmean(known)) if known else _why(here, metric))
        table.append(cells)
    said = spec(metric)
    return {
        "title": f"{said.title} ({metric}, {WAYS[said.better]})",
        "head": ["method", *(source.label for source in order.sources)],
        "rows": table,
    }


def _why(rows: Sequence[Row], metric: str) -> str:
    if all(not row.done for row in rows):
        return "failed"
    reasons = [row.found["metrics"].get(metric, {}).get("skipped") for row in rows if row.done]
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
