"""Our methods and the peers on the same splits of the same real tables, judged by one protocol.

    python benchmarks/single_table.py --sets adult,diamonds --methods trees,cart --resume

Each (set, method) is one fresh process that fits once and generates one table a seed (`--seeds`),
each of as many rows as it learned from. Results go to JSON after each pair, so a run can be
stopped and taken up again with `--resume`; a failure is a row with its reason. `--judge` judges
kept tables again. docs_tables.py writes the tables of the docs.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import subprocess
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl

from environments import HERE, METHODS, interpreter
from machine import load_average, machine, own_environment, threads_of
from protocol import FOLDS, LEAVES, RATE, SIDE, TREES, Judge
from sets import SETS, SPLIT_SEED, halves

RUNS = HERE / ".runs"
Row = dict[str, Any]


def main() -> None:
    asked = arguments()
    for name in asked.sets:
        judge: Judge | None = None
        for method in asked.methods:
            done = find(load(asked.out), name, method)
            if asked.resume and done is not None and done["status"] == "ok":
                continue
            place = RUNS / name / method
            row: Row = {"set": name, "method": method, "title": METHODS[method].title}
            row |= {"load_before": load_average(), "started": time.strftime("%Y-%m-%dT%H:%M:%S")}
            print(f"{name} {method} ...", flush=True)
            try:
                if not asked.judge:
                    generate(halves(name)[0], method, place, asked)
                timing = json.loads((place / "timing.json").read_text())
                judge = judge or judge_of(name)
                tables = [pl.read_parquet(place / f"{seed}.parquet") for seed in range(asked.seeds)]
                results = [judge.judge(made, seed=seed) for seed, made in enumerate(tables)]
            except (OSError, subprocess.SubprocessError, pl.exceptions.PolarsError) as problem:
                row |= {"status": "failed", "reason": reason(problem)}
            else:
                row |= {"status": "ok", **timing, "rows": tables[0].height, "seeds": results}
                if asked.judge and done is not None:
                    kept = ("load_before", "load_after", "started", "threads")
                    row |= {key: done[key] for key in kept if key in done}
            store(asked.out, {"load_after": load_average(), "threads": asked.threads} | row)
            print(f"{name} {method}: {brief(row)}", flush=True)


def arguments() -> argparse.Namespace:
    def names(known: dict[str, Any]) -> Callable[[str], list[str]]:
        def of(text: str) -> list[str]:
            unknown = sorted(set(text.split(",")) - set(known))
            if unknown:
                raise argparse.ArgumentTypeError(f"unknown: {unknown}; there are {sorted(known)}")
            return text.split(",")

        return of

    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sets", type=names(SETS), default=list(SETS))
    usual = [name for name, method in METHODS.items() if not method.slow]
    parser.add_argument("--methods", type=names(METHODS), default=usual)
    parser.add_argument("--seeds", type=int, default=5, help="generation seeds")
    parser.add_argument("--out", type=Path, default=HERE / "results" / "single_table.json")
    parser.add_argument("--resume", action="store_true", help="skip the pairs that are done")
    parser.add_argument("--judge", action="store_true", help="judge the kept tables again")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="threads a process")
    parser.add_argument("--timeout", type=float, default=7200.0, help="seconds a pair may take")
    parser.add_argument(
        "--epochs",
        type=int,
        default=None,
        help="of a neural peer, instead of its default; recorded",
    )
    return parser.parse_args()


def generate(train: pl.DataFrame, method: str, place: Path, asked: argparse.Namespace) -> None:
    """Run one method in a process of its own; its tables and timing.json are left in `place`.

    `asked` gives seeds, threads, timeout and epochs.
    """
    place.mkdir(parents=True, exist_ok=True)
    (place / "timing.json").unlink(missing_ok=True)
    source = place.parent / "train.parquet"
    train.write_parquet(source)
    command = [str(interpreter(METHODS[method]))]
    command += [str(HERE / "peers" / METHODS[method].folder / "run.py"), "--method", method]
    command += ["--train", str(source), "--out", str(place)]
    command += ["--rows", str(train.height), "--seeds", str(asked.seeds)]
    if asked.epochs is not None:
        command += ["--epochs", str(asked.epochs)]
    ours = METHODS[method].ours
    environment = own_environment(asked.threads) if ours else os.environ | threads_of(asked.threads)
    with (place / "log.txt").open("w") as log:
        subprocess.run(
            command,
            check=True,
            timeout=asked.timeout,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )


def judge_of(name: str) -> Judge:
    train, holdout = halves(name)
    return Judge(train, holdout, target=SETS[name].target, task=SETS[name].task)


def reason(problem: Exception) -> str:
    """One line: the last line the method printed, or what went wrong here."""
    if isinstance(problem, subprocess.CalledProcessError):
        log = Path(problem.cmd[problem.cmd.index("--out") + 1]) / "log.txt"
        lines = [line.strip() for line in log.read_text().splitlines() if line.strip()]
        return (lines or [f"ended with {problem.returncode}"])[-1][:300]
    if isinstance(problem, subprocess.TimeoutExpired):
        return f"not done after {problem.timeout:.0f} s"
    return f"{type(problem).__name__}: {problem}"[:300]


def load(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text()) if path.exists() else {"rows": []}


def find(results: dict[str, Any], name: str, method: str) -> Row | None:
    pair = (row for row in results["rows"] if (row["set"], row["method"]) == (name, method))
    return next(pair, None)


def store(path: Path, row: Row) -> None:
    """Put `row` in the file in place of the same pair's; another process may do so at any time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        results = load(path)
        kept = [
            r for r in results["rows"] if (r["set"], r["method"]) != (row["set"], row["method"])
        ]
        sets, methods = list(SETS), list(METHODS)
        rows = [*kept, row]
        rows.sort(key=lambda r: (sets.index(r["set"]), methods.index(r["method"])))
        results = {
            "protocol": described(),
            "machine": machine(),
            "means": means(rows),
            "rows": rows,
        }
        beside = path.with_suffix(".new")
        beside.write_text(json.dumps(results, indent=1) + "\n")
        beside.replace(path)


def means(rows: list[Row]) -> dict[str, dict[str, dict[str, float]]]:
    """Set, method and figure to its mean over the seeds: what the docs quote."""
    out: dict[str, dict[str, dict[str, float]]] = {}
    for row in rows:
        if row.get("seeds"):
            figures = [key for key, value in row["seeds"][0].items() if value is not None]
            out.setdefault(row["set"], {})[row["method"]] = {
                key: sum(seed[key] for seed in row["seeds"]) / len(row["seeds"]) for key in figures
            }
    return out


def described() -> dict[str, Any]:
    detector = {"trees": TREES, "leaves": LEAVES, "learning_rate": RATE, "folds": FOLDS}
    judges = {name: version(name) for name in ("lightgbm", "scikit-learn", "numpy", "polars")}
    return {"split_seed": SPLIT_SEED, "side": SIDE, **detector, "versions": judges}


def brief(row: Row) -> str:
    if row["status"] != "ok":
        return f"failed: {row['reason']}"
    middle = {
        key: [seed[key] for seed in row["seeds"]] for key in ("detection_holdout", "dcr_share")
    }
    shown = ", ".join(f"{key} {sum(v) / len(v):.3f}" for key, v in middle.items())
    return f"{shown}, fit {row['fit']['cpu']} CPU-s"


if __name__ == "__main__":
    main()
