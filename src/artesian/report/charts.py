"""A summary's aggregates as charts: which template, which rows, in words, and as a table.

A chart is a dict: 'template' (a name in `templates.TEMPLATES`), 'rows' (one a mark, each with an
index 'i'), 'title', 'alt' (the chart in words), 'head' and 'table' (the same numbers to read), and
'set' (what the template leaves open, such as axis titles).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from artesian.report.words import beside, moment, number, percent, shown

Chart = dict[str, Any]


def height(chart: Chart) -> int:
    """Pixels to keep free until it is drawn, so that the page does not jump."""
    kind = chart["template"].partition("-")[0]
    told: int = chart["set"].get("height", 0)
    drawn = {
        "histogram": 175 if chart["set"].get("x") else 158,
        "heat": 470,
        "density": 285,
        "roc": 325,
        "nearest": 265,
    }
    return drawn.get(kind, told + (45 if kind == "utility" else 28))


def of_column(column: Mapping[str, Any]) -> Chart | None:
    """The chart of one column; None where it has none."""
    if column["chart"] == "none":
        return None
    shares = _shares(column)
    present = list(shares)
    rows = [
        {"i": i, "label": label} | {side: _rounded(shares[side][i]) for side in present}
        for i, label in enumerate(column["labels"])
    ]
    chart = {
        "title": shown(column["name"]),
        "alt": _alt(column, shares),
        "head": [_what(column), *present],
        "table": [[row["label"], *(percent(row[s]) for s in present)] for row in rows],
        "rows": rows,
    }
    if column["chart"] == "bars":
        return chart | {"template": "bars", "set": {"height": 18 * len(rows)}}
    edges = column["edges"]
    for row, low, high in zip(rows, edges, edges[1:], strict=False):
        row["a"], row["b"] = low, high
    rows.append(dict(rows[-1], i=-9, a=edges[-1]))  # closes the last step of the outlines
    # The card's heading names the column already; an axis says only what is measured of it.
    what = "characters" if column.get("chart_of") == "length" else None
    return chart | {"template": f"histogram-{column['scale']}", "set": {"x": what}}


PAIR_MAPS = {
    "real": "Real",
    "synthetic": "Synthetic",
    "difference": "Distance of synthetic from real",
    "holdout": "Distance of holdout from real",
}


def of_pairs(told: Mapping[str, Any], which: str) -> Chart | None:
    """One heat map of `PAIR_MAPS`; None if the summary does not have it."""
    matrix = told[which]
    if matrix is None:
        return None
    apart = which in ("difference", "holdout")
    lowest = min((v for w in ("real", "synthetic") for row in told[w] for v in row), default=0.0)
    title, worst = PAIR_MAPS[which], told["worst"]
    alt = f"Heat map of {len(matrix)} by {len(matrix)} columns."
    if worst and apart:
        key, at = worst[0], 0 if which == "difference" else 1
        largest = (key["difference"], key["holdout"])[at]
        alt += f" {key['columns'][0]} with {key['columns'][1]}: {number(largest)}."
    signed = not apart and lowest < -0.05
    most = max(0.1, *(v for w in ("difference", "holdout") for row in told[w] or () for v in row))
    return {
        "template": "heat-signed" if signed else "heat",
        "title": title,
        "alt": alt,
        "matrix": {"names": told["columns"], "values": [[round(v, 3) for v in r] for r in matrix]},
        "head": [],
        "table": [],
        "set": {"most": most if apart else 1},
    }


def pairs_table(told: Mapping[str, Any]) -> tuple[list[str], list[list[str]]]:
    """The pairs that differ most, to read."""
    head = ["column", "with", "distance of synthetic", "distance of holdout"]
    return head, [
        [*pair["columns"], number(pair["difference"]), number(pair["holdout"])]
        for pair in told["worst"]
    ]


def of_projection(told: Mapping[str, Any], side: str) -> Chart | None:
    """How densely one table fills the map; None if that table is not there."""
    counts = told["counts"][side]
    if counts is None:
        return None
    grid, total = told["grid"], max(1, sum(counts))
    rows = [
        {"i": i, "x": at % grid, "y": at // grid, "share": _rounded(held / total)}
        for i, (at, held) in enumerate((a, h) for a, h in enumerate(counts) if h)
    ]
    most = max(max(held) / max(1, sum(held)) for held in told["counts"].values() if held)
    quarters = _quarters(counts, grid, total)
    said = ", ".join(f"{percent(share)} {place}" for place, share in quarters.items())
    title = side.capitalize()
    across, up = (", ".join(axis) for axis in told["axes"])
    return {
        "template": "density",
        "title": title,
        "alt": f"{title} rows on two directions of all columns. Of the rows lie {said}.",
        "rows": rows,
        "head": ["quarter", "share of rows"],
        "table": [[place, percent(share)] for place, share in quarters.items()],
        "set": {
            "x": f"mostly {across}",
            "y": f"mostly {up}",
            "most": _rounded(most),
            "across": list(range(grid)),
            "up": list(range(grid))[::-1],
        },
    }


def of_detector(told: Mapping[str, Any]) -> Chart:
    """The detector's ROC curve, beside that of real rows against real rows where known."""
    first = next(iter(told["curves"].values()))
    return _roc(
        told["curves"],
        title="How well a detector tells them apart",
        alt=f"ROC curve, area {number(told['auc'])}; 0.5 is a coin toss, 1 is always right. "
        f"At 10\u202f% false alarms it finds {percent(_at(first, 0.1))} of the synthetic rows.",
        axes=("real rows taken for synthetic", "synthetic rows found"),
    )


