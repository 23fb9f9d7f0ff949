"""HTML report of a laboratory experiment: every curve with its theory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from artesian.collapse.labs.results import Curve, LabResult, Panel, agreement_sentence
from artesian.report import charts
from artesian.report.charts import Chart
from artesian.report.curve_charts import Line, curve_chart
from artesian.report.html import assemble

INTERVAL = 1.96
"""Standard errors of a 95 % interval."""


def render(result: LabResult, manifest: Mapping[str, Any]) -> str:
    """Render the report as HTML.

    Args:
        result: The experiment.
        manifest: Provenance, shown in the last section.
    """
    drawn = [panel_chart(panel) for panel in result.panels]
    charts.number_charts(drawn)
    return assemble(
        "lab.html",
        drawn,
        styles=("collapse.css",),
        title=result.title,
        lead=agreement_sentence(result.agreement()) or result.findings[0],
        findings=result.findings,
        source=result.source,
        panels=[
            {"id": f"panel-{n}", "title": panel.title, "note": panel.note, "chart": chart}
            for n, (panel, chart) in enumerate(zip(result.panels, drawn, strict=True))
        ],
        skipped=dict(result.skipped),
        manifest=dict(manifest),
    )


def panel_chart(panel: Panel) -> Chart:
    """The chart of a panel."""
    lines = [_line(curve) for curve in panel.curves]
    return curve_chart(panel.title, lines, x=panel.across, y=panel.y, log=panel.log)


def _line(curve: Curve) -> Line:
    pairs = list(zip(curve.values, curve.errors, strict=False))
    return Line(
        label=curve.label,
        x=curve.generations,
        values=curve.values,
        low=[value - INTERVAL * error for value, error in pairs],
        high=[value + INTERVAL * error for value, error in pairs],
        theory=curve.theory,
    )
