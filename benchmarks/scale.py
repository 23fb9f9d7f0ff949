"""Time and memory of our methods as a table grows in rows and in columns.

    python benchmarks/scale.py --method trees       # 10k .. 1M rows, 10 .. 200 columns
    python benchmarks/scale.py --method trees --rows 10000,30000 --columns 10,20

The table is synthetic: 8 latent factors plus noise, of 50 columns 33 numbers and 17 categories of 8
levels. Each size is fitted and sampled (as many rows again) in a process of its own, kernels warm,
so that the peak memory is that of this size.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from machine import HERE, own_environment, save

FACTORS, LEVELS, SIGNAL = 8, 8, 0.7
CHUNK = 100_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--method", default="trees")
    parser.add_argument("--rows", type=sizes, default=sizes("10000,30000,100000,300000,1000000"))
    parser.add_argument("--columns", type=sizes, default=sizes("10,20,50,100,200"))
    parser.add_argument("--width", type=int, default=50, help="columns while rows grow")
    parser.add_argument("--height", type=int, default=20_000, help="rows while columns grow")
    parser.add_argument("--settings", type=json.loads, default={}, help="JSON for the method")
    parser.add_argument("--against", type=json.loads, help="other settings: compare detection")
    parser.add_argument("--against-rows", type=int, default=100_000)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--one", nargs=2, metavar=("TABLE", "OUT"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one is not None:
        measure(Path(asked.one[0]), Path(asked.one[1]), asked.method, asked.settings)
        return
    by_rows = [run(asked, rows, asked.width, asked.settings) for rows in asked.rows]
    by_columns = [run(asked, asked.height, columns, asked.settings) for columns in asked.columns]
    result: dict[str, Any] = {"method": asked.method, "settings": asked.settings}
    result |= {"threads": asked.threads, "by_rows": by_rows, "by_columns": by_columns}
    result["slope_rows"] = slope(by_rows, "rows")
    result["slope_columns"] = slope(by_columns, "columns")
    if asked.against is not None:
        result["detection"] = compared(asked)
    print(save(f"scale_{asked.method}", result))


def sizes(text: str) -> list[int]:
    return [int(one) for one in text.split(",")]


def factor_table(rows: int, columns: int, seed: int = 0) -> pl.DataFrame:
    """`rows` x `columns`: 33 of 50 columns numbers, the others categories of 8 levels.

    Every number is a mix of the factors (70 % of its variance) and noise; of each six, one is
    log-normal and one an integer. A category is the largest of 8 noisy scores of the factors. The
    first rows of a longer table are the rows of a shorter one, up to whole chunks.
    """
    numbers = round(columns * 33 / 50)
    law = np.random.default_rng((seed, 0))
    weights = law.normal(size=(FACTORS, numbers))
    weights *= np.sqrt(SIGNAL) / np.linalg.norm(weights, axis=0)
    scores = law.normal(size=(columns - numbers, FACTORS, LEVELS)) / np.sqrt(FACTORS) * 2
    words = np.array([f"level {level}" for level in range(LEVELS)])
    pieces = []
    for start in range(0, rows, CHUNK):
        rng = np.random.default_rng((seed, 1, start))
        size = min(CHUNK, rows - start)
        factors = rng.normal(size=(size, FACTORS))
        mixed = factors @ weights + rng.normal(size=(size, numbers)) * np.sqrt(1 - SIGNAL)
        data: dict[str, Any] = {}
        for at in range(numbers):
            values = mixed[:, at]
            if at % 6 == 1:
                values = np.exp(values).round(4)
            data[f"n{at}"] = (10 * values).round().astype(np.int64) if at % 6 == 2 else values
        for at, score in enumerate(scores):
            level = (factors @ score + rng.gumbel(size=(size, LEVELS))).argmax(axis=1)
            data[f"c{at}"] = words[level]
        pieces.append(pl.DataFrame(data))
    return pl.concat(pieces)


def run(asked: argparse.Namespace, rows: int, columns: int, settings: Any) -> dict[str, Any]:
    """Measure one size in a process of its own; a failure is a result with its reason."""
    place = HERE / ".runs" / "scale"
    place.mkdir(parents=True, exist_ok=True)
    table, out = place / "table.parquet", place / "made.parquet"
    factor_table(rows, columns).write_parquet(table)
    command = [sys.executable, __file__, "--one", str(table), str(out), "--method", asked.method]
    command += ["--settings", json.dumps(settings)]
    done = subprocess.run(
        command, env=own_environment(asked.threads), capture_output=True, text=True, check=False
    )
    size: dict[str, Any] = {"rows": rows, "columns": columns}
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"ended with {done.returncode}"]
        size["failed"] = lines[-1][:300]
    else:
        size |= json.loads(done.stdout.splitlines()[-1])
    print(size, flush=True)
    return size


def measure(table: Path, out: Path, method: str, settings: dict[str, Any]) -> None:
    """In the child: fit, sample as many rows, print the figures as JSON."""
    sys.path.insert(0, str(HERE / "peers"))
    from harness import clock, peak_bytes, since

    import artesian as ar
    from artesian.core.run import Run
    from artesian.synthesizers import CATALOG

    def fit(frame: pl.DataFrame) -> Any:
        return CATALOG[method](**settings).fit(ar.read(frame))

    frame = pl.read_parquet(table)
    fit(frame.head(300)).sample(300)
    before = clock()
    model = fit(frame)
    fitted = since(before)
    before = clock()
    made = model.sample(frame.height, run=Run.from_seed(1)).frame
    sampled = since(before)
    peak = peak_bytes() / 1e9
    made.write_parquet(out)
    print(json.dumps({"fit": fitted, "sample": sampled, "peak_gb": round(peak, 3)}))


def slope(sizes_measured: list[dict[str, Any]], key: str) -> dict[str, float] | None:
    """Least-squares slope of log(fit + sample) over log(size), for wall and CPU seconds."""
    good = [one for one in sizes_measured if "failed" not in one]
    if len(good) < 2:
        return None
    x = np.log([one[key] for one in good])
    found = {}
    for kind in ("wall", "cpu"):
        spent = [max(one["fit"][kind] + one["sample"][kind], 1e-3) for one in good]
        found[kind] = round(float(np.polyfit(x, np.log(spent), 1)[0]), 3)
    return found


def compared(asked: argparse.Namespace) -> dict[str, Any]:
    """Detection against fresh rows of the same law, with the settings and with the others."""
    from protocol import Judge

    real = factor_table(2 * asked.against_rows, asked.width)
    judge = Judge(real[: asked.against_rows], real[asked.against_rows :])
    found: dict[str, Any] = {}
    for name, settings in (("settings", asked.settings), ("against", asked.against)):
        size = run(asked, asked.against_rows, asked.width, settings)
        if "failed" not in size:
            made = pl.read_parquet(HERE / ".runs" / "scale" / "made.parquet")
            figures = [judge.judge(made, seed=seed) for seed in range(3)]
            size["detection_holdout"] = float(
                np.mean([one["detection_holdout"] for one in figures])
            )
        found[name] = {**size, "with": settings}
    return found


if __name__ == "__main__":
    main()
