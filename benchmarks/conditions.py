"""Seconds to draw 4,096 rows under a condition that one row in a hundred satisfies, by method.

    python benchmarks/conditions.py [--methods trees,vine_copula]

Every method is fitted on 5,000 rows of adult at its defaults (networks for few epochs: a draw costs the
same) and draws rows of `race = Amer-Indian-Eskimo`, 1 % of the rows. `rejection` is vine_copula with
rows drawn without the condition and kept where they satisfy it, as all methods over a matrix without
`draw_given` do.
"""

from __future__ import annotations

import argparse
import json
import time
from typing import Any

import numpy as np

from artesian.core.run import Run
from artesian.data.read import read
from artesian.synthesizers import CATALOG
from artesian.synthesizers.matrix_model import MatrixModel
from machine import RESULTS, save
from sets import SETS

ROWS = 4_096
FITTED = 5_000
WHERE = {"race": "Amer-Indian-Eskimo"}
SETTINGS: dict[str, dict[str, Any]] = {"vae": {"epochs": 5}}
METHODS = (
    "trees",
    "marginals",
    "gaussian_copula",
    "vine_copula",
    "gaussian_mixture",
    "adversarial_forest",
    "vae",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--methods", default=",".join(METHODS))
    table = read(SETS["adult"].path)
    chosen = np.sort(np.random.default_rng(0).permutation(len(table))[:FITTED])
    table = table.with_frame(table.frame[chosen])
    path = RESULTS / "conditions.json"
    seconds = json.loads(path.read_text(encoding="utf-8"))["seconds"] if path.exists() else {}
    for name in parser.parse_args().methods.split(","):
        model = CATALOG[name](**SETTINGS.get(name, {})).fit(table, run=Run.from_seed(1))
        seconds[name] = {"condition": drawn(model, WHERE), "none": drawn(model, None)}
        if name == "vine_copula":
            own = type(model).draw_given
            type(model).draw_given = MatrixModel.draw_given
            seconds[name]["rejection"] = drawn(model, WHERE)
            type(model).draw_given = own
        print(name, seconds[name], flush=True)
        save("conditions", {"rows": ROWS, "fitted": FITTED, "where": WHERE, "seconds": seconds})


def drawn(model: Any, where: dict[str, Any] | None) -> float:
    """Seconds to draw the rows, the second time, when kernels are compiled; once if that is long."""
    times: list[float] = []
    while len(times) < 2 and sum(times) < 30:
        started = time.perf_counter()
        rows = model.sample(ROWS, where, run=Run.from_seed(2)).frame
        times.append(time.perf_counter() - started)
        assert rows.height == ROWS
    return round(times[-1], 2)


if __name__ == "__main__":
    main()
