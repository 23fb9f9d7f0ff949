"""HTML report of a stress test of related tables: the worst table first, then every table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from artesian.collapse.policies import DESCRIPTIONS
from artesian.collapse.stress.related_result import RelatedStressResult
from artesian.collapse.stress.result import StressResult
from artesian.collapse.stress.survival import FirstLoss, alive
from artesian.core.formatting import count, percent
from artesian.report import charts
from artesian.report.charts import Chart
from artesian.report.html import assemble
from artesian.report.stress import (
    answers,
    bias_row,
    policy_chart,
    strata_chart,
    tail_chart,
    tried_rows,
)


def render_related(result: RelatedStressResult, manifest: Mapping[str, Any]) -> str:
    """Render the report as HTML.

    Args:
        result: The stress test.
        manifest: Provenance, shown in the last section.
    """
    worst = result.worst_result
    tables: list[dict[str, Any]] = []
    every: list[Chart] = []
    for name, one in result.tables.items():
        charts_of = (strata_chart(one), policy_chart(one), tail_chart(one))
        drawn = [chart for chart in charts_of if chart is not None]
        every += drawn
        tables.append(
            {
                "name": name,
                "sentences": one.sentences,
                "charts": drawn,
                "bias": [bias_row(row.to_dict()) for row in one.bias],
                "tried": [] if one.proportion is None else tried_rows(one),
            }
        )
    charts.number_charts(every)
    return assemble(
        "related_stress.html",
        every,
        styles=("collapse.css",),
        title="What dies in related tables, and when",
        lead=f"The table {result.worst!r} loses most. {worst.sentences[0]}",
        answers=answers(worst),
        summary=[summary_row(name, one) for name, one in result.tables.items()],
        tables=tables,
        skipped_parts=result.skipped,
        budget=result.safe_budget.sentence,
        main=worst.main.label,
        policy_notes=[(p.label, DESCRIPTIONS[p.name]) for p in worst.chains],
        tried=[] if worst.proportion is None else tried_rows(worst),
        level=percent(worst.plan_level),
        joining=joining_rows(result),
        generations=count(worst.generations, "generation"),
        manifest=dict(manifest),
    )


def summary_row(name: str, one: StressResult) -> tuple[str, ...]:
    """A table in one line: rows, rare categories alive, the same of the bootstrap, first loss, bias."""
    policy, rare = one.main, one.profile.rare
    loss, reference = one.first_loss(policy), one.control_loss(policy)
    left = reference_left = ""
    if rare.any():
        left = percent(float(alive(one.chains[policy].counts, rare)[0][-1]))
        reference_left = percent(float(alive(one.controls[policy].counts, rare)[0][-1]))
    biased = sum(row.biased for row in one.bias)
    return (
        name,
        f"{len(one.profile.coded):,}",
        left,
        reference_left,
        _generation(loss),
        _generation(reference),
        f"{biased} of {len(one.bias)}",
    )


def joining_rows(result: RelatedStressResult) -> list[tuple[str, str, str, str]]:
    """Tables and policies in which families of several generations were joined with changes: references
    that go to another row, and rows left out.
    """
    return [
        (name, policy.label, percent(facts["reassigned"]), f"{facts['rows_left_out']:,.1f}")
        for name, own in result.joining.items()
        for policy, facts in own.items()
        if facts["reassigned"] or facts["rows_left_out"]
    ]


def _generation(loss: FirstLoss | None) -> str:
    if loss is None:
        return ""
    return f"> {loss.generations}" if loss.median is None else f"{loss.median:.0f}"
