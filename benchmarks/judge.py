"""How long judging takes, beside the field's tools on the same tables, and on a million rows.

    python benchmarks/judge.py            # adult: the scorecard without attacks, with them, and peers
    python benchmarks/judge.py --wide     # 1,000,000 rows x 50 columns as well

Each is a fresh process; imports and reading are not timed. `--times` runs, the median is told.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from environments import Method, interpreter
from machine import HERE, own_environment, save
from scale import factor_table
from sets import halves

PLACE = HERE / ".runs" / "judge"
TABLES = ("real", "synthetic", "holdout")
TARGET, SENSITIVE = "income", ["sex", "race"]
PEERS = Method("judge", "SDMetrics, scipy, scikit-learn, prdc, fairlearn, statsmodels")
INTERVALS = "intervals of usefulness"
ATTACKS = ("privacy", "diagnostics")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--wide", action="store_true")
    parser.add_argument("--one", nargs=3, help="internal: folder, 'all' or 'without', target")
    asked = parser.parse_args()
    if asked.one:
        one(Path(asked.one[0]), asked.one[1], asked.one[2])
        return
    adult(PLACE / "adult")
    result: dict[str, Any] = {"times": asked.times, "rows": 22_600}
    result["without_attacks"] = ours(PLACE / "adult", "without", TARGET, asked.times)
    result["with_attacks"] = ours(PLACE / "adult", "all", TARGET, asked.times)
    result["peers"] = medians([peers(PLACE / "adult") for _ in range(asked.times)])
    for clock in ("wall", "cpu"):
        own, theirs = result["without_attacks"][clock], result["peers"]
        result[f"times_faster_{clock}"] = round(theirs[clock] / own, 2)
        plain = theirs[clock] - theirs["steps"][INTERVALS][clock]
        result[f"times_faster_{clock}_than_without_intervals"] = round(plain / own, 2)
    if asked.wide:
        wide(PLACE / "wide")
        result["million"] = ours(PLACE / "wide", "all", "c0", 1)
    print(save("judge", result), json.dumps(result, indent=1))


def adult(folder: Path) -> None:
    """22,600 training, as many synthetic and 9,700 unseen rows."""
    if (folder / "holdout.parquet").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    sys.path.insert(0, str(HERE.parent / "src"))
    import artesian as ar

    train, holdout = halves("adult")
    made = ar.synth(train, method="trees", holdout=0, target=TARGET).data
    for name, frame in zip(TABLES, (train, made, holdout), strict=True):
        frame.write_parquet(folder / f"{name}.parquet")


def wide(folder: Path) -> None:
    """A million rows a table of the factor law, all from one draw."""
    if (folder / "holdout.parquet").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    frame = factor_table(2_200_000, 50)
    for name, start in zip(TABLES, (0, 1_000_000, 2_000_000), strict=True):
        frame[start : start + 1_000_000].write_parquet(folder / f"{name}.parquet")


def ours(folder: Path, which: str, target: str, times: int) -> dict[str, Any]:
    command = [sys.executable, __file__, "--one", str(folder), which, target]
    runs = []
    for _ in range(times):
        done = subprocess.run(
            command, env=own_environment(2), capture_output=True, check=True, text=True
        )
        runs.append(json.loads(done.stdout.splitlines()[-1]))
    return medians(runs)


def one(folder: Path, which: str, target: str) -> None:
    """Judge in this process and print what it took."""
    import artesian as ar
    from artesian.metrics import CATALOG, evaluate
    from artesian.metrics.protocol import Comparison
    from artesian.runs.roles import with_roles

    real = ar.read(folder / "real.parquet")
    sensitive = [name for name in SENSITIVE if name in real.schema.names]
    real = with_roles(real, target=target, sensitive=sensitive, quasi_identifiers=sensitive)
    made, held = (ar.read(folder / f"{n}.parquet", schema=real.schema) for n in TABLES[1:])
    import sklearn.ensemble  # noqa: F401

    names = [n for n in CATALOG if which == "all" or CATALOG[n].spec.family not in ATTACKS]
    before = time.perf_counter(), time.process_time()
    card = evaluate.evaluate(Comparison(real, made, held), metrics=names)
    wall, cpu = time.perf_counter() - before[0], time.process_time() - before[1]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
    skipped = {r.metric: r.skipped for r in card.results if r.skipped}
    print(
        json.dumps(
            {
                "wall": round(wall, 2),
                "cpu": round(cpu, 2),
                "peak_gb": round(peak, 2),
                "metrics": len(names),
                "skipped": skipped,
            }
        )
    )


def peers(folder: Path) -> dict[str, Any]:
    out = folder / "peers.json"
    command = [str(interpreter(PEERS)), str(HERE / "peers" / PEERS.folder / "run.py")]
    for name in TABLES:
        command += [f"--{name}", str(folder / f"{name}.parquet")]
    command += ["--out", str(out), "--target", TARGET, "--sensitive", ",".join(SENSITIVE)]
    subprocess.run(command, check=True)
    told: dict[str, Any] = json.loads(out.read_text())
    return told


def medians(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """The last run, with the median of its times."""
    clocks = {c: round(statistics.median(run[c] for run in runs), 2) for c in ("wall", "cpu")}
    return {**runs[-1], **clocks}


if __name__ == "__main__":
    main()
