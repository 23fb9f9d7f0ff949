"""A benchmark's results, written into its folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from artesian.bench.leaderboard import board
from artesian.bench.plan import BenchmarkPlan
from artesian.bench.results import to_csv
from artesian.bench.runner import Row
from artesian.report import leaderboard
from artesian.runs.output import write_json, write_text

HTML, JSON, CSV, MARKDOWN = (
    "leaderboard.html",
    "results.json",
    "results.csv",
    "leaderboard.md",
)


def write_leaderboard(out: Path, order: BenchmarkPlan, rows: Sequence[Row]) -> dict[str, Any]:
    """Write the leaderboard of `rows` into the folder `out`, over older ones, and return its JSON."""
    found = board(order, rows)
    results = leaderboard.to_dict(order, rows, found)
    write_json(out / JSON, results)
    write_text(out / CSV, to_csv(results))
    write_text(out / MARKDOWN, leaderboard.to_markdown(order, found))
    write_text(out / HTML, leaderboard.render(order, rows, found, results))
    return results
