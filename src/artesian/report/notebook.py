"""A scorecard as a small HTML table, for notebooks."""

from __future__ import annotations

import html

from artesian.metrics.evaluate import Scorecard


def scorecard_html(scorecard: Scorecard) -> str:
    """A small table of the metrics, for notebooks; what was skipped stands below it by its reason, and
    every text is escaped."""
    lines = [f"<p><b>{html.escape(scorecard.verdict)}</b></p>", "<table><tr>"]
    lines += [f"<th>{title}</th>" for title in ("metric", "value", "95 %", "real holdout", "")]
    skipped: dict[str, list[str]] = {}
    for result in scorecard.results:
        if result.skipped:
            skipped.setdefault(result.skipped, []).append(result.metric)
            continue
        interval = "" if result.interval is None else "{:.3f} – {:.3f}".format(*result.interval)
        cells = (
            result.metric,
            _figure(result.value),
            interval,
            _figure(result.reference),
            result.explanation,
        )
        lines.append("</tr><tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells))
    told = [f"{', '.join(names)}: {why}" for why, names in skipped.items()]
    below = f"<p>Skipped: {html.escape('; '.join(told))}.</p>" if told else ""
    return "".join(lines) + f"</tr></table>{below}"


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
