"""Comparison page of several candidates that were evaluated against the same real tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from artesian.core.formatting import count, displayed, number
from artesian.metrics.evaluate import Scorecard
from artesian.metrics.findings import Level
from artesian.metrics.protocol import Better, Result
from artesian.metrics.relational.evaluate import DatasetScorecard
from artesian.report import charts, tradeoffs
from artesian.report.html import assemble
from artesian.report.page import FAMILIES
from artesian.report.summary import score


def render(
    title: str, cards: Mapping[str, Scorecard | DatasetScorecard], reports: Mapping[str, str]
) -> str:
    """Render the page.

    Args:
        title: Name of the real table.
        cards: Scorecard of each candidate, all with the same metrics.
        reports: Link from the page to the report of each candidate.
    """
    points = [
        (name, {r.metric: r.value for r in card.results if r.value is not None})
        for name, card in cards.items()
    ]
    optimal = dict(zip(cards, tradeoffs.pareto_optimal(points), strict=True))
    tradeoff_charts = tradeoffs.tradeoff_charts(points)
    charts.number_charts(tradeoff_charts)
    winners = [name for name, is_optimal in optimal.items() if is_optimal]
    return assemble(
        "candidates.html",
        tradeoff_charts,
        styles=("leaderboard.css",),
        title=displayed(title),
        lead=_lead(winners, list(tradeoffs.axes(points))),
        candidates=[
            {
                "name": displayed(name),
                "report": reports[name],
                "verdict": card.verdict,
                "pareto_optimal": optimal[name],
                "alarms": _alarms(card),
            }
            for name, card in cards.items()
        ],
        tradeoffs=tradeoff_charts,
        families=_families(cards),
    )


def best_of(row: Sequence[Result]) -> float | None:
    """The best value of one metric; None if it has no direction or no values."""
    values = [result.value for result in row if result.value is not None]
    if not values or row[0].better is Better.NEITHER:
        return None
    return max(values) if row[0].better is Better.HIGHER else min(values)


def _lead(winners: Sequence[str], axes: Sequence[str]) -> str:
    if not winners:
        return "All candidates are evaluated against the same real tables."
    return f"Pareto-optimal in {', '.join(axes)}: {', '.join(map(displayed, winners))}."


def _alarms(card: Scorecard | DatasetScorecard) -> str:
    alarms = sum(finding.level is Level.ALARM for finding in card.findings)
    return count(alarms, "alarm") if alarms else ""


def _families(cards: Mapping[str, Scorecard | DatasetScorecard]) -> list[dict[str, Any]]:
    rows = [_row(row, cards) for row in zip(*(c.results for c in cards.values()), strict=True)]
    groups = []
    for family, (heading, question) in FAMILIES.items():
        own = [row for row in rows if row["family"] == family]
        if own:
            groups.append({"heading": heading, "question": question, "rows": own})
    return groups


def _row(
    row: Sequence[Result], cards: Mapping[str, Scorecard | DatasetScorecard]
) -> dict[str, Any]:
    about, best = score(row[0]), best_of(row)
    reference = next((r.reference for r in row if r.reference is not None), None)
    return {
        "metric": about["metric"],
        "title": about["title"],
        "family": about["family"] if about["family"] in FAMILIES else "",
        "description": about["description"],
        "direction": about["direction"],
        "entries": [_entry(r, card, best) for r, card in zip(row, cards.values(), strict=True)],
        "reference": "" if reference is None else number(reference),
    }


def _entry(
    result: Result, card: Scorecard | DatasetScorecard, best: float | None
) -> dict[str, Any]:
    if result.value is None:
        return {"skipped": result.skipped or "no value", "best": False}
    levels = {finding.code: finding.level.value for finding in card.findings}
    return {
        "skipped": "",
        "value": number(result.value),
        "best": best is not None and result.value == best,
        "level": levels.get(result.metric, ""),
        "interval": "" if result.interval is None else " – ".join(map(number, result.interval)),
    }
