"""Results of an imputation as rows of text and as Markdown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from artesian.core.formatting import fixed_percent
from artesian.report.markdown import escaped

HEAD = ("column", "imputed", "masked", "error", "of the baseline", "coverage")


def to_markdown(results: Mapping[str, Any]) -> str:
    """What was imputed, and the check on masked values."""
    lines = [lead(results), "", f"| {' | '.join(HEAD)} |", "|:--|" + "--:|" * (len(HEAD) - 1)]
    lines += [f"| {' | '.join(escaped(text) for text in row)} |" for row in check_rows(results)]
    lines += ["", legend(results), "", *(f"- {escaped(note)}" for note in results["notes"])]
    return "\n".join(lines) + "\n"


def lead(results: Mapping[str, Any]) -> str:
    """What was imputed, in one sentence."""
    values = sum(results["imputed"].values())
    times = results["imputations"]
    return (
        f"{values:,} missing values of {len(results['imputed'])} columns were drawn by "
        f"{results['method']!r}, {times} time{'' if times == 1 else 's'}."
    )


def legend(results: Mapping[str, Any]) -> str:
    """What the columns of the check mean."""
    check = results["check"]
    return (
        f"Check: a tenth of the known values of holdout rows was masked and drawn {check['draws']} "
        f"times. Error of a number: root mean squared error of the mean, in standard deviations, and "
        f"coverage of the range of the draws ({check['nominal_coverage']:.0%} is right). Error of a "
        f"category: fraction that the most frequent draw misses, and mean probability of the right "
        f"one. Baseline: median, or most frequent value."
    )


def check_rows(results: Mapping[str, Any]) -> list[list[str]]:
    """One row for each imputed column."""
    checks = {one["column"]: one for one in results["check"]["columns"]}
    return [_row(name, rows, checks.get(name)) for name, rows in results["imputed"].items()]


def _row(name: str, imputed: int, check: Mapping[str, Any] | None) -> list[str]:
    row = [name, f"{imputed:,}"]
    if check is None:
        return [*row, "", "not checked", "", ""]
    number = check["measure"] == "error"
    error, baseline = (
        f"{check[key]:.3f}" if number else fixed_percent(check[key])
        for key in ("imputed", "baseline")
    )
    coverage = fixed_percent(check["coverage"])
    if check["interval"] is not None:
        low, high = check["interval"]
        coverage += f" ({low:.0%} to {high:.0%})"
    return [*row, f"{check['values']:,}", error, baseline, coverage]
