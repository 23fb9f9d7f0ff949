"""Keep the leaderboard of the benchmark that docs/bench.md describes.

artesian bench ... -o bench            the command of docs/bench.md
python benchmarks/leaderboard.py bench/results.json
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from machine import save


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("results", type=Path, help="results.json in the folder of the benchmark")
    results = json.loads(parser.parse_args().results.read_text(encoding="utf-8"))
    print(save("leaderboard", summary(results)))


def summary(results: dict[str, Any]) -> dict[str, Any]:
    """What the docs quote: metrics, and rank, means and exposure of each method."""
    return {
        "versions": results["versions"],
        "metrics": results["plan"]["metrics"],
        "methods": [
            {
                "method": standing["method"],
                "rank": standing["rank"],
                "means": {
                    metric: {"value": mean["value"], "best": mean["best"]}
                    for metric, mean in standing["means"].items()
                },
                "trials": standing["trials"],
                "exposed": standing["exposed"],
            }
            for standing in results["leaderboard"]
        ],
    }


if __name__ == "__main__":
    main()
