"""Tables of docs/tradeoff.md: the protocol of TabSyn, likeness against attacks, findings on leaks."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import mean
from typing import Any

from markdown_text import number, paragraph, table

Results = Mapping[str, Any]
Row = dict[str, Any]

TABLES = 20
"""Synthetic tables that the larger attack has; `20 n rows`."""

REAL = "real test rows"


def tabsyn_detection(results: Results) -> str:
    """Detection score of the protocol, against training rows and, after the slash, test rows."""
    measured = results["tabsyn"]
    sets = list(dict.fromkeys(row["set"] for row in measured["rows"]))
    lines = [
        [
            f"{title}, this run",
            *cells(
                of, sets, lambda r: f"{score(r['detection_train'])} / {score(r['detection_test'])}"
            ),
        ]
        for title, of in by_method(measured["rows"]).items()
    ]
    lines += [
        [f"{name}, published", *(number(scores[each], 3) for each in sets)]
        for name, scores in measured["published"].items()
    ]
    first = {row["set"]: row for row in measured["rows"]}
    lines.append([REAL, *(score(first[each]["reference"]["detection_train"]) for each in sets)])
    return table(["detection score", *sets], lines)


def tabsyn_likeness(results: Results) -> str:
    """Shape, Trend and usefulness of the protocol."""
    rows = results["tabsyn"]["rows"]
    sets = list(dict.fromkeys(row["set"] for row in rows))
    figures = ("shape", "trend", "usefulness")

    def shown(row: Row) -> str:
        return " / ".join(score(row[key]) for key in figures)

    lines = [[title, *cells(of, sets, shown)] for title, of in by_method(rows).items()]
    first = {row["set"]: row["reference"] for row in rows}
    lines.append([REAL, *(shown(first[each]) for each in sets)])
    return table(["Shape / Trend / usefulness", *sets], lines)


def tabsyn_attacks(results: Results) -> str:
    """AUC of the strongest membership attack with one synthetic table, and with twenty."""
    rows = results["tabsyn"]["rows"]
    sets = list(dict.fromkeys(row["set"] for row in rows))

    def shown(row: Row) -> str:
        return f"{score(row['attack_1'])} / {score(row[f'attack_{TABLES}'])}"

    lines = [[title, *cells(of, sets, shown)] for title, of in by_method(rows).items()]
    first = {row["set"]: row for row in rows}
    lines.append([REAL, *(score(first[each]["attack_fresh"]) for each in sets)])
    return table([f"strongest attack, n / {TABLES} n rows", *sets], lines)


def tradeoff(results: Results) -> str:
    """Detection, usefulness and excess of the strongest attack at each level."""
    lines = []
    for point in results["tradeoff"]["points"]:
        level = f" `--privacy {point['level']}`" if point["level"] else ""
        lines.append(
            [
                f"{point['set']} ({point['rows']:,} x {point['columns']})",
                f"{point['method']}{level}",
                score(point["detection_holdout"]),
                f"{score(point['tstr'])} / {score(point['trtr'])}",
                *(
                    f"{score(point[f'excess_{factor}'])} ± {score(point[f'half_{factor}'])}"
                    for factor in (1, TABLES)
                ),
            ]
        )
    head = ["set (training rows x columns)", "method", "detection", "TSTR / TRTR"]
    return table([*head, "excess, n rows", f"excess, {TABLES} n rows"], lines)


def memorisation(results: Results) -> str:
    """Excess of the strongest attack on each set, with the upper end of its interval."""
    lines = []
    for row in results["memorisation"]["sets"]:
        excesses = [
            f"{score(row[f'excess_{factor}'])} ({score(row[f'high_{factor}'])})"
            if f"excess_{factor}" in row
            else "-"
            for factor in (1, TABLES)
        ]
        lines.append([named(row), f"`{row['method']}`", str(len(row["splits"])), *excesses])
    head = ["set (training rows)", "method", "splits", "excess, n rows", f"excess, {TABLES} n rows"]
    return table(head, lines)


def release_models(results: Results) -> str:
    """What readers of a model and of a release model learn, and how well both are detected."""
    lines = []
    for row in results["memorisation"]["sets"]:
        splits = [split for split in row["splits"].values() if "release" in split]
        if splits:
            figures = ("work", "detection", "release", "detection_release")
            means = [mean([first(split[key]) for split in splits]) for key in figures]
            lines.append(
                [named(row), f"`{row['method']}`", str(len(splits)), *(score(m) for m in means)]
            )
    head = ["set (training rows)", "method", "splits", "reader of the model", "its detection"]
    return table([*head, "reader of the release model", "its detection"], lines)


def named(row: Row) -> str:
    return f"{row['set']} ({row['rows']:,})"


def first(figure: Any) -> float:
    """The value of a figure with its variance, or of one without."""
    return float(figure[0] if isinstance(figure, list) else figure)


def leaks(results: Results) -> str:
    """How many leaking and how many fresh tables have a privacy finding."""
    counted = results["leaks"]["counts"]
    leaking, fresh = counted["leaking"], counted["fresh"]
    return paragraph(
        f"""Of {leaking["tables"]} tables that leak, made by an earlier version without a limit of
        memorisation, the scorecard has a privacy finding for {leaking["with_a_finding"]}; of
        {fresh["tables"]} tables of fresh real rows, for {fresh["with_a_finding"]}
        (`benchmarks/leaks.py`)."""
    )


def by_method(rows: list[Row]) -> dict[str, dict[str, Row]]:
    """Title of a method to set to row."""
    out: dict[str, dict[str, Row]] = {}
    for row in rows:
        out.setdefault(row["title"], {})[row["set"]] = row
    return out


def cells(rows: dict[str, Row], sets: list[str], shown: Any) -> list[str]:
    return [shown(rows[each]) if each in rows else "-" for each in sets]


def score(value: float) -> str:
    return number(value, 3)
