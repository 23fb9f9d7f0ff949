"""How often a metric accuses fresh real rows: it should not more often than its interval says.

    python benchmarks/false_alarms.py [--times 200] [--rows 1500]

Each time, three tables of different people are drawn from a real set and take the places of the
training rows, the synthetic rows and the holdout. An alarm is an interval that lies wholly on the bad
side of the reference or, where a metric gives it, an interval of the difference above 0. A 95 %
interval may do so in 2.5 % of the cases.
"""

from __future__ import annotations

import argparse
import sys
from typing import Any

import numpy as np

from machine import HERE, save
from sets import load

STATED = 0.025
METRICS = ("c2st_holdout", "membership_average", "membership_outliers", "dcr_share", "exact_copies")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--set", default="adult")
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--rows", type=int, default=1_500)
    parser.add_argument("--metrics", type=lambda text: text.split(","), default=list(METRICS))
    asked = parser.parse_args()
    result = counted(asked)
    print(save("false_alarms", result), result["metrics"])


def counted(asked: argparse.Namespace) -> dict[str, Any]:
    sys.path.insert(0, str(HERE.parent / "src"))
    import artesian as ar
    from artesian.core.run import Run
    from artesian.metrics import CATALOG
    from artesian.metrics.protocol import Comparison

    whole = ar.read(load(asked.set))
    values: dict[str, list[float]] = {name: [] for name in asked.metrics}
    alarms = dict.fromkeys(asked.metrics, 0)
    for seed in range(asked.times):
        order = np.random.default_rng(seed).permutation(len(whole))[: 3 * asked.rows]
        tables = [whole.with_frame(whole.frame[part]) for part in np.split(order, 3)]
        for name in asked.metrics:
            result = CATALOG[name]()(Comparison(*tables), run=Run.of(seed))
            values[name].append(result.value)
            excess = result.detail.get("excess_interval")
            low = excess[0] if excess else result.interval[0] - result.reference
            alarms[name] += low > 0
    return {
        "set": asked.set,
        "times": asked.times,
        "rows": asked.rows,
        "stated": STATED,
        "metrics": {
            name: {
                "alarms": alarms[name],
                "rate": alarms[name] / asked.times,
                "mean": round(float(np.mean(values[name])), 4),
                "deviation": round(float(np.std(values[name])), 4),
            }
            for name in asked.metrics
        },
    }


if __name__ == "__main__":
    main()
