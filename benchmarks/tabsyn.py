"""The protocol of TabSyn (Zhang et al., ICLR 2024) on its sets that can be had, beside membership.

    python benchmarks/tabsyn.py [--sets adult,beijing] [--methods trees,boosted,cart] [--resume]

Fit on the training split (that of the set, else 90 % of the rows), draw as many rows. The scores are
those of peers/tabsyn_judge; the detection score of the protocol compares with the *training* rows,
which flatters copies, so the same score against the test split stands beside it. The strongest
membership attack tells training from test rows (memorisation.py), with one table of n rows and with
20 tables; its control has test rows in the place of the synthetic ones.

Published figures are those of arXiv 2603.23016 (March 2026, one rerun of all methods). Results go to
results/tabsyn.json after each pair.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from environments import ENVIRONMENTS, METHODS, build
from machine import HERE, load_average, save
from sets import ROOT, SPLIT_SEED, split
from single_table import generate

JUDGE = "tabsyn_judge"
SCORED = 3
"""Tables that are scored; all of them together are attacked."""
TABLES = 20
DEFAULT = ("trees", "boosted", "cart", "tabular_argn")


@dataclass(frozen=True, kw_only=True)
class TabSynSet:
    """One set of the protocol.

    Attributes:
        file: Its path below the root of the repository.
        target: The column to predict.
        task: 'class' (AUC) or 'number' (RMSE of the logarithm).
        categories: The columns that the protocol takes for categories, the target among them.
        train_rows: Rows at the beginning that are the set's own training split, or None: 90 % at
            random.
        drop: Columns that are not data.
        whole_rows: Rows with a missing value are left out.
    """

    file: str
    target: str
    task: str
    categories: tuple[str, ...]
    train_rows: int | None = None
    drop: tuple[str, ...] = ()
    whole_rows: bool = False


PAYMENTS = tuple(f"PAY_{month}" for month in (0, 2, 3, 4, 5, 6))
SETS = {
    "adult": TabSynSet(
        file="examples/adult.csv.gz",
        target="income",
        task="class",
        categories=(
            *("workclass", "education", "marital_status", "occupation", "relationship"),
            *("race", "sex", "native_country", "income"),
        ),
        train_rows=32_561,
    ),
    "default": TabSynSet(
        file="tests/data_sets/credit_default.csv.gz",
        target="default",
        task="class",
        categories=("SEX", "EDUCATION", "MARRIAGE", *PAYMENTS, "default"),
        drop=("ID",),
    ),
    "shoppers": TabSynSet(
        file="tests/data_sets/online_shoppers.csv.gz",
        target="Revenue",
        task="class",
        categories=(
            *("Month", "OperatingSystems", "Browser", "Region", "TrafficType"),
            *("VisitorType", "Weekend", "Revenue"),
        ),
        whole_rows=True,
    ),
    "beijing": TabSynSet(
        file="benchmarks/data/beijing_pm25.csv.gz",
        target="pm2.5",
        task="number",
        categories=("cbwd",),
        whole_rows=True,
    ),
}

PUBLISHED = {
    # arXiv 2603.23016: detection score against training rows (XGBoost)
    "TabPC": {"adult": 0.855, "default": 0.262, "shoppers": 0.894, "beijing": 0.570},
    "TabDiff": {"adult": 0.841, "default": 0.591, "shoppers": 0.736, "beijing": 0.772},
    "TabSyn": {"adult": 0.794, "default": 0.402, "shoppers": 0.655, "beijing": 0.527},
    "STaSy": {"adult": 0.343, "default": 0.357, "shoppers": 0.228, "beijing": 0.367},
    "TVAE": {"adult": 0.0, "default": 0.002, "shoppers": 0.0, "beijing": 0.0},
    "CTGAN": {"adult": 0.0, "default": 0.0, "shoppers": 0.0, "beijing": 0.0},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sets", type=lambda text: text.split(","), default=list(SETS))
    parser.add_argument("--methods", type=lambda text: text.split(","), default=list(DEFAULT))
    parser.add_argument("--resume", action="store_true", help="skip the pairs that are done")
    parser.add_argument("--timeout", type=float, default=7200.0, help="seconds a pair may take")
    asked = parser.parse_args()
    asked.seeds, asked.threads, asked.epochs = TABLES, os.cpu_count(), None
    path = HERE / "results" / "tabsyn.json"
    rows = json.loads(path.read_text())["rows"] if path.exists() else []
    for name in asked.sets:
        train, test = parts(name)
        for method in asked.methods:
            same = [row for row in rows if (row["set"], row["method"]) == (name, method)]
            if asked.resume and same:
                continue
            row = measured(name, method, train, test, asked)
            rows = [row, *(other for other in rows if other not in same)]
            rows.sort(key=lambda r: (list(SETS).index(r["set"]), list(METHODS).index(r["method"])))
            save("tabsyn", {"published": PUBLISHED, "rows": rows})
            print(line(row), flush=True)


def parts(name: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Training and test rows."""
    chosen = SETS[name]
    frame = pl.read_csv(ROOT / chosen.file, infer_schema_length=None).drop(chosen.drop)
    if chosen.whole_rows:
        frame = frame.drop_nulls()
    if chosen.train_rows is not None:
        return frame[: chosen.train_rows], frame[chosen.train_rows :]
    order = np.random.default_rng(SPLIT_SEED).permutation(frame.height)
    end = frame.height * 9 // 10
    return frame[order[:end]], frame[order[end:]]


