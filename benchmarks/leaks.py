"""Whether the scorecard has a privacy finding for tables that leak, and none for fresh real rows.

    python benchmarks/leaks.py [--sets adult,credit_default] [--splits 3] [--fresh 20]

The leaking tables are those that `trees` and `boosted` of commit 940cb72 make of five sets and three
splits: an attack by the ratio of two densities tells their training rows. A third of the rows, 5,000
at most, are training rows, as many play the fresh rows, and all others, twice as many at most, are the
holdout. The findings are those of the metrics of the family `privacy` at their defaults. Results go to
results/leaks.json after each set.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from machine import HERE, RESULTS, own_environment, save
from older import COMMIT, old_source
from sets import ROOT

SETS = {
    "adult": "examples/adult.csv.gz",
    "credit_default": "tests/data_sets/credit_default.csv.gz",
    "california_housing": "tests/data_sets/california_housing.csv.gz",
    "online_shoppers": "tests/data_sets/online_shoppers.csv.gz",
    "covertype_sample": "tests/data_sets/covertype_sample.csv.gz",
}
DROPPED = {"credit_default": ("ID",)}
METHODS = ("trees", "boosted")
MAX_TRAIN = 5_000
SPLIT = (0.30, 0.30, 0.40)
"""Training rows, fresh rows, holdout."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sets", type=lambda text: text.split(","), default=list(SETS))
    parser.add_argument("--splits", type=int, default=3)
    parser.add_argument("--fresh", type=int, default=20, help="tables of fresh rows for each set")
    asked = parser.parse_args()
    sys.path.insert(0, str(HERE.parent / "src"))
    path = RESULTS / "leaks.json"
    tables = json.loads(path.read_text())["tables"] if path.exists() else []
    for name in asked.sets:
        tables = [row for row in tables if row["set"] != name] + measured(name, asked)
        tables.sort(key=lambda row: list(SETS).index(row["set"]))
        save("leaks", {"commit": COMMIT, "counts": counts(tables), "tables": tables})
        print(name, counts([row for row in tables if row["set"] == name]), flush=True)
    print(counts(tables))


def counts(tables: list[dict[str, Any]]) -> dict[str, dict[str, int]]:
    """Tables, and those with a finding, of the leaking and of the fresh ones."""
    kinds = {"leaking": METHODS, "fresh": ("fresh",)}
    of_kind = {k: [row for row in tables if row["method"] in kinds[k]] for k in kinds}
    return {
        kind: {"tables": len(rows), "with_a_finding": sum(bool(row["findings"]) for row in rows)}
        for kind, rows in of_kind.items()
    }


def measured(name: str, asked: argparse.Namespace) -> list[dict[str, Any]]:
    frame = pl.read_csv(ROOT / SETS[name], infer_schema_length=None)
    frame = frame.drop(DROPPED.get(name, ()))
    rows = []
    for split in range(max(asked.splits, asked.fresh)):
        train, fresh, holdout = parts(frame, split)
        if split < asked.splits:
            for method in METHODS:
                made = generated(train, method, HERE / ".runs" / f"leaks_{name}_{split}" / method)
                rows.append(judged(name, split, method, train, made, holdout))
        if split < asked.fresh:
            rows.append(judged(name, split, "fresh", train, fresh, holdout))
    return rows


def parts(frame: pl.DataFrame, split: int) -> list[pl.DataFrame]:
    order = np.random.default_rng(split).permutation(frame.height)
    scale = min(1.0, MAX_TRAIN / (SPLIT[0] * frame.height))
    ends = np.cumsum([int(part * scale * frame.height) for part in SPLIT])
    return [frame[at] for at in np.split(order[: ends[-1]], ends[:-1])]


def generated(train: pl.DataFrame, method: str, place: Path) -> pl.DataFrame:
    """What `method` of the earlier commit makes of `train`, from an export of that commit."""
    made = place / "0.parquet"
    if not made.exists():
        place.mkdir(parents=True, exist_ok=True)
        train.write_parquet(place / "train.parquet")
        command = [sys.executable, str(old_source() / "benchmarks/peers/artesian/run.py")]
        command += ["--method", method, "--train", str(place / "train.parquet")]
        command += ["--out", str(place), "--rows", str(train.height), "--seeds", "1"]
        environment = own_environment(2) | {"PYTHONPATH": str(old_source() / "src")}
        subprocess.run(command, check=True, env=environment)
    return pl.read_parquet(made)


def judged(
    name: str,
    split: int,
    method: str,
    train: pl.DataFrame,
    synthetic: pl.DataFrame,
    holdout: pl.DataFrame,
) -> dict[str, Any]:
    """The privacy findings of the scorecard, and its figures."""
    import artesian as ar
    from artesian.core.run import Run
    from artesian.metrics import CATALOG
    from artesian.metrics.evaluate import evaluate
    from artesian.metrics.protocol import Comparison

    real = ar.read(train)
    tables = [real.with_frame(f.cast(dict(train.schema))) for f in (synthetic, holdout)]
    metrics = tuple(key for key in CATALOG if CATALOG[key].spec.family == "privacy")
    started = time.process_time()
    card = evaluate(Comparison(real, *tables), metrics=metrics, run=Run.from_seed(split))
    return {
        "set": name,
        "split": split,
        "method": method,
        "rows": train.height,
        "columns": train.width,
        "findings": [finding.code for finding in card.findings],
        "values": {r.metric: round(r.value, 4) for r in card.results if r.value is not None},
        "cpu_seconds": round(time.process_time() - started, 1),
    }


if __name__ == "__main__":
    main()
