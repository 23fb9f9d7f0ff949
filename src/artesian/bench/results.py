"""What a benchmark found, as JSON and CSV hold it."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from artesian.bench.leaderboard import Leaderboard
from artesian.bench.plan import BenchmarkPlan
from artesian.bench.runner import Row
from artesian.bench.store import FORMAT
from artesian.runs.manifest import versions


def results(order: BenchmarkPlan, rows: Sequence[Row], board: Leaderboard) -> dict[str, Any]:
    """`results.json`: JSON types only, six significant digits, never NaN."""
    told = {
        "format": FORMAT,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": versions(),
        "order": order.to_dict(),
        "cells": {
            "all": len(rows),
            "done": sum(row.done for row in rows),
            "failed": sum(not row.done for row in rows),
            "kept": sum(row.kept for row in rows),
        },
        "leaderboard": [asdict(one) for one in board.standings],
        "rankings": [asdict(one) for one in board.rankings],
        "references": board.references,
        "rows": [_row(row) for row in rows],
    }
    plain: dict[str, Any] = _plain(told)
    return plain


def to_csv(told: Mapping[str, Any]) -> str:
    """`results.csv`: a line for each cell, and four columns for each metric."""
    metrics = told["order"]["metrics"]
    ends = ("", "_low", "_high", "_reference")
    head = ["method", "source", "seed", "status", "error", "reason"]
    steps = ["fit", "sample", "judge"]
    buffer = io.StringIO()
    out = csv.writer(buffer, lineterminator="\n")
    out.writerow(
        [*head, *(f"{step}_seconds" for step in steps), "memory_mb", "rows_fitted", "rows_made"]
        + [metric + end for metric in metrics for end in ends]
    )
    for row in told["rows"]:
        found: list[Any] = [row[name] for name in head]
        found += [row["seconds"].get(step) for step in steps]
        found += [row["memory_mb"], row["rows"].get("train"), row["rows"].get("made")]
        for metric in metrics:
            one = row["metrics"].get(metric, {})
            low, high = one.get("interval") or (None, None)
            found += [one.get("value"), low, high, one.get("reference")]
        out.writerow(found)
    return buffer.getvalue()


def _row(row: Row) -> dict[str, Any]:
    return {
        "method": row.method,
        "source": row.source,
        "seed": row.seed,
        "status": "done" if row.done else "failed",
        "error": row.error,
        "reason": row.reason,
        "seconds": row.found.get("seconds", {}),
        "memory_mb": row.found.get("memory_mb"),
        "threads": row.found.get("threads"),
        "choice": row.found.get("choice"),
        "rows": row.found.get("rows", {}),
        "metrics": row.found.get("metrics", {}),
    }


def _plain(thing: Any) -> Any:
    if isinstance(thing, Mapping):
        return {str(key): _plain(value) for key, value in thing.items()}
    if isinstance(thing, list | tuple):
        return [_plain(value) for value in thing]
    if isinstance(thing, float):
        return float(f"{thing:.6g}") if math.isfinite(thing) else None
    return thing
