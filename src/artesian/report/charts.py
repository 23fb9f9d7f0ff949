"""Charts as data: aggregates of a summary with a template, a text alternative and a table.

A chart is a dict: 'template' (a name in `templates`), 'rows' (one per mark, each with an index 'i'),
'title', 'alt' (text alternative), 'head' and 'table' (the same numbers as a table), and 'set' (values
of the template's parameters, such as axis titles).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from artesian.core.formatting import by_table, date, displayed, fixed_percent, number

Chart = dict[str, Any]

ASSOCIATION_MAPS = {
    "train": "Train",
    "synthetic": "Synthetic",
    "difference": "Difference between synthetic and train",
    "holdout": "Difference between holdout and train",
}
"""Heat maps of associations between columns: key in the summary, title."""

MAX_LABELS = 26
"""Columns of a heat map up to which every label fits, also in a narrow window."""


def number_charts(charts: Iterable[Chart]) -> None:
    """Give each chart of a page an 'id' and the 'height' that is reserved for it."""
    for n, chart in enumerate(charts):
        chart["id"], chart["height"] = f"chart-{n}", height(chart)


def height(chart: Chart) -> int:
    """Pixels to reserve before a chart is drawn, so that the page does not jump."""
    kind = chart["template"].partition("-")[0]
    plot_height: int = chart["set"].get("height", 0)
    fixed = {
        "histogram": 175 if chart["set"].get("x") else 158,
        "heat": 470,
        "density": 285,
        "lags": 175,
        "roc": 325,
        "nearest": 310,
    }
    return fixed.get(kind, plot_height + (45 if kind == "utility" else 28))


def column_chart(column: Mapping[str, Any]) -> Chart | None:
    """Histogram or bar chart of one column; None where it has none."""
    if column["chart"] == "none":
        return None
    proportions = _proportions(column)
    sides = list(proportions)
    rows = [
        {"i": i, "label": label} | {side: _rounded(proportions[side][i]) for side in sides}
        for i, label in enumerate(column["labels"])
    ]
    chart = {
        "title": displayed(column["name"]),
        "alt": _column_alt(column, proportions),
        "head": [_bin_name(column), *sides],
        "table": [[row["label"], *(fixed_percent(row[s]) for s in sides)] for row in rows],
        "rows": rows,
    }
    if column["chart"] == "bars":
        return chart | {"template": "bars", "set": {"height": 18 * len(rows)}}
    edges = column["edges"]
    for row, low, high in zip(rows, edges, edges[1:], strict=False):
        row["a"], row["b"] = low, high
    rows.append(dict(rows[-1], i=-9, a=edges[-1]))  # closes the last step of the outlines
    # The heading of the card names the column; the axis only needs a title if it is not the value.
    title = "characters" if column.get("chart_of") == "length" else None
    return chart | {"template": f"histogram-{column['scale']}", "set": {"x": title}}


def association_chart(pairs: Mapping[str, Any], key: str) -> Chart | None:
    """Heat map of `ASSOCIATION_MAPS`; None if the summary does not contain it."""
    matrix = pairs[key]
    if matrix is None:
        return None
    is_difference = key in ("difference", "holdout")
    lowest = min((v for w in ("train", "synthetic") for row in pairs[w] for v in row), default=0.0)
    alt = f"Heat map of {len(matrix)} by {len(matrix)} columns."
    if pairs["worst"] and is_difference:
        first = pairs["worst"][0]
        alt += f" {first['columns'][0]} with {first['columns'][1]}: {number(first[key])}."
    signed = not is_difference and lowest < -0.05
    differences = (v for w in ("difference", "holdout") for row in pairs[w] or () for v in row)
    return {
        "template": "heat-signed" if signed else "heat",
        "title": ASSOCIATION_MAPS[key],
        "alt": alt,
        "matrix": {"names": pairs["columns"], "values": [[round(v, 3) for v in r] for r in matrix]},
        "head": [],
        "table": [],
        "set": {
            "maximum": max(0.1, *differences) if is_difference else 1,
            "overlap": False if len(matrix) <= MAX_LABELS else "greedy",
        },
    }


def pairs_table(pairs: Mapping[str, Any]) -> tuple[list[str], list[list[str]]]:
    """Head and rows of the table of pairs with the largest differences."""
    head = ["column", "with", "difference of synthetic", "difference of holdout"]
    return head, [
        [*pair["columns"], number(pair["difference"]), number(pair["holdout"])]
        for pair in pairs["worst"]
    ]


def projection_chart(projection: Mapping[str, Any], side: str) -> Chart | None:
    """Density of one table on the principal components; None if that table is absent."""
    counts = projection["counts"][side]
    if counts is None:
        return None
    grid, total = projection["grid"], max(1, sum(counts))
    occupied = [(at, n) for at, n in enumerate(counts) if n]
    rows = [
        {"i": i, "x": at % grid, "y": at // grid, "density": _rounded(n / total)}
        for i, (at, n) in enumerate(occupied)
    ]
    maximum = max(max(c) / max(1, sum(c)) for c in projection["counts"].values() if c)
    quadrants = _quadrants(counts, grid, total)
    alt = ", ".join(f"{fixed_percent(part)} {name}" for name, part in quadrants.items())
    title = side.capitalize()
    across, up = (", ".join(axis) for axis in projection["axes"])
    return {
        "template": "density",
        "title": title,
        "alt": f"{title} rows on two principal components. Rows per quadrant: {alt}.",
        "rows": rows,
        "head": ["quadrant", "fraction of rows"],
        "table": [[name, fixed_percent(part)] for name, part in quadrants.items()],
        "set": {
            "x": f"mainly {across}",
            "y": f"mainly {up}",
            "maximum": _rounded(maximum),
            "across": list(range(grid)),
            "up": list(range(grid))[::-1],
        },
    }


def detector_chart(detector: Mapping[str, Any]) -> Chart:
    """ROC curves of the detector on synthetic rows and, as a reference, on real rows."""
    curve = next(iter(detector["curves"].values()))
    return _roc_chart(
        detector["curves"],
        title="Detection of synthetic rows",
        alt=f"ROC curve, AUC {number(detector['auc'])}; 0.5 is chance, 1 is perfect detection. "
        f"At a false-positive rate of 10\u202f% the true-positive rate is "
        f"{fixed_percent(_at(curve, 0.1))}.",
        axes=("false-positive rate (real rows)", "true-positive rate (synthetic rows)"),
    )


def attack_chart(attack: Mapping[str, Any]) -> Chart:
    """ROC curves of the membership inference attacks, on average and on outliers."""
    curves = "; ".join(
        f"{name}: AUC {number(attack['areas'][name])}, true-positive rate "
        f"{fixed_percent(_at(curve, 0.01))} at a false-positive rate of 1\u202f%"
        for name, curve in attack["curves"].items()
    )
    return _roc_chart(
        attack["curves"],
        title="Membership inference",
        alt=f"ROC curves; an AUC of 0.5 is chance. {curves}.",
        axes=("false-positive rate (holdout rows)", "true-positive rate (train rows)"),
    )


def _roc_chart(
    curves: Mapping[str, Sequence[Sequence[float]]], *, title: str, alt: str, axes: tuple[str, str]
) -> Chart:
    rows: list[dict[str, Any]] = []
    for name, curve in curves.items():
        for x, y in curve:
            rows.append({"i": len(rows), "curve": name, "x": round(x, 4), "y": round(y, 4)})
    rates = [0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7]
    return {
        "template": "roc",
        "title": title,
        "alt": alt,
        "rows": rows,
        "head": ["false-positive rate", *curves],
        "table": [
            [fixed_percent(x), *(fixed_percent(_at(curve, x)) for curve in curves.values())]
            for x in rates
        ],
        "set": {"x": axes[0], "y": axes[1]},
    }


def utility_chart(utility: Mapping[str, Any]) -> Chart:
    """Scores on holdout rows of one model trained on train rows and on synthetic rows."""
    rows = [dict(bar, i=i, value=round(bar["value"], 4)) for i, bar in enumerate(utility["bars"])]
    scores = "; ".join(f"{bar['label']} {number(bar['value'])}" for bar in utility["bars"])
    intervals = [bar.get("interval") for bar in utility["bars"]]
    for row, interval in zip(rows, intervals, strict=True):
        row.pop("interval", None)
        if interval is not None:
            row["low"], row["high"] = (round(end, 4) for end in interval)
    lows = [min(row.get("low", row["value"]), 0.0) for row in rows]
    measure = utility["measure"]
    return {
        "template": "utility",
        "title": f"Prediction of holdout rows ({measure})",
        "alt": f"{measure} on holdout rows, trained on: {scores}.",
        "rows": rows,
        "head": ["trained on", measure, "95\u202f% interval"],
        "table": [
            [bar["label"], number(bar["value"]), _interval_text(interval)]
            for bar, interval in zip(utility["bars"], intervals, strict=True)
        ],
        "set": {"x": measure, "low": min(lows), "height": 44 * len(rows)},
    }


def nearest_chart(nearest: Mapping[str, Any]) -> Chart:
    """Histograms of distances to the closest record of another table."""
    series, edges = nearest["series"], nearest["edges"]
    rows: list[dict[str, Any]] = []
    table = []
    for i, (low, high) in enumerate(pairwise(edges)):
        label = f"{number(low)} to {number(high)}"
        place = {"i": i, "a": low, "b": high, "label": label}
        rows += [
            place | {"series": name, "proportion": _rounded(values[i])}
            for name, values in series.items()
        ]
        table.append([label, *(fixed_percent(values[i]) for values in series.values())])
    closing = [dict(rows[k - len(series)], i=-9, a=edges[-1]) for k in range(len(series))]
    medians = ", ".join(f"{number(_median(v, edges))} ({name})" for name, v in series.items())
    return {
        "template": "nearest",
        "title": "Distance to closest record",
        "alt": f"Median distance to the closest record: {medians}.",
        "rows": rows + closing,
        "head": ["distance", *series],
        "table": table,
        "set": {"series": list(series)},
    }


def _proportions(column: Mapping[str, Any]) -> dict[str, list[float]]:
    """Proportion of all rows per bin and table, including missing and frequent values in the total."""
    proportions: dict[str, list[float]] = {}
    for side, counts in column["counts"].items():
        if counts is None:
            continue
        outside = column["missing"][side] or 0.0
        outside += sum(value[side] or 0.0 for value in column.get("frequent_values", ()))
        total, inside = sum(counts), max(0.0, 1 - outside)
        proportions[side] = [n / total * inside if total else 0.0 for n in counts]
    return proportions


def _column_alt(column: Mapping[str, Any], proportions: Mapping[str, list[float]]) -> str:
    sentences = [f"Proportion of rows by {_bin_name(column)} of {displayed(column['name'])}."]
    if column["overlap"] is not None:
        holdout = column["overlap_holdout"]
        sentences.append(
            f"Overlap with train: {fixed_percent(column['overlap'])} synthetic"
            + ("." if holdout is None else f", {fixed_percent(holdout)} holdout.")
        )
    medians = column.get("median")
    if medians and medians["train"] is not None:
        write = date if column.get("scale") == "time" else number
        sentences.append(f"Median: {by_table(medians, write)}.")
    if "synthetic" in proportions:
        pairs = zip(proportions["train"], proportions["synthetic"], strict=True)
        differences = [abs(train - synthetic) for train, synthetic in pairs]
        at = differences.index(max(differences))
        here = {side: values[at] for side, values in proportions.items()}
        sentences.append(f"Largest difference at {column['labels'][at]}: {by_table(here)}.")
    return " ".join(sentences)


def _bin_name(column: Mapping[str, Any]) -> str:
    if column["chart"] == "bars":
        return "category"
    if column.get("chart_of") == "length":
        return "length in characters"
    return "date" if column.get("scale") == "time" else "range"


def _quadrants(counts: Sequence[int], grid: int, total: int) -> dict[str, float]:
    sums = {"lower left": 0, "lower right": 0, "upper left": 0, "upper right": 0}
    for at, n in enumerate(counts):
        up, right = at // grid >= grid / 2, at % grid >= grid / 2
        sums[f"{'upper' if up else 'lower'} {'right' if right else 'left'}"] += n
    return {name: n / total for name, n in sums.items()}


def _at(curve: Sequence[Sequence[float]], x: float) -> float:
    """Linear interpolation of a non-decreasing curve at `x`."""
    for (x0, y0), (x1, y1) in pairwise(curve):
        if x0 <= x <= x1 and x1 > x0:
            return y0 + (y1 - y0) * (x - x0) / (x1 - x0)
    return curve[-1][1]


def _median(counts: Sequence[float], edges: Sequence[float]) -> float:
    """Median of a histogram, by linear interpolation within its bin."""
    below, half = 0.0, sum(counts) / 2
    for n, low, high in zip(counts, edges, edges[1:], strict=False):
        if n and below + n >= half:
            return low + (high - low) * (half - below) / n
        below += n
    return edges[-1]


def _interval_text(interval: Sequence[float] | None) -> str:
    return "none" if interval is None else f"{number(interval[0])} to {number(interval[1])}"


def _rounded(proportion: float) -> float:
    return float(f"{proportion:.4g}")
