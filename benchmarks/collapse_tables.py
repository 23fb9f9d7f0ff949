"""The measured table and sentences of docs/collapse.md, written from collapse*.json."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markdown_text import number, paragraph, table

Results = Mapping[str, Any]


def power(results: Results) -> str:
    """Power and false alarms of the bias test."""
    about = results["collapse"]
    alarms = about["alarms"]
    return paragraph(
        f"""In {about["trials"]} simulated tests of 2,000 rows and five replicates each, the bias test
        reported {100 * alarms["temperature 0.9"]:.1f} % of the generators that sample at temperature
        0.9, and {100 * alarms["unbiased"]:.1f} % of the unbiased ones, over all strata jointly
        (`benchmarks/collapse.py`)."""
    )


def speed(results: Results) -> str:
    """Time of a stress test."""
    one = results["collapse_speed"]
    return paragraph(
        f"""The default test of `examples/adult.csv.gz` (trees, 2,000 rows, 10 generations, 5
        replicates, 3 policies and the bisection: {one["fits"]} fits) takes {one["cpu"]:.0f} CPU seconds
        in {one["workers"]} processes (`benchmarks/collapse_speed.py`)."""
    )


def remedies(results: Results) -> str:
    """What each remedy buys, for an unbiased generator and for one that samples at temperature 0.9."""
    lines = [
        [
            one["generator"],
            one["remedy"],
            _generations(one["generations_above_90"]),
            f"{100 * one['alive_10']:.0f} %",
            f"{100 * one['alive_50']:.0f} %",
            number(one["total_variation_10"], 2),
            number(one["real_rows_each_generation"], 0),
        ]
        for one in results["collapse"]["remedies"]
    ]
    head = [
        "generator",
        "remedy",
        "generations with 90 % alive",
        "alive after 10",
        "after 50",
        "distance to the real distribution after 10",
        "real rows used",
    ]
    return table(head, lines)


def _generations(value: int) -> str:
    return "all 50" if value == 50 else str(value)
