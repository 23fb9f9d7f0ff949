"""The results of a benchmark as JSON and CSV."""

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
from artesian.bench.reasons import missing_values
from artesian.bench.runner import TrialResult
from artesian.bench.store import FORMAT
from artesian.runs.manifest import versions


def results_to_dict(
    plan: BenchmarkPlan, trials: Sequence[TrialResult], leaderboard: Leaderboard
) -> dict[str, Any]:
    """Content of `results.json`: JSON types only, six significant digits, never NaN."""
    results = {
        "format": FORMAT,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": versions(),
        "plan": plan.to_dict(),
        "trials": {
            "all": len(trials),
            "done": sum(trial.done for trial in trials),
            "failed": sum(not trial.done for trial in trials),
            "reused": sum(trial.reused for trial in trials),
        },
        "leaderboard": [asdict(one) for one in leaderboard.standings],
        "rankings": [asdict(one) for one in leaderboard.rankings],
        "references": leaderboard.references,
        "missing": missing_values(plan, trials),
        "rows": [_row(trial) for trial in trials],
    }
    plain: dict[str, Any] = _plain(results)
    return plain


def to_csv(results: Mapping[str, Any]) -> str:
    """Content of `results.csv`: one line per trial, and four columns per metric."""
    metrics = results["plan"]["metrics"]
    ends = ("", "_low", "_high", "_reference")
    head = ["method", "source", "seed", "status", "error", "reason"]
    steps = ["fit", "sample", "evaluate"]
    buffer = io.StringIO()
    out = csv.writer(buffer, lineterminator="\n")
    out.writerow(
        [*head, *(f"{step}_seconds" for step in steps), "memory_mb", "rows_train", "rows_synthetic"]
        + [metric + end for metric in metrics for end in ends]
    )
    for row in results["rows"]:
        line: list[Any] = [row[name] for name in head]
        line += [row["seconds"].get(step) for step in steps]
        line += [row["memory_mb"], row["rows"].get("train"), row["rows"].get("synthetic")]
        for metric in metrics:
            one = row["metrics"].get(metric, {})
            low, high = one.get("interval") or (None, None)
            line += [one.get("value"), low, high, one.get("reference")]
        out.writerow(line)
    return buffer.getvalue()


def _row(trial: TrialResult) -> dict[str, Any]:
    return {
        "method": trial.method,
        "source": trial.source,
        "seed": trial.seed,
        "status": "done" if trial.done else "failed",
        "error": trial.error,
        "reason": trial.reason,
        "seconds": trial.record.get("seconds", {}),
        "memory_mb": trial.record.get("memory_mb"),
        "threads": trial.record.get("threads"),
        "choice": trial.record.get("choice"),
        "rows": trial.record.get("rows", {}),
        "metrics": trial.record.get("metrics", {}),
    }


def _plain(value: Any) -> Any:
    """`value` as JSON types."""
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, float):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    return value
