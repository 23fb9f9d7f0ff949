"""Related tables: orphans, time, and detection of children aggregated to their parents.

    python benchmarks/related_tables.py [--sets rossmann_100_subsampled ...] [--seeds 10]

Fitted once per set on all rows, sampled with each seed. Detection is that of the literature's C2ST with
aggregation (Hudovernik, Jurkovic & Strumbelj 2024): a row of the parent with number, means and numbers
of distinct values of its children (basic), and also deviations, extremes, first and last value (rich);
accuracy and AUC of gradient-boosted trees (scikit-learn; the literature has XGBoost) by five-fold
cross-validation, .5 being best. The interval of the mean is over seeds.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import accuracy_score, roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from artesian.core.run import Run
from artesian.data.dataset import Dataset
from artesian.data.read import read_dataset
from artesian.data.schema import ForeignKey
from artesian.synthesizers.relational.relational_trees import RelationalTrees
from machine import save

SETS = (
    "rossmann_100_subsampled",
    "walmart_subsampled",
    "rossmann_100",
    "f1_subsampled",
    "berka_notrans",
    "mutagenesis",
    "nycflights_june",
    "chinook",
    "northwind",
)
DETECTED = ("rossmann_100_subsampled", "walmart_subsampled")
"""Sets with published figures of detection."""

MIN_PARENTS = 40


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sets", nargs="*", default=list(SETS))
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--data", default=os.environ.get("ARTESIAN_DATA", "data"))
    asked = parser.parse_args()
    results: dict[str, Any] = {}
    for name in asked.sets:
        results[name] = measure(name, asked.seeds, Path(asked.data) / "relational" / name)
        print(name, json.dumps(results[name]), flush=True)
    save("related_tables", {"seeds": asked.seeds, "sets": results})


def measure(name: str, seeds: int, folder: Path) -> dict[str, Any]:
    """Times, rows, orphans and detection of one set."""
    real = declared(folder)
    start = time.process_time()
    model = RelationalTrees().fit(real, run=Run.from_seed(1))
    fitted = time.process_time()
    samples = [model.sample(run=Run.from_seed(2))]
    sampled = time.process_time()
    if name in DETECTED:
        samples += [model.sample(run=Run.from_seed(seed)) for seed in range(3, seeds + 2)]
    result: dict[str, Any] = {
        "tables": len(real),
        "rows": sum(len(table) for table in real.values()),
        "fit_cpu": round(fitted - start, 2),
        "sample_cpu": round(sampled - fitted, 2),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "orphans": sum(orphans(sample) for sample in samples),
    }
    if name in DETECTED:
        result["detection"] = {}
        for key in real.foreign_keys:
            if len(real[key.parent]) < MIN_PARENTS:
                continue
            for strength in ("basic", "rich"):
                rows = aggregated(real, key, strength)
                each = [
                    detection(rows, aggregated(sample, key, strength), seed)
                    for seed, sample in enumerate(samples)
                ]
                result["detection"][f"{key} ({strength})"] = {
                    measured: interval([one[place] for one in each])
                    for place, measured in enumerate(("accuracy", "auc"))
                }
    return result


def declared(folder: Path) -> Dataset:
    """A set with the keys of its metadata."""
    read = read_dataset(folder)
    metadata = json.loads((folder / "metadata.json").read_text())
    keys = tuple(
        ForeignKey(
            one["child"],
            tuple(one["child_columns"]),
            one["parent"],
            tuple(one["parent_columns"]),
        )
        for one in metadata["foreign_keys"]
    )
    tables = {
        name: replace(
            table,
            schema=replace(table.schema, key=tuple(metadata["tables"][name]["primary_key"])),
        )
        for name, table in read.items()
    }
    return replace(read, tables=tables, foreign_keys=keys)


def orphans(dataset: Dataset) -> int:
    """Rows that refer to no row."""
    count = 0
    for key in dataset.foreign_keys:
        child, parent = dataset.key_values(key)
        present = child.filter(pl.all_horizontal(pl.all().is_not_null()))
        count += present.join(parent.unique(), on=child.columns, how="anti").height
    return count


def aggregated(dataset: Dataset, key: ForeignKey, strength: str) -> pl.DataFrame:
    """Rows of the parent with aggregates of their children, without keys."""

    def keys_of(name: str) -> set[str]:
        own = {column for one in dataset.parents_of(name) for column in one.columns}
        return own | set(dataset[name].schema.key)

    child, parent = dataset[key.child].frame, dataset[key.parent].frame
    aggregates = [pl.len().alias("rows")]
    for name in child.columns:
        if name in keys_of(key.child):
            continue
        aggregates.append(pl.col(name).n_unique().alias(f"distinct {name}"))
        dtype = child[name].dtype
        if not (dtype.is_numeric() or dtype.is_temporal()):
            continue
        values = pl.col(name).to_physical().cast(pl.Float64)
        aggregates.append(values.mean().alias(f"mean {name}"))
        if strength == "rich":
            for kind in ("std", "min", "max", "first", "last"):
                aggregates.append(getattr(values, kind)().alias(f"{kind} {name}"))
    groups = child.group_by(list(key.columns)).agg(aggregates)
    joined = parent.join(
        groups, left_on=list(key.parent_columns), right_on=list(key.columns), how="left"
    )
    return joined.drop([name for name in joined.columns if name in keys_of(key.parent)])


def detection(real: pl.DataFrame, made: pl.DataFrame, seed: int) -> tuple[float, float]:
    """Accuracy and AUC of a classifier of real and synthetic rows, as many of each."""
    count = min(real.height, made.height)
    parts = [each.sample(count, seed=seed, shuffle=True) for each in (real, made)]
    columns = []
    for name in real.columns:
        both = pl.concat([part[name].to_frame() for part in parts], how="vertical_relaxed")[name]
        if both.dtype.is_numeric() or both.dtype.is_temporal():
            columns.append(both.to_physical().cast(pl.Float64).to_numpy())
        else:
            columns.append(both.cast(pl.String).rank("dense").cast(pl.Float64).to_numpy())
    x, y = np.array(columns).T, np.repeat([0, 1], count)
    folds = StratifiedKFold(5, shuffle=True, random_state=seed)
    model = HistGradientBoostingClassifier(max_iter=100, min_samples_leaf=5, random_state=seed)
    scores = cross_val_predict(model, x, y, cv=folds, method="predict_proba")[:, 1]
    return accuracy_score(y, scores > 0.5), roc_auc_score(y, scores)


def interval(values: list[float]) -> dict[str, float]:
    """Mean and 95 % interval of it over seeds."""
    mean = float(np.mean(values))
    error = 1.96 * float(np.std(values, ddof=1)) / len(values) ** 0.5 if len(values) > 1 else 0.0
    return {"mean": round(mean, 3), "low": round(mean - error, 3), "high": round(mean + error, 3)}


if __name__ == "__main__":
    main()
