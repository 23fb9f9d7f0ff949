"""HTML report of related tables: schema, children per parent, aggregates, trends, sequences."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from artesian.core.formatting import count, displayed, percent
from artesian.metrics.protocol import NotMeasurable, Result
from artesian.metrics.relational.encoding import EncodedDataset, encode_dataset
from artesian.metrics.relational.evaluate import DatasetScorecard
from artesian.metrics.relational.protocol import DatasetComparison
from artesian.report import charts, dataset_charts
from artesian.report.html import assemble
from artesian.report.page import families
from artesian.report.schema_diagram import schema_diagram
from artesian.report.summary import finding_to_dict, score

SECTIONS = (
    ("verdict", "Verdict"),
    ("findings", "Findings"),
    ("scorecard", "Scorecard"),
    ("schema", "Schema"),
    ("children", "Children"),
    ("trends", "Associations"),
    ("aggregates", "Aggregates"),
    ("sequences", "Sequences"),
    ("provenance", "Provenance"),
)


def render_dataset_report(
    comparison: DatasetComparison, scorecard: DatasetScorecard, manifest: Mapping[str, Any]
) -> str:
    """Render the report of related tables as one HTML file that works without a network.

    Args:
        comparison: The compared datasets; only aggregates of them are shown.
        scorecard: The results of their evaluation.
        manifest: Provenance, shown in the last section: names to JSON types.
    """
    data = encode_dataset(comparison)
    results = {result.metric: result for result in scorecard.results}
    levels = {finding.code: finding.level.value for finding in scorecard.findings}
    children = dataset_charts.children_cards(data, results.get("cardinality"))
    aggregates = dataset_charts.aggregate_cards(data)
    steps, no_sequences = _sequences(data)
    lags = dataset_charts.lag_charts(results.get("autocorrelation"))
    trend = dataset_charts.trend_chart(results.get("k_hop_trends"))
    cards = [*children, *aggregates, *steps]
    drawn = [
        chart for chart in (*(card["chart"] for card in cards), trend, *lags) if chart is not None
    ]
    charts.number_charts(drawn)
    return assemble(
        "dataset.html",
        drawn,
        styles=("dataset.css",),
        title=displayed(comparison.real.name),
        sections=SECTIONS,
        verdict=[clause.strip() for clause in re.split(r"(?<=[;.]) ", scorecard.verdict)],
        notes=[*scorecard.notes, *_kept_notes(manifest)],
        legend=_legend(comparison),
        findings=[finding_to_dict(f, results.get(f.code)) for f in scorecard.findings],
        has_holdout=comparison.holdout is not None,
        families=families(
            [score(r) | {"level": levels.get(r.metric, "")} for r in scorecard.results]
        ),
        diagram=_diagram(comparison, data, results, _kept(manifest)),
        tables=_tables(scorecard),
        keys=_keys(data, results),
        children=children,
        aggregates=aggregates,
        trend=trend,
        trend_table=dataset_charts.trend_table(results.get("k_hop_trends")),
        steps=steps,
        lags=lags,
        no_sequences=no_sequences,
        provenance=_shallow(manifest, 2),
    )


def _sequences(data: EncodedDataset) -> tuple[list[dataset_charts.Card], str]:
    """The cards of tables with a time, or the reason why there are none."""
    try:
        return dataset_charts.step_cards(data), ""
    except NotMeasurable as refusal:
        return [], refusal.problem


def _shallow(value: Any, levels: int) -> Any:
    """A nested mapping with at most this many levels below it; deeper ones as one line of text, for
    which narrow windows have room."""
    if isinstance(value, Mapping):
        if levels >= 0:
            return {key: _shallow(item, levels - 1) for key, item in value.items()}
        return ", ".join(f"{key} {_shallow(item, -1)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        items = [_shallow(item, -1) for item in value]
        return ", ".join(map(str, items)) if levels < 0 else items
    return value


def _legend(comparison: DatasetComparison) -> list[tuple[str, str]]:
    def rows(side: Any) -> str:
        return count(sum(len(table) for table in side.values()), "row")

    holdout = comparison.holdout
    return [
        ("train", f"{rows(comparison.real)} used for fitting"),
        ("synthetic", f"{rows(comparison.synthetic)} generated"),
        ("holdout", f"{rows(holdout)} not used" if holdout is not None else "no holdout rows"),
    ]


def _kept(manifest: Mapping[str, Any]) -> dict[str, str]:
    """The tables that are kept as they are, and why."""
    plan = manifest.get("choices", {}).get("plan", ())
    return {one["table"]: one["kept"] for one in plan if one["kept"]}


def _kept_notes(manifest: Mapping[str, Any]) -> list[str]:
    return [
        f"The table {displayed(name)} is not synthetic: it is kept as it is, but for what identifies "
        f"somebody ({reason})."
        for name, reason in _kept(manifest).items()
    ]


def _diagram(
    comparison: DatasetComparison,
    data: EncodedDataset,
    results: Mapping[str, Result],
    kept: Mapping[str, str],
) -> str:
    lines = {}
    for name, table in comparison.real.items():
        synthetic = comparison.synthetic
        generated = f"{len(synthetic[name]):,}" if name in synthetic else "missing"
        lines[name] = [
            f"{len(table):,} rows, synthetic {generated}",
            *(["kept as it is"] if name in kept else []),
            *(["in common with the holdout"] if name in comparison.shared else []),
        ]
    cardinality = results.get("cardinality")
    outside = [] if cardinality is None else cardinality.detail.get("outside", [])
    broken = [
        key
        for key, links in data.links.items()
        if str(key) in outside or links["synthetic"].orphans.any()
    ]
    lost = [key for key in comparison.real.foreign_keys if key not in data.links]
    return schema_diagram(comparison.real, lines, (*broken, *lost))


def _tables(scorecard: DatasetScorecard) -> list[list[str]]:
    return [
        [displayed(name), *("none" if rows is None else f"{rows:,}" for rows in sides.values())]
        for name, sides in scorecard.rows.items()
    ]


def _keys(data: EncodedDataset, results: Mapping[str, Result]) -> list[list[str]]:
    """One row per foreign key: orphans, missing keys, mean number of children, childless parents."""
    rows = []
    for key, links in data.links.items():
        real, synthetic = links["real"], links["synthetic"]
        absent = [((each.parent < 0) & ~each.orphans).sum() for each in (real, synthetic)]
        rows.append(
            [
                str(key),
                f"{int(synthetic.orphans.sum()):,}",
                f"{int(absent[1]):,} ({int(absent[0]):,})",
                f"{_mean(synthetic.children):.2f} ({_mean(real.children):.2f})",
                f"{percent(_childless(synthetic.children))} ({percent(_childless(real.children))})",
            ]
        )
    return rows


def _mean(children: Any) -> float:
    return float(children.mean()) if len(children) else 0.0


def _childless(children: Any) -> float:
    return float((children == 0).mean()) if len(children) else 0.0
