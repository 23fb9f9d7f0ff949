"""The table of docs/augmentation.md, written from augmentation.json."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markdown_text import number, paragraph, table

Results = Mapping[str, Any]

CLAIM = 0.05
"""Relative gain from which on the claim of 5 to 10 % holds, if its interval is above 0."""

MEASURES = {"f1": "F1", "f1_tuned": "tuned F1", "auroc": "AUROC"}


def gains(results: Results) -> str:
    """For each set and learner the gain of the most favourable method, and where the claim holds."""
    lines = []
    for name, one in results["augmentation"]["sets"].items():
        for learner, summary in one["summary"].items():
            lines.append(
                [
                    f"{name}, {one['class_rows']} of {number(one['rows'], 0)}",
                    learner,
                    *(_gain(summary[measure]["nothing"]) for measure in MEASURES),
                    *(_gain(summary[measure]["cheap"]) for measure in ("f1_tuned", "auroc")),
                    holds(summary),
                ]
            )
    head = ["set, rows of the class", "learner", *(f"{title}" for title in MEASURES.values())]
    head += ["tuned F1 over the best cheap one", "AUROC over the best cheap one", "claim holds"]
    return table(head, lines)


def holds(summary: Results) -> str:
    """The measures and baselines for which the claim holds."""
    true = [
        f"{MEASURES[measure]} over {against}"
        for measure in MEASURES
        for against, key in (("nothing", "nothing"), ("the best cheap one", "cheap"))
        if _holds(summary[measure][key])
    ]
    return ", ".join(true) or "no"


def _holds(one: Results) -> bool:
    return bool(one["low"] > 0 and one["difference"] >= CLAIM * one["baseline"])


def conclusion(results: Results) -> str:
    """How often the claim holds, and how much was measured."""
    sets = results["augmentation"]["sets"]
    every = [summary for one in sets.values() for summary in one["summary"].values()]
    count = {
        (measure, key): sum(_holds(summary[measure][key]) for summary in every)
        for measure in MEASURES
        for key in ("nothing", "cheap")
    }
    repeats = [one["repeats"] for one in sets.values()]
    about = results["augmentation"]
    planned, left = about["repeats_planned"], [n for n in about["sets_planned"] if n not in sets]
    unmeasured = f" Not measured yet: {', '.join(left)}." if left else ""
    times = f"{min(repeats)}" if len(set(repeats)) == 1 else f"{min(repeats)} to {max(repeats)}"
    return paragraph(
        f"""Of {len(every)} pairs of {len(sets)} sets and a learner, a gain of 5 % or more beyond chance
        over doing nothing is reached in {count["f1", "nothing"]} for F1 at the threshold 0.5, in
        {count["f1_tuned", "nothing"]} for F1 at a tuned threshold and in {count["auroc", "nothing"]}
        for AUROC; over the best of doing nothing, class weights, over-sampling and SMOTE in
        {count["f1", "cheap"]}, {count["f1_tuned", "cheap"]} and {count["auroc", "cheap"]}
        ({about["folds"]} folds, {times} of {planned} planned repeats, `benchmarks/augmentation.py`).
        With few repeats and rows, the intervals are wide: no gain is shown, which does not show that
        there is none.{unmeasured}"""
    )


def _gain(one: Results) -> str:
    digits = (number(one[key], 3) for key in ("difference", "low", "high"))
    return "{} ({} to {})".format(*digits)
