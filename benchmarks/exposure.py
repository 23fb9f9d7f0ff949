"""What membership attacks find in our own rows, beside what they find in fresh real ones.

    python benchmarks/exposure.py [--times 10]

Each time a real set is split anew: two fifths to learn from, two fifths that play the rows of a
generator that copies nothing, and a fifth that is unseen.
"""

from __future__ import annotations

import argparse
import sys
from typing import Any

import numpy as np

from machine import HERE, save
from sets import load

METRICS = ("membership_chain", "membership_worst", "membership_average", "membership_outliers")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--set", default="adult")
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument(
        "--methods", type=lambda text: text.split(","), default=["boosted", "trees"]
    )
    asked = parser.parse_args()
    result = measured(asked)
    print(save("exposure", result), result["means"])


def measured(asked: argparse.Namespace) -> dict[str, Any]:
    sys.path.insert(0, str(HERE.parent / "src"))
    import artesian as ar
    from artesian.core.run import Run
    from artesian.metrics import CATALOG
    from artesian.metrics.protocol import Comparison
    from artesian.synthesizers import CATALOG as METHODS

    whole = ar.read(load(asked.set))
    found: dict[str, dict[str, list[float]]] = {}
    for seed in range(asked.times):
        order = np.random.default_rng(seed).permutation(len(whole))
        ends = [2 * len(order) // 5, 4 * len(order) // 5]
        real, fresh, holdout = (whole.with_frame(whole.frame[at]) for at in np.split(order, ends))
        made = {"fresh": fresh}
        for method in asked.methods:
            model = METHODS[method]().fit(real, run=Run.from_seed(seed))
            made[method] = model.sample(len(real), run=Run.from_seed(seed))
        for name, table in made.items():
            values = found.setdefault(name, {})
            for metric in METRICS:
                result = CATALOG[metric]()(
                    Comparison(real, table, holdout), run=Run.from_seed(seed)
                )
                values.setdefault(metric, []).append(result.value)
                values.setdefault(f"{metric}, alarms", []).append(result.interval[0] > 0.5)
                for part, value in result.parts.items():
                    if part.startswith(("isolated", "true positives at")):
                        values.setdefault(f"{metric}, {part}", []).append(value)
        print(seed, {name: values["membership_outliers"][-1] for name, values in found.items()})
    return {
        "set": asked.set,
        "times": asked.times,
        "means": each(found, lambda values: float(np.mean(values))),
        "errors": each(found, lambda values: float(np.std(values, ddof=1) / len(values) ** 0.5)),
    }


def each(found: dict[str, dict[str, list[float]]], figure: Any) -> dict[str, dict[str, float]]:
    return {
        name: {key: round(figure(list_), 4) for key, list_ in values.items()}
        for name, values in found.items()
    }


if __name__ == "__main__":
    main()
