"""A scorecard as a small HTML table, for notebooks."""

from __future__ import annotations

import html

from artesian.core.formatting import three_decimals
from artesian.metrics.evaluate import Scorecard


def scorecard_html(scorecard: Scorecard) -> str:
    """Table of the metrics, followed by the skipped ones with the reason; all text is escaped.

    The end tags of cells and rows, which HTML does not need, are left out: there are many.
    """
    lines = [f"<p><b>{_escaped(scorecard.verdict)}</b></p><table><tr>"]
    head = ("metric", "value", "95 % interval", "holdout reference", "explanation")
    lines += [f"<th>{title}" for title in head]
    skipped: dict[str, list[str]] = {}
    for result in scorecard.results:
        if result.skipped:
            skipped.setdefault(result.skipped, []).append(result.metric)
            continue
        interval = "" if result.interval is None else "{:.3f} – {:.3f}".format(*result.interval)
        row = (
            result.metric,
            three_decimals(result.value),
            interval,
            three_decimals(result.reference),
            result.explanation,
        )
        lines.append("<tr>" + "".join(f"<td>{_escaped(text)}" for text in row))
    reasons = [f"{', '.join(names)}: {reason}" for reason, names in skipped.items()]
    below = f"<p>Skipped: {_escaped('; '.join(reasons))}.</p>" if reasons else ""
    return "".join(lines) + f"</table>{below}"


def _escaped(text: str) -> str:
    """Text of an element; quotes need no escape there, and column names have many."""
    return html.escape(text, quote=False)