def of_attack(told: Mapping[str, Any]) -> Chart:
    """The attackers' ROC curves, on average and on isolated rows."""
    said = "; ".join(
        f"{name}: area {number(told['areas'][name])}, {percent(_at(curve, 0.01))} found at 1\u202f% "
        "false alarms"
        for name, curve in told["curves"].items()
    )
    return _roc(
        told["curves"],
        title="How well an attacker tells training rows from unseen ones",
        alt=f"ROC curves; 0.5 is a guess. {said}.",
        axes=("unseen rows taken for training rows", "training rows found"),
    )


def _roc(
    curves: Mapping[str, Sequence[Sequence[float]]], *, title: str, alt: str, axes: tuple[str, str]
) -> Chart:
    rows: list[dict[str, Any]] = []
    for name, curve in curves.items():
        for x, y in curve:
            rows.append({"i": len(rows), "curve": name, "x": round(x, 4), "y": round(y, 4)})
    alarms = [0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7]
    return {
        "template": "roc",
        "title": title,
        "alt": alt,
        "rows": rows,
        "head": ["false alarms", *curves],
        "table": [
            [percent(x), *(percent(_at(curve, x)) for curve in curves.values())] for x in alarms
        ],
        "set": {"x": axes[0], "y": axes[1]},
    }


def of_utility(told: Mapping[str, Any]) -> Chart:
    """Scores of the same model, trained on real and trained on synthetic rows."""
    rows = [dict(bar, i=i, value=round(bar["value"], 4)) for i, bar in enumerate(told["bars"])]
    said = "; ".join(f"{bar['label']} {number(bar['value'])}" for bar in told["bars"])
    spans = [bar.get("interval") for bar in told["bars"]]
    for row, span in zip(rows, spans, strict=True):
        row.pop("interval", None)
        if span is not None:
            row["low"], row["high"] = (round(end, 4) for end in span)
    lows = [min(row.get("low", row["value"]), 0.0) for row in rows]
    return {
        "template": "utility",
        "title": f"Prediction of unseen real rows ({told['measure']})",
        "alt": f"{told['measure']} on unseen real rows: {said}.",
        "rows": rows,
        "head": ["trained on", told["measure"], "95\u202f% interval"],
        "table": [
            [bar["label"], number(bar["value"]), _span(span)]
            for bar, span in zip(told["bars"], spans, strict=True)
        ],
        "set": {"x": told["measure"], "low": min(lows), "height": 44 * len(rows)},
    }


