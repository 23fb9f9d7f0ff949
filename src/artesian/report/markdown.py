"""A scorecard as Markdown: for a pull request, a job summary, or a model card."""

from __future__ import annotations

from collections.abc import Mapping

from artesian.metrics.evaluate import Scorecard
from artesian.metrics.protocol import Result
from artesian.report.candidates import best_of
from artesian.report.summary import scored
from artesian.report.words import number


def to_markdown(scorecard: Scorecard) -> str:
    """The verdict, the findings, and one table row a metric; what was skipped keeps its row and says
    why."""
    head = ["metric", "value", "95 % interval", "real holdout", "in words"]
    lines = [
        f"**{escaped(scorecard.verdict)}**",
        "",
        *(
            f"- **{found.level.value}** `{found.code}`: {escaped(found.message)}"
            for found in scorecard.findings
        ),
        *([""] if scorecard.findings else []),
        f"| {' | '.join(head)} |",
        "|:--|--:|:-:|--:|:--|",
        *(f"| {' | '.join(_cells(result))} |" for result in scorecard.results),
    ]
    return "\n".join(lines) + "\n"


def candidates_to_markdown(cards: Mapping[str, Scorecard]) -> str:
    """A verdict for each candidate, and a table of metrics by candidates; the best of a row is bold."""
    lines = [f"- **{escaped(name)}**: {escaped(card.verdict)}" for name, card in cards.items()]
    head = ["metric", *(escaped(name) for name in cards), "real holdout"]
    lines += ["", f"| {' | '.join(head)} |", f"|:--|{'--:|' * (len(cards) + 1)}"]
    first = next(iter(cards.values()))
    for row in zip(*(card.results for card in cards.values()), strict=True):
        best = best_of(row)
        told = [
            "skipped"
            if result.value is None
            else f"**{number(result.value)}**"
            if result.value == best
            else number(result.value)
            for result in row
        ]
        held = next((number(r.reference) for r in row if r.reference is not None), "")
        title = f"{escaped(scored(row[0])['title'])} (`{row[0].metric}`)"
        lines.append(f"| {' | '.join((title, *told, held))} |")
    if first.rows["holdout"] is None:
        lines += ["", "Without a holdout, copying cannot be told from likeness."]
    return "\n".join(lines) + "\n"


def _cells(result: Result) -> list[str]:
    title = f"{escaped(scored(result)['title'])} (`{result.metric}`)"
    if result.value is None:
        return [title, "skipped", "", "", escaped(result.skipped or "no value")]
    span = "" if result.interval is None else " to ".join(number(end) for end in result.interval)
    held = "" if result.reference is None else number(result.reference)
    return [title, number(result.value), span, held, escaped(result.explanation)]


def escaped(text: str) -> str:
    """Text that stays one table cell and starts no markup."""
    text = " ".join(text.split()).replace("\\", "\\\\").replace("&", "&amp;").replace("<", "&lt;")
    for mark in "|*_`[]":
        text = text.replace(mark, f"\\{mark}")
    return text
