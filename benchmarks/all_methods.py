"""Every method of the catalog on the same tables: likeness, utility, privacy, seconds and memory.

    python benchmarks/all_methods.py [--rows 10000] [--seeds 3] [--methods trees,boosted]

Half of the rows are the holdout. Trials are those of `artesian bench`, each in a process of its own
with one thread, kept in .runs/all_methods and reused: a run can be stopped, and taken up again with
more methods or seeds. A method whose extra is not installed is left out with the reason. The result
holds means over seeds of each method and table.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
from typing import Any

import numpy as np

import artesian as ar
from artesian.synthesizers import CATALOG
from machine import RESULTS, save
from sets import ROOT
from single_table import RUNS

TABLES = {
    "adult": (ROOT / "examples" / "adult.csv.gz", "income"),
    "german_credit": (ROOT / "tests" / "data_sets" / "german_credit.csv.gz", "class"),
    "california_housing": (
        ROOT / "tests" / "data_sets" / "california_housing.csv.gz",
        "median_house_value",
    ),
    "credit_default": (ROOT / "tests" / "data_sets" / "credit_default.csv.gz", "default"),
}
"""Table to its file and target."""

METRICS = (
    "ks",
    "tv",
    "pairs",
    "c2st_holdout",
    "tstr",
    "global_utility",
    "dcr_share",
    "membership_average",
)

LIBRARIES = {"deep": "torch", "bayes": "numpyro", "vines": "pyvinecopulib"}
"""Extra to the library without which its methods are left out."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "--rows", type=int, default=10_000, help="rows of a table, half to train on"
    )
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--methods", default=",".join(CATALOG), help="some of the catalog")
    parser.add_argument("--tables", default=",".join(TABLES), help="some of the tables")
    parser.add_argument("--timeout", type=float, default=3_600.0, help="seconds of a trial")
    asked = parser.parse_args()
    path = RESULTS / "all_methods.json"
    old = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    settings = {"rows": asked.rows, "seeds": asked.seeds, "metrics": list(METRICS)}
    same = all(old.get(key) == value for key, value in settings.items())
    tables: dict[str, dict[str, Any]] = old.get("tables", {}) if same else {}
    absent: dict[str, str] = {}
    for method in asked.methods.split(","):
        extra = CATALOG[method].capabilities.extra
        if extra and importlib.util.find_spec(LIBRARIES[extra]) is None:
            absent[method] = f"needs artesian[{extra}]"
            continue
        for name in asked.tables.split(","):
            tables.setdefault(name, {})[method] = one_method(method, name, asked)
            print(name, method, tables[name][method], flush=True)
            save("all_methods", {**settings, "absent": absent, "tables": tables})


def one_method(method: str, name: str, asked: argparse.Namespace) -> dict[str, Any]:
    """Means over seeds of the trials of a method on a table, or why there are none."""
    source, target = TABLES[name]
    results = ar.benchmark(
        [method],
        [source],
        out=RUNS / f"all_methods_{asked.rows}" / name / method,
        seeds=asked.seeds,
        metrics=METRICS,
        target=target,
        rows=asked.rows,
        holdout=0.5,
        workers=1,
        timeout=asked.timeout,
        retry_failed=True,
    )
    done = [row for row in results["rows"] if row["status"] == "done"]
    if not done:
        return {"failed": results["rows"][0]["reason"][:300]}
    out: dict[str, Any] = {"trials": len(done), "rows": done[0]["rows"]["train"]}
    for metric in METRICS:
        measured = [one["metrics"][metric] for one in done if metric in one["metrics"]]
        values = [one["value"] for one in measured if one["value"] is not None]
        references = [one["reference"] for one in measured if one["reference"] is not None]
        if values:
            out[metric] = round(float(np.mean(values)), 4)
        if references:
            out[f"{metric}_reference"] = round(float(np.mean(references)), 4)
    for step in ("fit", "sample"):
        out[f"{step}_seconds"] = round(float(np.mean([one["seconds"][step] for one in done])), 2)
    memory = [one["memory_mb"] for one in done if one["memory_mb"] is not None]
    return out | ({"memory_mb": round(float(np.mean(memory)))} if memory else {})


if __name__ == "__main__":
    main()
