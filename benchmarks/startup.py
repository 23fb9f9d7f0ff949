"""How long a person waits before anything happens: `import artesian`, `artesian --help`.

    python benchmarks/startup.py

Each is a fresh process, files in the page cache; the median and the fastest of `--times`. Also
which slow libraries the import drags in (there should be none).
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time

from machine import own_environment, save

SLOW = ("scipy", "sklearn", "numba", "torch", "pandas", "altair", "duckdb", "faker", "lightgbm")
COMMANDS = {
    "python": ["-c", "pass"],
    "import": ["-c", "import artesian"],
    "help": ["-m", "artesian", "--help"],
    "synth_help": ["-m", "artesian", "synth", "--help"],
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--times", type=int, default=11)
    asked = parser.parse_args()
    result = {name: timed(words, asked.times) for name, words in COMMANDS.items()}
    look = f"import artesian, sys, json; print(json.dumps([m for m in {SLOW} if m in sys.modules]))"
    shown = subprocess.run(
        [sys.executable, "-c", look], env=own_environment(2), capture_output=True, check=True
    )
    print(save("startup", {**result, "slow_imports": json.loads(shown.stdout)}), result)


def timed(words: list[str], times: int) -> dict[str, float]:
    """Wall seconds of `python words...`; the first run, which fills caches, is not counted."""
    spent = []
    for _ in range(times + 1):
        before = time.perf_counter()
        subprocess.run(
            [sys.executable, *words], env=own_environment(2), capture_output=True, check=True
        )
        spent.append(time.perf_counter() - before)
    counted = spent[1:]
    return {"median": round(statistics.median(counted), 3), "fastest": round(min(counted), 3)}


if __name__ == "__main__":
    main()
