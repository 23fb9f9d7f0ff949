"""A scorecard as Markdown: for a pull request, a job summary, or a model card."""

from __future__ import annotations

from collections.abc import Mapping

from artesian.core.formatting import number
from artesian.metrics.evaluate import Scorecard
from artesian.metrics.protocol import Result
from artesian.metrics.relational.evaluate import DatasetScorecard
from artesian.report.candidates import best_of
from artesian.report.summary import score


def to_markdown(scorecard: Scorecard | DatasetScorecard) -> str:
    """Verdict, findings, and a table with one row per metric; skipped metrics state the reason."""
    head = ["metric", "value", "95 % interval", "holdout reference", "explanation"]
    lines = [
        f"**{escaped(scorecard.verdict)}**",
        "",
        *(
            f"- **{finding.level.value}** `{finding.code}`: {escaped(finding.message)}"
            for finding in scorecard.findings
        ),
        *([""] if scorecard.findings else []),
        f"| {' | '.join(head)} |",
        "|:--|--:|:-:|--:|:--|",
        *(f"| {' | '.join(_row(result))} |" for result in scorecard.results),
    ]
    return "\n".join(lines) + "\n"


def candidates_to_markdown(cards: Mapping[str, Scorecard | DatasetScorecard]) -> str:
    """Verdict of each candidate, and a table of metrics by candidates; the best of a row is bold."""
    lines = [f"- **{escaped(name)}**: {escaped(card.verdict)}" for name, card in cards.items()]
    head = ["metric", *(escaped(name) for name in cards), "holdout reference"]
    lines += ["", f"| {' | '.join(head)} |", f"|:--|{'--:|' * (len(cards) + 1)}"]
    first = next(iter(cards.values()))
    for row in zip(*(card.results for card in cards.values()), strict=True):
        best = best_of(row)
        values = [
            "skipped"
            if result.value is None
            else f"**{number(result.value)}**"
            if result.value == best
            else number(result.value)
            for result in row
        ]
        reference = next((number(r.reference) for r in row if r.reference is not None), "")
        lines.append(f"| {' | '.join((_metric(row[0]), *values, reference))} |")
    if "no_holdout" in {finding.code for finding in first.findings}:
        lines += ["", "Without a holdout, high fidelity cannot be distinguished from copying."]
    return "\n".join(lines) + "\n"


def _row(result: Result) -> list[str]:
    if result.value is None:
        return [_metric(result), "skipped", "", "", escaped(result.skipped or "no value")]
    interval = (
        "" if result.interval is None else " to ".join(number(end) for end in result.interval)
    )
    reference = "" if result.reference is None else number(result.reference)
    return [
        _metric(result),
        number(result.value),
        interval,
        reference,
        escaped(result.explanation),
    ]


def _metric(result: Result) -> str:
    return f"{escaped(score(result)['title'])} (`{result.metric}`)"


def escaped(text: str) -> str:
    """Text that stays in one table entry and contains no markup."""
    text = " ".join(text.split()).replace("\\", "\\\\").replace("&", "&amp;").replace("<", "&lt;")
    for mark in "|*_`[]":
        text = text.replace(mark, f"\\{mark}")
    return text
