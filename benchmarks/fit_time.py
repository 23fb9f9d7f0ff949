"""What a fit costs, next to an earlier commit: the same rows, the same method, one thread.

    python benchmarks/fit_time.py [--sets adult,credit_default] [--methods trees,boosted] [--rounds 5]

Commit 940cb72 found no relations, kept no totals and knew no budget of memorisation. Each round is a
process of either version, in turn; each reads the frame and fits three times and gives the least CPU
seconds of both together. The ratio is that of the medians over the rounds; the noise is the largest
ratio between two halves of the rounds of one version. Results go to results/fit_time.json.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from pathlib import Path

from machine import save
from older import COMMIT, VERSIONS, noise, started
from sets import halves

REPEATS = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sets", default="adult,credit_default")
    parser.add_argument("--methods", default="trees,boosted")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--measure", nargs=2, help="used by this program for itself")
    asked = parser.parse_args()
    if asked.measure:
        print(json.dumps(measured(*asked.measure)))
        return
    rows = []
    for name in asked.sets.split(","):
        for method in asked.methods.split(","):
            rows.append({"set": name, "method": method} | compared(name, method, asked.rounds))
            print(rows[-1], flush=True)
    print(save("fit_time", {"commit": COMMIT, "rounds": asked.rounds, "rows": rows}))


def compared(name: str, method: str, rounds: int) -> dict[str, float]:
    """CPU seconds of either version, and their ratio."""
    seconds: dict[str, list[float]] = {version: [] for version in VERSIONS}
    for number in range(rounds):
        for version in VERSIONS if number % 2 else VERSIONS[::-1]:
            asked = started(version, Path(__file__), "--measure", name, method)
            seconds[version].append(json.loads(asked))
    old, new = (seconds[version] for version in VERSIONS)
    return {
        "old": round(statistics.median(old), 3),
        "new": round(statistics.median(new), 3),
        "ratio": round(statistics.median(new) / statistics.median(old), 3),
        "noise": round(max(map(noise, (old, new))), 3),
    }


def measured(name: str, method: str) -> float:
    """CPU seconds to read the rows to learn from and to fit a method, the least of `REPEATS`.

    A first fit, which loads compiled code, is not counted.
    """
    import artesian as ar

    frame = halves(name)[0]
    spent = []
    for _ in range(REPEATS + 1):
        before = time.process_time()
        table = ar.read(frame)
        getattr(ar, method.capitalize())().fit(table)
        spent.append(time.process_time() - before)
    return min(spent[1:])


if __name__ == "__main__":
    main()
