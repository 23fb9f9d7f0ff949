"""Tables of the comparison with other synthesizers, from results/single_table.json.

`summary` is the table of the README, `protocol` and `data_sets` are docs/benchmarks.md.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from typing import Any

from markdown_text import table

OWN = ("trees", "boosted")
Row = dict[str, Any]

PROTOCOL = """- **Detection**: AUC of a classifier that distinguishes synthetic from real rows
  (LightGBM, {trees} trees of {leaves} leaves, learning rate {learning_rate}, {side:,} rows of each
  kind, {folds}-fold cross-validation). 0.5 is a random guess. No method has seen the *holdout* rows,
  so copying does not help there: rank the methods by that column. *Real* is the same classifier on
  training rows against holdout rows, the best value that a method can reach.
- **Utility**: a model trained on synthetic rows and tested on the holdout (TSTR; AUC, or R2 for a
  number), and the same model trained on real rows (TRTR).
- **DCR share**: proportion of synthetic rows that are closer to a training row than to a holdout
  row. 0.5 means no copying; it is no proof of privacy.
- **Copies**: proportion of synthetic rows equal to a training row; in parentheses, of holdout rows.
- Values are means of {seeds} sampling seeds of one fit, ± half a 95 % interval over the seeds (it
  does not cover the choice of split or of fit). Times are CPU seconds, in parentheses wall seconds. A
  sample has as many rows as the training half; its time is the median over the seeds.

Machine: {cpu}, {cores} cores, {memory_gb:.0f} GB, {system}, Python {python}.
"""

SUMMARY_METHODS = {
    "boosted": "Artesian `boosted`",
    "trees": "Artesian `trees`",
    "cart": "sequential CART",
    "tabular_argn": "TabularARGN",
    "tvae": "TVAE",
    "arf": "ARF",
    "ctgan": "CTGAN",
    "gaussian_copula": "GaussianCopula",
}

SUMMARY_SETS = {
    "adult": "adult",
    "credit_default": "credit default",
    "california_housing": "housing",
    "diamonds": "diamonds",
    "covertype_sample": "covertype",
}


def summary(results: Mapping[str, Any]) -> str:
    """Detection AUC / DCR share, for every method on every data set."""
    means = results["single_table"]["means"]
    lines = []
    for method, title in SUMMARY_METHODS.items():
        of_method = [means[name][method] for name in SUMMARY_SETS]
        lines.append(
            [title, *(f"{m['detection_holdout']:.3f} / {m['dcr_share']:.3f}" for m in of_method)]
        )
    return table(["method", *SUMMARY_SETS.values()], lines)


def protocol(results: Mapping[str, Any]) -> str:
    """How the figures of `data_sets` were measured, and on which machine."""
    measured = results["single_table"]
    seeds = max((len(row["seeds"]) for row in measured["rows"] if row["status"] == "ok"), default=0)
    return PROTOCOL.format(**measured["protocol"], **measured["machine"], seeds=seeds)


def data_sets(results: Mapping[str, Any]) -> str:
    """A section for each data set: all methods, and paired differences to ours."""
    rows = results["single_table"]["rows"]
    parts = []
    for name in dict.fromkeys(row["set"] for row in rows):
        of_set = [row for row in rows if row["set"] == name]
        parts.append(f"## {name}\n\n{set_table(of_set)}")
        parts += [differences for own in OWN if (differences := paired_table(of_set, own))]
    return "\n".join(parts)


def adversarial_forest(results: Mapping[str, Any]) -> str:
    """Our adversarial forest beside arfpy."""
    measured = results["adversarial_forest"]
    real = measured["real"]
    lines = [["training rows", f"{real['ks_tv']:.4f}", f"{real['pairs']:.4f}", "", ""]]
    for name in ("adversarial_forest", "arf"):
        row = measured[name]
        lines.append(
            [
                row["title"],
                f"{row['ks_tv']:.4f}",
                f"{row['pairs']:.4f}",
                f"{row['fit_cpu']:.1f}",
                f"{row['sample_cpu']:.2f}",
            ]
        )
    return table(["method", "KS and TV", "pairs", "fit, CPU-s", "sample, CPU-s"], lines)


def set_table(rows: list[Row]) -> str:
    """One line per method; of a failed one, the reason."""
    head = ["method", "detection, holdout", "detection, train", "real", "utility (TSTR / TRTR)"]
    head += ["DCR share", "copies", "fit", "sample", "peak GB"]
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
    return table(head, lines)


def paired_table(rows: list[Row], method: str) -> str:
    """Differences of our `method` to each peer, paired by seed; '' where ours has no result."""
    own = next((row for row in rows if row["method"] == method and row["status"] == "ok"), None)
    if own is None:
        return ""
    lines = []
    for row in rows:
        if row["status"] != "ok" or row["method"] in OWN:
            continue
        lower, upper = bounds(own, row, "detection_holdout")
        label = "lower" if upper < 0 else "higher" if lower > 0 else "not significant"
        dcr = bounds(own, row, "dcr_share")
        ratios = [f"{total(row, key) / max(total(own, key), 1e-3):.1f}" for key in ("cpu", "wall")]
        lines.append(
            [
                row["title"],
                f"{lower:+.3f} to {upper:+.3f}: {label}",
                f"{dcr[0]:+.3f} to {dcr[1]:+.3f}",
                *ratios,
            ]
        )
    if not lines:
        return ""
    head = [f"{own['title']} minus", "detection, holdout (95 %)", "DCR share (95 %)"]
    return table([*head, "CPU time ratio", "wall time ratio"], lines)


def bounds(own: Row, other: Row, key: str) -> tuple[float, float]:
    """The 95 % t-interval of the mean paired difference over the seeds, own minus other."""
    pairs = zip(own["seeds"], other["seeds"], strict=True)
    return interval([ours[key] - theirs[key] for ours, theirs in pairs])


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
    """The number of epochs, where it departs from the defaults of a peer."""
    epochs = row.get("settings", {}).get("epochs")
    return "" if epochs is None else f", {epochs} epochs"
