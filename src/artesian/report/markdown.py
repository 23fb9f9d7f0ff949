"""A scorecard as Markdown: for a pull request, a model card, or a terminal without colours."""

from __future__ import annotations

from artesian.metrics.judge import Scorecard
from artesian.metrics.protocol import Result
from artesian.report.summary import scored
from artesian.report.words import number


def to_markdown(scorecard: Scorecard) -> str:
    """The verdict and one table row a metric; what was skipped keeps its row and says why."""
    head = ["metric", "value", "95 % interval", "real holdout", "in words"]
    lines = [
        f"**{escaped(scorecard.verdict)}**",
        "",
        f"| {' | '.join(head)} |",
        "|:--|--:|:-:|--:|:--|",
        *(f"| {' | '.join(_cells(result))} |" for result in scorecard.results),
    ]
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
