"""Time of a stress test: adult, trees, 10 generations, 5 replicates, 3 policies and the bisection.

    python benchmarks/collapse_speed.py [--workers 2]

Through the command line, in a process of its own. CPU time is that of all its processes; the wall time
depends on what else the machine does, so the load is part of the result. No installable tool does the
same, so there is no peer.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from machine import HERE, load_average, own_environment, save

COMMAND = ("--method", "trees", "--generations", "10", "--replicates", "5", "--quiet")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--workers", type=int, default=2)
    workers = parser.parse_args().workers
    adult, before = HERE.parent / "examples" / "adult.csv.gz", load_average()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "stress"
        start = time.perf_counter()
        subprocess.run(
            [
                *(sys.executable, "-m", "artesian", "stress", str(adult), "-o", str(out)),
                *(*COMMAND, "--workers", str(workers)),
            ],
            check=True,
            env=own_environment(max(1, (os.cpu_count() or 1) // workers)),
            stdout=subprocess.DEVNULL,
        )
        wall = time.perf_counter() - start
        fits = len(list(out.glob("generations/*/generation-*/measures.json")))
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    result = {
        "workers": workers,
        "fits": fits,
        "cpu": round(used.ru_utime + used.ru_stime, 1),
        "wall": round(wall, 1),
        "load_before": before,
    }
    print(save("collapse_speed", result), result)


if __name__ == "__main__":
    main()
