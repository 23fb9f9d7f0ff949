"""Write docs/benchmarks.md from results/single_table.json: a table a set, paired differences.

python benchmarks/page.py [--results FILE] [--page FILE]
"""

from __future__ import annotations

import argparse
import json
import statistics
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
OURS = ("trees", "boosted")
Row = dict[str, Any]

HEAD = """# Benchmarks: one table

Written by `benchmarks/page.py` from `benchmarks/results/single_table.json`; measured by
`benchmarks/single_table.py`, every method in a fresh process on the same half of the rows, the
peers in environments of their own at their defaults, in the same job.

- **Detection**: AUC of a classifier that tells synthetic rows from real ones (LightGBM, {trees}
  trees of {leaves} leaves, learning rate {learning_rate}, {side:,} rows a side, {folds} folds).
  0.5 is "cannot tell". *Holdout* rows were never shown to the method, so copying does not help
  there: rank on that column. *Real* is the same for train against holdout, the best a method can
  reach.
- **Useful**: a model trained on synthetic rows and tested on the holdout (TSTR; AUC, or R2),
  beside the same trained on real rows (TRTR).
- **Nearer to train**: share of synthetic rows nearer to a training row than to a holdout row; 0.5
  means "not copying" (it is no proof of privacy).
- **Copies**: synthetic rows equal to a training row; in brackets, holdout rows that are.
- Mean of {seeds} generation seeds of one fit, ± half a 95 % interval over the seeds (it does not
  cover the choice of split or of fit). Time: CPU seconds (wall seconds in brackets); a sample has
  as many rows as the training half, its time is the median over the seeds.

Machine: {cpu}, {cores} cores, {memory_gb:.0f} GB, {system}, Python {python}.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--results", type=Path, default=HERE / "results" / "single_table.json")
    parser.add_argument("--page", type=Path, default=HERE.parent / "docs" / "benchmarks.md")
    asked = parser.parse_args()
    asked.page.write_text(page(json.loads(asked.results.read_text())))


def page(results: dict[str, Any]) -> str:
    """The whole page, in Markdown."""
    rows = results["rows"]
    seeds = max((len(row["seeds"]) for row in rows if row["status"] == "ok"), default=0)
    parts = [HEAD.format(**results["protocol"], **results["machine"], seeds=seeds)]
    for name in dict.fromkeys(row["set"] for row in rows):
        of_set = [row for row in rows if row["set"] == name]
        parts.append(f"## {name}\n\n{set_table(of_set)}")
        parts += [table for ours in OURS if (table := paired_table(of_set, ours))]
    return "\n".join(parts)


def set_table(rows: list[Row]) -> str:
    """One line a method; a failed one says why."""
    head = ["method", "detection, holdout", "detection, train", "real", "useful (TSTR / TRTR)"]
    head += ["nearer to train", "copies", "fit", "sample", "peak GB"]
    lines = []
    for row in rows:
        if row["status"] != "ok":
            lines.append([row["title"], f"failed: {row['reason']}", *[""] * (len(head) - 2)])
            continue
        sample = {
            key: statistics.median(one[key] for one in row["sample"]) for key in ("cpu", "wall")
        }
        lines.append(
            [
                row["title"] + note(row),
                spread(row, "detection_holdout"),
                spread(row, "detection_train"),
                f"{mean(row, 'real_vs_real'):.3f}",
                f"{spread(row, 'tstr')} / {mean(row, 'trtr'):.3f}",
                spread(row, "dcr_share"),
                f"{mean(row, 'copies'):.2%} ({mean(row, 'copies_reference'):.2%})",
                seconds(row["fit"]),
                seconds(sample),
                f"{row['peak_gb']:.2f}",
            ]
        )
    return markdown(head, lines)


def paired_table(rows: list[Row], ours: str) -> str:
    """`ours` less each other method, seed by seed; '' where ours has no result."""
    own = next((row for row in rows if row["method"] == ours and row["status"] == "ok"), None)
    if own is None:
        return ""
    lines = []
    for row in rows:
        if row["status"] != "ok" or row["method"] in OURS:
            continue
        lower, upper = bounds(own, row, "detection_holdout")
        word = "lower" if upper < 0 else "higher" if lower > 0 else "not told apart"
        nearer = bounds(own, row, "dcr_share")
        ratios = [f"{total(row, key) / max(total(own, key), 1e-3):.1f}" for key in ("cpu", "wall")]
        lines.append(
            [
                row["title"],
                f"{lower:+.3f} to {upper:+.3f}: {word}",
                f"{nearer[0]:+.3f} to {nearer[1]:+.3f}",
                *ratios,
            ]
        )
    if not lines:
        return ""
    head = [f"{own['title']} less", "detection, holdout (95 %)", "nearer to train (95 %)"]
    return markdown([*head, "times faster, CPU", "times faster, wall"], lines)


def bounds(own: Row, other: Row, key: str) -> tuple[float, float]:
    """The 95 % t-interval of the mean paired difference over the seeds, own less other."""
    pairs = zip(own["seeds"], other["seeds"], strict=True)
    return interval([mine[key] - theirs[key] for mine, theirs in pairs])


def interval(values: list[float]) -> tuple[float, float]:
    """The 95 % t-interval of a mean; of a single value, from minus to plus infinity."""
    from scipy.stats import t

    middle = statistics.fmean(values)
    if len(values) < 2:
        return -float("inf"), float("inf")
    half = float(t.ppf(0.975, len(values) - 1)) * statistics.stdev(values) / len(values) ** 0.5
    return middle - half, middle + half


def total(row: Row, key: str) -> float:
    """Seconds of one fit and one sample."""
    return float(row["fit"][key] + statistics.median(one[key] for one in row["sample"]))


def mean(row: Row, key: str) -> float:
    return statistics.fmean(seed[key] for seed in row["seeds"])


def spread(row: Row, key: str) -> str:
    low, high = interval([seed[key] for seed in row["seeds"]])
    return (
        f"{(low + high) / 2:.3f} ± {(high - low) / 2:.3f}"
        if high < 1e9
        else f"{mean(row, key):.3f}"
    )


def seconds(spent: dict[str, float]) -> str:
    return f"{spent['cpu']:.2f} ({spent['wall']:.2f})"


def note(row: Row) -> str:
    """What departs from a peer's defaults and a reader should know."""
    epochs = row.get("settings", {}).get("epochs")
    return "" if epochs is None else f", {epochs} epochs"


def markdown(head: list[str], lines: list[list[str]]) -> str:
    rows = [head, ["---"] * len(head), *lines]
    return "".join("| " + " | ".join(cell for cell in row) + " |\n" for row in rows)


if __name__ == "__main__":
    main()
