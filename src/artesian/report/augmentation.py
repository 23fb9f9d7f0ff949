"""Report of an augmentation as HTML and Markdown: advice, gains of each treatment, filters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from artesian.core.formatting import count, displayed, fixed_percent
from artesian.report import charts
from artesian.report.html import assemble
from artesian.report.markdown import escaped

ROW = 24
"""Pixels of a treatment in a chart."""

BETTER, WORSE = " ▲", " ▼"
MARKS = "▲ better, ▼ worse than doing nothing by more than chance (95 % interval)."


def render(results: Mapping[str, Any], manifest: Mapping[str, Any]) -> str:
    """Render the page.

    Args:
        results: Content of augmentation.json.
        manifest: Provenance, shown in the last section.
    """
    learners = [_learner(one, results) for one in results["study"]["learners"]]
    drawn = [chart for learner in learners for chart in learner["charts"]]
    charts.number_charts(drawn)
    decision, _, reason = results["verdict"].partition(". ")
    return assemble(
        "augmentation.html",
        drawn,
        styles=("augmentation.css",),
        title=f"Augmentation of {displayed(results['target'])} = {results['class']}",
        decision=f"{decision}.",
        reason=reason,
        lead=lead(results),
        notes=[f"{note[:1].upper()}{note[1:]}." for note in results["notes"]],
        learners=learners,
        measures=list(results["measures"].values()),
        marks=MARKS,
        filters=filter_rows(results),
        filter_sentences=[filter_sentence(one, results) for one in results["study"]["learners"]],
        method=results["method"],
        study=results["study"],
        manifest=dict(manifest),
    )


def to_markdown(results: Mapping[str, Any]) -> str:
    """The advice, and a table of measures for each learner, for a pull request or a model card."""
    lines = [f"**{escaped(results['verdict'])}**", "", lead(results), ""]
    for one in results["study"]["learners"]:
        titles = [escaped(each["title"]) for each in results["measures"].values()]
        lines += [
            f"### {one['name'].capitalize()}",
            "",
            escaped(one["advice"]["sentence"]),
            escaped(one["advice"]["threshold_sentence"]),
            "",
            f"| treatment | {' | '.join(titles)} |",
            "|:--|" + "--:|" * len(titles),
            *(
                f"| {escaped(name)} | {' | '.join(values)} |"
                for name, *values in measure_rows(one, results)
            ),
            "",
        ]
    lines += [MARKS, ""]
    lines += ["### Filters", ""]
    if results["filters"]:
        lines += ["| filter | drops | of synthetic rows | of real rows |", "|:--|:--|--:|--:|"]
        lines += [
            f"| {' | '.join(escaped(text) for text in row)} |" for row in filter_rows(results)
        ]
    else:
        lines += ["No filter was used."]
    lines += ["", *(f"- {escaped(note)}" for note in results["notes"])]
    return "\n".join(lines) + "\n"


def lead(results: Mapping[str, Any]) -> str:
    """What was measured, in one sentence."""
    study, rows = results["study"], results["rows"]
    return (
        f"{rows['synthetic']:,} synthetic rows of {results['method']!r} were added to "
        f"{count(rows['class'], 'real row')} of the class among {rows['real']:,}. Every treatment was "
        f"measured by {study['folds']}-fold cross-validation of {study['rows']:,} real rows, "
        f"{count(study['repeats'], 'repeat')}; generator, filters and threshold were fitted without "
        f"the test rows. Intervals are 95 % intervals of paired differences, corrected for the "
        f"overlap of training rows (Nadeau and Bengio 2003)."
    )


def measure_rows(learner: Mapping[str, Any], results: Mapping[str, Any]) -> list[list[str]]:
    """Each treatment with the mean of every measure, marked where it differs from doing nothing."""
    return [
        [one["name"], *(_value(one["measures"][name]) for name in results["measures"])]
        for one in learner["treatments"]
    ]


def filter_rows(results: Mapping[str, Any]) -> list[list[str]]:
    """Each filter with what it drops, of the synthetic and of the real rows of the class."""
    return [
        [
            one["name"],
            one["drops"],
            f"{one['dropped']:,} of {one['sampled']:,} ({fixed_percent(one['fraction'])})",
            fixed_percent(one["real_fraction"]),
        ]
        for one in results["filters"]
    ]


def filter_sentence(learner: Mapping[str, Any], results: Mapping[str, Any]) -> str:
    """What the filters gain for one learner."""
    title = results["measures"][results["study"]["measure"]]["title"]
    return (
        f"With {learner['name']}, {title} is {interval(learner['filter_gain'])} with the filters "
        f"against without them."
    )


def interval(difference: Mapping[str, float]) -> str:
    """A difference with its interval: '+0.012 (-0.003 to +0.027)'."""
    return "{mean:+.3f} ({low:+.3f} to {high:+.3f})".format(**difference)


def _value(measure: Mapping[str, Any]) -> str:
    gain = measure["gain"]
    mark = "" if gain is None else BETTER if gain["low"] > 0 else WORSE if gain["high"] < 0 else ""
    return f"{measure['mean']:.3f}{mark}"


def _learner(learner: Mapping[str, Any], results: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": learner["name"].capitalize(),
        "sentence": learner["advice"]["sentence"],
        "threshold_sentence": learner["advice"]["threshold_sentence"],
        "head": ["treatment", *(one["title"] for one in results["measures"].values())],
        "rows": measure_rows(learner, results),
        "charts": [_chart(learner, name, results) for name in results["measures"]],
    }


def _chart(learner: Mapping[str, Any], name: str, results: Mapping[str, Any]) -> charts.Chart:
    """How much better each treatment is than doing nothing, by one measure."""
    title = results["measures"][name]["title"]
    shown = [one for one in learner["treatments"] if one["measures"][name]["gain"] is not None]
    rows: list[dict[str, Any]] = []
    for i, one in enumerate(shown):
        gain = one["measures"][name]["gain"]
        rows.append(
            {
                "i": i,
                "label": one["name"],
                "value": round(gain["mean"], 4),
                "low": round(gain["low"], 4),
                "high": round(gain["high"], 4),
                "side": "synthetic" if one["name"].startswith(results["method"]) else "train",
                "description": f"{one['name']}: {interval(gain)}",
            }
        )
    ends = [end for row in rows for end in (row["low"], row["high"])] + [0.0]
    low, high = min(ends), max(ends)
    margin = max(0.05 * (high - low), 0.005)
    return {
        "template": "gains",
        "title": title,
        "alt": f"Gain of {title} over doing nothing: {'; '.join(r['description'] for r in rows)}.",
        "head": ["treatment", title, "gain over nothing", "gain of the generator over it"],
        "table": [
            [
                one["name"],
                f"{one['measures'][name]['mean']:.3f}",
                _or_none(one["measures"][name]["gain"]),
                _or_none(one["measures"][name]["method_margin"]),
            ]
            for one in learner["treatments"]
        ],
        "rows": rows,
        "set": {
            "height": ROW * len(rows),
            "across": [round(low - margin, 4), round(high + margin, 4)],
        },
    }


def _or_none(difference: Mapping[str, float] | None) -> str:
    return "" if difference is None else interval(difference)
