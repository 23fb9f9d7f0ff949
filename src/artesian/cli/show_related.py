"""Print the synthesis of related tables."""

from __future__ import annotations

from artesian.cli.show import print_line, print_rows, print_sample, print_synthesis
from artesian.pipeline.synth import SynthesisResult
from artesian.pipeline.synth_related import RelatedSynthesisResult
from artesian.runs.output import REPORT


def print_any(result: SynthesisResult | RelatedSynthesisResult) -> None:
    """Print the result of `synth`, of one table or of several."""
    if isinstance(result, RelatedSynthesisResult):
        print_related(result)
    else:
        print_synthesis(result)


def print_related(result: RelatedSynthesisResult) -> None:
    """Print verdict, findings, numbers of rows, and notes."""
    card = result.scorecard
    print_line(card.verdict)
    for finding in card.findings:
        print_line(f"{finding.level.value}: {finding.message}")
    rows = [
        (name, f"{len(result.source[name]):,}", f"{len(table):,}")
        for name, table in result.synthetic.items()
    ]
    print_rows(("table", "rows", "synthetic"), rows)
    for note in result.notes:
        print_line(f"note: {note}")
    if result.out is not None:
        print_line(f"report: {result.out / REPORT}")
    if result.saved_model is not None:
        print_sample(result.saved_model, related=True)
