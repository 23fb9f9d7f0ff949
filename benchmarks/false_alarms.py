"""How often a metric accuses fresh real rows: it should not more often than its interval says.

    python benchmarks/false_alarms.py [--times 200] [--rows 1500]

Each time, three tables of different people are drawn from a real set and take the places of the
training rows, the synthetic rows and the holdout. An alarm is a 95 % interval of the difference between
value and reference that lies wholly on the bad side: 2.5 % of them may. Findings are what a reader is
told, corrected for the number of metrics: they may accuse 2.5 % of the scorecards.
"""

from __future__ import annotations

import argparse
import sys
from typing import Any

import numpy as np

from machine import HERE, save
from sets import load

STATED = 0.025


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--set", default="adult")
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--rows", type=int, default=1_500)
    parser.add_argument("--metrics", type=lambda text: text.split(","), default=None)
    asked = parser.parse_args()
    result = counted(asked)
    print(save("false_alarms", result), result["metrics"])


def counted(asked: argparse.Namespace) -> dict[str, Any]:
    sys.path.insert(0, str(HERE.parent / "src"))
    import artesian as ar
    from artesian.core.run import Run
    from artesian.metrics import CATALOG
    from artesian.metrics.evaluate import evaluate
    from artesian.metrics.findings import excess
    from artesian.metrics.protocol import Better, Comparison
    from artesian.runs.roles import with_roles

    whole = ar.read(load(asked.set))
    marked = [column.name for column in whole.schema if column.sensitive]
    whole = with_roles(whole, quasi_identifiers=marked)
    values: dict[str, list[float]] = {}
    alarms: dict[str, int] = {}
    accused: dict[str, int] = {}
    told = 0
    for seed in range(asked.times):
        order = np.random.default_rng(seed).permutation(len(whole))[: 3 * asked.rows]
        tables = [whole.with_frame(whole.frame[part]) for part in np.split(order, 3)]
        card = evaluate(Comparison(*tables), metrics=asked.metrics, run=Run.from_seed(seed))
        told += bool(card.findings)
        for finding in card.findings:
            accused[finding.code] = accused.get(finding.code, 0) + 1
        for result in card.results:
            known = excess(result)
            if known is None or result.better is Better.NEITHER:
                continue
            low, high = known[1]
            bad = low > 0 if result.better is Better.LOWER else high < 0
            values.setdefault(result.metric, []).append(known[0])
            alarms[result.metric] = alarms.get(result.metric, 0) + bad
    return {
        "set": asked.set,
        "times": asked.times,
        "rows": asked.rows,
        "stated": STATED,
        "scorecards_with_a_finding": told,
        "findings": accused,
        "metrics": {
            name: {
                "family": CATALOG[name].spec.family,
                "times": len(found),
                "alarms": alarms[name],
                "rate": round(alarms[name] / len(found), 4),
                "mean_excess": round(float(np.mean(found)), 4),
                "deviation": round(float(np.std(found)), 4),
            }
            for name, found in values.items()
        },
    }


if __name__ == "__main__":
    main()
