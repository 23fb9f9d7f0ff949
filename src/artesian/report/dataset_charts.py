"""Charts of related tables: children per parent, aggregates of children, trends, sequences.

Histograms follow the rules of those of single columns: no bin shows fewer than five real rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from artesian.core.disclosure import MIN_COUNT
from artesian.core.formatting import decimal, displayed, fixed_percent
from artesian.metrics.common.arrays import Floats
from artesian.metrics.protocol import Result
from artesian.metrics.relational.aggregates import aggregates
from artesian.metrics.relational.encoding import EncodedDataset
from artesian.metrics.relational.sequence_statistics import LAGS
from artesian.metrics.relational.sequences import days_between, sequence_tables
from artesian.metrics.relational.within import sequence_sides
from artesian.report import charts
from artesian.report.bins import number_bins
from artesian.report.columns import disclosed, overlap

MAX_CHILDREN_CHARTS = 24
MAX_AGGREGATES = 24
MAX_SEQUENCES = 12
MIN_DIFFERENCE = 0.02

Card = dict[str, Any]


def children_cards(data: EncodedDataset, result: Result | None) -> list[Card]:
    """One card per foreign key: overlay of the number of children per parent, worst first."""
    worse = {} if result is None else {n: e for n, e in result.parts.items()}
    keys = sorted(data.links, key=lambda key: (-worse.get(str(key), -1.0), str(key)))
    cards = []
    for key in keys[:MAX_CHILDREN_CHARTS]:
        sides = {
            side: data.links[key][side].children.astype(float)
            for side in _sides(data, key.parent, key.child)
        }
        detail = {} if result is None else result.detail.get("parts", {}).get(str(key), {})
        note = ""
        if detail:
            note = f"distance {decimal(worse[str(key)])}, by chance up to {decimal(detail['band'])}"
        cards.append(_card(str(key), "children per parent", sides, note))
    return cards


def aggregate_cards(data: EncodedDataset) -> list[Card]:
    """Overlays of the aggregates of children that differ most from the real ones, worst first."""
    ranked: list[tuple[float, str, str, dict[str, Floats]]] = []
    for name in data.tables:
        keys = data.children_of(name)
        if not keys or data.height("real", name) < 10:
            continue
        by_side = {
            side: aggregates(data, side, name, rich=True)
            for side in _sides(data, name, *(key.child for key in keys))
        }
        for label, real in by_side["real"].items():
            if label.startswith("number of ") or not all(label in one for one in by_side.values()):
                continue  # shown above, or the rows have no such aggregate
            values = {side: columns[label] for side, columns in by_side.items()}
            distance = _distance(real, values["synthetic"])
            if distance >= MIN_DIFFERENCE:
                ranked.append((distance, name, label, values))
    ranked.sort(key=lambda one: (-one[0], one[1], one[2]))
    return [
        _card(label, f"per row of {displayed(name)}", values, f"distance {decimal(distance)}")
        for distance, name, label, values in ranked[:MAX_AGGREGATES]
    ]


def step_cards(data: EncodedDataset) -> list[Card]:
    """Overlays of the days between successive rows of a parent, of every table with a time."""
    cards = []
    for name in sequence_tables(data)[:MAX_SEQUENCES]:
        sides = {side: days_between(data, name, side) for side in sequence_sides(data, name)}
        cards.append(_card(name, "days between successive rows of a parent", sides, ""))
    return cards


def lag_charts(result: Result | None) -> list[charts.Chart]:
    """Autocorrelation of the columns that differ most from the real ones, worst first."""
    if result is None or result.value is None:
        return []
    worst = sorted(result.parts, key=lambda name: (-result.parts[name], name))
    out = []
    for name in worst[:MAX_SEQUENCES]:
        detail = result.detail["parts"][name]
        sides = {
            shown: detail[f"lags_{side}"]
            for shown, side in (
                ("train", "real"),
                ("synthetic", "synthetic"),
                ("holdout", "holdout"),
            )
            if f"lags_{side}" in detail
        }
        rows = []
        for lag in range(LAGS):
            values = {side: round(lags[lag], 4) for side, lags in sides.items()}
            text = ", ".join(f"{side} {value:.2f}" for side, value in values.items())
            rows.append(
                {"i": lag, "lag": lag + 1, **values, "description": f"lag {lag + 1}: {text}"}
            )
        out.append(
            {
                "template": "lags",
                "title": displayed(name),
                "alt": f"Autocorrelation of {name} within a parent. {rows[0]['description']}.",
                "rows": rows,
                "head": ["lag", *sides],
                "table": [
                    [str(row["lag"]), *(f"{row[side]:.3f}" for side in sides)] for row in rows
                ],
                "set": {},
            }
        )
    return out


def trend_chart(result: Result | None) -> charts.Chart | None:
    """Bars of the similarity of associations by number of joins, with that of the holdout."""
    if result is None or result.value is None:
        return None
    rows: list[dict[str, Any]] = []
    for at, (name, score) in enumerate(result.parts.items()):
        row = {"i": at, "label": name, "train": 1.0, "synthetic": round(score / 100, 4)}
        if result.reference_parts:
            row["holdout"] = round(result.reference_parts.get(name, 0.0) / 100, 4)
        rows.append(row)
    sides = [side for side in ("synthetic", "holdout") if side in rows[0]]
    return {
        "template": "bars",
        "title": "Similarity of associations",
        "alt": "Similarity of associations to the real ones: "
        + "; ".join(f"{row['label']} {fixed_percent(row['synthetic'])}" for row in rows)
        + ".",
        "rows": rows,
        "head": ["joins", *sides],
        "table": [[row["label"], *(fixed_percent(row[side]) for side in sides)] for row in rows],
        "set": {"height": 34 * len(rows)},
    }


def trend_table(result: Result | None) -> list[list[str]]:
    """The paths between tables with the lowest similarity: hops, tables, score."""
    if result is None or result.value is None:
        return []
    paths = [
        (score, hops, label)
        for hops, scores in result.detail["paths"].items()
        for label, score in scores.items()
    ]
    return [[hops, label, f"{score:.1f}"] for score, hops, label in sorted(paths)[:15]]


def _sides(data: EncodedDataset, *tables: str) -> list[str]:
    return ["real", "synthetic", *(["holdout"] if data.has_holdout(*tables) else [])]


def _card(name: str, kind: str, sides: Mapping[str, Floats], note: str) -> Card:
    """Overlay of one number; the chart is None, with the reason, where rows are too few.

    Bins are those of real and synthetic values together: where all real parents have one value, the
    others would not be seen.
    """
    values = {
        "train" if side == "real" else side: each[~np.isnan(each)] for side, each in sides.items()
    }
    missing = {
        shown: 1 - len(values[shown]) / max(1, len(each))
        for shown, each in zip(values, sides.values(), strict=True)
    }
    extra = []
    if any(rate > 0 for rate in missing.values()):
        extra.append(["without a value", *(fixed_percent(rate) for rate in missing.values())])
    about: dict[str, Any] = {
        "name": name,
        "chart": "none",
        "reason": f"only {len(values['train'])} real values: a chart would disclose single rows",
    }
    if len(values["train"]) >= 2 * MIN_COUNT:
        bins = number_bins(np.concatenate([values["train"], values["synthetic"]]))
        counts = {side: bins.count(each) for side, each in values.items()}
        about |= {
            "chart": "histogram",
            "scale": bins.scale,
            "edges": [float(f"{edge:.14g}") for edge in bins.edges],
            "labels": bins.labels(),
            "counts": {side: disclosed(each, side).tolist() for side, each in counts.items()},
            "missing": missing,
            "overlap": overlap(counts["train"], counts["synthetic"]),
            "overlap_holdout": overlap(counts["train"], counts.get("holdout")),
        }
    return {
        "name": displayed(name),
        "kind": kind,
        "note": note,
        "reason": about.get("reason", ""),
        "chart": charts.column_chart(about),
        "sides": list(missing),
        "extra": extra,
    }


def _distance(first: Floats, second: Floats) -> float:
    """Kolmogorov-Smirnov distance with missing values as the smallest value."""
    if not len(first) or not len(second):
        return 0.0
    a, b = (np.sort(np.nan_to_num(values, nan=-np.inf)) for values in (first, second))
    grid = np.concatenate([a, b])
    below = [np.searchsorted(each, grid, side="right") / len(each) for each in (a, b)]
    return float(np.abs(below[0] - below[1]).max())
