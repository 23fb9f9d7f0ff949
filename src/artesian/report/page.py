"""Template context of the report page: a summary with its texts, section order and charts."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from artesian.core.formatting import count, date, displayed, fixed_percent, number
from artesian.report import charts
from artesian.report.columns import SIDES

SECTIONS = (
    ("verdict", "Verdict"),
    ("findings", "Findings"),
    ("scorecard", "Scorecard"),
    ("columns", "Columns"),
    ("associations", "Pairs"),
    ("projection", "Projection"),
    ("detection", "Detection"),
    ("utility", "Utility"),
    ("membership", "Attack"),
    ("nearest", "Distance"),
    ("provenance", "Provenance"),
)

KINDS = {
    "number": "number",
    "category": "category",
    "boolean": "boolean",
    "datetime": "date or time",
    "text": "text, by length",
    "key": "key, by length",
}

FAMILIES = {
    "fidelity": ("Fidelity", "Does the synthetic table follow the distribution of the real data?"),
    "validity": ("Validity", "Do the synthetic rows satisfy the schema and its constraints?"),
    "utility": (
        "Utility",
        "Do models trained on synthetic rows perform as if trained on real rows?",
    ),
    "privacy": ("Privacy", "What can an attacker infer about training rows from synthetic rows?"),
    "diagnostics": (
        "Privacy diagnostics",
        "Distances and counts, which can show a leak but cannot prove that there is none.",
    ),
    "fairness": ("Fairness", "Are groups represented and predicted as in the real data?"),
    "": ("Other", "User-defined metrics."),
}
"""Families of metrics in the order of the page: heading and question."""

MIN_SHOWN = 3
"""Minimum number of scores shown per family. Scores with findings are always shown; others fold."""


def page(summary: Mapping[str, Any]) -> dict[str, Any]:
    """Build the template context; every chart gets an 'id'."""
    sides = [side for side in SIDES if summary["rows"][side] or side != "holdout"]
    context: dict[str, Any] = {
        "sections": SECTIONS,
        "sides": sides,
        # The verdict is one line of several clauses; the page shows one clause per line.
        "verdict": [clause.strip() for clause in re.split(r"(?<=[;.]) ", summary["verdict"])],
        "legend": [(side, _legend(summary, side)) for side in SIDES],
        "scores_lead": _scores_lead(summary),
        "families": families(summary["scorecard"]),
        "columns": [_column(column, sides) for column in summary["columns"]],
        "more_columns": [
            [
                c["name"],
                KINDS[c["kind"]],
                fixed_percent(c["overlap"]),
                fixed_percent(c["overlap_holdout"]),
            ]
            for c in summary["more_columns"]
        ],
    }
    if "skipped" not in (pairs := summary["pairs"]):
        maps = [charts.association_chart(pairs, key) for key in charts.ASSOCIATION_MAPS]
        context["pair_charts"] = [chart for chart in maps if chart is not None]
        context["pair_table"] = charts.pairs_table(pairs)
        context["pairs_lead"] = _pairs_lead(pairs)
    if "skipped" not in (projection := summary["projection"]):
        maps = [charts.projection_chart(projection, side) for side in SIDES]
        context["projection_charts"] = [chart for chart in maps if chart is not None]
        context["projection_lead"] = _projection_lead(projection)
    if "skipped" not in (detector := summary["detector"]):
        context["detector_chart"] = charts.detector_chart(detector)
        context["importances"] = [[name, number(value)] for name, value in detector["importances"]]
    if "skipped" not in (utility := summary["utility"]):
        context["utility_chart"] = charts.utility_chart(utility)
        context["utility_lead"] = _utility_lead(utility)
    if "skipped" not in (attack := summary["attack"]):
        context["attack_chart"] = charts.attack_chart(attack)
    if "skipped" not in (nearest := summary["nearest"]):
        context["nearest_chart"] = charts.nearest_chart(nearest)
    charts.number_charts(page_charts(context))
    return context


def page_charts(context: Mapping[str, Any]) -> list[charts.Chart]:
    """All charts of the page in reading order."""
    single = (context.get(f"{name}_chart") for name in ("detector", "utility", "attack", "nearest"))
    groups = (*context.get("pair_charts", ()), *context.get("projection_charts", ()))
    columns = (column["chart"] for column in context["columns"])
    return [chart for chart in (*columns, *groups, *single) if chart is not None]


def _legend(summary: Mapping[str, Any], side: str) -> str:
    rows = summary["rows"][side]
    if side == "train":
        return f"{count(rows, 'row')} used for fitting"
    if side == "synthetic":
        return f"{count(rows, 'generated row')}"
    return f"{count(rows, 'real row')} not used for fitting" if rows else "no holdout rows"


def _scores_lead(summary: Mapping[str, Any]) -> str:
    if not summary["rows"]["holdout"]:
        return (
            "There are no holdout rows, so the metrics have no reference: high fidelity cannot be "
            "distinguished from copying."
        )
    return (
        "Each metric is computed for the synthetic rows and, as a reference, for the holdout rows in "
        "their place. The closer the dot to the mark, the more they behave like real rows."
    )


def families(scorecard: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Group the scores by family, findings first; the scores without findings fold."""
    severity = {"alarm": 0, "warning": 1, "note": 2}
    groups = []
    for family, (heading, question) in FAMILIES.items():
        own = [r for r in scorecard if (r["family"] if r["family"] in FAMILIES else "") == family]
        own.sort(key=lambda r: (4 if r["skipped"] else severity.get(r["level"], 3), _priority(r)))
        if own:
            scores = [_score(result) for result in own]
            first = max(sum(r["level"] in severity for r in own), min(MIN_SHOWN, len(own)))
            first = len(own) if len(own) - first < 2 else first
            groups.append(
                {
                    "heading": heading,
                    "question": question,
                    "scores": scores[:first],
                    "folded": scores[first:],
                    "fold": _fold_label(own[first:]),
                }
            )
    return groups


