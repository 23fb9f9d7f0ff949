"""How fast a fitted model gives rows, and in how much memory when they are streamed to Parquet.

    python benchmarks/sampling.py --methods trees,boosted

Values (rows x columns) a second and core on the adult table, one thread; and the peak memory of
streaming 100 thousand and more rows, which should not grow with their number.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from machine import HERE, own_environment, save
from sets import halves


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--methods", default="trees,boosted")
    parser.add_argument("--set", default="adult")
    parser.add_argument("--rows", default="100000,300000,1000000")
    parser.add_argument("--one", nargs=2, metavar=("METHOD", "ROWS"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one is not None:
        measure(asked.set, asked.one[0], int(asked.one[1]))
        return
    result: dict[str, Any] = {"set": asked.set, "threads": 1}
    for method in asked.methods.split(","):
        result[method] = []
        for rows in asked.rows.split(","):
            done = subprocess.run(
                [sys.executable, __file__, "--set", asked.set, "--one", method, rows],
                env=own_environment(1),
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                figure = {
                    "rows": int(rows),
                    "failed": (done.stderr.strip() or "?").splitlines()[-1],
                }
            else:
                figure = json.loads(done.stdout.splitlines()[-1])
            print(method, figure, flush=True)
            result[method].append(figure)
    print(save("sampling", result))


def measure(name: str, method: str, rows: int) -> None:
    """In the child: draw batches and drop them (speed), then stream them to a file (memory)."""
    sys.path.insert(0, str(HERE / "peers"))
    from harness import clock, peak_bytes, since

    import artesian as ar
    from artesian.core.run import Run
    from artesian.data.write import writer
    from artesian.synthesizers import CATALOG

    train, _ = halves(name)
    table = ar.read(train)
    model = CATALOG[method]().fit(table)
    list(model.batches(5_000, run=Run.from_seed(0)))
    fitted = peak_bytes()
    before = clock()
    for _ in model.batches(rows, run=Run.from_seed(1)):
        pass
    drawn = since(before)
    before = clock()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made.parquet"
        with writer(path, table.origin) as out:
            for batch in model.batches(rows, run=Run.from_seed(1)):
                out.write(batch)
    streamed = since(before)
    values = rows * train.width
    figure: dict[str, Any] = {"rows": rows, "draw": drawn, "draw_and_write": streamed}
    figure["values_per_cpu_second"] = round(values / max(drawn["cpu"], 1e-3))
    figure |= {"peak_gb_fit": round(fitted / 1e9, 3), "peak_gb": round(peak_bytes() / 1e9, 3)}
    print(json.dumps(figure))


if __name__ == "__main__":
    main()
