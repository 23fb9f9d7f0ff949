"""Our flow matching with trees beside the authors' ForestDiffusion: likeness and time.

    python benchmarks/forest_flow.py [--set california_housing] [--rows 1000] [--seeds 3]

Each learns from the same rows of one half of a table, in a process of its own, and its tables are
compared with the other half, by the distances of adversarial_forest.py. `detection` is the AUC by
which boosted trees distinguish synthetic from holdout rows; 0.5 is a guess. The peer runs its flow
variant at the published settings but with fewer noisy copies of each row, which are recorded.
"""

from __future__ import annotations

import argparse
import json
from typing import Any

import numpy as np
import polars as pl

from adversarial_forest import distances
from environments import METHODS
from machine import save
from protocol import Judge
from sets import SETS, halves
from single_table import RUNS, generate

NAMES = ("forest_flow", "trees", "forest_diffusion")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--set", choices=SETS, default="california_housing")
    parser.add_argument("--rows", type=int, default=1_000, help="training rows")
    parser.add_argument("--seeds", type=int, default=3, help="generated tables")
    parser.add_argument("--timeout", type=float, default=3600.0, help="seconds a method may take")
    asked = parser.parse_args()
    asked.threads, asked.epochs = 1, None
    train, holdout = halves(asked.set)
    train, holdout = train[: asked.rows], holdout[: asked.rows]
    judge = Judge(train, holdout, target=SETS[asked.set].target, task=SETS[asked.set].task)
    result: dict[str, Any] = {"set": asked.set, "rows": train.height, "seeds": asked.seeds}
    result["real"] = distances(train, holdout, train)
    for name in NAMES:
        place = RUNS / f"forest_flow_{asked.set}_{asked.rows}" / name
        generate(train, name, place, asked)
        timing = json.loads((place / "timing.json").read_text())
        tables = [pl.read_parquet(place / f"{seed}.parquet") for seed in range(asked.seeds)]
        each = [
            distances(table, holdout, train)
            | {"detection": judge.judge(table, seed=seed)["detection_holdout"]}
            for seed, table in enumerate(tables)
        ]
        means = {key: round(float(np.mean([one[key] for one in each])), 4) for key in each[0]}
        seconds = {
            "fit_cpu": timing["fit"]["cpu"],
            "sample_cpu": round(float(np.mean([one["cpu"] for one in timing["sample"]])), 3),
        }
        result[name] = {"title": METHODS[name].title, **means, **seconds}
        result[name]["settings"] = timing.get("settings", {})
        print(name, result[name], flush=True)
        save("forest_flow", result)
    ours, theirs = (
        result[name]["fit_cpu"] + result[name]["sample_cpu"]
        for name in ("forest_flow", "forest_diffusion")
    )
    result["times_faster"] = round(theirs / ours, 2)
    for key in ("ks_tv", "pairs"):
        result[f"{key}_ratio"] = round(
            result["forest_flow"][key] / result["forest_diffusion"][key], 3
        )
    print(result["real"], result["times_faster"])
    save("forest_flow", result)


if __name__ == "__main__":
    main()
