"""The summary, put into the order and the words of the page; the template only lays it out."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from artesian.report import charts
from artesian.report.columns import SIDES
from artesian.report.words import count, moment, number, percent, shown

SECTIONS = (
    ("verdict", "Verdict"),
    ("findings", "Findings"),
    ("scorecard", "Scorecard"),
    ("columns", "Columns"),
    ("pairs", "Pairs"),
    ("shape", "All at once"),
    ("detector", "Detector"),
    ("utility", "Utility"),
    ("attack", "Attack"),
    ("nearest", "Nearest"),
    ("made", "How made"),
)

KINDS = {
    "number": "number",
    "category": "category",
    "boolean": "yes or no",
    "datetime": "date or time",
    "text": "text, by length",
    "key": "key, by length",
}


def page(summary: Mapping[str, Any]) -> dict[str, Any]:
    """What the template needs beside the summary itself; charts carry an 'id'."""
    sides = [side for side in SIDES if summary["rows"][side] or side != "holdout"]
    found: dict[str, Any] = {
        "sections": SECTIONS,
        "sides": sides,
        # One line of several clauses; each stands on a line of its own, the text stays the same.
        "verdict": [clause.strip() for clause in re.split(r"(?<=[;.]) ", summary["verdict"])],
        "legend": [(side, _legend(summary, side)) for side in SIDES],
        "scores_lead": _scores_lead(summary),
        "families": _families(summary["scorecard"]),
        "columns": [_column(column, sides) for column in summary["columns"]],
        "more_columns": [
            [c["name"], KINDS[c["kind"]], percent(c["overlap"]), percent(c["overlap_holdout"])]
            for c in summary["more_columns"]
        ],
    }
    if "skipped" not in (told := summary["pairs"]):
        made = [charts.of_pairs(told, which) for which in charts.PAIR_MAPS]
        found["pair_charts"] = [chart for chart in made if chart is not None]
        found["pair_table"] = charts.pairs_table(told)
        found["pairs_lead"] = _pairs_lead(told)
    if "skipped" not in (told := summary["projection"]):
        made = [charts.of_projection(told, side) for side in SIDES]
        found["projection_charts"] = [chart for chart in made if chart is not None]
        found["projection_lead"] = _projection_lead(told)
    if "skipped" not in (told := summary["detector"]):
        found["detector_chart"] = charts.of_detector(told)
        found["giveaways"] = [[name, number(weight)] for name, weight in told["giveaways"]]
    if "skipped" not in (told := summary["utility"]):
        found["utility_chart"] = charts.of_utility(told)
        found["utility_lead"] = _utility_lead(told)
    if "skipped" not in (told := summary["attack"]):
        found["attack_chart"] = charts.of_attack(told)
    if "skipped" not in (told := summary["nearest"]):
        found["nearest_chart"] = charts.of_nearest(told)
    for n, chart in enumerate(charts_in(found)):
        chart["id"], chart["room"] = f"chart-{n}", charts.height(chart)
    return found


def charts_in(found: Mapping[str, Any]) -> list[charts.Chart]:
    """Every chart of the page, in order."""
    one = (found.get(f"{name}_chart") for name in ("detector", "utility", "attack", "nearest"))
    several = (*found.get("pair_charts", ()), *found.get("projection_charts", ()))
    columns = (column["chart"] for column in found["columns"])
    return [chart for chart in (*columns, *several, *one) if chart is not None]


def _legend(summary: Mapping[str, Any], side: str) -> str:
    rows = summary["rows"][side]
    if side == "holdout":
        return f"{count(rows, 'real row')} kept unseen" if rows else "no rows were kept unseen"
    return f"{count(rows, 'row')}" + (" fitted on" if side == "real" else " made")


def _scores_lead(summary: Mapping[str, Any]) -> str:
    if not summary["rows"]["holdout"]:
        return (
            "No real rows were held out, so there is nothing to hold the measures against: "
            "likeness and copying cannot be told apart."
        )
    return (
        "Each measure of the synthetic rows stands beside the same measure of real rows that were "
        "held out. The closer the dot to the mark, the more synthetic rows behave like real ones."
    )


FAMILIES = {
    "fidelity": ("Fidelity", "Are the synthetic rows like real ones?"),
    "validity": ("Validity", "Do they keep the rules? Valid is not the same as alike."),
    "utility": ("Utility", "Can models and statistics be learned from them?"),
    "privacy": ("Privacy", "What does an attacker with the synthetic rows learn of training rows?"),
    "diagnostics": (
        "Diagnostics, not privacy",
        "Distances and descriptions: a fault here is a fault, none here is no proof.",
    ),
    "fairness": ("Fairness", "Do models trained on them treat groups alike, and are all there?"),
    "": ("Others", "Measures of your own."),
}
"""Families of metrics, in the order of the page: a heading and a line for each."""

AT_ONCE = 4
"""Scores of a family that are shown at once, and all with a finding; the others unfold."""


def _families(scorecard: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The scores by family, findings first."""
    worst = {"alarm": 0, "warning": 1, "note": 2}
    groups = []
    for family, (heading, line) in FAMILIES.items():
        own = [r for r in scorecard if (r["family"] if r["family"] in FAMILIES else "") == family]
        own.sort(key=lambda r: (4 if r["skipped"] else worst.get(r["level"], 3), _place(r)))
        if own:
            scores = [_score(result) for result in own]
            first = max(sum(r["level"] in worst for r in own), min(AT_ONCE, len(own)))
            first = len(own) if len(own) - first < 2 else first
            told = {"heading": heading, "line": line, "scores": scores[:first]}
            groups.append({**told, "folded": scores[first:], "fold": _fold(own[first:])})
    return groups


