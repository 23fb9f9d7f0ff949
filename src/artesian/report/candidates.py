"""Several candidates judged against the same real rows: one page that sets them side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from artesian.metrics.evaluate import Scorecard
from artesian.metrics.findings import Level
from artesian.metrics.protocol import Better, Result
from artesian.report import charts, tradeoffs
from artesian.report.html import assemble
from artesian.report.page import FAMILIES
from artesian.report.summary import scored
from artesian.report.words import count, number, shown

WAYS = {
    Better.LOWER: "lower is better",
    Better.HIGHER: "higher is better",
    Better.NEITHER: "neither way is better",
}


def render(title: str, cards: Mapping[str, Scorecard], reports: Mapping[str, str]) -> str:
    """The page.

    Args:
        title: What the real table is called.
        cards: A scorecard for each candidate; all were judged by the same metrics.
        reports: Where each candidate's own report lies, seen from the page.
    """
    points = [
        (name, {r.metric: r.value for r in card.results if r.value is not None})
        for name, card in cards.items()
    ]
    best = dict(zip(cards, tradeoffs.unbeaten(points), strict=True))
    drawn = tradeoffs.of_tradeoffs(points)
    for n, chart in enumerate(drawn):
        chart["id"], chart["room"] = f"chart-{n}", charts.height(chart)
    return assemble(
        "candidates.html",
        drawn,
        styles=("leaderboard.css",),
        title=shown(title),
        lead=_lead([name for name, on in best.items() if on], list(tradeoffs.axes(points))),
        candidates=[
            {
                "name": shown(name),
                "report": reports[name],
                "verdict": card.verdict,
                "unbeaten": best[name],
                "alarms": _alarms(card),
            }
            for name, card in cards.items()
        ],
        tradeoffs=drawn,
        families=_families(cards),
    )


def best_of(row: Sequence[Result]) -> float | None:
    """The best value of one metric; None where no direction is better, or none has a value."""
    values = [result.value for result in row if result.value is not None]
    if not values or row[0].better is Better.NEITHER:
        return None
    return max(values) if row[0].better is Better.HIGHER else min(values)


def _lead(winners: Sequence[str], things: Sequence[str]) -> str:
    if not winners:
        return "Each candidate was judged against the same real rows."
    return f"Not beaten in {', '.join(things)} together: {', '.join(map(shown, winners))}."


def _alarms(card: Scorecard) -> str:
    alarms = sum(found.level is Level.ALARM for found in card.findings)
    return count(alarms, "alarm") if alarms else ""


def _families(cards: Mapping[str, Scorecard]) -> list[dict[str, Any]]:
    rows = [_row(row, cards) for row in zip(*(c.results for c in cards.values()), strict=True)]
    groups = []
    for family, (heading, line) in FAMILIES.items():
        own = [row for row in rows if row["family"] == family]
        if own:
            groups.append({"heading": heading, "line": line, "rows": own})
    return groups


def _row(row: Sequence[Result], cards: Mapping[str, Scorecard]) -> dict[str, Any]:
    about, best = scored(row[0]), best_of(row)
    held = next((r.reference for r in row if r.reference is not None), None)
    return {
        "metric": about["metric"],
        "title": about["title"],
        "family": about["family"] if about["family"] in FAMILIES else "",
        "means": about["means"],
        "way": WAYS[row[0].better],
        "cells": [_cell(r, card, best) for r, card in zip(row, cards.values(), strict=True)],
        "reference": "" if held is None else number(held),
    }


def _cell(result: Result, card: Scorecard, best: float | None) -> dict[str, Any]:
    if result.value is None:
        return {"skipped": result.skipped or "no value", "best": False}
    levels = {found.code: found.level.value for found in card.findings}
    return {
        "skipped": "",
        "value": number(result.value),
        "best": best is not None and result.value == best,
        "level": levels.get(result.metric, ""),
        "span": "" if result.interval is None else " – ".join(map(number, result.interval)),
    }