def measured(
    name: str, method: str, train: pl.DataFrame, test: pl.DataFrame, asked: argparse.Namespace
) -> dict[str, Any]:
    place = HERE / ".runs" / f"tabsyn_{name}" / method
    row: dict[str, Any] = {"set": name, "method": method, "title": METHODS[method].title}
    row |= {"rows": train.height, "load_before": load_average(), "date": time.strftime("%Y-%m-%d")}
    generate(train, method, place, asked)
    timing = json.loads((place / "timing.json").read_text())
    row |= {"fit": timing["fit"], "sample": timing["sample"][0], "versions": timing["versions"]}
    judged = judge(name, place, test)
    row |= {
        key: round(float(np.mean([one[key] for one in judged["synthetic"]])), 4)
        for key in judged["synthetic"][0]
    }
    row["reference"] = {key: round(value, 4) for key, value in judged["reference"].items()}
    tables = [pl.read_parquet(place / f"{seed}.parquet") for seed in range(TABLES)]
    return row | attacked(train, test, tables)


def judge(name: str, place: Path, test: pl.DataFrame) -> dict[str, Any]:
    """The scores of peers/tabsyn_judge, in its own environment."""
    if not (ENVIRONMENTS / JUDGE / "ready").exists():
        build(JUDGE)
    chosen, out = SETS[name], place / "scores.json"
    test.write_parquet(place.parent / "test.parquet")
    command = [str(ENVIRONMENTS / JUDGE / "bin" / "python"), str(HERE / "peers" / JUDGE / "run.py")]
    command += ["--train", str(place.parent / "train.parquet")]
    command += ["--test", str(place.parent / "test.parquet"), "--out", str(out)]
    command += ["--synthetic", *(str(place / f"{seed}.parquet") for seed in range(SCORED))]
    command += ["--target", chosen.target, "--task", chosen.task]
    subprocess.run([*command, "--categories", ",".join(chosen.categories)], check=True)
    scores: dict[str, Any] = json.loads(out.read_text())
    return scores


def attacked(
    train: pl.DataFrame, test: pl.DataFrame, tables: list[pl.DataFrame]
) -> dict[str, float | str]:
    """AUC of the strongest membership attack with one table and with all, and that of test rows."""
    import artesian as ar
    from artesian.core.run import Run
    from memorisation import strongest

    run = Run.from_seed(0)
    real = ar.read(train)
    half, rest = split(test)
    own, fresh = split(rest)
    holdout, own_rows = (real.with_frame(part) for part in (half, own))
    control, _, _ = strongest(real, holdout, own_rows, real.with_frame(fresh), run)
    out: dict[str, float | str] = {"attack_fresh": round(control, 4)}
    for factor in (1, TABLES):
        synthetic = pl.concat(tables[:factor]).select(train.columns).cast(dict(train.schema))
        area, attack, _ = strongest(real, holdout, own_rows, real.with_frame(synthetic), run)
        out |= {f"attack_{factor}": round(area, 4), f"attack_{factor}_name": attack}
    return out


def line(row: dict[str, Any]) -> str:
    figures = ("detection_train", "detection_test", "shape", "trend", "usefulness")
    attacks = ("attack_fresh", "attack_1", f"attack_{TABLES}")
    shown = ", ".join(f"{key} {row[key]:.3f}" for key in (*figures, *attacks))
    return f"{row['set']} {row['method']}: {shown}, fit {row['fit']['cpu']} CPU-s"


if __name__ == "__main__":
    main()