def _place(result: Mapping[str, Any]) -> float:
    """Where it is shown among others of its family in which nothing is found."""
    priority: float | None = result["priority"]
    return math.inf if priority is None else priority


def _fold(rest: Sequence[Mapping[str, Any]]) -> str:
    """What the line says that opens them."""
    taken = [result for result in rest if not result["skipped"]]
    said = [f"{len(taken)} more"] if taken else []
    if taken and all(result["reference"] is not None for result in taken):
        said.append("none worse than chance allows")
    if len(taken) < len(rest):
        said.append(f"{len(rest) - len(taken)} skipped")
    return ", ".join(said)


def _score(result: Mapping[str, Any]) -> dict[str, Any]:
    told = dict(result)
    told["parts"] = [[name, number(value)] for name, value in result["parts"]]
    told["direction"] = {
        "lower": "Lower is better.",
        "higher": "Higher is better.",
        "neither": "Neither direction is better: what counts is to be near the reference.",
    }[result["better"]]
    if result["means"] and not result["means"].endswith("."):
        told["means"] = f"{result['means'][0].upper()}{result['means'][1:]}."
    if result["value"] is None:
        told["skipped"] = result["skipped"] or "no value"
        return told
    told["value_words"] = number(result["value"])
    told["alt"] = f"Value {number(result['value'])}"
    if result["interval"] is not None:
        low, high = result["interval"]
        told["alt"] += f", 95\u202f% interval {number(low)} to {number(high)}"
    if result["reference"] is None:
        told["alt"] += ", no holdout reference."
    else:
        told["alt"] += f", reference of real holdout rows {number(result['reference'])}."
    told["draw"] = _placed(result)
    return told


def _placed(result: Mapping[str, Any]) -> dict[str, Any]:
    """Places on the small chart in per cent of its width.

    Its ends are the metric's own, drawn in to show the values on at least a fifth of that range, so
    that a difference of noise does not look like one that matters.
    """
    points = [result["value"], *(result["interval"] or ())]
    if result["reference"] is not None:
        points.append(result["reference"])
    low, high = min(points), max(points)
    bottom, top = max(result["low"], low - 1), min(result["high"], high + 1)
    wide = max((top - bottom) / 5, (high - low) * 1.4, 1e-9)
    start = max(bottom, min((low + high - wide) / 2, top - wide))
    end = min(top, start + wide) if top > start else start + wide

    def at(value: float) -> float:
        return float(round(100 * min(1.0, max(0.0, (value - start) / (end - start))), 2))

    span = result["interval"]
    digits = 2 if end - start >= 0.1 else 4
    return {
        "dot": at(result["value"]),
        "ref": None if result["reference"] is None else at(result["reference"]),
        "span": None if span is None else (at(span[0]), round(at(span[1]) - at(span[0]), 2)),
        "low": f"{start:.{digits}f}",
        "high": f"{end:.{digits}f}",
    }


def _column(column: Mapping[str, Any], sides: list[str]) -> dict[str, Any]:
    apart = []
    write = moment if column.get("scale") == "time" else number
    if column.get("median") and column["median"]["real"] is not None and "chart_of" not in column:
        apart.append(("median", [(s, write(column["median"][s])) for s in sides]))
    for atom in column.get("atoms", ()):
        apart.append((f"exactly {number(atom['value'])}", [(s, percent(atom[s])) for s in sides]))
    missing = column.get("missing")
    if missing is not None and any(missing[s] for s in sides):
        apart.append(("missing", [(s, percent(missing[s])) for s in sides]))
    said = KINDS[column["kind"]]
    if column.get("categories", 0) > len(column.get("labels", ())):
        said += f", {column['categories']:,} values"
    return {
        "name": shown(column["name"]),
        "said": said,
        "why": column.get("why", ""),
        "overlap_words": None if column["overlap"] is None else percent(column["overlap"]),
        "holdout_words": None
        if column["overlap_holdout"] is None
        else percent(column["overlap_holdout"]),
        "chart": charts.of_column(column),
        "apart": apart,
    }


def _pairs_lead(told: Mapping[str, Any]) -> str:
    lead = (
        "How strongly columns depend on each other: rank correlation for two numbers, Cramér's V "
        "(0 to 1) for other pairs. Then, how far each pair is from the real rows; real holdout "
        "rows are not at zero either."
    )
    if told["left_out"]:
        lead += f" {count(told['left_out'], 'column')} with smaller distances are left out."
    return lead


def _utility_lead(told: Mapping[str, Any]) -> str:
    what = "a column" if told["target"] is None else f"{told['target']!r}"
    return (
        f"The same model learns to predict {what}, once from synthetic and once from real rows, "
        "and is tested on real rows that neither saw."
    )


def _projection_lead(told: Mapping[str, Any]) -> str:
    lead = (
        f"{told['columns']} columns seen along their two main directions (principal components of "
        "the real rows). The stronger a cell stands out, the more rows it holds."
    )
    if told["left_out"]:
        lead += f" {count(told['left_out'], 'further column')} are not part of it."
    if told["overlap"] is not None:
        lead += f" Overlap with real: {percent(told['overlap'])} synthetic"
        held = told["overlap_holdout"]
        lead += "." if held is None else f", {percent(held)} holdout."
    return lead