def _priority(result: Mapping[str, Any]) -> float:
    priority: float | None = result["priority"]
    return math.inf if priority is None else priority


def _fold_label(folded: Sequence[Mapping[str, Any]]) -> str:
    """Label of the control that unfolds the scores."""
    computed = [result for result in folded if not result["skipped"]]
    label = []
    if computed:
        # Without a reference there can be no finding, so its absence means nothing.
        judged = all(result["reference"] is not None for result in computed)
        label.append(count(len(computed), "more metric") + (" without findings" if judged else ""))
    if len(computed) < len(folded):
        label.append(f"{len(folded) - len(computed)} skipped")
    return ", ".join(label)


def _score(result: Mapping[str, Any]) -> dict[str, Any]:
    score = dict(result)
    score["parts"] = [[name, number(value)] for name, value in result["parts"]]
    score["direction"] = f"{result['direction'].capitalize()}."
    if result["description"] and not result["description"].endswith("."):
        score["description"] = f"{result['description'][0].upper()}{result['description'][1:]}."
    if result["value"] is None:
        score["skipped"] = result["skipped"] or "no value"
        return score
    score["value_text"] = number(result["value"])
    score["alt"] = f"Value {number(result['value'])}"
    if result["interval"] is not None:
        low, high = result["interval"]
        score["alt"] += f", 95\u202f% interval {number(low)} to {number(high)}"
    if result["reference"] is None:
        score["alt"] += ", no holdout reference."
    else:
        score["alt"] += f", holdout reference {number(result['reference'])}."
    score["positions"] = _positions(result)
    return score


def _positions(result: Mapping[str, Any]) -> dict[str, Any]:
    """Positions on the small chart in per cent of its width.

    The axis covers at least a fifth of the range of the metric, so that differences due to noise do
    not look large.
    """
    points = [result["value"], *(result["interval"] or ())]
    if result["reference"] is not None:
        points.append(result["reference"])
    low, high = min(points), max(points)
    bottom, top = max(result["low"], low - 1), min(result["high"], high + 1)
    width = max((top - bottom) / 5, (high - low) * 1.4, 1e-9)
    start = max(bottom, min((low + high - width) / 2, top - width))
    end = min(top, start + width) if top > start else start + width

    def position(value: float) -> float:
        return float(round(100 * min(1.0, max(0.0, (value - start) / (end - start))), 2))

    span: tuple[float, float] | None = None
    if result["interval"] is not None:
        left, right = map(position, result["interval"])
        span = (left, round(right - left, 2))
    digits = 2 if end - start >= 0.1 else 4
    return {
        "dot": position(result["value"]),
        "reference": None if result["reference"] is None else position(result["reference"]),
        "span": span,
        "low": f"{start:.{digits}f}",
        "high": f"{end:.{digits}f}",
    }


def _column(column: Mapping[str, Any], sides: list[str]) -> dict[str, Any]:
    extra = []
    write = date if column.get("scale") == "time" else number
    if column.get("median") and column["median"]["train"] is not None and "chart_of" not in column:
        extra.append(("median", [(s, write(column["median"][s])) for s in sides]))
    for value in column.get("frequent_values", ()):
        label = f"exactly {number(value['value'])}"
        extra.append((label, [(s, fixed_percent(value[s])) for s in sides]))
    missing = column.get("missing")
    if missing is not None and any(missing[s] for s in sides):
        extra.append(("missing", [(s, fixed_percent(missing[s])) for s in sides]))
    kind = KINDS[column["kind"]]
    if column.get("categories", 0) > len(column.get("labels", ())):
        kind += f", {column['categories']:,} values"
    if column.get("suppressed"):
        kind += f", {column['suppressed']:,} suppressed"
    overlap, holdout = column["overlap"], column["overlap_holdout"]
    return {
        "name": displayed(column["name"]),
        "kind": kind,
        "reason": column.get("reason", ""),
        "overlap_text": None if overlap is None else fixed_percent(overlap),
        "holdout_text": None if holdout is None else fixed_percent(holdout),
        "chart": charts.column_chart(column),
        "extra": extra,
    }


def _pairs_lead(pairs: Mapping[str, Any]) -> str:
    lead = (
        "Spearman correlation of two numeric columns, Cramér's V (0 to 1) of other pairs. The lower "
        "maps show the absolute difference from the train table; it is not zero for holdout rows "
        "either, because of sampling noise."
    )
    if pairs["left_out"]:
        lead += f" {count(pairs['left_out'], 'column')} with smaller differences are not shown."
    return lead


def _utility_lead(utility: Mapping[str, Any]) -> str:
    target = "a column" if utility["target"] is None else f"{utility['target']!r}"
    return (
        f"The same model is trained to predict {target} from synthetic rows and from train rows, and "
        "is tested on holdout rows."
    )


def _projection_lead(projection: Mapping[str, Any]) -> str:
    lead = (
        f"{projection['columns']} columns projected onto the first two principal components of the "
        "train table. The stronger the colour, the more rows."
    )
    if projection["left_out"]:
        lead += f" {count(projection['left_out'], 'further column')} are not included."
    if projection["overlap"] is not None:
        lead += f" Overlap with train: {fixed_percent(projection['overlap'])} synthetic"
        holdout = projection["overlap_holdout"]
        lead += "." if holdout is None else f", {fixed_percent(holdout)} holdout."
    return lead