def of_nearest(told: Mapping[str, Any]) -> Chart:
    """Distances to the nearest record, for synthetic rows and for real ones."""
    names = list(told["series"])
    edges = told["edges"]
    rows: list[dict[str, Any]] = []
    table = []
    for i, (low, high) in enumerate(pairwise(edges)):
        label = f"{number(low)} to {number(high)}"
        held = {name: told["series"][name][i] for name in names}
        place = {"i": i, "a": low, "b": high, "label": label}
        rows += [place | {"series": n, "share": _rounded(share)} for n, share in held.items()]
        table.append([label, *(percent(share) for share in held.values())])
    closing = [dict(rows[-len(names) + k], i=-9, a=edges[-1]) for k in range(len(names))]
    middles = ", ".join(f"{number(_middle(told['series'][n], edges))} ({n})" for n in names)
    return {
        "template": "nearest",
        "title": "Distance to the nearest record",
        "alt": f"Half of the rows have their nearest record within: {middles}.",
        "rows": rows + closing,
        "head": ["distance", *names],
        "table": table,
        "set": {"series": names},
    }


def _shares(column: Mapping[str, Any]) -> dict[str, list[float]]:
    """Shares of all rows of each table that is there: missing and heavy values do not vanish."""
    found: dict[str, list[float]] = {}
    for side, counts in column["counts"].items():
        if counts is None:
            continue
        apart = column["missing"][side] or 0.0
        apart += sum(atom[side] or 0.0 for atom in column.get("atoms", ()))
        total = sum(counts)
        found[side] = [held / total * max(0.0, 1 - apart) if total else 0.0 for held in counts]
    return found


def _alt(column: Mapping[str, Any], shares: Mapping[str, list[float]]) -> str:
    """A column's chart in words."""
    told = [f"Shares of rows by {_what(column)} of {shown(column['name'])}."]
    if column["overlap"] is not None:
        told.append(f"Overlap with real: {percent(column['overlap'])} synthetic" + _versus(column))
    medians = column.get("median")
    if medians and medians["real"] is not None:
        write = moment if column.get("scale") == "time" else number
        told.append(f"Median: {beside(medians, write)}.")
    if "synthetic" in shares:
        pairs = zip(shares["real"], shares["synthetic"], strict=True)
        gaps = [abs(real - synthetic) for real, synthetic in pairs]
        at = gaps.index(max(gaps))
        held = {side: shares[side][at] for side in shares}
        told.append(f"Largest gap at {column['labels'][at]}: {beside(held)}.")
    return " ".join(told)


def _versus(column: Mapping[str, Any]) -> str:
    held = column["overlap_holdout"]
    return "." if held is None else f", {percent(held)} holdout."


def _what(column: Mapping[str, Any]) -> str:
    if column["chart"] == "bars":
        return "category"
    if column.get("chart_of") == "length":
        return "length in characters"
    return "date" if column.get("scale") == "time" else "range"


def _quarters(counts: Sequence[int], grid: int, total: int) -> dict[str, float]:
    held = {"lower left": 0, "lower right": 0, "upper left": 0, "upper right": 0}
    for at, n in enumerate(counts):
        up, right = at // grid >= grid / 2, at % grid >= grid / 2
        held[f"{'upper' if up else 'lower'} {'right' if right else 'left'}"] += n
    return {place: n / total for place, n in held.items()}


def _at(curve: Sequence[Sequence[float]], x: float) -> float:
    """The height of a rising curve at `x`, between its points by a straight line."""
    for (x0, y0), (x1, y1) in pairwise(curve):
        if x0 <= x <= x1 and x1 > x0:
            return y0 + (y1 - y0) * (x - x0) / (x1 - x0)
    return curve[-1][1]


def _middle(counts: Sequence[float], edges: Sequence[float]) -> float:
    below, half = 0.0, sum(counts) / 2
    for held, low, high in zip(counts, edges, edges[1:], strict=False):
        if held and below + held >= half:
            return low + (high - low) * (half - below) / held
        below += held
    return edges[-1]


def _span(span: Sequence[float] | None) -> str:
    return "none" if span is None else f"{number(span[0])} to {number(span[1])}"


def _rounded(share: float) -> float:
    return float(f"{share:.4g}")
