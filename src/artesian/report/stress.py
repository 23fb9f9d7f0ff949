"""HTML report of a stress test: what is lost, when, why, and how much real data prevents it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from artesian.collapse.policies import DESCRIPTIONS, Policy
from artesian.collapse.stress.profile import TAIL
from artesian.collapse.stress.result import StressResult, changed_in
from artesian.collapse.stress.survival import alive, survival_rows, tail_ratio
from artesian.core.formatting import count, percent, percentage_points
from artesian.report import charts
from artesian.report.charts import Chart
from artesian.report.curve_charts import Line, curve_chart
from artesian.report.html import assemble

MAX_LOST, NAMED = 40, 3
"""Lost categories in the table, and in the card."""


def render(result: StressResult, manifest: Mapping[str, Any]) -> str:
    """Render the report as HTML.

    Args:
        result: The stress test.
        manifest: Provenance, shown in the last section.
    """
    strata, policies, tails = strata_chart(result), policy_chart(result), tail_chart(result)
    drawn = [chart for chart in (strata, policies, tails) if chart is not None]
    charts.number_charts(drawn)
    lost = result.lost_names(result.main)
    return assemble(
        "stress.html",
        drawn,
        styles=("collapse.css",),
        title="What dies, when, and how much real data prevents it",
        lead=result.sentences[0],
        notes=result.sentences,
        answers=answers(result),
        main=result.main.label,
        strata=strata,
        policies=policies,
        tails=tails,
        policy_notes=[(p.label, DESCRIPTIONS[p.name]) for p in result.chains],
        bias=[bias_row(one.to_dict()) for one in result.bias],
        suppression=suppression_sentence(result),
        lost=[(one["category"], f"{one['rows']:,}") for one in lost[:MAX_LOST]],
        more_lost=max(0, len(lost) - MAX_LOST),
        measures=measure_rows(result),
        measure_head=_ends(result),
        tried=[] if result.proportion is None else tried_rows(result),
        level=percent(result.plan_level),
        rare=result.profile.rare_name,
        rows=count(len(result.profile.coded), "row"),
        skipped_parts=result.skipped,
        manifest=dict(manifest),
    )


def answers(result: StressResult) -> list[tuple[str, str, str]]:
    """Question, short answer and explanation of the cards at the top."""
    return [*_what_and_when(result), *_how_much(result), _why(result)]


def _what_and_when(result: StressResult) -> list[tuple[str, str, str]]:
    policy, profile = result.main, result.profile
    loss, reference = result.first_loss(policy), result.control_loss(policy)
    if loss is None or reference is None:
        return []
    own, _ = alive(result.chains[policy].counts, profile.rare)
    other, _ = alive(result.controls[policy].counts, profile.rare)
    lost = [one["category"] for one in result.lost_names(policy)]
    more = f" and {len(lost) - NAMED:,} more" if len(lost) > NAMED else ""
    named = f"Lost in most replicates: {'; '.join(lost[:NAMED])}{more}. " if lost else ""
    return [
        (
            "What dies?",
            f"{percent(1 - float(own[-1]))} of the rare categories",
            f"{named}By chance alone: {percent(1 - float(other[-1]))}. Rare: {profile.rare_name}.",
        ),
        (
            "When?",
            f"First loss {loss.text}",
            f"Median of {count(result.replicates, 'replicate')}; by chance alone: {reference.text}. "
            f"{count(result.generations, 'generation')} were tested, each fitted on the rows of the "
            f"one before.",
        ),
    ]


def _how_much(result: StressResult) -> list[tuple[str, str, str]]:
    smallest, without = result.proportion, result.generations_without_real
    goal = f"{percent(result.plan_level)} of the rare categories and of the tails"
    goal = f"hold {goal} for {count(result.generations, 'generation')}"
    if without == result.generations:
        return [("How much real data?", "None", f"Generated rows alone {goal}.")]
    if smallest is None:
        return []
    answer, budget = _first_upper(smallest.text), result.safe_budget
    if smallest.censored == "more than":
        explanation = f"is enough to {goal}: one generation already loses more."
    else:
        answer += f" real {result.unit}"
        explanation = f"in every generation {goal} (interval {smallest.interval_text})."
    if without is not None:
        explanation += f" Without real {result.unit}: {count(without, 'generation')}."
    if budget.generations:
        explanation += (
            f" Safe budget: at most {count(budget.generations, 'generation')}, at least "
            f"{percent(budget.real_proportion)} real."
        )
    return [("How much real data?", answer, explanation)]


def _why(result: StressResult) -> tuple[str, str, str]:
    biased = [one for one in result.bias if one.biased]
    causes = {name: part for name, part in result.causes.items() if part > 0.005}
    main = max(causes, key=lambda name: causes[name], default="")
    parts = ", ".join(
        f"{percentage_points(causes[name])} by {name}"
        for name in sorted(causes, key=lambda name: -causes[name])
    )
    return (
        "Why?",
        _first_upper(f"mainly {main}" if main else "bias" if biased else "nothing is lost"),
        (f"Of the rare categories are lost {parts}. " if parts else "")
        + f"{len(biased)} of {len(result.bias)} strata are biased in one generation.",
    )


def strata_chart(result: StressResult) -> Chart | None:
    """Survival by stratum under the main policy, with the bootstrap as dashed lines."""
    profile, policy = result.profile, result.main
    rows = survival_rows(profile, result.chains[policy], result.controls[policy])
    lines = []
    for label in profile.strata:
        own = [row for row in rows if row["stratum"] == label]
        lines.append(
            Line(
                label=f"{label} ({own[0]['items']})",
                x=[row["generation"] for row in own],
                values=[row["value"] for row in own],
                low=[row["interval"][0] for row in own],
                high=[row["interval"][1] for row in own],
                theory=[row["control"] for row in own],
            )
        )
    if not lines:
        return None
    title = f"Survival of categories by their rows in the source, policy '{policy.label}'"
    return curve_chart(
        title, lines, x="generation", y="proportion alive", ends=(0, 1.02), reference="bootstrap"
    )


def policy_chart(result: StressResult) -> Chart | None:
    """Survival of rare categories by policy."""
    rare = result.profile.rare
    if not rare.any():
        return None
    lines = []
    for policy, chains in result.chains.items():
        values, intervals = alive(chains.counts, rare)
        reference, _ = alive(result.controls[policy].counts, rare)
        lines.append(_line(policy, values, intervals, reference))
    return curve_chart(
        f"Survival of {result.profile.rare_name} by policy",
        lines,
        x="generation",
        y="proportion alive",
        ends=(0, 1.02),
        reference="bootstrap",
    )


def tail_chart(result: StressResult) -> Chart | None:
    """Mass of the outer 1 % of numbers by policy."""
    profile = result.profile
    if TAIL not in profile.tail_strata:
        return None
    inside, lines = profile.in_stratum(TAIL), []
    for policy, chains in result.chains.items():
        values, intervals = tail_ratio(chains.tails, profile, inside)
        reference, _ = tail_ratio(result.controls[policy].tails, profile, inside)
        lines.append(_line(policy, values, intervals, reference))
    return curve_chart(
        "Mass of the outer 1 % of numbers by policy",
        lines,
        x="generation",
        y="mass (source: 1)",
        reference="bootstrap",
    )


def _line(policy: Policy, values: Any, intervals: Any, reference: Any) -> Line:
    return Line(
        label=policy.label,
        x=list(range(1, len(values) + 1)),
        values=[float(v) for v in values],
        low=[low for low, _ in intervals],
        high=[high for _, high in intervals],
        theory=[float(v) for v in reference],
    )


def bias_row(one: Mapping[str, Any]) -> dict[str, Any]:
    """A stratum of the bias test, formatted."""
    return {
        "stratum": one["stratum"],
        "biased": one["biased"],
        "ratio": percent(one["ratio"]),
        "interval": " to ".join(percent(end / one["expected"]) for end in one["interval"]),
        "verdict": "biased" if one["biased"] else "within noise",
    }


def suppression_sentence(result: StressResult) -> str:
    """What is suppressed on purpose."""
    one = result.suppression
    sentence = (
        f"{one['categories']:,} categories of the source have fewer than five rows "
        f"({percent(one['rows'])} of the rows have one). They are not followed here, and no name of "
        "one is shown."
    )
    if not one["below"]:
        return sentence
    losses, kept = one["losses"], one.get("control_alive")
    sentence += (
        f" The method suppresses categories with fewer than {one['below']} training rows on purpose, "
        f"in every generation: {losses['suppressed']:,} of "
        f"{sum(losses.values()):,} losses in all replicates ({result.main.label}) had so few."
    )
    if kept:
        sentence += (
            f" A bootstrap that suppresses likewise has {percent(kept[-1])} of the "
            f"{result.profile.rare_name} alive in the last generation."
        )
    return sentence


def measure_rows(result: StressResult) -> list[dict[str, Any]]:
    """Measures in the first, middle and last generation, and of the bootstrap in the last."""
    at = [g - 1 for g in _generations(result)]
    rows = []
    for one in [*_survival_measure(result), *result.measures(result.main)]:
        values, changed = one["values"], one["changed_in_generation"]
        control = one["control"][-1] if one["control"] else None
        rows.append(
            {
                "title": one["title"],
                "shows": one["shows_collapse"],
                "values": ["" if values[g] is None else f"{values[g]:.2f}" for g in at],
                "control": "" if control is None else f"{control:.2f}",
                "changed": "never" if changed is None else f"generation {changed}",
                "note": one["note"],
            }
        )
    return rows


def _survival_measure(result: StressResult) -> list[dict[str, Any]]:
    rare = result.profile.rare
    if not rare.any():
        return []
    own, _ = alive(result.chains[result.main].counts, rare)
    other, _ = alive(result.controls[result.main].counts, rare)
    return [
        {
            "title": "Survival of rare categories",
            "shows_collapse": True,
            "values": own.tolist(),
            "changed_in_generation": changed_in(own.tolist()),
            "control": other.tolist(),
            "note": f"Proportion of the {result.profile.rare_name} that occur.",
        }
    ]


def tried_rows(result: StressResult) -> list[tuple[str, str, str, str]]:
    """Proportions of real data that were tried."""
    assert result.proportion is not None
    return [
        (
            percent(x),
            percent(one.value),
            f"{percent(one.low)} to {percent(one.high)}",
            "holds" if one.value >= result.plan_level else "fails",
        )
        for x, one in result.proportion.tried
    ]


def _generations(result: StressResult) -> list[int]:
    return sorted({1, (result.generations + 1) // 2, result.generations})


def _ends(result: StressResult) -> list[str]:
    return [f"generation {g}" for g in _generations(result)]


def _first_upper(text: str) -> str:
    return text[:1].upper() + text[1:]
