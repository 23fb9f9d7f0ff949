"""Print the results of collapse experiments and stress tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from artesian.cli.show import print_line, print_rows

if TYPE_CHECKING:
    from artesian.pipeline.lab import LabOutcome
    from artesian.pipeline.stress import StressOutcome


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


def print_stress(outcome: StressOutcome) -> None:
    """Print the verdict, the bias by stratum, and survival in the last generation."""
    result = outcome.result
    for sentence in result.sentences:
        print_line(sentence)
    facts = result.to_dict()
    several = "table" in facts["bias"][0] if facts["bias"] else False
    rows = [
        (
            *((one["table"],) if several else ()),
            one["stratum"],
            f"{one['ratio']:.2f}",
            " to ".join(f"{end / one['expected']:.2f}" for end in one["interval"]),
            "biased" if one["biased"] else "",
        )
        for one in facts["bias"]
    ]
    table = ("table",) if several else ()
    print_rows((*table, "one generation", "rows, source: 1", "without bias", ""), rows)
    last = [
        (
            *((one["table"],) if several else ()),
            one["policy"],
            one["stratum"],
            f"{one['value']:.2f}",
            "{:.2f} to {:.2f}".format(*one["interval"]),
            f"{one['control']:.2f}",
        )
        for one in facts["survival"]
        if one["generation"] == facts["generations"]
    ]
    print_rows((*table, "last generation", "stratum", "left", "95 %", "bootstrap"), last)
    for name, reason in result.skipped.items():
        print_line(f"skipped: {name}: {reason}")
    print_line(f"report: {outcome.out / 'report.html'}")
