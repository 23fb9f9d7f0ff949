"""Print the results of collapse experiments and stress tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from artesian.cli.show import print_line, print_rows

if TYPE_CHECKING:
    from artesian.pipeline.lab import LabOutcome


def print_lab(outcome: LabOutcome) -> None:
    """Print the findings, the agreement with theory, and the last generation of every curve."""
    from artesian.collapse.labs.results import agreement_sentence

    result = outcome.result
    print_line(f"{result.title} ({result.source})")
    for finding in result.findings:
        print_line(finding)
    sentence = agreement_sentence(result.agreement())
    if sentence:
        print_line(sentence)
    rows = [
        (
            panel.title,
            curve.label,
            f"{curve.generations[-1]:,}",
            f"{curve.values[-1]:.4g}",
            f"{curve.theory[-1]:.4g}" if len(curve.theory) else "",
        )
        for panel in result.panels
        for curve in panel.curves
    ]
    print_rows(("quantity", "curve", "generation", "measured", "theory"), rows)
    for name, reason in result.skipped.items():
        print_line(f"skipped: {name}: {reason}")
    if outcome.out is not None:
        print_line(f"report: {outcome.out / 'report.html'}")
